"""Where a value comes from: the user's own words, a property of a contact that was shown, or neither."""

import re
from collections.abc import Collection
from functools import cached_property, partial

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
# names of options that stand in any sentence ("opret en ny kontakt"): such an option counts only with its field
_COMMON = frozenset(("ny", "nye", "new", "aaben", "aabne", "open", "andet", "andre", "other", "emne", "true", "false"))


def sources(
    said: str, records: Collection[tuple[str, str]], schema: Schema | None = None, region: str = "DK"
) -> SourceOf:
    """The function that tells where a value comes from: the user's words ``said``, a value of a record, or neither.

    ``records`` are properties with their values: only the whole value of the same property counts. With the portal's
    ``schema`` the user's words count in any notation that is read as the stored value: a date or an amount in words, an
    option or an owner by a name. The user has cleared a field where they named it and said so.
    """
    return _Grounding(said, records, schema, region).source_of


class _Grounding:
    """The words of a user and the values of records, to be asked whether a value comes from them."""

    def __init__(self, said: str, records: Collection[tuple[str, str]], schema: Schema | None, region: str) -> None:
        self._said, self._schema, self._region = said, schema, region
        self._heard = Utterance(said, region)
        self._known = {(_kind(name), _whole(name, value)) for name, value in records}

    def source_of(self, name: str, given: str, after: str) -> Source:
        """Where the value of a property comes from: ``given`` as the model wrote it, ``after`` as it is stored."""
        if self._is_said(name, given, after):
            return "user"
        held = {(_kind(name), _whole(name, value)) for value in (given, after)}
        return "record" if held & self._known else "unknown"

    def _is_said(self, name: str, given: str, after: str) -> bool:
        prop = self._schema.get(name) if self._schema else None
        if not after:
            return self._is_cleared(name)
        if prop and _has_options(prop):
            return all(self._is_option_said(prop, part) for part in after.split(";") if part)
        if _is_phone(name, prop):
            return self._heard.holds_phone(after)
        if name in NAMES:
            return any(map(self._heard.holds_name, (given, after)))
        if _NUMBER.fullmatch(after) and not _is_moment(prop):
            return self._heard.holds_amount(after) or self._heard.holds_digits(after)
        if _E164.fullmatch(after) and not _is_moment(prop) and self._heard.holds_phone(after):
            return True
        return self._is_text_or_moment_said(name, prop, given, after)

    def _is_cleared(self, name: str) -> bool:
        return self._schema is None or name in self._cleared

    @cached_property
    def _cleared(self) -> set[str]:
        return cleared_in(self._said, self._schema) if self._schema else set()

    @cached_property
    def _fields(self) -> set[str]:
        """The fields that the user has named."""
        return fields_in(self._said, self._schema) if self._schema else set()

    def _is_option_said(self, prop: Property, value: str) -> bool:
        """Whether an option was said; one with the name of a common word, yes and no count only with their field."""
        telling = [name for name in _names(prop, value) if not _COMMON.issuperset(folded_words(name))]
        if any(map(self._heard.holds_text, telling)) or self._is_owner_said(prop, value):
            return True
        named = prop.type == "bool" or any(map(self._heard.holds_text, _names(prop, value)))
        return named and prop.name in self._fields

    def _is_owner_said(self, prop: Property, value: str) -> bool:
        """Whether an owner was said by a part of the name that no other owner has."""
        if prop.name != OWNER:
            return False
        parts = [fold(part) for part in prop.options.get(value, "").split()]
        others = {fold(part) for other, name in prop.options.items() if other != value for part in name.split()}
        unique = [part for part in parts if len(part) > 1 and part not in others]
        return any(same(part, word) for part in unique for word in self._heard.words)

    def _is_text_or_moment_said(self, name: str, prop: Property | None, given: str, after: str) -> bool:
        """Whether the words of a value were said, or a date or a moment in any notation."""
        if self._heard.holds_text(given) or self._heard.holds_text(after):
            return True
        is_moment = prop is not None and prop.type == "datetime"
        if not is_moment and not _DAY.fullmatch(after):
            return False
        reader = values.instant if is_moment else values.day
        zone = prop.zone if prop else "UTC"
        return self._heard.holds_moment(partial(reader, name, region=self._region, zone=zone), after)


def _has_options(prop: Property) -> bool:
    return bool(prop.options) or prop.type == "bool"


def _is_phone(name: str, prop: Property | None) -> bool:
    return name in PHONES or (prop is not None and prop.type == "phone_number")


def _is_moment(prop: Property | None) -> bool:
    return prop is not None and prop.type in ("date", "datetime")


def _whole(name: str, value: str) -> str:
    """A value for the comparison with a record's: in phone numbers, signs do not count."""
    return fold(value) if name in PHONES else " ".join(clean(value).casefold().split())


def _kind(name: str) -> str:
    return "phone" if name in PHONES else name


def _names(prop: Property, value: str) -> list[str]:
    names = [value, prop.options.get(value, ""), prop.aliases.get(value, ""), *option_names(prop.name).get(value, ())]
    return [name for name in names if folded_words(name)]
