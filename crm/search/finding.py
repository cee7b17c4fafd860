"""Finding contacts: lists for a person to choose from, and the one contact that somebody means."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from crm.domain import DETAILS, SUMMARY, Contact, Found, Property, errors, key, normalise, respelled, safe_part, words
from crm.hubspot import MOST_IN_GROUP, NUMBERS, Filter, equals, phone_groups, request, token
from crm.portal import Portal
from crm.search.fuzzy import NEARLY, closeness, nearly_groups, spelled_so
from crm.search.read_your_writes import searched

PAGE = 10  # contacts that a search shows
RANKED = 100  # contacts that are looked at for it: HubSpot's own order is the oldest first


def looks_like_phone(text: str, region: str) -> str | None:
    """The national digits where the text is a phone number and nothing else, or None."""
    if re.fullmatch(r"[+()\d\s./-]{6,}", text) is None:
        return None
    return normalise.national(text, region)


async def search(portal: Portal, query: str, filters: Mapping[str, str]) -> Found:
    """The contacts that match the words and the property filters, ten at most, best first, and how many there are.

    ``query``: an email, a phone number in any format, or words of names and companies, in any order, misspelt
    too. ``filters``: property (any name of it) -> value in the user's notation. One search, and a second one for
    what is spelled alike where the first finds nothing, or words that have another spelling (ø, oe, o). Raises
    Question and Unavailable errors.
    """
    schema = await portal.schema()
    text = normalise.clean(query)[:200].removeprefix("@")
    wanted = [(schema.find(name), value) for name, value in filters.items() if normalise.clean(value)]
    spelled = {prop.name: value for prop, value in wanted if _is_text(prop)}
    exact = [f for prop, value in wanted if not _is_text(prop) for f in _filters(portal, prop, value, schema.sought)]
    # HubSpot takes a few filters at once: those of texts may be fewer, since what comes back is looked at again
    room = max(MOST_IN_GROUP - 2, len(exact))  # two for the name
    exact += [f for prop, value in wanted if _is_text(prop) for f in _filters(portal, prop, value, schema.sought)]
    exact = exact[:room]
    if not text and not exact:
        raise errors.NoCriteria()
    if not exact and re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        try:
            return Found([await portal.gateway.get_by_email(normalise.email(text), SUMMARY)], 1)
        except errors.NotFound:
            return Found()
    if looks_like_phone(text, portal.region):
        groups = [[*group, *exact] for group in phone_groups([text], portal.region)]
        return _page(await searched(portal, request(groups, limit=RANKED)), "", spelled)
    found = await searched(portal, request([exact] if exact else [], query=_query(text), limit=RANKED))
    if text and not found.contacts:
        found = await _nearly(portal, text, exact, SUMMARY)
    elif text and found.total <= RANKED and _spelled_otherwise(text, found):
        listed = {contact.id for contact in found.contacts}
        others = (await _nearly(portal, text, exact, SUMMARY)).contacts
        others = [c for c in others if c.id not in listed and _begins_so(text, c)]
        found = Found([*found.contacts, *others], found.total + len(others))
    return _page(found, text, spelled)


def _query(text: str) -> str:
    """What HubSpot is asked for: Jens-Peter is also written Jens Peter, and a query's words may stand anywhere."""
    return re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])", " ", text) if "@" not in text else text


def _spelled_otherwise(text: str, found: Found) -> bool:
    """Whether contacts beside those found may be meant: moeller is in Frederik Møller's email, not in Mette Møller."""
    spelled = {word for word in re.split(r"[\W_]+", text.lower()) if len(word) > 2}
    if any(respelled(word) for word in spelled):
        return True
    named = {word for c in found.contacts for word in re.split(r"[\W_]+", c.name.lower())}
    return any(key(word) in {key(s) for s in spelled} and word not in spelled for word in named)


async def _nearly(portal: Portal, text: str, exact: Sequence[Filter], properties: Iterable[str]) -> Found:
    """The contacts whose words are spelled nearly like all of the text's; what HubSpot brings is wider than that."""
    groups = [[*group, *exact] for group in nearly_groups(text, room=len(exact))]
    if not groups:
        return Found()
    found = await searched(portal, request(groups, properties=properties, limit=RANKED * 2))
    near = [c for c in found.contacts if closeness(text, c) >= NEARLY]
    return Found(near, len(near))


