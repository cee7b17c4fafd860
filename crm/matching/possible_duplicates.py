"""Contacts of the CRM that may be the same person as a new contact, and the evidence for it."""

from collections.abc import Collection, Iterable, Mapping
from weakref import WeakSet

from crm.domain import SUMMARY, Contact, Found, PossibleDuplicate
from crm.hubspot import request
from crm.matching.blocking import NARROW, WIDE, groups
from crm.matching.features import features_of
from crm.matching.match_score import ASK, compare
from crm.portal import Portal

SHOWN = 10
MANY = 200  # contacts in the answer of one search (HubSpot's maximum, documented)
_LARGE: WeakSet[Portal] = WeakSet()  # portals where a wide search has found more than that
EVIDENCE = (*SUMMARY, "hs_additional_emails", "city", "date_of_birth")


async def find_duplicates(portal: Portal, values: Mapping[str, str]) -> tuple[PossibleDuplicate, ...]:
    """The contacts that may be the person with these validated values, the likeliest first, by one HubSpot search.

    In a large portal the first call of a process takes two searches: the first one finds more than fits, and from
    then on the search is narrower. Contacts that this installation wrote within the lag of HubSpot's index are compared
    too. An equal email is not handled here: it is a conflict and found by a read, which has no lag. Raises what the
    gateway raises.
    """
    found = await _found(portal, values, NARROW if portal in _LARGE else WIDE)
    if found.total > MANY and portal not in _LARGE:
        _LARGE.add(portal)
        narrow = await _found(portal, values, NARROW)
        found = Found([*found.contacts, *narrow.contacts], narrow.total)
    listed = {contact.id for contact in found.contacts}
    return among((*found.contacts, *await remembered(portal, values, listed)), values, portal.region)


async def remembered(portal: Portal, values: Mapping[str, str], known: Collection[str]) -> list[Contact]:
    """Possible duplicates that this installation wrote a moment ago, as they are now, without the ``known`` ids.

    They cost one call to HubSpot where there are any, as somebody may have changed or archived them since.
    """
    similar = [duplicate.contact_id for duplicate in among(await portal.recent(), values, portal.region)]
    wanted = [contact_id for contact_id in similar if contact_id not in known]
    return await portal.gateway.batch_read(wanted, EVIDENCE) if wanted else []


def among(contacts: Iterable[Contact], values: Mapping[str, str], region: str) -> tuple[PossibleDuplicate, ...]:
    """The contacts among these that may be the person with these validated values, the likeliest first."""
    asked, latest = features_of(values, region), {contact.id: contact for contact in contacts}
    matches = [(compare(asked, features_of(c.properties, region)), c) for c in latest.values()]
    likely = sorted((m for m in matches if m[0].score >= ASK), key=lambda m: -m[0].score)
    return tuple(_possible_duplicate(contact, match.why) for match, contact in likely[:SHOWN])


async def _found(portal: Portal, values: Mapping[str, str], bits: float) -> Found:
    wanted = groups(values, portal.region, bits)
    return await portal.gateway.search(request(wanted, properties=EVIDENCE, limit=MANY)) if wanted else Found()


def _possible_duplicate(contact: Contact, why: tuple[str, ...]) -> PossibleDuplicate:
    facts = [contact.properties.get(p) for p in ("email", "phone", "company")]
    display = " · ".join([contact.name, *(f for f in facts if f and f != contact.name)])
    return PossibleDuplicate(contact_id=contact.id, display=display, url=contact.url, why=why)
