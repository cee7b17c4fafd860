"""Read-your-writes: corrects HubSpot's search for what this installation wrote within the lag of its index.

HubSpot searches an index that is up to 30 seconds old and answers with live records (recorded): it does not find a new
contact, finds a changed one by its old values, and counts an archived one without listing it.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from operator import ge, gt, le, lt
from typing import Any

from crm.domain import Contact, Found, normalise
from crm.hubspot import NUMBERS, Filter
from crm.portal import Portal

# the properties that a query searches (documented)
QUERIED = ("firstname", "lastname", "email", "phone", "hs_additional_emails", "fax", "mobilephone", "company")
_CALCULATED = {calculated: name for name, calculated in NUMBERS.items()}


async def search_with_recent(portal: Portal, request: Mapping[str, Any]) -> Found:
    """The results of the search, without recent contacts that no longer match and with those that match now.

    ``total`` is exact where HubSpot answered with all of its results, and else based on HubSpot's count.
    """
    compared = set(_compared_properties(request))
    names = {*request["properties"], *compared, *(QUERIED if request.get("query") else ())}
    found = await portal.gateway.search({**request, "properties": sorted(names)})
    recent = {contact.id: contact for contact in await _known_in_full(portal, compared, names)}
    kept = [c for c in found.contacts if c.id not in recent or matches(c, request, portal.region)]
    listed = {contact.id for contact in found.contacts}
    # a later page is not the place of a contact that is not in the index yet
    later = bool(request.get("after"))
    new = [c for c in recent.values() if c.id not in listed and matches(c, request, portal.region)]
    complete = not later and found.total <= int(request.get("limit", 10))
    total = len(kept) if complete else found.total - len(found.contacts) + len(kept)
    if later:
        return Found(kept, total)
    return Found(_in_order([*kept, *new], request) if new else kept, total + len(new))


async def _known_in_full(portal: Portal, compared: Collection[str], names: Collection[str]) -> list[Contact]:
    """The contacts that this installation wrote lately; those that were remembered without one of the ``compared``
    properties are read again, with all ``names``.
    """
    recent = await portal.recent()
    unknown = [contact.id for contact in recent if not set(compared) <= contact.properties.keys()]
    read = {c.id: c for c in await portal.gateway.batch_read(unknown, sorted(names))} if unknown else {}
    return [read.get(contact.id, contact) for contact in recent]


def _in_order(contacts: Sequence[Contact], request: Mapping[str, Any]) -> list[Contact]:
    """The contacts in the order of the search; those without a value come last."""
    sort = next(iter(request.get("sorts") or ()), None)
    if sort is None:
        return list(contacts)
    name, falling = str(sort["propertyName"]), sort["direction"] == "DESCENDING"
    valued = [c for c in contacts if c.properties.get(name)]
    rest = [c for c in contacts if not c.properties.get(name)]
    return [*sorted(valued, key=lambda c: _comparable(str(c.properties[name]).lower()), reverse=falling), *rest]


def _compared_properties(request: Mapping[str, Any]) -> Iterator[str]:
    """The properties that filters and the order compare, by the names under which they can be read."""
    for group in request.get("filterGroups") or ():
        yield from (_CALCULATED.get(f["propertyName"], f["propertyName"]) for f in group["filters"])
    yield from (sort["propertyName"] for sort in request.get("sorts") or ())


def matches(contact: Contact, request: Mapping[str, Any], region: str) -> bool:
    """Whether the contact matches a search by HubSpot's rules; only the operators that this package uses."""
    values = contact.properties
    if query := str(request.get("query") or "").lower():
        haystack = "\n".join((values.get(name) or "").lower() for name in QUERIED)
        numbers = "\n".join(_value(values, name, region) for name in NUMBERS.values())
        if not all(word in haystack or word in numbers for word in query.split()):
            return False
    groups = [group["filters"] for group in request.get("filterGroups") or ()]
    return not groups or any(all(_holds(values, f, region) for f in group) for group in groups)


def _holds(values: Mapping[str, str | None], wanted: Filter, region: str) -> bool:
    value = _value(values, str(wanted["propertyName"]), region)
    operator = str(wanted["operator"])
    positive = _NEGATED.get(operator, operator)
    return _POSITIVE[positive](value, wanted) is (operator == positive)


def _is_one_of(value: str, wanted: Filter) -> bool:
    options = wanted.get("values") or [wanted.get("value")]
    assert isinstance(options, Sequence)
    parts = {value, *value.split(";")}  # of a multiple choice
    return any(str(option).lower() in parts for option in options)


def _compared(value: str, wanted: Filter) -> bool:
    held, limit = _comparable(value), _comparable(str(wanted["value"]).lower())
    return bool(value) and _ORDERED[str(wanted["operator"])](held, limit)


def _comparable(value: str) -> tuple[float, str]:
    """Return a sort key: numbers and moments as numbers, other texts unchanged."""
    for read in (float, _milliseconds):
        with suppress(ValueError):
            return read(value), ""
    return 0.0, value


def _milliseconds(value: str) -> float:
    """A day or a moment of HubSpot's in milliseconds; a day is its midnight UTC. Raises ValueError."""
    found = datetime.fromisoformat(value.upper())
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1_000


_NEGATED = {
    "NEQ": "EQ",
    "NOT_IN": "IN",
    "NOT_HAS_PROPERTY": "HAS_PROPERTY",
    "NOT_CONTAINS_TOKEN": "CONTAINS_TOKEN",
}
_ORDERED: Mapping[str, Callable[[Any, Any], bool]] = {"GT": gt, "GTE": ge, "LT": lt, "LTE": le}
_POSITIVE: Mapping[str, Callable[[str, Filter], bool]] = {
    "EQ": _is_one_of,
    "IN": _is_one_of,
    "HAS_PROPERTY": lambda value, _: bool(value),
    "CONTAINS_TOKEN": lambda value, wanted: _has_token(value, str(wanted["value"]).lower()),
    **dict.fromkeys(_ORDERED, _compared),
}


def _value(values: Mapping[str, str | None], name: str, region: str) -> str:
    if name in _CALCULATED:
        return (normalise.national(values.get(_CALCULATED[name]) or "", region) or "").lstrip("0")
    return (values.get(name) or "").lower()


def _has_token(value: str, pattern: str) -> bool:
    wanted = ".*".join(re.escape(part) for part in pattern.split("*"))
    return any(re.fullmatch(wanted, word) for word in (value, *value.split(), *re.findall(r"\w+", value)))
