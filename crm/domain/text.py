"""Text as it is compared: folded, and without the endings that Danish puts behind words."""

import re
import unicodedata
from collections.abc import Callable, Iterator

# definite forms, plurals and genitives; "titlerne" and other changed stems stand in fields.toml
_ENDINGS = ("ernes", "erne", "enes", "ens", "ets", "ene", "er", "en", "et", "ne", "es", "n", "t", "s", "e", "r")
_SHORTEST_STEM = 2
_SPELLINGS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ß": "ss"})
_LONG_WORD = 4  # letters from which on a word may have an ending


def fold(text: str) -> str:
    """The text for comparing: lower case, Danish letters spelled out, accents, spaces and punctuation gone.

    >>> fold("Årsomsætning"), fold("E-mail"), fold("Tlf. nr")
    ('aarsomsaetning', 'email', 'tlfnr')
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).casefold().translate(_SPELLINGS))
    return "".join(c for c in plain if c.isalnum())


def stems(text: str) -> Iterator[str]:
    """The folded text without each ending that Danish puts behind a noun, longest ending first.

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
    """Whether the words stand in what was said, one after the other."""
    spans = (said[i : i + len(value)] for i in range(len(said) - len(value) + 1))
    return any(all(is_same(word, heard) for word, heard in zip(value, span, strict=True)) for span in spans)


def same(word: str, heard: str) -> bool:
    """Whether a word was heard, perhaps with a Danish ending; a number has none."""
    return heard == word or (len(word) >= _LONG_WORD and word.isalpha() and word in stems(heard))


def same_name(word: str, heard: str) -> bool:
    """Whether a word of a name was heard, perhaps in the genitive."""
    return heard in (word, f"{word}s")
