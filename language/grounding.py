"""Where a value comes from: the user's own words, a property of a contact that was shown, or neither."""

import re
from collections.abc import Collection
from functools import cache, partial

from crm.domain import (
    OWNER,
    PHONES,
    Property,
    Schema,
    Source,
    SourceOf,
    clean,
    fold,
    folded_words,
    option_names,
    same,
    values,
)
from language.cleared_fields import cleared_in, fields_in
from language.utterance import Utterance

NAMES = ("firstname", "lastname")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER = re.compile(r"-?\d[\d.,'’\s]*")
_E164 = re.compile(r"\+\d{6,15}(?: ext\. \d+)?")
# options that are called by words of any sentence ("opret en ny kontakt") count where their field is named too
_COMMON = frozenset(("ny", "nye", "new", "aaben", "aabne", "open", "andet", "andre", "other", "emne", "true", "false"))


def sources(
    said: str, records: Collection[tuple[str, str]], schema: Schema | None = None, region: str = "DK"
) -> SourceOf:
    """Tells the source of values by the user's words (all of them, as text) and by values of records.

    ``records`` are properties with their values: only a whole value of the same property counts. With the portal's
    ``schema`` a value is also the user's in any notation that is read as the stored one: a date or an amount in
    words, an option or an owner by a name. A field is cleared by the user where they named it, and said so.
    """
    heard = Utterance(said, region)
    known = {(_kind(name), _whole(name, value)) for name, value in records}

    cleared = cache(partial(cleared_in, said))

    def source_of(name: str, given: str, after: str) -> Source:
        prop = schema.get(name) if schema else None
        if _said(name, given, after, prop):
            return "user"
        held = {(_kind(name), _whole(name, value)) for value in (given, after)}
        return "record" if held & known else "unknown"

    def _said(name: str, given: str, after: str, prop: Property | None) -> bool:
        if not after:
            return schema is None or name in cleared(schema)
        if prop and (prop.options or prop.type == "bool"):
            parts = [part for part in after.split(";") if part]
            return all(_option_said(prop, part, heard) or _common_said(prop, part) for part in parts)
        if name in PHONES or (prop and prop.type == "phone_number"):
            return heard.holds_phone(after)
        if name in NAMES:
            return heard.holds_name(given) or heard.holds_name(after)
        if prop and prop.type in ("date", "datetime"):
            return any(map(heard.holds_text, (given, after))) or _moment_said(name, prop, after)
        if _NUMBER.fullmatch(after):
            return heard.holds_amount(after) or heard.holds_digits(after)
        if _E164.fullmatch(after) and heard.holds_phone(after):
            return True
        return any(map(heard.holds_text, (given, after))) or _moment_said(name, prop, after)

    def _common_said(prop: Property, value: str) -> bool:
        """An option that is called by a common word, or a yes or no, with its field."""
        assert schema is not None
        named = prop.type == "bool" or any(heard.holds_text(text) for text in _names(prop, value))
        return named and prop.name in fields_in(said, schema)

    def _moment_said(name: str, prop: Property | None, after: str) -> bool:
        """Whether a date or a moment was said in words."""
        moment = prop is not None and prop.type == "datetime"
        if not moment and not _DAY.fullmatch(after):
            return False
        reader = values.instant if moment else values.day
        return heard.holds_moment(partial(reader, name, region=region, zone=prop.zone if prop else "UTC"), after)

    return source_of


def _whole(name: str, value: str) -> str:
    """A value to be compared with a record's: signs count in all but phone numbers."""
    return fold(value) if name in PHONES else " ".join(clean(value).casefold().split())


def _kind(name: str) -> str:
    return "phone" if name in PHONES else name


def _names(prop: Property, value: str) -> list[str]:
    names = [value, prop.options.get(value, ""), prop.aliases.get(value, ""), *option_names(prop.name).get(value, ())]
    return [name for name in names if folded_words(name)]


def _option_said(prop: Property, value: str, heard: Utterance) -> bool:
    if any(heard.holds_text(name) for name in _names(prop, value) if not _COMMON.issuperset(folded_words(name))):
        return True
    if prop.name != OWNER:
        return False
    parts = [fold(part) for part in prop.options.get(value, "").split()]
    others = {fold(part) for other, name in prop.options.items() if other != value for part in name.split()}
    mine = [part for part in parts if len(part) > 1 and part not in others]
    return any(same(part, word) for part in mine for word in heard.words)
