"""Finds contacts: lists for a person to choose from, and the one contact that somebody means."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from crm.domain import DETAILS, SUMMARY, Contact, Found, Schema, errors, has_several_spellings, key, normalise, words
from crm.hubspot import MOST_GROUPS, Group, phone_groups, request
from crm.portal import Portal
from crm.search.criteria import Criteria, read_criteria
from crm.search.fuzzy import NEARLY, closeness, has_all_words, similar_groups
from crm.search.paging import results_from
from crm.search.read_your_writes import search_with_recent

PAGE = 10  # contacts that a search shows
MOST_DETAILS = 50  # values of one contact
RANKED = 100  # contacts that are ranked for it: HubSpot itself sorts the oldest first
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def looks_like_phone(text: str, region: str) -> str | None:
    """The national digits of a text that is nothing but a phone number; None for any other text."""
    if re.fullmatch(r"[+()\d\s./-]{6,}", text) is None:
        return None
    return normalise.national(text, region)


async def search(
    portal: Portal, query: str, filters: Mapping[str, str], *, sort: str = "", page: int = 1, me: str = ""
) -> Found:
    """The contacts that match the query and all filters, ten a page, and how many match in all.

    ``query``: an email, a phone number in any format, or words of names and companies in any order, with typing errors
    too. ``filters``: property (any name of it) -> what it must be, as ``crm.search.criteria`` explains; ``me``: the
    owner that the user is, in any spelling. ``sort``: a property, with ``-`` before it for the last value first;
    without one, the best come first, or else the oldest. ``page``: from 1 on, to the last result. A second search for
    similar spellings follows where the first one finds nothing, or where words have several spellings (ø, oe, o).
    Raises Question and Unavailable errors.
    """
    schema = await portal.schema()
    text, start = normalise.clean(query)[:200].removeprefix("@"), (max(page, 1) - 1) * PAGE
    wanted, order = read_criteria(schema, filters, region=portal.region, me=me), _order(schema, sort)
    if not text and wanted.is_empty and not order:
        raise errors.NoCriteria()
    if wanted.is_empty and _EMAIL.fullmatch(text):
        return await _with_email(portal, text)
    asked = tuple(dict.fromkeys((*wanted.names, *filter(None, [order.removeprefix("-")]))))
    properties = list(dict.fromkeys((*SUMMARY, *asked)))
    if looks_like_phone(text, portal.region):
        groups = [[*number, *group] for number in phone_groups([text], portal.region) for group in wanted.groups]
        if len(groups) > MOST_GROUPS:
            raise errors.TooManyFilters()
        body = request(groups, properties=properties, limit=PAGE, sort=order)
        found = await _one_page(portal, body, wanted, start)
    elif text and not order and start < RANKED:
        found = _page(await _with_words(portal, text, wanted, properties), text, wanted.spelled, start)
    else:
        body = request(_given(wanted.groups), query=_query(text), properties=properties, limit=PAGE, sort=order)
        found = await _one_page(portal, body, wanted, start)
    return replace(found, asked=asked)


def _order(schema: Schema, sort: str) -> str:
    """The order as HubSpot takes it. Raises UnknownProperty."""
    falling, name = sort.strip().startswith("-"), sort.strip().removeprefix("-")
    return f"{'-' if falling else ''}{schema.find(name).name}" if name else ""


def _given(groups: Sequence[Group]) -> list[Group]:
    return [group for group in groups if group]


async def _one_page(portal: Portal, body: Mapping[str, Any], wanted: Criteria, start: int) -> Found:
    """One page in HubSpot's own order."""
    found = await results_from(portal, body, start)
    fit = _spelled_as_wanted(found.contacts, wanted.spelled)
    # one that HubSpot's index does not have yet stands beside the others, which would be lost between two pages
    return Found(fit, found.total - len(found.contacts) + len(fit), start)


def _spelled_as_wanted(contacts: Sequence[Contact], spelled: Mapping[str, Sequence[str]]) -> list[Contact]:
    def fits(contact: Contact) -> bool:
        named = ((contact.properties.get(name), texts) for name, texts in spelled.items())
        return all(any(has_all_words(value, text) for text in texts) for value, texts in named)

    return [contact for contact in contacts if fits(contact)]


async def _with_email(portal: Portal, email: str) -> Found:
    try:
        return Found([await portal.gateway.get_by_email(normalise.email(email), SUMMARY)], 1)
    except errors.NotFound:
        return Found()


async def _with_words(portal: Portal, text: str, wanted: Criteria, properties: Sequence[str]) -> Found:
    """The first hundred contacts that have the words of the text, also in another spelling, and fit the filters."""
    body = request(_given(wanted.groups), query=_query(text), properties=properties, limit=RANKED)
    found = await search_with_recent(portal, body)
    if not found.contacts:
        return await _similar(portal, text, wanted.shared, properties)
    if found.total > RANKED or not _spelled_otherwise(text, found):
        return found
    listed = {contact.id for contact in found.contacts}
    similar = (await _similar(portal, text, wanted.shared, properties)).contacts
    others = [contact for contact in similar if contact.id not in listed and _begin_words(text, contact)]
    return Found([*found.contacts, *others], found.total + len(others))


def _query(text: str) -> str:
    """The text as a query of HubSpot's, without hyphens: Jens-Peter is also written Jens Peter."""
    return re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])", " ", text) if "@" not in text else text


def _spelled_otherwise(text: str, found: Found) -> bool:
    """Whether contacts with another spelling may be meant too.

    A search for moeller finds Frederik Møller by his email, but not Mette Møller.
    """
    spelled = {word for word in re.split(r"[\W_]+", text.lower()) if len(word) > 2}
    if any(has_several_spellings(word) for word in spelled):
        return True
    named = {word for c in found.contacts for word in re.split(r"[\W_]+", c.name.lower())}
    return any(key(word) in {key(s) for s in spelled} and word not in spelled for word in named)


