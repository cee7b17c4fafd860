"""Whether a person stands in the CRM already: contacts that may be the same, and why."""

from collections.abc import Collection, Iterable, Mapping
from weakref import WeakSet

from crm.domain import SUMMARY, Contact, Found, PossibleDuplicate
from crm.hubspot import request
from crm.matching.blocking import NARROW, WIDE, groups
from crm.matching.features import features_of
from crm.matching.match_score import ASK, compare
from crm.portal import Portal

SHOWN = 10  # of those that are most likely the same
MANY = 200  # contacts that one search may bring (HubSpot's most, documented)
_LARGE: WeakSet[Portal] = WeakSet()  # portals where a wide search has brought more than fits
EVIDENCE = (*SUMMARY, "hs_additional_emails", "city", "date_of_birth")


async def find_duplicates(portal: Portal, values: Mapping[str, str]) -> tuple[PossibleDuplicate, ...]:
    """The contacts that may be the person with these checked values, likeliest first; one search of HubSpot's.

    Once in a process and a large portal it takes two: the first brings more than fits, and is narrower from then on.
    What this installation wrote while the index lags is looked at besides. An equal email is no twin but a
    conflict, and is looked up by a read, which does not lag. Raises as the gateway does.
    """
    found = await _found(portal, values, NARROW if portal in _LARGE else WIDE)
    if found.total > MANY and portal not in _LARGE:
        _LARGE.add(portal)
        narrow = await _found(portal, values, NARROW)
        found = Found([*found.contacts, *narrow.contacts], narrow.total)
    listed = {contact.id for contact in found.contacts}
    return among((*found.contacts, *await remembered(portal, values, listed)), values, portal.region)


async def remembered(portal: Portal, values: Mapping[str, str], known: Collection[str]) -> list[Contact]:
    """Look-alikes that this installation wrote a moment ago and that are not known yet, as they are by now.

    One call of HubSpot's where there are any: somebody may have changed or archived them since.
    """
    alike = [twin.contact_id for twin in among(await portal.recent(), values, portal.region)]
    wanted = [contact_id for contact_id in alike if contact_id not in known]
    return await portal.gateway.batch_read(wanted, EVIDENCE) if wanted else []


def among(contacts: Iterable[Contact], values: Mapping[str, str], region: str) -> tuple[PossibleDuplicate, ...]:
    """Those of the contacts that may be the person with these checked values, likeliest first."""
    asked, latest = features_of(values, region), {contact.id: contact for contact in contacts}
    alike = [(compare(asked, features_of(c.properties, region)), c) for c in latest.values()]
    alike = sorted((a for a in alike if a[0].score >= ASK), key=lambda a: -a[0].score)
    return tuple(_twin(contact, found.why) for found, contact in alike[:SHOWN])


async def _found(portal: Portal, values: Mapping[str, str], bits: float) -> Found:
    wanted = groups(values, portal.region, bits)
    return await portal.gateway.search(request(wanted, properties=EVIDENCE, limit=MANY)) if wanted else Found()


def _twin(contact: Contact, why: tuple[str, ...]) -> PossibleDuplicate:
    facts = [contact.properties.get(p) for p in ("email", "phone", "company")]
    display = " · ".join([contact.name, *(f for f in facts if f and f != contact.name)])
    return PossibleDuplicate(contact_id=contact.id, display=display, url=contact.url, why=why)
