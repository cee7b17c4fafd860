"""The words of ``words.toml``, ready for looking up."""

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from rapidfuzz.distance import OSA

from crm.domain import field_names, fold, property_called

Words = tuple[str, ...]


@cache
def words() -> dict[str, Any]:
    """The lexicon as it stands in the data file."""
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


def folded(phrase: str) -> Words:
    """A phrase as folded words: ``"Slå op"`` -> ``("slaa", "op")``."""
    return tuple(f for f in (fold(w) for w in phrase.split()) if f)


class Phrases:
    """Finds the longest known phrase at a place in a list of folded words."""

    def __init__(self, entries: Iterable[tuple[str, Any]]) -> None:
        self._by_first: dict[str, list[tuple[Words, Any]]] = {}
        for phrase, value in entries:
            key = folded(phrase)
            if key:
                self._by_first.setdefault(key[0], []).append((key, value))
        for found in self._by_first.values():
            found.sort(key=lambda entry: -len(entry[0]))

    def at(self, folds: Sequence[str], i: int) -> tuple[Any, int] | None:
        """The value of the longest phrase that starts at ``i`` and its number of words, or None."""
        for key, value in self._by_first.get(folds[i], ()):
            if tuple(folds[i : i + len(key)]) == key:
                return value, len(key)
        return None

    def whole(self, folds: Sequence[str]) -> Any | None:
        """The value of the phrase that is exactly these words, or None."""
        if not folds:
            return None
        return next((value for key, value in self._by_first.get(folds[0], ()) if key == tuple(folds)), None)


@cache
def phrases(*path: str) -> Phrases:
    """The lists below one table of the lexicon; the value of a phrase is the name of its list."""
    table: Any = words()
    for step in path:
        table = table[step]
    if isinstance(table, list):
        return Phrases((phrase, True) for phrase in table)
    return Phrases((phrase, name) for name, listed in table.items() for phrase in listed)


@cache
def single(*path: str) -> frozenset[str]:
    """The folded entries of one list of the lexicon."""
    table: Any = words()
    for step in path:
        table = table[step]
    return frozenset(fold(word) for word in table)


@cache
def _labels() -> dict[str, str]:
    return {fold(word): name for name, listed in words()["labels"].items() for word in listed}


@cache
def _label_words() -> tuple[str, ...]:
    names = {fold(w) for by_language in field_names().values() for listed in by_language.values() for w in listed}
    plain = names | _labels().keys()
    unsafe = single("ambiguous", "context") | single("ambiguous", "colon") | {"contactid", "kontaktid", "recordid"}
    return tuple(w for w in sorted(plain - unsafe) if len(w) >= 5)


def _near(word: str, known: str) -> bool:
    limit = 1 if min(len(word), len(known)) < 8 else 2
    return abs(len(word) - len(known)) <= limit and OSA.distance(word, known, score_cutoff=limit) <= limit


@lru_cache(maxsize=4096)
def label_called(folded_text: str) -> tuple[str, str] | None:
    """The property that a folded label means, and how sure that is: sure, edge, context, colon or fuzzy."""
    if not folded_text:
        return None
    known = _labels().get(folded_text) or property_called(folded_text)
    for grade in ("colon", "edge", "context"):
        if known and folded_text in single("ambiguous", grade):
            return known, grade
    if known:
        return known, "sure"
    for ending in ("en", "et", "n", "t", "s"):
        stem = folded_text.removesuffix(ending)
        if stem != folded_text and len(stem) >= 3 and (known := property_called(stem)):
            return known, "context" if stem in single("ambiguous", "colon") else "edge"
    return None


@lru_cache(maxsize=4096)
def label_like(folded_text: str) -> str | None:
    """The property whose name is a slip of the fingers away, or None."""
    if not 5 <= len(folded_text) <= 20:
        return None
    near = next((w for w in _label_words() if _near(folded_text, w)), None)
    return (_labels().get(near) or property_called(near)) if near else None


@lru_cache(maxsize=4096)
def verb_like(folded_text: str) -> str | None:
    """The group of verbs that a misspelt word belongs to, or None."""
    if not 5 <= len(folded_text) <= 14:
        return None
    for group, listed in words()["fuzzy_verbs"].items():
        if any(_near(folded_text, fold(word)) for word in listed):
            return str(group)
    return None