async def _similar(portal: Portal, text: str, exact: Group | None, properties: Iterable[str]) -> Found:
    """The contacts that have a similar word for every word of the text; HubSpot's answer is wider and is filtered.

    ``exact``: filters that hold besides; None: they cannot be joined with these.
    """
    groups = [[*group, *exact] for group in similar_groups(text, room=len(exact))] if exact is not None else []
    if not groups:
        return Found()
    found = await search_with_recent(portal, request(groups, properties=properties, limit=RANKED * 2))
    near = [c for c in found.contacts if closeness(text, c) >= NEARLY]
    return Found(near, len(near))


def _page(found: Found, text: str, spelled: Mapping[str, Sequence[str]], start: int = 0) -> Found:
    """One page of the contacts that were found, the best first."""
    fit = _spelled_as_wanted(found.contacts, spelled)
    ranked = sorted(fit, key=lambda c: -closeness(text, c)) if text else fit
    return Found(ranked[start : start + PAGE], found.total - len(found.contacts) + len(fit), start)


async def details(portal: Portal, ref: str, *, ids: Collection[str] = ()) -> Contact:
    """The one contact that ``ref`` means, with all values that people give it, the most useful first.

    Raises what ``find`` raises.
    """
    schema = await portal.schema()
    names = list(dict.fromkeys((*DETAILS, *schema.shown())))
    contact_id = ref if ref in ids else (await find(portal, ref, ids=ids)).id
    # not by the address of a call, which is too long for the names of a portal with many properties of its own
    found = await portal.gateway.batch_read([contact_id], names)
    if not found:
        raise errors.NotFound()
    values = {name: found[0].properties[name] for name in names if found[0].properties.get(name)}
    return replace(found[0], properties=dict(list(values.items())[:MOST_DETAILS]))


async def find(
    portal: Portal, ref: str, properties: Iterable[str] = SUMMARY, *, ids: Collection[str | None] = ()
) -> Contact:
    """The one contact that ``ref`` means: an id, an email, a phone number or an unambiguous name.

    ``ids``: of contacts that were shown; eight digits are an id only where they are among these, and else a Danish
    phone number. Raises NotFound (a contact of ``ids`` no longer exists), ContactNotFound (ref), ContactAmbiguous (ref;
    contacts: the candidates) or ContactSimilar (the same) where no contact has this name and some have a similar one: a
    misspelt name never decides which contact is changed.
    """
    await portal.schema()
    text, names = normalise.clean(ref)[:200], list(dict.fromkeys((*SUMMARY, *properties)))
    if text in ids:
        return await portal.gateway.get(text, names)
    if not text:
        raise errors.ContactNotFound(ref=text)
    return await _by_email_or_id(portal, text, names) or await _by_phone_or_name(portal, text, names)


async def _by_email_or_id(portal: Portal, text: str, names: Sequence[str]) -> Contact | None:
    """The contact with this email or id; None where the text is neither, or is an id of no contact.

    Raises ContactNotFound (ref) for an email of no contact.
    """
    if "@" in text:
        try:
            return await portal.gateway.get_by_email(normalise.email(text), names)
        except errors.NotFound:
            raise errors.ContactNotFound(ref=text) from None
    if text.isdigit() and not normalise.is_national(text, portal.region):
        with suppress(errors.NotFound):
            return await portal.gateway.get(text, names)
    return None


async def _by_phone_or_name(portal: Portal, text: str, names: Sequence[str]) -> Contact:
    """The one contact with this phone number or name. Raises ContactNotFound, ContactAmbiguous or ContactSimilar."""
    if looks_like_phone(text, portal.region):
        found = await search_with_recent(
            portal, request(phone_groups([text], portal.region), properties=names, limit=RANKED)
        )
        if not found.contacts and text.isdigit():
            return await by_id(portal, text, names)  # ids of an old portal may look like phone numbers
        contact = _only(found, text, by_phone=True)
    else:
        contact = _only(await _called(portal, text, names), text, by_phone=False)
    # a contact that this installation wrote a moment ago is remembered with fewer properties than are asked for
    return contact if set(names) <= set(contact.properties) else await portal.gateway.get(contact.id, names)


async def _called(portal: Portal, text: str, names: Sequence[str]) -> Found:
    """The contacts of this name, in another spelling where there is none. Raises ContactSimilar (ref, contacts)."""
    found = await search_with_recent(portal, request(query=_query(text), properties=names, limit=RANKED))
    if found.contacts:
        return found
    found = await _similar(portal, text, [], names)
    if found.contacts and not any(key(contact.name) == key(text) for contact in found.contacts):
        raise errors.ContactSimilar(ref=text, contacts=_page(found, text, {}).contacts)
    return found


async def by_id(portal: Portal, contact_id: str, names: Sequence[str]) -> Contact:
    """The contact with this id, also where ``find`` would read it as a phone number. Raises ContactNotFound (ref)."""
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
    if not exact and not by_phone and not _begin_words(ref, candidates[0]):
        raise errors.ContactSimilar(ref=ref, contacts=candidates)  # HubSpot finds Hanne for "ann"
    return candidates[0]


def _begin_words(ref: str, contact: Contact) -> bool:
    """Whether each word of ``ref`` is the beginning of a word in the contact's properties."""
    known = [w for value in contact.properties.values() for w in words(value or "")]
    return all(any(w.startswith(part) for w in known) for part in words(ref))
