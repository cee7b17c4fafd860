"""Finding contacts: lists for a person to choose from, and the one contact that somebody means."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crm import errors, normalise
from crm.contact import DETAILS, SUMMARY, Contact, Found
from crm.fields import fold
from crm.portal import Portal
from crm.schema import Property

PAGE = 10  # contacts that a search shows
CALCULATED = {
    "phone": "hs_searchable_calculated_phone_number",
    "mobilephone": "hs_searchable_calculated_mobile_number",
}
Filter = dict[str, str]


def equals(name: str, value: str) -> Filter:
    """A filter of HubSpot's search: the property has exactly this value (text: whatever its case)."""
    return {"propertyName": name, "operator": "EQ", "value": value}


def phone_groups(digits: str) -> list[list[Filter]]:
    """Filter groups for the national digits of a number, as phone or as mobile phone, in any format."""
    return [[equals(name, digits)] for name in CALCULATED.values()]


def request(
    groups: Iterable[Sequence[Filter]] = (), *, query: str = "", properties: Iterable[str] = SUMMARY, limit: int = PAGE
) -> dict[str, Any]:
    """A body for HubSpot's search: groups are alternatives, the filters in a group hold together."""
    body: dict[str, Any] = {
        "filterGroups": [{"filters": list(filters)} for filters in groups],
        "properties": list(properties),
        "limit": limit,
    }
    return body | ({"query": query} if query else {})


def looks_like_phone(text: str, region: str) -> str | None:
    """The national digits where the text is a phone number and nothing else, or None."""
    if re.fullmatch(r"[+()\d\s./-]{6,}", text) is None:
        return None
    return normalise.national(text, region)


async def search(portal: Portal, query: str, filters: Mapping[str, str]) -> Found:
    """The contacts that match the words and the property filters, ten at most, and how many there are.

    ``query``: an email, a phone number in any format, or words of names and companies. ``filters``:
    property (any name of it) -> value in the user's notation. Raises Question and Unavailable errors.
    """
    schema = await portal.schema()
    text = normalise.clean(query)[:200]
    wanted = [(schema.find(name), value) for name, value in filters.items() if normalise.clean(value)]
    exact = [f for prop, value in wanted for f in _filters(portal, prop, value, schema.value)]
    if not text and not exact:
        raise errors.NoCriteria()
    if not exact and re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        try:
            return Found([await portal.gateway.get_by_email(normalise.email(text), SUMMARY)], 1)
        except errors.NotFound:
            return Found()
    digits = looks_like_phone(text, portal.region)
    if digits:
        groups = [[*group, *exact] for group in phone_groups(digits)]
        return await portal.gateway.search(request(groups))
    found = await portal.gateway.search(request([exact] if exact else [], query=text.removeprefix("@")))
    return Found(sorted(found.contacts, key=lambda c: fold(c.name) != fold(text)), found.total)


def _filters(portal: Portal, prop: Property, value: str, read: Any) -> list[Filter]:
    if prop.name in CALCULATED and (digits := normalise.national(value, portal.region)):
        return [equals(CALCULATED[prop.name], digits)]
    if prop.options or prop.type != "string":
        return [equals(prop.name, read(prop, value, portal.region))]
    if prop.name == "email":
        return [equals("email", normalise.email(value))]
    words = [w for w in re.split(r"[\W_]+", normalise.clean(value)) if len(w) > 1] or [normalise.clean(value)]
    return [{"propertyName": prop.name, "operator": "CONTAINS_TOKEN", "value": word} for word in words[:5]]


async def details(portal: Portal, ref: str) -> Contact:
    """The one contact meant by ``ref`` with all that is shown of it. Raises as ``find`` does."""
    return await find(portal, ref, DETAILS)


async def find(portal: Portal, ref: str, properties: Iterable[str] = SUMMARY, limit: int = PAGE) -> Contact:
    """The one contact that ``ref`` means: an id, an email, a phone number or an unambiguous name.

    Raises ContactNotFound (ref), or ContactAmbiguous (ref; contacts: the candidates).
    """
    await portal.schema()
    text, names = normalise.clean(ref)[:200], list(dict.fromkeys((*SUMMARY, *properties)))
    try:
        if "@" in text:
            return await portal.gateway.get_by_email(normalise.email(text), names)
        if text.isdigit() and not normalise.is_national(text, portal.region):
            return await portal.gateway.get(text, names)
    except errors.NotFound:
        if "@" in text:
            raise errors.ContactNotFound(ref=text) from None
    if not text:
        raise errors.ContactNotFound(ref=text)
    digits = looks_like_phone(text, portal.region)
    groups = phone_groups(digits) if digits else []
    found = await portal.gateway.search(request(groups, query="" if digits else text, properties=names))
    if not found.contacts and text.isdigit() and digits:
        return await _by_id(portal, text, names)  # an old portal's ids may look like a phone number
    return _only(found, text)


async def _by_id(portal: Portal, text: str, names: Sequence[str]) -> Contact:
    try:
        return await portal.gateway.get(text, names)
    except errors.NotFound:
        raise errors.ContactNotFound(ref=text) from None


def _only(found: Found, ref: str) -> Contact:
    if not found.contacts:
        raise errors.ContactNotFound(ref=ref)
    exact = [c for c in found.contacts if fold(c.name) == fold(ref)]
    candidates = exact or found.contacts
    if len(candidates) > 1:
        raise errors.ContactAmbiguous(ref=ref, contacts=candidates)
    return candidates[0]
