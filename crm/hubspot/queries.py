"""Builds the body of a HubSpot search: filters and groups of filters."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import phonenumbers

from crm.domain import SUMMARY, normalise

MOST_GROUPS = 5  # in one search (documented)
MOST_FILTERS, MOST_IN_GROUP = 18, 6  # in one search, and in one group (documented)
Filter = dict[str, object]
Group = list[Filter]

NUMBERS = {
    "phone": "hs_searchable_calculated_phone_number",
    "mobilephone": "hs_searchable_calculated_mobile_number",
}

MOST_CHARACTERS = 3_000 - 200  # in the body of a search (documented), less the properties that are added later


def equals(name: str, value: str) -> Filter:
    """The property has exactly this value; for text, in upper or lower case."""
    return {"propertyName": name, "operator": "EQ", "value": value}


def one_of(name: str, values: list[str]) -> Filter:
    """The property has one of the values, which must be in lower case (documented)."""
    return {"propertyName": name, "operator": "IN", "values": list(dict.fromkeys(values))}


def token(name: str, pattern: str) -> Filter:
    """A word of the property matches the pattern; ``*``: any letters (documented at the start, observed at the end)."""
    return {"propertyName": name, "operator": "CONTAINS_TOKEN", "value": pattern}


def unset(name: str) -> Filter:
    """The property is empty."""
    return {"propertyName": name, "operator": "NOT_HAS_PROPERTY"}


def compares(name: str, operator: str, value: str = "", *, values: Sequence[str] = ()) -> Filter:
    """The property compares with the value, or with the values, as the operator of HubSpot's search says."""
    given: Filter = {"values": list(values)} if values else {"value": value} if value else {}
    return {"propertyName": name, "operator": operator, **given}


def phone_groups(numbers: list[str], region: str) -> list[Group]:
    """Groups for contacts that have one of the numbers as phone or mobile phone, on both sides in any notation."""
    digits = list(dict.fromkeys(form for number in numbers for form in _forms(number, region)))
    return [[one_of(name, digits)] for name in NUMBERS.values()] if digits else []


def _forms(number: str, region: str) -> Iterator[str]:
    """The digits that HubSpot may have stored: without trunk 0; with the country code where no ``+`` was written."""
    national = normalise.national(number, region)
    if national is None:
        return
    yield from dict.fromkeys((national.lstrip("0"), national))
    code = phonenumbers.parse(number, region).country_code
    yield f"{code}{national}"


def direction(sort: str) -> str:
    """HubSpot's name for the order of a sort."""
    return "DESCENDING" if sort.startswith("-") else "ASCENDING"


def request(
    groups: Iterable[Sequence[Filter]] = (),
    *,
    query: str = "",
    properties: Iterable[str] = SUMMARY,
    limit: int = 10,
    sort: str = "",
) -> dict[str, Any]:
    """The body of a search: a contact matches if all filters of at least one group match.

    ``sort``: a property, with ``-`` before it from the last value to the first; "": from the oldest contact on.

    Where the body is too long for HubSpot, the unlikeliest spellings are left out first, and then the last groups.
    """
    body: dict[str, Any] = {
        "filterGroups": [{"filters": list(filters)} for filters in groups],
        "properties": list(properties),
        "limit": limit,
    }
    body |= {"query": query} if query else {}
    body |= {"sorts": [{"propertyName": sort.removeprefix("-"), "direction": direction(sort)}]} if sort else {}
    while len(json.dumps(body)) > MOST_CHARACTERS:
        spellings = [f["values"] for group in body["filterGroups"] for f in group["filters"] if "values" in f]
        longest = max((values for values in spellings if len(values) > 1), key=lambda v: len(str(v)), default=None)
        if longest is None and len(body["filterGroups"]) < 2:
            break
        (longest if longest is not None else body["filterGroups"]).pop()
    return body
