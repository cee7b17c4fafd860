"""Normalises words for comparisons: folding, and Danish endings."""

import re
import unicodedata
from collections.abc import Callable, Iterator

# definite forms, plurals and genitives; "titlerne" and other changed stems stand in fields.toml
_ENDINGS = ("ernes", "erne", "enes", "ens", "ets", "ene", "er", "en", "et", "ne", "es", "n", "t", "s", "e", "r")
_SHORTEST_STEM = 2
_SPELLINGS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ß": "ss"})
_LONG_WORD = 4  # shorter words have no endings


def fold(text: str) -> str:
    """The text for a comparison: lower case, Danish letters spelled out, without accents, spaces and punctuation.

    >>> fold("Årsomsætning"), fold("E-mail"), fold("Tlf. nr")
    ('aarsomsaetning', 'email', 'tlfnr')
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).casefold().translate(_SPELLINGS))
    return "".join(c for c in plain if c.isalnum())


def stems(text: str) -> Iterator[str]:
    """The folded text without each of the endings that a Danish noun may have, the longest ending first.

    >>> list(stems("stillingen"))
    ['stilling', 'stillinge']
    """
    folded = fold(text)
    for ending in _ENDINGS:
        if folded.endswith(ending) and len(folded) - len(ending) >= _SHORTEST_STEM:
            yield folded.removesuffix(ending)


def folded_words(text: str) -> list[str]:
    """The words of a text, folded."""
    return [fold(word) for word in re.findall(r"\w+", unicodedata.normalize("NFC", text)) if fold(word)]


def spoken(value: list[str], said: list[str], is_same: Callable[[str, str], bool]) -> bool:
    """Whether the words of ``value`` stand one after the other among those of ``said``."""
    spans = (said[i : i + len(value)] for i in range(len(said) - len(value) + 1))
    return any(all(is_same(word, heard) for word, heard in zip(value, span, strict=True)) for span in spans)


def same(word: str, heard: str) -> bool:
    """Whether ``heard`` is the word, perhaps with a Danish ending; numbers have no endings."""
    return heard == word or (len(word) >= _LONG_WORD and word.isalpha() and word in stems(heard))


def same_name(word: str, heard: str) -> bool:
    """Whether ``heard`` is the word of a name, perhaps in the genitive."""
    return heard in (word, f"{word}s")
