"""The single place that changes HubSpot: re-check, claim, write, verify, record."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from crm import errors
from crm.changes import Change, Source, differing
from crm.contact import SUMMARY, Contact
from crm.hubspot import CALL_SECONDS
from crm.identity import twins
from crm.ledger import Recorded, Status
from crm.portal import Portal
from crm.proposals import create_change, free_email, update_change

# from its claim on, a change may be on its way for so long; after that whoever claimed it is gone
UNDER_WAY_SECONDS = CALL_SECONDS + 5


@dataclass(frozen=True)
class Outcome:
    """What became of a change.

    ``applied``: written and verified; ``partly``: HubSpot said yes, yet ``unchanged`` properties do not hold
    the value; ``stale``: the record was different, nothing is written, ``fresh`` is the change as it stands now;
    ``gone``: the contact no longer exists; ``already_so``: nothing was left to write; ``unknown``: claimed and
    perhaps written, which could not be confirmed; ``refused`` and ``unavailable``: not written, ``error`` says why.
    """

    status: Status
    change: Change
    contact: Contact | None = None
    fresh: Change | None = None
    unchanged: tuple[str, ...] = ()
    error: errors.CrmError | None = None


async def apply(portal: Portal, change: Change, *, conversation: str, user: str) -> Outcome:
    """Applies an approved change once, whoever else tries. Raises nothing of ``crm.errors``."""
    if portal.read_only:
        return Outcome("read_only", change)
    try:
        if recorded := await portal.ledger.outcome(change):
            return await _report(portal, change, recorded)
        await portal.schema()
        if changed := await _recheck(portal, change):
            # an own write that is under way, or was cut off, also makes the record look different
            return await _recheck_again(portal, change, changed)
        if not await portal.ledger.claim(change, conversation=conversation, user=user):
            return await _claimed_before(portal, change)
        outcome = await _write(portal, change)
    except errors.CrmError as error:
        if await portal.ledger.claimed_seconds(change) is not None:
            return Outcome("unknown", change)
        return Outcome("unavailable" if isinstance(error, errors.Unavailable) else "refused", change, error=error)
    await _record(portal, outcome)
    return outcome


async def _recheck_again(portal: Portal, change: Change, changed: Outcome) -> Outcome:
    if await portal.ledger.claimed_seconds(change) is not None:
        return await _claimed_before(portal, change)
    return changed


async def _recheck(portal: Portal, change: Change) -> Outcome | None:
    """None where the CRM is as it was shown; one read."""
    if change.action == "update":
        return await _recheck_update(portal, change)
    email = change.values.get("email")
    if email:
        try:
            await free_email(portal, email)
        except errors.ContactExists as exists:
            return await _instead(portal, change, exists.contacts[0].id)
        return None
    now = await twins(portal, change.values)
    if {t.contact_id for t in now} <= {t.contact_id for t in change.twins}:
        return None
    return Outcome("stale", change, fresh=await create_change(portal, change.values, _sources(change)))


async def _recheck_update(portal: Portal, change: Change) -> Outcome | None:
    try:
        contact = await _read(portal, change)
    except errors.NotFound:
        return Outcome("gone", change)
    if all((contact.properties.get(row.property) or "") == (row.before or "") for row in change.rows):
        return None
    left = differing(change.values, contact.properties)
    if not left:
        return Outcome("already_so", change, contact)
    return Outcome("stale", change, contact, fresh=update_change(contact, left, _sources(change)))


async def _instead(portal: Portal, change: Change, contact_id: str) -> Outcome:
    """A create whose email has turned out to be a contact's: the update of that contact, as a fresh change."""
    contact = await portal.gateway.get(contact_id, tuple(dict.fromkeys((*SUMMARY, *change.values))))
    left = {p: v for p, v in differing(change.values, contact.properties).items() if p != "email"}
    if not left:
        return Outcome("already_so", change, contact)
    return Outcome("stale", change, contact, fresh=update_change(contact, left, _sources(change)))


async def _write(portal: Portal, change: Change) -> Outcome:
    try:
        if change.contact_id is None:
            contact_id = (await portal.gateway.create(change.values)).id
        else:
            contact_id = (await portal.gateway.update(change.contact_id, change.values)).id
    except errors.Conflict as conflict:
        if conflict.params["contact_id"] and change.action == "create":
            await _record(portal, Outcome("refused", change, error=conflict))
            return await _instead(portal, change, conflict.params["contact_id"])
        return Outcome("refused", change, error=conflict)
    except errors.NotFound:
        return Outcome("gone", change)
    except errors.Refused as refused:
        return Outcome("refused", change, error=refused)
    except (errors.BadToken, errors.MissingScope, errors.RateLimited) as stopped:
        return Outcome("refused", change, error=stopped)  # HubSpot answered, and did nothing
    except errors.Unavailable:
        return await _truth(portal, change)
    return await _verify(portal, change, contact_id)


async def _verify(portal: Portal, change: Change, contact_id: str) -> Outcome:
    try:
        contact = await portal.gateway.get(contact_id, tuple(dict.fromkeys((*SUMMARY, *change.values))))
    except errors.CrmError:
        return Outcome("unknown", change)
    unchanged = tuple(differing(change.values, contact.properties))
    return Outcome("partly" if unchanged else "applied", change, contact, unchanged=unchanged)


async def _truth(portal: Portal, change: Change) -> Outcome:
    """What the CRM says of a change whose write was never answered."""
    try:
        contact = await _read(portal, change)
    except errors.CrmError:
        return Outcome("unknown", change)
    if differing(change.values, contact.properties):
        return Outcome("unknown", change)
    return Outcome("applied", change, contact)


async def _read(portal: Portal, change: Change) -> Contact:
    names = tuple(dict.fromkeys((*SUMMARY, *change.values)))
    if change.contact_id is not None:
        return await portal.gateway.get(change.contact_id, names)
    return await portal.gateway.get_by_email(change.values.get("email", ""), names)


async def _claimed_before(portal: Portal, change: Change) -> Outcome:
    """The outcome of a change that another click, tab or process claimed, or that a crash cut off."""
    pause = 0.25
    while True:
        if recorded := await portal.ledger.outcome(change):
            return await _report(portal, change, recorded)
        outcome = await _truth(portal, change)
        if outcome.status == "applied":
            await _record(portal, outcome)
            return outcome
        if (await portal.ledger.claimed_seconds(change) or 0) > UNDER_WAY_SECONDS:
            return outcome
        await asyncio.sleep(pause)
        pause = min(pause * 2, 4)


async def _report(portal: Portal, change: Change, recorded: Recorded) -> Outcome:
    """The outcome as it was recorded; one that was unknown then may be known by now."""
    if recorded.outcome == "unknown":
        outcome = await _truth(portal, change)
        await _record(portal, outcome)
        return outcome
    contact = None
    if recorded.contact_id:
        with suppress(errors.CrmError):
            contact = await portal.gateway.get(recorded.contact_id, SUMMARY)
    error = errors.rebuilt(recorded.code, recorded.params) if recorded.code else None
    return Outcome(recorded.outcome, change, contact, unchanged=recorded.unchanged, error=error)


async def _record(portal: Portal, outcome: Outcome) -> None:
    error = outcome.error
    record = Recorded(
        outcome=outcome.status,
        contact_id=outcome.contact.id if outcome.contact else None,
        unchanged=outcome.unchanged,
        code=error.code if error else None,
        params=error.params if error else {},
    )
    await portal.ledger.finish(outcome.change, record)


def _sources(change: Change) -> dict[str, Source]:
    return {row.property: row.source for row in change.rows}
