"""What HubSpot is searched with: filters, groups of them, and the body of a search."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import phonenumbers

from crm.domain import SUMMARY, normalise

MOST_GROUPS = 5  # HubSpot's (documented)
MOST_FILTERS, MOST_IN_GROUP = 18, 6  # in one search of HubSpot's, and in one of its groups (documented)
Filter = dict[str, object]
Group = list[Filter]

NUMBERS = {
    "phone": "hs_searchable_calculated_phone_number",
    "mobilephone": "hs_searchable_calculated_mobile_number",
}

MOST_CHARACTERS = 3_000 - 200  # in a search's body (documented), and room for properties that are added to it


def equals(name: str, value: str) -> Filter:
    """A filter of HubSpot's search: the property has exactly this value (text: whatever its case)."""
    return {"propertyName": name, "operator": "EQ", "value": value}


def one_of(name: str, values: list[str]) -> Filter:
    """The property has one of the values, which must be in lower case (documented)."""
    return {"propertyName": name, "operator": "IN", "values": list(dict.fromkeys(values))}


def token(name: str, pattern: str) -> Filter:
    """A word of the property is the pattern; ``*`` stands for any letters (documented before, seen in use behind)."""
    return {"propertyName": name, "operator": "CONTAINS_TOKEN", "value": pattern}


def unset(name: str) -> Filter:
    """The property is empty."""
    return {"propertyName": name, "operator": "NOT_HAS_PROPERTY"}


def phone_groups(numbers: list[str], region: str) -> list[Group]:
    """The contacts with one of the numbers (any notation), as phone or as mobile phone, in any notation."""
    digits = list(dict.fromkeys(form for number in numbers for form in _forms(number, region)))
    return [[one_of(name, digits)] for name in NUMBERS.values()] if digits else []


def _forms(number: str, region: str) -> Iterator[str]:
    """The digits that HubSpot may have calculated: without trunk 0, and with the country code where it saw no ``+``."""
    national = normalise.national(number, region)
    if national is None:
        return
    yield from dict.fromkeys((national.lstrip("0"), national))
    code = phonenumbers.parse(number, region).country_code
    yield f"{code}{national}"


def request(
    groups: Iterable[Sequence[Filter]] = (), *, query: str = "", properties: Iterable[str] = SUMMARY, limit: int = 10
) -> dict[str, Any]:
    """A body for HubSpot's search: groups are alternatives, the filters in a group hold together.

    Where it would be longer than HubSpot takes, the unlikeliest spellings are left out, and then the last groups.
    """
    body: dict[str, Any] = {
        "filterGroups": [{"filters": list(filters)} for filters in groups],
        "properties": list(properties),
        "limit": limit,
    }
    body |= {"query": query} if query else {}
    while len(json.dumps(body)) > MOST_CHARACTERS:
        spellings = [f["values"] for group in body["filterGroups"] for f in group["filters"] if "values" in f]
        longest = max((values for values in spellings if len(values) > 1), key=lambda v: len(str(v)), default=None)
        if longest is None and len(body["filterGroups"]) < 2:
            break
        (longest if longest is not None else body["filterGroups"]).pop()
    return body
