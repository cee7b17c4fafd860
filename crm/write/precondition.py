"""Checks right before a write whether the CRM still is as the approval card showed it."""

from collections.abc import Iterable

from crm.changes import UndoRequest, create_change, propose_undo, update_change
from crm.domain import Actor, Change, Outcome, PossibleDuplicate, Source, differing, errors
from crm.matching import find_duplicates, likely_duplicates, recent_duplicates
from crm.portal import Portal
from crm.write.verification import properties_of


async def check_precondition(portal: Portal, change: Change, actor: Actor) -> Outcome | None:
    """Compare the CRM with the card by one read; None where nothing differs, else the outcome that says what. Raises as
    the gateway does.
    """
    if change.action == "update":
        return await _update(portal, change)
    if change.action == "undo":
        return await _undo(portal, change, actor)
    # an email that the search does not show yet needs no look: HubSpot refuses a second contact with it
    now = await find_duplicates(portal, change.values)
    if same := next((twin for twin in now if "same_email" in twin.why), None):
        return await update_instead(portal, change, same.contact_id)
    if not unseen(change, now):
        return None
    fresh = await create_change(portal, change.values, _sources(change))
    kept = {"declined": change.declined, "bad_defaults": change.bad_defaults}
    return Outcome("stale", change, fresh=fresh.model_copy(update=kept))


async def written_since(portal: Portal, change: Change) -> tuple[PossibleDuplicate, ...]:
    """Contacts similar to a new one that this installation wrote lately and that the card did not show."""
    shown = {twin.contact_id for twin in change.twins}
    return likely_duplicates(await recent_duplicates(portal, change.values, shown), change.values, portal.region)


def unseen(change: Change, now: Iterable[PossibleDuplicate]) -> bool:
    """Whether there are similar contacts now that the card did not show."""
    return not {twin.contact_id for twin in now} <= {twin.contact_id for twin in change.twins}


async def _update(portal: Portal, change: Change) -> Outcome | None:
    assert change.contact_id is not None
    try:
        contact = await portal.gateway.get(change.contact_id, properties_of(change))
    except errors.NotFound:
        return Outcome("gone", change)
    # the id of a contact that was merged stands for the one it is part of, and a contact may be made somebody else's
    same = contact.id == change.contact_id and is_about(change, contact.name, contact.about)
    if same and all((contact.properties.get(row.property) or "") == (row.before or "") for row in change.rows):
        return None
    left = differing(change.values, contact.properties)
    if not left:
        return Outcome("already_so", change, contact)
    return Outcome("stale", change, contact, fresh=update_change(contact, left, _sources(change)))


async def _undo(portal: Portal, change: Change, actor: Actor) -> Outcome | None:
    try:
        fresh = await propose_undo(portal, UndoRequest(change_id=change.undoes), actor, itself=change.id)
    except errors.NotFound:
        return Outcome("gone", change)
    except errors.Question as error:
        return Outcome("refused", change, error=error)
    # another where it was merged since, or made somebody else's
    same = fresh.contact_id == change.contact_id and is_about(change, fresh.display, fresh.about)
    if same and (fresh.rows, fresh.kept, fresh.taken) == (change.rows, change.kept, change.taken):
        return None
    return Outcome("stale", change, fresh=fresh)


def is_about(change: Change, name: str, about: str) -> bool:
    """Whether the contact has the name on the card; changes noted by an older version may hold less of the name."""
    return change.display == name and change.about in ("", about)


async def update_instead(portal: Portal, change: Change, contact_id: str) -> Outcome:
    """Turn a creation whose email belongs to an existing contact into a fresh change that updates that contact."""
    contact = await portal.gateway.get(contact_id, properties_of(change))
    left = {p: v for p, v in differing(change.for_existing, contact.properties).items() if p != "email"}
    if not left:
        return Outcome("already_so", change, contact)
    return Outcome("stale", change, contact, fresh=update_change(contact, left, _sources(change)))


def _sources(change: Change) -> dict[str, Source]:
    return {row.property: row.source for row in change.rows}
