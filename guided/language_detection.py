"""The language of a message."""

from collections.abc import Sequence
from typing import Literal

from crm.domain import PARTICLES, fold
from language import clean_message, is_given_name

from .lexicon import word_set


def detect_language(text: str) -> Literal["da", "en"] | None:
    """The language to which the function words of a message clearly belong, or None."""
    message = _request(clean_message(text))
    folds = [fold(word) for word in _without_names(message.split()) if not set(word) & {"@", "/"}]
    danish = sum(word in word_set("language", "da") for word in folds)
    english = sum(word in word_set("language", "en") for word in folds)
    letters = danish == english == 0 and len(folds) > 3 and any(c in "æøåÆØÅ" for c in message)
    if danish > english or letters:
        return "da"
    return "en" if english > danish else None


def _request(message: str) -> str:
    """The first line of a text of several lines, where it asks for something: what is pasted below is somebody else's.

    A text without such a line decides nothing.
    """
    first, _, rest = message.partition("\n")
    if rest.strip().count("\n") < 1:
        return message
    asks = first.rstrip().endswith((":", "?", "!")) or (len(first.split()) > 2 and "@" not in first)
    return first if asks else ""


def _without_names(words: Sequence[str]) -> list[str]:
    """The words that are no part of a name: a name is written with capitals, and particles may join them."""
    if all(word == word.upper() for word in words):
        return list(words)
    kept, in_name = list[str](), False
    for n, word in enumerate(words):
        capital = word[:1].isupper() and (n > 0 or _begins_name(words))
        joins = in_name and fold(word) in PARTICLES and any(after[:1].isupper() for after in words[n + 1 : n + 3])
        in_name = capital or joins
        if not in_name:
            kept.append(word)
    return kept


def _begins_name(words: Sequence[str]) -> bool:
    """Whether the first word, which has a capital anyway, begins a name: "Hans Christian", "Den Haag"."""
    after = next((word for word in words[1:4] if fold(word) not in PARTICLES), "")
    return after[:1].isupper() and (is_given_name(words[0]) or fold(words[0]) in word_set("names", "articles"))
