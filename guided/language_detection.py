"""The language of a message."""

from typing import Literal

from crm.domain import fold
from language import clean_message

from .lexicon import word_set


def detect_language(text: str) -> Literal["da", "en"] | None:
    """The language to which the function words of a message clearly belong, or None."""
    message = clean_message(text)
    folds = [fold(word) for word in message.split() if not set(word) & {"@", "/"}]
    danish = sum(word in word_set("language", "da") for word in folds)
    english = sum(word in word_set("language", "en") for word in folds)
    letters = danish == english == 0 and len(folds) > 3 and any(c in "æøåÆØÅ" for c in message)
    if danish > english or letters:
        return "da"
    return "en" if english > danish else None
