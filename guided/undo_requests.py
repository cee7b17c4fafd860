"""Requests to undo a change ("fortryd ændringen af Mette") or to list changes ("hvad har du ændret i dag?")."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crm.domain import fold

from .dialogue_acts import dialogue_acts
from .lexicon import is_label, phrases, word_set
from .recognisers import strip_genitive
from .turn import Call, Say, Step, Turn

_MAX_WORDS = 16
_MAX_DAYS = 3_660
_EDGES = ".,:;!?\"'’()»«“”"
_GENITIVE = re.compile(r"(?<=\w)['’]s?$")


@dataclass(frozen=True)
class _Word:
    text: str
    folded: str


def undo_request(turn: Turn) -> Step | None:
    """The undo of the last change, of the last creation or update, or of the change of a contact or a field."""
    stripped = (word.strip(_EDGES) for word in turn.text.split())
    words, refused = _without_not([_Word(word, fold(word)) for word in stripped if fold(word)])
    request = _arguments(words)
    if request is None and "undo" not in dialogue_acts(turn.folds):
        return None
    if refused and request is not None:
        return Say("guided-closed")
    collecting = turn.draft_values and not turn.draft.get("carded")
    if collecting and (not request or request.keys() == {"field"}):
        return Say("guided-closed")  # the draft is dropped; nothing of it was written
    return Call("undo_change", request or {})


def _without_not(words: list[_Word]) -> tuple[list[_Word], bool]:
    """The words without a "not", and whether it refuses; in a polite question it does not: "kan du ikke fortryde"."""
    folds = [word.folded for word in words]
    start = _start(folds)
    for i in range(len(folds)):
        if found := phrases("negation", "not_behind" if i > start else "not").at(folds, i):
            polite = any(f in word_set("negation", "polite_question") for f in folds[:i])
            return words[:i] + words[i + found[1] :], not polite
    return words, False


def _start(folds: Sequence[str]) -> int:
    """The place of the first word that is neither courtesy nor a yes."""
    courtesy, answers = word_set("conversation", "courtesy"), phrases("answers")
    return next((i for i, f in enumerate(folds) if f not in courtesy and answers.whole([f]) != "yes"), len(folds))


def _arguments(words: Sequence[_Word]) -> dict[str, str] | None:
    """The arguments of ``undo_change``, none for the last change; None where the words ask for no undo."""
    folds = [word.folded for word in words]
    start = _start(folds)
    verb = phrases("undo", "verbs").at(folds, start) if start < len(folds) <= _MAX_WORDS else None
    if verb is None:
        return None
    rest = words[start + verb[1] :]
    nouns = ("create", "update", "change")
    kind = next((noun for noun in nouns for word in rest if word.folded in word_set("undo", noun)), "")
    if not kind and verb[0] != "alone":
        return None
    action = {"action": kind} if kind in ("create", "update") else {}
    beside = _said_beside_undo()
    named = [i for i, word in enumerate(rest) if word.folded not in beside and not _counts(rest, i)]
    if not named:
        return action
    found = _contact_and_field(rest, named)
    return {**action, **found} if found else found


def _change_nouns() -> frozenset[str]:
    return word_set("undo", "create") | word_set("undo", "update") | word_set("undo", "change")


def _said_beside_undo() -> frozenset[str]:
    """The words of an undo that name neither a contact nor a field."""
    pronouns = word_set("pronouns", "object") | word_set("pronouns", "possessive")
    around = word_set("undo", "around") | word_set("conversation", "courtesy") | word_set("statements", "new")
    return pronouns | around | _change_nouns()


def _contact_and_field(rest: Sequence[_Word], named: Sequence[int]) -> dict[str, str] | None:
    """The contact and the field that the undo names; neither for several fields; None where the words are no name."""
    words = [rest[i] for i in named]
    whole = " ".join(word.text for word in words)
    if is_label(fold(whole)):
        return {"field": whole}
    contact = [word.text for word in words if not is_label(word.folded)]
    if not contact:
        return {}  # the card of the last change shows all fields that go back
    fields = [word.text for word in words if is_label(word.folded)]
    if not fields:
        contact, fields = _without_own_field(contact)
    introduced = named[0] > 0 and rest[named[0] - 1].folded in word_set("undo", "pointing")
    if not introduced and not _is_name(contact):
        return None
    # "Lars'" loses its apostrophe; only beside the contact's name it can be known whether "Mettes" is a genitive
    name = {"contact": _GENITIVE.sub("", " ".join(contact))}
    return {**name, "field": " ".join(fields)} if fields else name


def _without_own_field(words: list[str]) -> tuple[list[str], list[str]]:
    """The contact and a field that only the portal knows, in lower case behind a genitive: "Mettes skostørrelse"."""
    for i in range(len(words) - 1, 0, -1):
        owner, field = words[:i], words[i:]
        if _is_name(owner) and strip_genitive(owner[-1]) != owner[-1] and not any(word[:1].isupper() for word in field):
            return owner, field
    return words, []


def _is_name(words: Sequence[str]) -> bool:
    return any("@" in w for w in words) or all(w[:1].isupper() for w in (words[0], words[-1]))


def _counts(rest: Sequence[_Word], i: int) -> bool:
    """Whether the word is a number of changes: "de sidste to", "3 ændringer". Only one change is undone at a time."""
    folded = rest[i].folded
    if not (folded.isdigit() and len(folded) < 3) and not phrases("numbers").whole([folded]):
        return False
    before, behind = ({word.folded for word in part} for part in (rest[:i][-1:], rest[i + 1 :][:1]))
    return bool((before | behind) & word_set("undo", "last") or behind & _change_nouns())


@dataclass(frozen=True)
class _HistoryPhrase:
    """A phrase in a request for the list of changes."""

    length: int
    kinds: frozenset[str] = frozenset()
    days: int = 1  # the period: so many days, counting today
    until: int | None = None  # of a single day: how many days ago it was


def history_request(turn: Turn) -> Step | None:
    """The list of changes, where the whole message asks for it: of today, of so many days, or of one day."""
    found = _history_phrases(turn.folds) if len(turn.folds) <= _MAX_WORDS else []
    kinds = frozenset[str]().union(*(phrase.kinds for phrase in found))
    only_noun = "nouns" in kinds and len(turn.folds) < 3
    if not only_noun and not _asks_for_history(kinds):
        return None
    days = max(phrase.days for phrase in found)
    until = next((phrase.until for phrase in reversed(found) if phrase.until is not None), 0)
    one_day = {"until": until} if until and until == days - 1 else {}
    return Call("list_changes", {"days": min(days, _MAX_DAYS), **one_day} if days > 1 else {})


def _asks_for_history(kinds: frozenset[str]) -> bool:
    """Whether the words ask for changes, by a noun ("vis ændringer") or a verb ("hvad har du ændret")."""
    asks = bool(kinds & {"asked", "anything", "show"})
    agent = bool(kinds & {"who", "passive"})
    by_noun = "nouns" in kinds and (asks or agent or "when" in kinds)
    return by_noun or ("done" in kinds and agent and asks)


def _history_phrases(folds: Sequence[str]) -> list[_HistoryPhrase]:
    """The phrases of which the message consists; none where it says anything else."""
    found: list[_HistoryPhrase] = []
    i = 0
    while i < len(folds):
        phrase = _history_phrase(folds, i)
        if not phrase:
            return []
        found.append(phrase)
        i += phrase.length
    return found


def _history_phrase(folds: Sequence[str], i: int) -> _HistoryPhrase | None:
    when = frozenset({"when"})
    number = int(folds[i]) if folds[i].isascii() and folds[i].isdigit() and len(folds[i]) < 4 else 0
    unit = phrases("history", "units").at(folds, i + 1) if number and i + 1 < len(folds) else None
    if unit:  # "3 dage"
        return _HistoryPhrase(1 + unit[1], when, number * int(unit[0]))
    if period := phrases("history", "days").at(folds, i):  # "i går", "denne uge"
        one_day = phrases("history", "only").at(folds, i)
        return _HistoryPhrase(period[1], when, int(period[0]), int(one_day[0]) if one_day else 0)
    if word := phrases("history", "words").at(folds, i):
        return _HistoryPhrase(word[1], frozenset({"done", "who"} if word[0] == "did" else {word[0]}))
    return _HistoryPhrase(1) if folds[i] in word_set("conversation", "courtesy") else None
