"""Whether a person stands in the CRM already: contacts that may be the same, and why."""

from collections.abc import Mapping

from crm import normalise
from crm.changes import Twin
from crm.contact import Contact
from crm.fields import fold
from crm.lookup import equals, phone_groups, request
from crm.portal import Portal

SHOWN = 10  # of those that look most alike
MANY = 100  # contacts that one search may bring: more share a name than are ever shown
NUMBERS = ("phone", "mobilephone")


async def twins(portal: Portal, values: Mapping[str, str]) -> tuple[Twin, ...]:
    """The contacts with the same phone number, or the same name, as the values; one search of HubSpot's.

    An equal email is no twin but a conflict, and is looked up by a read, which does not lag.
    """
    numbers = {_national(values.get(p), portal.region) for p in NUMBERS} - {""}
    names = [equals(p, values[p]) if values.get(p) else _unset(p) for p in ("firstname", "lastname")]
    groups = [group for number in sorted(numbers) for group in phone_groups(number)]
    groups += [names] if values.get("firstname") or values.get("lastname") else []
    if not groups:
        return ()
    found = await portal.gateway.search(request(groups, limit=MANY))
    twins = [twin for contact in found.contacts if (twin := _twin(contact, values, numbers, portal.region))]
    return tuple(sorted(twins, key=lambda twin: -len(twin.why))[:SHOWN])


def _unset(name: str) -> dict[str, str]:
    return {"propertyName": name, "operator": "NOT_HAS_PROPERTY"}


def _twin(contact: Contact, values: Mapping[str, str], numbers: set[str], region: str) -> Twin | None:
    why = []
    if numbers & {_national(contact.properties.get(p), region) for p in NUMBERS}:
        why.append("same_phone")
    wanted = fold(f"{values.get('firstname', '')} {values.get('lastname', '')}")
    if wanted and wanted == fold(" ".join(contact.properties.get(p) or "" for p in ("firstname", "lastname"))):
        why.append("same_name")
    if not why:
        return None
    facts = [contact.properties.get(p) for p in ("email", "phone", "company")]
    display = " · ".join([contact.name, *(f for f in facts if f and f != contact.name)])
    return Twin(contact_id=contact.id, display=display, url=contact.url, why=tuple(why))


def _national(number: str | None, region: str) -> str:
    return normalise.national(number or "", region) or ""
