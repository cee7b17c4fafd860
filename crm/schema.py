"""The properties of this portal's contacts: finding one by any name, and turning words into its values."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from rapidfuzz import fuzz, process

from crm import normalise
from crm.errors import InvalidOption, InvalidValue, ReadOnlyProperty, UnknownProperty
from crm.fields import field_names, fold, label, option_names, property_called

OWNER = "hubspot_owner_id"
_TRUE = {fold(w) for w in ("true", "yes", "ja", "sand", "1")}
_FALSE = {fold(w) for w in ("false", "no", "nej", "falsk", "0")}
_DATES = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y")


@dataclass(frozen=True)
class Property:
    """One property of contacts. ``options`` maps values to labels; it is empty for free text."""

    name: str
    label: str
    type: str
    options: Mapping[str, str] = field(default_factory=dict)
    several: bool = False
    read_only: bool = False
    hidden: bool = False

    def title(self, language: str) -> str:
        """The label to show, in ``da`` or ``en``; a portal's own property has only its own."""
        return label(self.name, language) or self.label

    def shown(self, value: str | None, language: str) -> str | None:
        """The value as a person reads it: an option's label instead of its value."""
        if not value or not self.options:
            return value
        return "; ".join(self._option_label(part, language) for part in value.split(";") if part)

    def _option_label(self, value: str, language: str) -> str:
        danish = option_names(self.name).get(value)
        return danish[0] if danish and language == "da" else self.options.get(value, value)


class Schema:
    """The properties of a portal, looked up by internal name, by label, or by what people say."""

    def __init__(self, properties: Iterable[Property]) -> None:
        self._properties = {p.name: p for p in properties}
        self._by_label: dict[str, str] = {}
        for p in self._properties.values():
            if not p.hidden:
                self._by_label.setdefault(fold(p.label), p.name)

    def __getitem__(self, name: str) -> Property:
        return self._properties[name]

    def get(self, name: str) -> Property | None:
        return self._properties.get(name)

    def find(self, text: str) -> Property:
        """The property called ``text``. Raises UnknownProperty (name, nearest) where there is none."""
        for name in (text.strip(), text.strip().casefold(), property_called(text), self._by_label.get(fold(text))):
            if name in self._properties:
                return self._properties[name]
        raise UnknownProperty(name=normalise.clean(text)[:60], nearest=self._nearest(text))

    def _nearest(self, text: str) -> list[str]:
        names: dict[str, str] = dict(self._by_label)
        for name, words in field_names().items():
            if name in self._properties:
                names |= {fold(word): name for word in (*words["da"], *words["en"])}
        hits = process.extract(fold(text), list(names), scorer=fuzz.WRatio, limit=6, score_cutoff=60)
        return list(dict.fromkeys(names[hit[0]] for hit in hits if not self._properties[names[hit[0]]].read_only))[:3]

    def value(self, prop: Property, text: str, region: str) -> str:
        """The text as HubSpot holds it in this property; "" clears it.

        Raises ReadOnlyProperty, InvalidEmail, InvalidPhone, InvalidOption or InvalidValue.
        """
        if prop.read_only:
            raise ReadOnlyProperty(property=prop.name)
        cleaned = normalise.clean(text)
        if not cleaned:
            return ""
        if prop.name == "email":
            return normalise.email(cleaned)
        if prop.name in normalise.PHONES:
            return normalise.phone(cleaned, region)
        if prop.options:
            return self._options(prop, cleaned)
        return _READERS.get(prop.type, _text)(prop, cleaned)

    def _options(self, prop: Property, text: str) -> str:
        parts = text.replace(",", ";").split(";") if prop.several else [text]
        return ";".join(self._option(prop, part) for part in parts if part.strip())

    def _option(self, prop: Property, text: str) -> str:
        known = {fold(value): value for value in prop.options} | {fold(lab): v for v, lab in prop.options.items()}
        for value, words in option_names(prop.name).items():
            if value in prop.options:
                known |= {fold(word): value for word in words}
        if found := known.get(fold(text)):
            return found
        raise InvalidOption(property=prop.name, value=text[:60], options=list(prop.options.values())[:12])


def _text(prop: Property, text: str) -> str:
    return text


def _number(prop: Property, text: str) -> str:
    digits = text.replace(" ", "")
    if re.fullmatch(r"-?\d{1,3}(\.\d{3})+(,\d+)?|-?\d+,\d+", digits):  # Danish and most of Europe: 10.000 and 1.234,5
        digits = digits.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", digits):
        digits = digits.replace(",", "")
    if not re.fullmatch(r"-?\d{1,30}(\.\d{1,15})?", digits):
        raise InvalidValue(property=prop.name, value=text[:60])
    return digits


def _bool(prop: Property, text: str) -> str:
    if fold(text) in _TRUE | _FALSE:
        return "true" if fold(text) in _TRUE else "false"
    raise InvalidValue(property=prop.name, value=text[:60])


def _date(prop: Property, text: str) -> str:
    for pattern in _DATES:
        try:
            day = datetime.strptime(text, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
        return day.strftime("%Y-%m-%d") if prop.type == "date" else day.strftime("%Y-%m-%dT00:00:00Z")
    raise InvalidValue(property=prop.name, value=text[:60])


_READERS = {"number": _number, "bool": _bool, "date": _date, "datetime": _date}


def read_property(raw: Any, owners: Mapping[str, str]) -> Property:
    """A Property from the official client's model; ``owners`` (id -> name) are the options of the contact owner."""
    metadata = raw.modification_metadata
    options = {o.value: o.label for o in raw.options or ()}
    return Property(
        name=raw.name,
        label=raw.label,
        type=raw.type,
        options=owners if raw.name == OWNER else options,
        several=raw.field_type == "checkbox",
        read_only=bool(raw.calculated or (metadata and metadata.read_only_value)),
        hidden=bool(raw.hidden),
    )
