"""Where a value comes from: the user's own words, a property of a contact that was shown, or neither."""

import re
import unicodedata
from collections.abc import Callable, Collection

from crm.changes import Source
from crm.fields import fold

# a property's name, the value as the model wrote it, and as it will be stored
SourceOf = Callable[[str, str, str], Source]
_INFLECTION = 3  # letters that Danish puts behind a word: direktør, direktøren, direktørens
_STEM = 4


def sources(said: str, records: Collection[str]) -> SourceOf:
    """Tells the source of values by the user's words (all of them, as text) and by whole values of records."""
    spoken, numbers = _words(said), re.sub(r"\D", "", said)
    known = {fold(value) for value in records}

    def source_of(name: str, given: str, after: str) -> Source:
        for value in (given, after):
            if not _words(value) or _spoken(_words(value), spoken) or _number(value, numbers):
                return "user"
        return "record" if fold(given) in known or fold(after) in known else "unknown"

    return source_of


def _words(text: str) -> list[str]:
    return [fold(word) for word in re.findall(r"\w+", unicodedata.normalize("NFC", text)) if fold(word)]


def _spoken(value: list[str], said: list[str]) -> bool:
    """Whether the words stand in what was said, one after the other."""
    spans = (said[i : i + len(value)] for i in range(len(said) - len(value) + 1))
    return any(all(_same(word, heard) for word, heard in zip(value, span, strict=True)) for span in spans)


def _same(word: str, heard: str) -> bool:
    rest = len(heard) - len(word)
    return heard == word or (len(word) >= _STEM and 0 < rest <= _INFLECTION and heard.startswith(word))


def _number(value: str, said: str) -> bool:
    """Whether a phone number, an amount or a date stands in what was said, in another notation."""
    digits = re.sub(r"\D", "", value)
    if not digits or re.search(r"[^\W\d]", value):
        return False
    day = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", value)
    if day:
        return f"{day[3]}{day[2]}{day[1]}" in said or digits in said
    return len(digits) >= _STEM and digits[-8:] in said
