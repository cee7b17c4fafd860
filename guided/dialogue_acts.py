"""Dialogue acts: what a message does in the conversation (say yes or no, wait, undo) where it names no contact."""

import re
from collections.abc import Collection, Sequence

from .lexicon import folds_of, phrases, word_set
from .negation import ends_in_not, negated_verb

_ALL = {"create", "update", "undo"}
# a yes that names an action -> the actions that it approves
_NAMED_YES = {"yes_create": {"create"}, "yes_save": {"create", "update"}, "yes_undo": {"undo"}, "yes_praise": _ALL}
_ONLY_ON_CARDS = {"yes_undo", "yes_praise"}  # these mean something else where no card waits
# the kind of a negated verb -> the actions that it refuses
_REFUSED = {"any": _ALL, "create": {"create"}, "update": {"update"}, "undo": {"undo"}}
_MAX_WORDS = 14  # a longer message says more
_CLAUSE_END = re.compile(r"[,;.!?\n]\s+|\s[-–—]\s")


def answer_kind(kind: str, actions: Collection[str]) -> str:
    """An answer of the lexicon as ``yes``, ``no`` or another kind; a yes that names other actions is ``neither``.

    ``actions``: those that the user is asked to approve.
    """
    approved = _NAMED_YES.get(kind)
    if approved is None:
        return kind
    fits = approved.issuperset(actions) and (actions or kind not in _ONLY_ON_CARDS)
    return "yes" if fits else "neither"


def dialogue_acts(folds: Sequence[str], actions: Collection[str] = ()) -> set[str]:
    """The dialogue acts that the words consist of, with only courtesy between them; empty where more is said.

    ``actions``: those that the user is asked to approve.
    """
    if len(folds) > _MAX_WORDS:
        return set()
    found = set[str]()
    i = 0
    while i < len(folds):
        if act := _act_at(folds, i, actions):
            found.add(act[0])
            i += act[1]
        elif folds[i] in word_set("conversation", "courtesy"):
            i += 1
        else:
            return set()
    return found


def _act_at(folds: Sequence[str], i: int, actions: Collection[str]) -> tuple[str, int] | None:
    """The dialogue act that starts at ``i`` and its number of words."""
    tables = (phrases("dialogue_acts"), phrases("answers"))
    matches = [match for table in tables if (match := table.at(folds, i))]
    kind, n = max(matches, key=lambda match: match[1], default=("", 0))
    negated = negated_verb(folds, i)
    if negated and negated[1] > n:
        refused = _REFUSED.get(negated[0], set())
        return ("refuse" if refused and refused.issuperset(actions) else "neither"), negated[1]
    return (answer_kind(str(kind), actions), n) if n else None


def ends_in_refusal(text: str) -> bool:
    """Whether the words behind a verb end in a refusal: "…, nej glem det", "… - eller nej", "…? nej"."""
    trimmed = text.rstrip(" .!?")
    *clauses, last = _CLAUSE_END.split(trimmed)
    folds = folds_of(last)
    if not clauses:
        return ends_in_not(folds)
    skipped = word_set("conversation", "courtesy") | word_set("negation", "alternatives")
    while folds and folds[0] in skipped:
        folds = folds[1:]
    found = dialogue_acts(folds)
    return bool(found) and found <= {"no", "refuse"}
