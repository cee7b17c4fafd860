"""Negation: what a message says is not to be done, is to stay as it is, or is not so."""

import re
from collections.abc import Sequence
from functools import cache

from crm.domain import fold
from language import keeping

from .chunker import ADDRESSES, Chunk
from .lexicon import lexicon, phrases, word_set
from .turn import Turn


def negated_verb(folds: Sequence[str], i: int) -> tuple[str, int] | None:
    """The kind of the negated verb that starts at ``i`` and its number of words: "opret den ikke", "don't save"."""
    if any(f in word_set("negation", "polite_question") for f in folds[:i]):
        return None
    verbs, start = phrases("negation", "verbs"), skip_courtesy(folds, i)
    for first_words, second_words in (
        (phrases("negation", "not"), verbs),
        (verbs, phrases("negation", "not_behind")),
    ):
        first = first_words.at(folds, start) if start < len(folds) else None
        behind = skip_courtesy(folds, start + first[1]) if first else len(folds)
        second = second_words.at(folds, behind) if behind < len(folds) else None
        if first and second:
            verb = first if first_words is verbs else second
            return str(verb[0]), skip_courtesy(folds, behind + second[1]) - i
    return None


def skip_courtesy(folds: Sequence[str], i: int) -> int:
    """The place of the first word from ``i`` on that is neither courtesy nor a pronoun."""
    while i < len(folds) and (found := phrases("negation", "courtesy").at(folds, i)):
        i += found[1]
    return i


def is_negated(before: Sequence[str], behind: Sequence[str]) -> bool:
    """Whether the words right before a verb, or right behind it, say that it is not to be done."""
    if (at := skip_courtesy(behind, 0)) < len(behind) and (found := phrases("negation", "not_behind").at(behind, at)):
        at += found[1]
        return word_set("negation", "only").isdisjoint(behind[at : at + 1])
    for i in range(len(before)):
        if found := phrases("negation", "not").at(before, i):
            polite = not word_set("negation", "polite_question").isdisjoint(before[:i])
            return not polite and skip_courtesy(before, i + found[1]) == len(before)
    return False


def is_denied(turn: Turn) -> bool:
    """Whether a statement says what is not so: "hendes nummer er ikke 22334455", "… er forkert"."""
    values = [c.start for c in turn.of_kind(*ADDRESSES)]
    words = [(fold(w), c.start) for c in turn.of_kind("text", "filler") for w in turn.text_of(c).split()]
    if any(word in word_set("negation", "not_behind") for word, _ in words):
        return True
    has_none = any(fold(turn.text_of(c)) in word_set("exclusion", "has_none") for c in turn.of_kind("former"))
    wrong = next((start for word, start in words if word in word_set("exclusion", "wrong")), 0)
    return bool(values) and (has_none or max(values) < wrong)  # behind "wrong" stands the right value


def without_kept(text: str, chunks: Sequence[Chunk]) -> list[Chunk]:
    """The chunks of a clearing, without the fields that are to be kept: ``fjern telefonen, men behold stillingen``."""
    found, is_kept = list[Chunk](), False
    for chunk in chunks:
        words = text[chunk.start : chunk.end].split() if chunk.kind in ("text", "filler") else []
        goes_on = _is_clearing_verb(words)
        ends = goes_on or chunk.kind == "verb"
        is_kept = _keeps(text, chunk, words) or (is_kept and not ends)
        if not is_kept and not goes_on:
            found.append(chunk)
    return found


def _keeps(text: str, chunk: Chunk, words: Sequence[str]) -> bool:
    """Whether a word says to keep what follows; with a capital inside a sentence it is a name."""
    begins = text[: chunk.start].rstrip()[-1:] in ("", ".", "!", "?", ",", ";")
    return any(fold(word) in keeping() for word in words if word.islower() or begins)


def _is_clearing_verb(words: Sequence[str]) -> bool:
    found = phrases("verbs").at([fold(w) for w in words], 0) if words and fold(words[0]) else None
    return found is not None and found[0] in ("clear", "delete")


def without_exclusions(text: str, *, new: bool = False) -> str:
    """The message without clauses that say what is not to be done: ``…, but keep the city``.

    ``new``: the message creates a contact; what it says the contact does not have goes, too.
    """
    rest = _exclusions().sub("", text)
    return (_new_contact_exclusions().sub("", rest) if new else rest).strip(" ,") or text


@cache
def _exclusions() -> re.Pattern[str]:
    return re.compile(rf"(?:\s*,\s*|\s+)(?:{_any_of('conjunctions')}\s+)?{_any_of('clauses')}\b[^,;.!?\n]*")


@cache
def _new_contact_exclusions() -> re.Pattern[str]:
    conjunction = _any_of("conjunctions")
    return re.compile(rf"(?:\s*,\s*(?:{conjunction}\s+)?|\s+{conjunction}\s+){_any_of('from_new_contact')}\b[^,;!?\n]*")


def _any_of(name: str) -> str:
    words = sorted(lexicon()["exclusion"][name], key=len, reverse=True)
    return f"(?:{'|'.join(re.escape(w) for w in words)})"


def refrains(folds: Sequence[str]) -> bool:
    """Whether the message begins with words such as "undlad at": what follows is not to be done."""
    words = [f for f in folds if f not in word_set("conversation", "courtesy")]
    return bool(words) and phrases("negation", "refrain").at(words, 0) is not None


def ends_in_not(folds: Sequence[str]) -> bool:
    return len(folds) > 1 and folds[-1] in word_set("negation", "not_behind")
