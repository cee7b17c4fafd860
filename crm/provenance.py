"""Where a value comes from: the user's own words, a property of a contact that was shown, or neither."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from itertools import pairwise

from crm import values
from crm.changes import Source
from crm.errors import CrmError
from crm.fields import fold, option_names
from crm.normalise import PHONES
from crm.schema import OWNER, Property, Schema

# a property's name, the value as the model wrote it, and as it will be stored
SourceOf = Callable[[str, str, str], Source]
_INFLECTION = 3  # letters that Danish puts behind a word: direktør, direktøren, direktørens
_STEM = 4
_LONGEST = 6  # words of a date or an amount: "den 3. maj 2026 kl. 14:30"
_MOST = 300  # stretches of a text that are read as a date or an amount: a pasted one may be long
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
# options that are called by words of any sentence ("opret en ny kontakt") count where their field is named too
_COMMON = frozenset(("ny", "nye", "new", "aaben", "aabne", "open", "andet", "andre", "other", "emne", "true", "false"))


def sources(
    said: str, records: Collection[tuple[str, str]], schema: Schema | None = None, region: str = "DK"
) -> SourceOf:
    """Tells the source of values by the user's words (all of them, as text) and by values of records.

    ``records`` are properties with their values: only a whole value of the same property counts. With the portal's
    ``schema`` a value is also the user's in any notation that is read as the stored one: a date or an amount in
    words, an option or an owner by a name. A field is cleared by the user where they named it.
    """
    spoken, numbers = _words(said), _numbers(said)
    known = {(_kind(name), fold(value)) for name, value in records}

    def source_of(name: str, given: str, after: str) -> Source:
        prop = schema.get(name) if schema else None
        if _said(name, given, after, prop):
            return "user"
        return "record" if {(_kind(name), fold(given)), (_kind(name), fold(after))} & known else "unknown"

    def _said(name: str, given: str, after: str, prop: Property | None) -> bool:
        if not after:
            return schema is None or _field_said(name, said, schema)
        if prop and (prop.options or prop.type == "bool"):
            parts = [part for part in after.split(";") if part]
            return all(_option_said(prop, part, spoken) or _common_said(prop, part) for part in parts)
        for value in (given, after):
            heard = _words(value)
            if (value.strip() in said if not heard else _spoken(heard, spoken)) or _number(value, numbers):
                return True
        return _read_as(name, prop, after, said, region)

    def _common_said(prop: Property, value: str) -> bool:
        """An option that is called by a common word, or a yes or no, with its field."""
        assert schema is not None
        named = prop.type == "bool" or any(_spoken(_words(text), spoken) for text in _names(prop, value))
        return named and _field_said(prop.name, said, schema)

    return source_of


def _kind(name: str) -> str:
    return "phone" if name in PHONES else name


def _field_said(name: str, said: str, schema: Schema) -> bool:
    """Whether the field is named in what was said, by any of its names and with Danish endings."""
    words = re.findall(r"[\w-]+", said)[:_MOST]
    for text in (*words, *(" ".join(pair) for pair in pairwise(words))):
        try:
            found = schema.find(text).name
        except CrmError:
            continue
        if found == name or {found, name} <= set(PHONES):
            return True
    return False


def _names(prop: Property, value: str) -> list[str]:
    names = [value, prop.options.get(value, ""), prop.aliases.get(value, ""), *option_names(prop.name).get(value, ())]
    return [name for name in names if _words(name)]


def _option_said(prop: Property, value: str, spoken: list[str]) -> bool:
    if any(_spoken(_words(name), spoken) for name in _names(prop, value) if not _COMMON.issuperset(_words(name))):
        return True
    if prop.name != OWNER:
        return False
    parts = [fold(part) for part in prop.options.get(value, "").split()]
    others = {fold(part) for other, name in prop.options.items() if other != value for part in name.split()}
    return any(_same(part, heard) for part in parts if len(part) > 1 and part not in others for heard in spoken)


def _read_as(name: str, prop: Property | None, after: str, said: str, region: str) -> bool:
    """Whether a stretch of what was said is read as the stored date, moment or amount."""
    kind = prop.type if prop else "string"
    zone = prop.zone if prop else "UTC"
    if kind == "number":
        return any(_reads(lambda text: values.number(name, text, region), text, after) for text in _spans(said, r"\d"))
    moment = kind == "datetime"
    if not moment and not _DAY.fullmatch(after):
        return False
    reader = values.instant if moment else values.day
    dated = r"\d{4}|\d\d$|^\D{4,12}$"  # a year, or a day by its word: "i morgen"
    return any(_reads(lambda text: reader(name, text, region, zone), text, after) for text in _spans(said, dated))


def _reads(read: Callable[[str], str], text: str, after: str) -> bool:
    try:
        return read(text) == after
    except CrmError:
        return False


def _spans(said: str, holding: str) -> Iterator[str]:
    """The stretches of a few words that hold this pattern."""
    words, found = said.split(), 0
    for start in range(len(words)):
        for end in range(start + 1, min(start + _LONGEST, len(words)) + 1):
            text = " ".join(words[start:end]).strip(" .,;:!?()\"'»«“”")
            if text and re.search(holding, text) and found < _MOST:
                found += 1
                yield text


def _words(text: str) -> list[str]:
    return [fold(word) for word in re.findall(r"\w+", unicodedata.normalize("NFC", text)) if fold(word)]


def _spoken(value: list[str], said: list[str]) -> bool:
    """Whether the words stand in what was said, one after the other."""
    spans = (said[i : i + len(value)] for i in range(len(said) - len(value) + 1))
    return any(all(_same(word, heard) for word, heard in zip(value, span, strict=True)) for span in spans)


def _same(word: str, heard: str) -> bool:
    rest = len(heard) - len(word)
    return heard == word or (len(word) >= _STEM and 0 < rest <= _INFLECTION and heard.startswith(word))


def _numbers(said: str) -> set[str]:
    """The digits of every number in what was said, also of those in groups: "+45 22 33 44 55"."""
    found = set[str]()
    for run in re.findall(r"\d[\d ().+/\u00a0-]*", said):
        groups = re.findall(r"\d+", run)
        for start in range(len(groups)):
            found |= {"".join(groups[start:end]) for end in range(start + 1, min(start + 8, len(groups)) + 1)}
    return found


def _number(value: str, said: set[str]) -> bool:
    """Whether a phone number or an amount stands in what was said, in other groups or without its country code."""
    digits = re.sub(r"\D", "", value)
    if len(digits) < _STEM or re.search(r"[^\W\d]", value) or _DAY.fullmatch(value):
        return False
    return digits in said or (len(digits) >= 8 and digits[-8:] in said)