def _page(found: Found, text: str, spelled: Mapping[str, str]) -> Found:
    fit = [c for c in found.contacts if all(spelled_so(c.properties.get(name), v) for name, v in spelled.items())]
    ranked = sorted(fit, key=lambda c: -closeness(text, c)) if text else fit
    return Found(ranked[:PAGE], found.total - len(found.contacts) + len(fit))


def _is_text(prop: Property) -> bool:
    return prop.type == "string" and not prop.options and prop.name not in (*NUMBERS, "email")


def _filters(portal: Portal, prop: Property, value: str, read: Any) -> list[Filter]:
    if prop.name in NUMBERS and (groups := phone_groups([value], portal.region)):
        return [f for group in groups for f in group if f["propertyName"] == NUMBERS[prop.name]]
    if prop.options or prop.type != "string":
        return [equals(prop.name, read(prop, value, portal.region))]
    if prop.name == "email":
        return [equals("email", normalise.email(value))]
    parts = [w for w in re.split(r"[\W_]+", normalise.clean(value)) if len(w) > 1] or [normalise.clean(value)]
    # Århus, Aarhus, Arhus: HubSpot is asked for the part that they share, of the two words that tell most
    return [token(prop.name, safe_part(word.lower()) or word) for word in sorted(parts, key=len, reverse=True)[:2]]


async def details(portal: Portal, ref: str, *, ids: Collection[str] = ()) -> Contact:
    """The one contact meant by ``ref`` with all that is shown of it. Raises as ``find`` does."""
    return await find(portal, ref, DETAILS, ids=ids)


async def find(
    portal: Portal, ref: str, properties: Iterable[str] = SUMMARY, *, ids: Collection[str | None] = ()
) -> Contact:
    """The one contact that ``ref`` means: an id, an email, a phone number or an unambiguous name.

    ``ids``: of contacts that were shown; eight digits of these are an id, and else a Danish phone number. Raises
    NotFound (one of these is gone by now), ContactNotFound (ref), ContactAmbiguous (ref; contacts: the candidates), or
    ContactSimilar (the same) where no contact is called so and some are called nearly so: what is changed is never
    guessed from a misspelt name.
    """
    await portal.schema()
    text, names = normalise.clean(ref)[:200], list(dict.fromkeys((*SUMMARY, *properties)))
    if text in ids:
        return await portal.gateway.get(text, names)
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
    phone = looks_like_phone(text, portal.region)
    groups = phone_groups([text], portal.region) if phone else []
    body = request(groups, query="" if phone else _query(text), properties=names, limit=RANKED)
    found = await searched(portal, body)
    if not found.contacts and text.isdigit() and phone:
        return await by_id(portal, text, names)  # an old portal's ids may look like a phone number
    if not found.contacts and not phone:
        found = await _nearly(portal, text, [], names)
        if found.contacts and not any(key(c.name) == key(text) for c in found.contacts):
            raise errors.ContactSimilar(ref=text, contacts=_page(found, text, {}).contacts)
    contact = _only(found, text, by_phone=phone is not None)
    # one that this installation wrote just now is remembered with fewer properties than are asked for
    return contact if set(names) <= set(contact.properties) else await portal.gateway.get(contact.id, names)


async def by_id(portal: Portal, contact_id: str, names: Sequence[str]) -> Contact:
    """The contact with this id, which ``find`` may take for a phone number. Raises ContactNotFound (ref)."""
    try:
        return await portal.gateway.get(contact_id, names)
    except errors.NotFound:
        raise errors.ContactNotFound(ref=contact_id) from None


def _only(found: Found, ref: str, *, by_phone: bool) -> Contact:
    if not found.contacts:
        raise errors.ContactNotFound(ref=ref)
    exact = [c for c in found.contacts if key(c.name) == key(ref)]
    candidates = exact or found.contacts
    if len(candidates) > 1:
        raise errors.ContactAmbiguous(ref=ref, contacts=_page(Found(candidates), ref, {}).contacts)
    if not exact and not by_phone and not _begins_so(ref, candidates[0]):
        raise errors.ContactSimilar(ref=ref, contacts=candidates)  # "ann" is in Hanne, and does not mean her
    return candidates[0]


def _begins_so(ref: str, contact: Contact) -> bool:
    known = [w for value in contact.properties.values() for w in words(value or "")]
    return all(any(w.startswith(part) for w in known) for part in words(ref))
