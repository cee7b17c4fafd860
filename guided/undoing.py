"""Taking back what was written, and asking what that was: "fortryd ændringen af Mette", "hvad har du ændret i dag?"."""

import re
from collections.abc import Sequence
from functools import cache

from crm.domain import fold

from .lexicon import label_called, phrases, single
from .said import moods
from .turn import Call, Say, Step, Turn
from .values import ungenitive

_LONGEST = 16  # words
_WORD = re.compile(r"\S+")
_GENITIVE = re.compile(r"(?<=\w)['’]s?$")
_EDGES = ".,:;!?\"'’()»«“”"
_MOST_DAYS = 3_660


def taken_back(turn: Turn) -> Step | None:
    """The undo of the last change, of the last creation or update, or of the last one of a contact or a field."""
    words = [w for w in (w.strip(_EDGES) for w in _WORD.findall(turn.text)) if fold(w)]
    words, refused = _without_not(words)
    request = _request(words)
    if request is None and "undo" not in moods(turn.folds):
        return None
    if refused and request is not None:
        return Say("guided-closed")
    collects = turn.draft_values and not turn.draft.get("carded")
    if collects and (not request or request.keys() == {"field"}):
        return Say("guided-closed")  # what is being collected is dropped: nothing of it was written
    return Call("undo_change", request or {})


def _without_not(words: list[str]) -> tuple[list[str], bool]:
    """The words without a "not", and whether that refuses: in a polite question it does not, "kan du ikke fortryde"."""
    folds = [fold(w) for w in words]
    start = _start(folds)
    for i in range(len(folds)):
        if found := phrases("unwanted", "after" if i > start else "not").at(folds, i):
            asked = any(f in single("unwanted", "asking") for f in folds[:i])
            return words[:i] + words[i + found[1] :], not asked
    return words, False


def _start(folds: list[str]) -> int:
    """The place of the first word that is neither courtesy nor a yes."""
    soft, answers = single("moods", "soft"), phrases("answers")
    return next((i for i, f in enumerate(folds) if f not in soft and answers.whole([f]) != "yes"), len(folds))


def _request(words: list[str]) -> dict[str, str] | None:
    """The arguments of ``undo_change`` that the words ask for; None where they ask for no undo."""
    folds = [fold(w) for w in words]
    start = _start(folds)
    verb = phrases("undo", "verbs").at(folds, start) if start < len(folds) <= _LONGEST else None
    if verb is None:
        return None
    rest = list(zip(words, folds, strict=True))[start + verb[1] :]
    kind = next((k for k in ("create", "update", "change") for _, f in rest if f in single("undo", k)), "")
    if not kind and verb[0] != "alone":
        return None
    action = {"action": kind} if kind in ("create", "update") else {}
    naming = [n for n in range(len(rest)) if _names_something(rest, n)]
    if not naming:
        return action
    named = [rest[n] for n in naming]
    if label_called(fold(" ".join(w for w, _ in named))):
        return {**action, "field": " ".join(w for w, _ in named)}
    if all(label_called(f) for _, f in named):
        return {}  # several fields: the card of the last change shows them all
    return _of_contact(rest, naming, action)


def _names_something(rest: Sequence[tuple[str, str]], n: int) -> bool:
    """Whether the word may belong to a contact's name or a field, and not to the sentence around it."""
    return rest[n][1] not in _around() | _kinds() and not _counts(rest, n)


def _of_contact(
    rest: Sequence[tuple[str, str]], naming: Sequence[int], action: dict[str, str]
) -> dict[str, str] | None:
    """The arguments for a contact's change, perhaps of one field: "stillingen på Mette", "Mettes stilling"."""
    named = [rest[n] for n in naming]
    people, fields = ([w for w, f in named if bool(label_called(f)) is is_field] for is_field in (False, True))
    pointed = naming[0] > 0 and rest[naming[0] - 1][1] in single("undo", "pointing")
    if not fields:
        people, fields = _own_field(people)
    if not pointed and not _is_name(people):
        return None
    contact = _GENITIVE.sub("", " ".join(people))  # of "Mettes" and "Jens" the undo knows whose name it is
    return {**action, "contact": contact, **({"field": " ".join(fields)} if fields else {})}


def _own_field(people: list[str]) -> tuple[list[str], list[str]]:
    """The contact and a field that only the portal knows, in lower case behind a genitive: "Mettes skostørrelse"."""
    for n in range(len(people) - 1, 0, -1):
        whose, rest = people[:n], people[n:]
        if _is_name(whose) and ungenitive(whose[-1]) != whose[-1] and not any(w[:1].isupper() for w in rest):
            return whose, rest
    return people, []


@cache
def _kinds() -> frozenset[str]:
    return single("undo", "create") | single("undo", "update") | single("undo", "change")


@cache
def _around() -> frozenset[str]:
    around = single("undo", "around") | single("moods", "soft") | single("people", "object")
    return around | single("people", "possessive") | single("statements", "new")


def _counts(rest: Sequence[tuple[str, str]], n: int) -> bool:
    """Whether the word is how many changes are meant: "de sidste to", "3 ændringer". One at a time is undone."""
    folded = rest[n][1]
    if not (folded.isdigit() and len(folded) < 3) and not phrases("numbers").whole([folded]):
        return False
    before, after = [f for _, f in rest[:n][-1:]], [f for _, f in rest[n + 1 :][:1]]
    return not single("undo", "last").isdisjoint(before + after) or not _kinds().isdisjoint(after)


def _is_name(words: list[str]) -> bool:
    return any("@" in w for w in words) or all(w[:1].isupper() for w in (words[0], words[-1]))


def changes_asked(turn: Turn) -> Step | None:
    """The list of what was written, where the whole message asks for it: of today, of so many days, or of one."""
    folds = turn.folds
    if not 0 < len(folds) <= _LONGEST:
        return None
    known, i, found, days, only = phrases("changes", "words"), 0, set[str](), 1, 0
    while i < len(folds):
        number = int(folds[i]) if folds[i].isascii() and folds[i].isdigit() and len(folds[i]) < 4 else 0
        unit = phrases("changes", "units").at(folds, i + 1) if number and i + 1 < len(folds) else None
        since = phrases("changes", "days").at(folds, i)
        match = known.at(folds, i)
        if unit:
            days, i = max(days, number * int(unit[0])), i + 1 + unit[1]
            found.add("when")
        elif since:
            day = phrases("changes", "only").at(folds, i)
            days, i, only = max(days, int(since[0])), i + since[1], int(day[0]) if day else 0
            found.add("when")
        elif match:
            found |= {"done", "who"} if match[0] == "did" else {str(match[0])}
            i += match[1]
        elif folds[i] in single("moods", "soft"):
            i += 1
        else:
            return None
    named = "nouns" in found and (len(folds) < 3 or found & {"asked", "anything", "show", "who", "passive", "when"})
    told = "done" in found and found & {"who", "passive"} and found & {"asked", "anything", "show"}
    if not named and not told:
        return None
    ended = {"until": only} if only and only == days - 1 else {}
    return Call("list_changes", {"days": min(days, _MOST_DAYS), **ended} if days > 1 else {})
