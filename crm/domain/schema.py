"""The schema of a portal's contacts: finds a property by any of its names and reads values for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz, process

from crm.domain import normalise, values
from crm.domain.contact import Owner
from crm.domain.errors import (
    AmbiguousValue,
    InvalidOption,
    InvalidValue,
    OwnersUnknown,
    ReadOnlyProperty,
    UnknownProperty,
)
from crm.domain.fields import field_names, label, option_names, property_called, property_labelled
from crm.domain.text import fold, stems

OWNER, MARKETING = "hubspot_owner_id", "hs_marketable_status"
LISTED = 12  # options that a question names
APPEND = ";"  # before the values of a multiple choice: they are added to those of the contact, as in HubSpot's API


@dataclass(frozen=True)
class Property:
    """One property of contacts. ``options`` maps values to labels; it is empty for free text.

    ``aliases``: value -> a further name of it (an owner's email). ``former``: values that contacts may still have and
    none is given any more, with their labels (owners who were deactivated). ``zone``: the time zone in which moments
    are read and shown.
    """

    name: str
    label: str
    type: str
    options: Mapping[str, str] = field(default_factory=dict)
    several: bool = False
    read_only: bool = False
    hidden: bool = False
    calculated: bool = False
    aliases: Mapping[str, str] = field(default_factory=dict)
    former: Mapping[str, str] = field(default_factory=dict)
    zone: str = "UTC"

    def title(self, language: str) -> str:
        """The label to show, in ``da`` or ``en``; a portal's own property has only its own."""
        return label(self.name, language) or self.label

    def shown(self, value: str | None, language: str) -> str | None:
        """The value as a person reads it: an option's label instead of its value, a moment by the portal's clock."""
        if value and self.type == "datetime":
            return values.local(value, self.zone)
        if not value or not (self.options or self.former):
            return value
        return "; ".join(self._option_label(part, language) for part in value.split(";") if part)

    def _option_label(self, value: str, language: str) -> str:
        danish = option_names(self.name).get(value)
        return danish[0] if danish and language == "da" else self.options.get(value) or self.former.get(value, value)


class Schema:
    """The properties of a portal, looked up by internal name, by label, or by what people say."""

    def __init__(self, properties: Iterable[Property], *, complete: bool = True) -> None:
        self.complete = complete  # False: the owners could not be read, and should be read again
        self.zone: ZoneInfo | None = None  # the portal's, where it is known
        self._properties = {p.name: p for p in properties}
        self._by_label: dict[str, str] = {}
        # of two properties with the same label, the writable one is found
        for p in sorted(self._properties.values(), key=lambda p: p.read_only):
            if not p.hidden:
                self._by_label.setdefault(fold(p.label), p.name)

    def __len__(self) -> int:
        return len(self._properties)

    def __getitem__(self, name: str) -> Property:
        return self._properties[name]

    def get(self, name: str) -> Property | None:
        return self._properties.get(name)

    def settable(self) -> list[str]:
        """The names of the properties that may be written."""
        return [p.name for p in self._properties.values() if not p.read_only]

    def shown(self) -> list[str]:
        """The names of the properties that people fill in and see on HubSpot's pages, in the order of their labels."""
        seen = [p for p in self._properties.values() if not (p.read_only or p.hidden)]
        return [p.name for p in sorted(seen, key=lambda p: fold(p.label))]

    def own_labels(self) -> dict[str, str]:
        """The properties that people see and may write: the folded label of each -> its name."""
        return {fold(self._properties[name].label): name for name in self.shown()}

    def in_zone(self, zone: str) -> "Schema":
        """The same schema for a portal in this time zone (an IANA name); UTC where the name is not known here."""
        try:
            known = ZoneInfo(zone)
        except (KeyError, OSError, ValueError):
            known = ZoneInfo("UTC")
        schema = Schema(replace(p, zone=known.key) for p in self._properties.values())
        schema.zone = known
        return schema

    def find(self, text: str) -> Property:
        """The property called ``text``, as ``called`` finds it. Raises UnknownProperty (name, nearest)."""
        found = self.called(text)
        if found is None:
            raise UnknownProperty(name=normalise.clean(text)[:60], nearest=self._nearest(text))
        return found

    def called(self, text: str) -> Property | None:
        """The property called ``text``, or None.

        The text is compared with internal names first, then with our labels of HubSpot's standard properties, with the
        portal's labels and with other names that people use; at last all of it again without Danish endings
        (``stillingen``). A hidden property is found only by its internal name.
        """
        for name in (text.strip(), text.strip().casefold(), self._called(fold(text)), *map(self._called, stems(text))):
            if name in self._properties:
                return self._properties[name]
        return None

    def _called(self, folded: str) -> str | None:
        found = (property_labelled(folded), self._by_label.get(folded), property_called(folded))
        return next((name for name in found if name in self._properties), None)

    def _nearest(self, text: str) -> list[str]:
        names: dict[str, str] = dict(self._by_label)
        for name, words in field_names().items():
            if name in self._properties:
                names |= {fold(word): name for word in (*words["da"], *words["en"])}
        hits = process.extract(fold(text), list(names), scorer=fuzz.WRatio, limit=6, score_cutoff=60)
        return list(dict.fromkeys(names[hit[0]] for hit in hits if not self._properties[names[hit[0]]].read_only))[:3]

    def sought(self, prop: Property, text: str, region: str) -> str:
        """The value for a search: like ``value``, but also of an owner who was deactivated, and of a property that
        nobody may write.
        """
        known = replace(prop, options={**prop.options, **prop.former}, former={}, read_only=False)
        return self.value(known, text, region)

    def value(self, prop: Property, text: str, region: str) -> str:
        """The text as HubSpot stores it in this property; "" clears the property. A stored value is returned unchanged.

        Values of a multiple choice (``A; B``) replace the existing ones. With ``;`` or ``+`` before them they are
        added, and the result begins with ``APPEND``. Raises ReadOnlyProperty, InvalidEmail, InvalidPhone,
        InvalidOption, InvalidValue, InvalidDate, OwnersUnknown, or AmbiguousValue where the text has two readings.
        """
        if prop.read_only:
            raise ReadOnlyProperty(property=prop.name, reason=_why_read_only(prop))
        cleaned = normalise.clean(text)
        if not cleaned:
            return ""
        if len(cleaned) > normalise.MAX_TEXT:  # refused instead of shortened
            raise InvalidValue(property=prop.name, value=f"{cleaned[:60]}…")
        if prop.name == "email":
            return normalise.email(cleaned)
        if prop.name in normalise.PHONES or prop.type == "phone_number":
            return normalise.phone(cleaned, region)
        if prop.several and prop.options:
            return self._several(prop, cleaned)
        readers = {
            "bool": partial(_bool, prop),
            "number": partial(values.number, prop.name, region=region),
            "date": partial(values.day, prop.name, region=region, zone=prop.zone),
            "datetime": partial(values.instant, prop.name, region=region, zone=prop.zone),
        }
        if (prop.options and prop.type != "bool") or prop.name == OWNER:
            return _option(prop, cleaned)
        return readers[prop.type](cleaned) if prop.type in readers else cleaned

    def _several(self, prop: Property, text: str) -> str:
        whole = fold(text) in map(fold, prop.options.values())  # a label may hold a comma
        parts = [text] if whole else text.lstrip("+").replace(",", ";").split(";")
        found = list(dict.fromkeys(_option(prop, part.strip()) for part in parts if part.strip()))
        return (APPEND if text.startswith(("+", APPEND)) and found else "") + ";".join(found)


def joined(before: str | None, after: str) -> str:
    """The values of a multiple choice after ``after`` is written over ``before``; ``APPEND`` adds to ``before``."""
    if not after.startswith(APPEND):
        return after
    return ";".join(dict.fromkeys([part for part in f"{before or ''}{after}".split(";") if part]))


def added(before: str | None, after: str) -> str:
    """The values that ``joined`` adds to the existing ones; only for these it matters where they come from."""
    there = (before or "").split(";") if after.startswith(APPEND) else []
    return ";".join(part for part in after.removeprefix(APPEND).split(";") if part not in there)


def _why_read_only(prop: Property) -> str:
    if prop.name == MARKETING:  # HubSpot charges for marketing contacts, and lets only its own tools set this
        return "marketing"
    return "calculated" if prop.calculated else "locked"


def _bool(prop: Property, text: str) -> str:
    labels = {fold(lab): value for value, lab in prop.options.items() if value in ("true", "false")}
    return labels.get(fold(text)) or values.boolean(prop.name, text)


def _option(prop: Property, text: str) -> str:
    """The value of the option with this value, label or other name, or of the owner with this email.

    Raises OwnersUnknown, AmbiguousValue or InvalidOption.
    """
    if text in prop.options or (prop.name == OWNER and text.isdigit() and text not in prop.former):
        return text
    if not prop.options:
        raise OwnersUnknown(value=text[:60])
    found = _named(prop, fold(text))
    if not found and prop.name == OWNER:
        found = _partly_named(prop, text)
    if len(found) == 1:
        return found[0]
    labels = [prop.options[value] for value in found]
    if len(set(labels)) < len(labels):  # owners of one name are told apart by their emails
        labels = [prop.aliases.get(value, value) for value in found]
    if found:
        raise AmbiguousValue(property=prop.name, value=text[:60], options=labels[:LISTED])
    raise InvalidOption(property=prop.name, value=text[:60], options=_offered(prop, text))


def _named(prop: Property, folded: str) -> list[str]:
    words = option_names(prop.name)
    exact = [value for value in prop.options if fold(value) == folded]
    return exact or [
        value
        for value, lab in prop.options.items()
        if folded in map(fold, (lab, prop.aliases.get(value, lab), *words.get(value, ())))
    ]


def _partly_named(prop: Property, text: str) -> list[str]:
    """The owners whose names have, for each word of the text, a word that begins with it: ``Sofie``, ``sof lind``."""
    asked = [fold(word) for word in text.split()]
    if not any(len(word) > 1 for word in asked):
        return []
    return [
        value
        for value, name in prop.options.items()
        if all(any(fold(part).startswith(word) for part in name.split()) for word in asked)
    ]


def _offered(prop: Property, text: str) -> list[str]:
    labels = list(prop.options.values())
    if len(labels) <= LISTED:
        return labels
    return [hit[0] for hit in process.extract(text, labels, scorer=fuzz.WRatio, limit=LISTED, processor=fold)]


def read_property(raw: Any, owners: Iterable[Owner], former: Iterable[Owner] = ()) -> Property:
    """A Property from the official client's model; ``owners`` are the options of the contact owner, by id."""
    metadata = raw.modification_metadata
    owned = raw.name == OWNER
    options = {o.id: o.name for o in owners} if owned else {o.value: o.label for o in raw.options or ()}
    return Property(
        name=raw.name,
        label=raw.label,
        type=raw.type,
        options=options,
        several=raw.field_type == "checkbox",
        # HubSpot does not list archived properties; if it did, they would take no values
        read_only=bool(raw.calculated or raw.archived or (metadata and metadata.read_only_value)),
        hidden=bool(raw.hidden or raw.archived),
        calculated=bool(raw.calculated),
        aliases={o.id: o.email for o in (*owners, *former) if o.email} if owned else {},
        former={o.id: o.name for o in former} if owned else {},
    )
