"""What a message that is not about a contact consists of."""

import re
from collections.abc import Collection

from .lexicon import folded, phrases, single

_ALL = {"create", "update", "undo"}
# yeses that name what is done -> the actions that they fit
_NAMING = {"yes_create": {"create"}, "yes_save": {"create", "update"}, "yes_undo": {"undo"}, "yes_praise": _ALL}
_OF_A_CARD = {"yes_undo", "yes_praise"}  # these say something else where nothing is asked about
# verbs with a "not" beside them -> the actions that they refuse
_REFUSED = {"any": _ALL, "create": {"create"}, "update": {"update"}, "undo": {"undo"}}
_LONGEST = 14  # words: more is a message of its own


def answered(kind: str, doing: Collection[str]) -> str:
    """An answer of the lexicon as yes or no; one that names what is done is a yes to that alone, else ``neither``."""
    fits = _NAMING.get(kind)
    if fits is None:
        return kind
    return "yes" if fits.issuperset(doing) and (doing or kind not in _OF_A_CARD) else "neither"


def moods(folds: list[str], doing: Collection[str] = ()) -> set[str]:
    """The moods and answers that the words consist of, with nothing but courtesy between; empty where more is said.

    ``doing``: the actions that are asked about, as of ``plain_answer``.
    """
    found = set[str]()
    i = 0
    while i < len(folds) <= _LONGEST:
        matches = [m for known in (phrases("moods", "phrases"), phrases("answers")) if (m := known.at(folds, i))]
        kind, n = max(matches, key=lambda match: match[1], default=("", 0))
        unwanted = _unwanted(folds, i)
        if unwanted and unwanted[1] > n:
            fits = _REFUSED.get(unwanted[0], set())
            found.add("refuse" if fits and fits.issuperset(doing) else "neither")
            i += unwanted[1]
        elif n:
            found.add(answered(str(kind), doing))
            i += n
        elif folds[i] in single("moods", "soft"):
            i += 1
        else:
            return set()
    return found if len(folds) <= _LONGEST else set()


def _unwanted(folds: list[str], i: int) -> tuple[str, int] | None:
    """The kind of a verb that a "not" stands beside at ``i``, and for how many words: "opret den ikke"."""
    if any(f in single("unwanted", "asking") for f in folds[:i]):
        return None
    verbs, start = phrases("unwanted", "verbs"), _past(folds, i)
    for known, other in ((phrases("unwanted", "not"), verbs), (verbs, phrases("unwanted", "after"))):
        first = known.at(folds, start) if start < len(folds) else None
        then = _past(folds, start + first[1]) if first else len(folds)
        second = other.at(folds, then) if then < len(folds) else None
        if first and second:
            verb = first if known is verbs else second
            return str(verb[0]), _past(folds, then + second[1]) - i
    return None


def denied(before: list[str], behind: list[str]) -> bool:
    """Whether the words right before a verb, or behind it, say that it is not to be done."""
    if (at := _past(behind, 0)) < len(behind) and (found := phrases("unwanted", "after").at(behind, at)):
        at += found[1]
        return single("unwanted", "only").isdisjoint(behind[at : at + 1])
    for i in range(len(before)):
        if found := phrases("unwanted", "not").at(before, i):
            asked = not single("unwanted", "asking").isdisjoint(before[:i])
            return not asked and _past(before, i + found[1]) == len(before)
    return False


def taken_away(behind: str) -> bool:
    """Whether what stands behind a verb ends in a no: "…, nej glem det", "… - eller nej", "…? nej"."""
    *_, last = re.split(r"[,;.!?\n]\s+|\s[-–—]\s", behind.rstrip(" .!?"))
    folds = list(folded(last))
    if last == behind.rstrip(" .!?"):
        return len(folds) > 1 and folds[-1] in single("unwanted", "after")
    while folds and folds[0] in single("moods", "soft") | single("unwanted", "or"):
        folds = folds[1:]
    found = moods(folds)
    return bool(found) and found <= {"no", "refuse"}


def _past(folds: list[str], i: int) -> int:
    """The place of the next word from ``i`` on that is more than courtesy or a pronoun."""
    while i < len(folds) and (aside := phrases("unwanted", "around").at(folds, i)):
        i += aside[1]
    return i
