"""Read-your-writes: corrects HubSpot's search for what this installation wrote within the lag of its index.

HubSpot searches an index that is up to 30 seconds old and answers with live records (recorded): it does not find a new
contact, finds a changed one by its old values, and counts an archived one without listing it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crm.domain import Contact, Found, normalise
from crm.hubspot import NUMBERS, Filter
from crm.portal import Portal

# the properties that a query searches (documented)
QUERIED = ("firstname", "lastname", "email", "phone", "hs_additional_emails", "fax", "mobilephone", "company")
_CALCULATED = {calculated: name for name, calculated in NUMBERS.items()}


async def searched(portal: Portal, request: Mapping[str, Any]) -> Found:
    """The results of the search, without recent contacts that no longer match and with those that match now.

    ``total`` is exact where HubSpot answered with all of its results, and else based on HubSpot's count.
    """
    names = {*request["properties"], *_compared_properties(request)}
    found = await portal.gateway.search({**request, "properties": sorted(names)})
    recent = {contact.id: contact for contact in await portal.recent()}
    kept = [c for c in found.contacts if c.id not in recent or matches(c, request, portal.region)]
    listed = {contact.id for contact in found.contacts}
    new = [c for c in recent.values() if c.id not in listed and matches(c, request, portal.region)]
    complete = found.total <= int(request.get("limit", 10))
    total = len(kept) if complete else found.total - len(found.contacts) + len(kept)
    return Found([*kept, *new], total + len(new))


def _compared_properties(request: Mapping[str, Any]) -> Iterator[str]:
    """The properties that the search compares, by the names under which they can be read."""
    yield from QUERIED if request.get("query") else ()
    for group in request.get("filterGroups") or ():
        yield from (_CALCULATED.get(f["propertyName"], f["propertyName"]) for f in group["filters"])


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
    match wanted["operator"]:
        case "EQ":
            return value == str(wanted["value"]).lower()
        case "IN":
            options = wanted["values"]
            assert isinstance(options, Sequence)
            return value in [str(option).lower() for option in options]
        case "NOT_HAS_PROPERTY":
            return not value
        case "CONTAINS_TOKEN":
            return _has_token(value, str(wanted["value"]).lower())
    return False


def _value(values: Mapping[str, str | None], name: str, region: str) -> str:
    if name in _CALCULATED:
        return (normalise.national(values.get(_CALCULATED[name]) or "", region) or "").lstrip("0")
    return (values.get(name) or "").lower()


def _has_token(value: str, pattern: str) -> bool:
    wanted = ".*".join(re.escape(part) for part in pattern.split("*"))
    return any(re.fullmatch(wanted, word) for word in (value, *value.split(), *re.findall(r"\w+", value)))
