"""The word lists of ``words.toml``, ready for lookup."""

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from rapidfuzz.distance import OSA

from crm.domain import field_names, fold, property_called


@cache
def lexicon() -> dict[str, Any]:
    """The content of the data file."""
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


def folds_of(text: str) -> list[str]:
    """The folded words of a text, without those that are only punctuation: ``"Slå op!"`` -> ``["slaa", "op"]``."""
    return [folded for word in text.split() if (folded := fold(word))]


class Phrases:
    """Finds known phrases in a list of folded words; each phrase has a value."""

    def __init__(self, entries: Iterable[tuple[str, Any]]) -> None:
        self._by_first_word: dict[str, list[tuple[tuple[str, ...], Any]]] = {}
        for phrase, value in entries:
            key = tuple(folds_of(phrase))
            if key:
                self._by_first_word.setdefault(key[0], []).append((key, value))
        for found in self._by_first_word.values():
            found.sort(key=lambda entry: -len(entry[0]))

    def at(self, folds: Sequence[str], i: int) -> tuple[Any, int] | None:
        """The value of the longest phrase that starts at ``i`` and its number of words, or None."""
        for key, value in self._by_first_word.get(folds[i], ()):
            if tuple(folds[i : i + len(key)]) == key:
                return value, len(key)
        return None

    def whole(self, folds: Sequence[str]) -> Any | None:
        """The value of the phrase that consists of exactly these words, or None."""
        if not folds:
            return None
        return next((value for key, value in self._by_first_word.get(folds[0], ()) if key == tuple(folds)), None)


def _at_path(path: Sequence[str]) -> Any:
    found: Any = lexicon()
    for step in path:
        found = found[step]
    return found


@cache
def phrases(*path: str) -> Phrases:
    """The phrases of a list of the lexicon (value: True), or of all lists of a table (value: the list's name)."""
    found = _at_path(path)
    if isinstance(found, list):
        return Phrases((phrase, True) for phrase in found)
    return Phrases((phrase, name) for name, listed in found.items() for phrase in listed)


@cache
def word_set(*path: str) -> frozenset[str]:
    """The entries of one list of the lexicon, each folded to one word."""
    return frozenset(fold(word) for word in _at_path(path))


@cache
def _labels() -> dict[str, str]:
    return {fold(word): name for name, listed in lexicon()["labels"].items() for word in listed}


@cache
def _label_words() -> tuple[str, ...]:
    names = {fold(w) for by_language in field_names().values() for listed in by_language.values() for w in listed}
    ambiguous = word_set("ambiguous_labels", "context") | word_set("ambiguous_labels", "colon")
    unsafe = ambiguous | {"contactid", "kontaktid", "recordid"}
    return tuple(w for w in sorted((names | _labels().keys()) - unsafe) if len(w) >= 5)


def _is_near(word: str, known: str) -> bool:
    limit = 1 if min(len(word), len(known)) < 8 else 2
    return abs(len(word) - len(known)) <= limit and OSA.distance(word, known, score_cutoff=limit) <= limit


@lru_cache(maxsize=4096)
def find_label(folded: str) -> tuple[str, str] | None:
    """The property that a folded label names, and when the label counts as one: ``sure``, ``edge``, ``context`` or
    ``colon`` (explained at ``[ambiguous_labels]`` in ``words.toml``).
    """
    if not folded:
        return None
    known = _labels().get(folded) or property_called(folded)
    for grade in ("colon", "edge", "context"):
        if known and folded in word_set("ambiguous_labels", grade):
            return known, grade
    if known:
        return known, "sure"
    for ending in ("en", "et", "n", "t", "s"):
        stem = folded.removesuffix(ending)
        if stem != folded and len(stem) >= 3 and (known := property_called(stem)):
            return known, "context" if stem in word_set("ambiguous_labels", "colon") else "edge"
    return None


def is_label(folded: str) -> bool:
    """Whether the folded text can be the name of a field."""
    return find_label(folded) is not None


@lru_cache(maxsize=4096)
def find_misspelt_label(folded: str) -> str | None:
    """The property whose name differs from the text by a typing error, or None."""
    if not 5 <= len(folded) <= 20:
        return None
    near = next((w for w in _label_words() if _is_near(folded, w)), None)
    return (_labels().get(near) or property_called(near)) if near else None


@lru_cache(maxsize=4096)
def find_misspelt_verb(folded: str) -> str | None:
    """The group of verbs from which the word differs by a typing error, or None."""
    if not 5 <= len(folded) <= 14:
        return None
    for group, listed in lexicon()["fuzzy_verbs"].items():
        if any(_is_near(folded, fold(word)) for word in listed):
            return str(group)
    return None
