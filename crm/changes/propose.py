"""Turns the values that somebody asks for into a change that can be shown. Nothing is written here."""

from collections.abc import Collection, Iterable, Mapping

from crm.changes.defaults import read_defaults
from crm.domain import (
    SUMMARY,
    Change,
    Contact,
    Row,
    Source,
    SourceOf,
    added,
    differing,
    errors,
    joined,
    new_id,
    new_salt,
)
from crm.matching import find_duplicates
from crm.portal import Portal
from crm.search import find

_OTHER = {"phone": "mobilephone", "mobilephone": "phone"}


async def propose_create(portal: Portal, values: Mapping[str, str], *, source_of: SourceOf) -> Change:
    """The creation of a contact with these values (any name of a property -> value in the user's notation).

    ``source_of`` tells where a value comes from. The portal's defaults are added; a value of "" declines a default.
    Raises IdentityMissing where email and name are missing, ContactExists where a contact has the email, and the errors
    of ``Schema.value``.
    """
    after, given = await _read(portal, values)
    after = {name: joined(None, value) for name, value in after.items() if value}
    if not any(after.get(name) for name in ("email", "firstname", "lastname")):
        raise errors.IdentityMissing()
    if "email" in after:
        await free_email(portal, after["email"])
    sources = {name: source_of(name, given[name], after[name]) for name in after}
    defaults = read_defaults(await portal.schema(), portal.defaults, portal.region)
    for name, value in defaults.values.items():
        # a default of an earlier card that comes back from the model is still a default
        if name not in given or (after.get(name) == value and sources[name] == "unknown"):
            after[name], sources[name] = value, "default"
    change = await create_change(portal, after, sources)
    declined = tuple(name for name in given if name in defaults.values and name not in after)
    return change.model_copy(update={"declined": declined, "bad_defaults": tuple(defaults.bad)})


async def free_email(portal: Portal, email: str) -> None:
    """Raises ContactExists (contact_id, name; contacts) where a contact has this primary or additional address."""
    try:
        existing = await portal.gateway.get_by_email(email, SUMMARY)
    except errors.NotFound:
        return
    raise errors.ContactExists(contact_id=existing.id, name=existing.name, contacts=[existing])


async def create_change(portal: Portal, after: Mapping[str, str], sources: Mapping[str, Source]) -> Change:
    """The change that creates a contact with these validated values, with its possible duplicates."""
    rows = tuple(Row(property=p, before=None, after=v, source=sources.get(p, "user")) for p, v in after.items())
    name = Contact("", after).name
    return Change(
        id=new_id(),
        action="create",
        contact_id=None,
        display=name,
        rows=rows,
        twins=await find_duplicates(portal, after),
        salt=new_salt(),
    )


async def propose_update(
    portal: Portal,
    ref: str,
    values: Mapping[str, str],
    *,
    source_of: SourceOf,
    phone_settled: str | None = None,
    ids: Collection[str] = (),
) -> Change:
    """The update of the contact that ``ref`` means (id, email, phone number or unambiguous name).

    ``phone_settled``: the id of the contact for which the user has answered which number is meant. ``ids``: of contacts
    that were shown, so they are not read as phone numbers. Raises ContactNotFound, ContactAmbiguous, NoValues,
    NothingToChange, WhichPhone, ContactExists (another contact has the new email), and the errors of ``Schema.value``.
    """
    after, given = await _read(portal, values)
    contact = await find(portal, ref, after, ids=(*ids, phone_settled))
    if not after:
        raise errors.NoValues(contact_id=contact.id, name=contact.name, contacts=[contact])
    if phone_settled != contact.id:
        _one_phone(contact, after)
    asked = {name: added(contact.properties.get(name), value) for name, value in after.items()}
    after = {name: joined(contact.properties.get(name), value) for name, value in after.items()}
    changed = differing(after, contact.properties)
    if not changed:
        raise errors.NothingToChange(contact_id=contact.id, name=contact.name, contacts=[contact])
    if changed.get("email"):
        await _free_for(portal, contact, changed["email"])
    return update_change(contact, changed, {name: source_of(name, given[name], asked[name]) for name in changed})


def update_change(contact: Contact, after: Mapping[str, str], sources: Mapping[str, Source]) -> Change:
    """The change that sets these validated values on a contact, compared with the values that were read."""
    rows = tuple(
        Row(property=p, before=contact.properties.get(p), after=v, source=sources.get(p, "user"))
        for p, v in after.items()
    )
    return Change(
        id=new_id(),
        action="update",
        contact_id=contact.id,
        display=contact.name,
        about=contact.about,
        url=contact.url,
        rows=rows,
        updated_at=contact.updated_at,
        salt=new_salt(),
    )


async def _read(portal: Portal, values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    schema = await portal.schema()
    after: dict[str, str] = {}
    given: dict[str, str] = {}
    for name, value in values.items():
        prop = schema.find(name)
        after[prop.name], given[prop.name] = schema.value(prop, value, portal.region), value
    return after, given


def _one_phone(contact: Contact, after: Mapping[str, str]) -> None:
    for asked, other in _OTHER.items():
        only_other = contact.properties.get(other) and not contact.properties.get(asked)
        if after.get(asked) and other not in after and only_other:
            raise errors.WhichPhone(
                contact_id=contact.id, name=contact.name, asked=asked, other=other,
                number=contact.properties[other], contacts=[contact],
            )  # fmt: skip


async def _free_for(portal: Portal, contact: Contact, email: str) -> None:
    try:
        await free_email(portal, email)
    except errors.ContactExists as taken:
        if taken.params["contact_id"] != contact.id:
            raise


async def combined(portal: Portal, changes: Iterable[Change]) -> list[Change]:
    """The changes, with those of the same contact or of the same new email merged into one; later values win.

    Applied one after the other, the first one would make the second look outdated. A merged creation is compared with
    the CRM's contacts again. Raises what the gateway raises.
    """
    kept: dict[str, Change] = {}
    for change in changes:
        key = change.undoes or change.contact_id or change.values.get("email") or change.id
        before = kept.get(key)
        kept[key] = await _joined(portal, before, change) if before and before.action == change.action else change
    return list(kept.values())


async def _joined(portal: Portal, one: Change, other: Change) -> Change:
    rows = {row.property: row for row in (*one.rows, *other.rows)}
    if one.action != "create":
        return other.model_copy(update={"rows": tuple(rows.values())})
    whole = await create_change(
        portal, {name: row.after for name, row in rows.items()}, {name: row.source for name, row in rows.items()}
    )
    declined = tuple(name for name in dict.fromkeys((*one.declined, *other.declined)) if name not in rows)
    return whole.model_copy(update={"id": other.id, "declined": declined, "bad_defaults": other.bad_defaults})
