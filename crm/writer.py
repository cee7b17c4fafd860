"""The single place that changes HubSpot: re-check, claim, write, verify, record."""

import asyncio
from contextlib import suppress

from crm import errors
from crm.changes import Change
from crm.contact import SUMMARY
from crm.ledger import Recorded
from crm.outcomes import Outcome
from crm.portal import Portal
from crm.recheck import instead, properties_of, recheck
from crm.rivals import give_way
from crm.settle import UNDER_WAY_SECONDS, WRITE_SECONDS, settle, verified, written

CREATES = 3  # tries of a create whose email shows that the one before did not arrive
PAUSES = (0.0, 1.0, 2.0)  # seconds between looks for a contact that only a search can find


async def apply(portal: Portal, change: Change, *, conversation: str, user: str) -> Outcome:
    """Applies an approved change once, whoever else tries. Raises nothing of ``crm.errors``."""
    if portal.read_only:
        return Outcome("read_only", change)
    try:
        if recorded := await portal.ledger.outcome(change):
            return await _report(portal, change, recorded)
        await portal.schema()
        if changed := await recheck(portal, change):
            # an own write that is under way, or was cut off, also makes the record look different
            return await _claimed_before(portal, change) if await portal.ledger.claimed_at(change) else changed
        if not await portal.ledger.claim(change, conversation=conversation, user=user):
            return await _claimed_before(portal, change)
        outcome = await _in_time(portal, change)
    except errors.CrmError as error:
        if await portal.ledger.claimed_at(change):
            return Outcome("unknown", change)
        return Outcome("unavailable" if isinstance(error, errors.Unavailable) else "refused", change, error=error)
    await portal.ledger.finish(change, outcome.record)
    return outcome


async def _in_time(portal: Portal, change: Change) -> Outcome:
    try:
        async with asyncio.timeout(WRITE_SECONDS):
            return await give_way(portal, change) or await _write(portal, change)
    except TimeoutError:
        return Outcome("unknown", change)


async def _write(portal: Portal, change: Change) -> Outcome:
    try:
        if change.contact_id is None:
            contact_id = await _create(portal, change)
        else:
            contact_id = (await portal.gateway.update(change.contact_id, change.values)).id
    except errors.Conflict as conflict:
        if conflict.params["contact_id"] and change.action == "create":
            await portal.ledger.finish(change, Outcome("refused", change, error=conflict).record)
            return await instead(portal, change, conflict.params["contact_id"])
        return Outcome("refused", change, error=conflict)
    except errors.NotFound:
        return Outcome("gone", change)
    except errors.Refused as refused:
        return Outcome("refused", change, error=refused)
    except errors.Unavailable as stopped:
        return Outcome("refused", change, error=stopped) if stopped.nothing_done else await settle(portal, change)
    try:
        contact = await portal.gateway.get(contact_id, properties_of(change))
    except errors.CrmError:
        return Outcome("unknown", change)
    return verified(change, contact)


async def _create(portal: Portal, change: Change) -> str:
    """The id of the contact that the change creates, once: a try without an answer is looked for before the next.

    An email makes another try safe: HubSpot refuses a second contact with it. Without one there is none.
    """
    claimed_at = await portal.ledger.claimed_at(change)
    assert claimed_at is not None
    for last in (False,) * (CREATES - 1) + (True,):
        try:
            return (await portal.gateway.create(change.values)).id
        except (errors.Conflict, errors.Unavailable) as error:
            if isinstance(error, errors.Unavailable) and error.nothing_done:
                raise
            for pause in (0.0,) if change.values.get("email") else PAUSES:
                await asyncio.sleep(pause)
                if made := await written(portal, change, claimed_at):
                    return made.id
            if last or isinstance(error, errors.Conflict) or not change.values.get("email"):
                raise
    raise AssertionError("the last try returns or raises")


async def _claimed_before(portal: Portal, change: Change) -> Outcome:
    """The outcome of a change that another click, tab or process claimed, or that a crash cut off."""
    pause = 0.25
    while True:
        if recorded := await portal.ledger.outcome(change):
            return await _report(portal, change, recorded)
        outcome = await settle(portal, change)
        if outcome.status in ("applied", "refused"):
            await portal.ledger.finish(change, outcome.record)
            return outcome
        if (await portal.ledger.claimed_seconds(change) or 0) > UNDER_WAY_SECONDS:
            return outcome
        await asyncio.sleep(pause)
        pause = min(pause * 2, 4)


async def _report(portal: Portal, change: Change, recorded: Recorded) -> Outcome:
    """The outcome as it was recorded; one that was unknown then may be known by now."""
    if recorded.outcome == "unknown":
        outcome = await settle(portal, change)
        await portal.ledger.finish(change, outcome.record)
        return outcome
    contact = None
    if recorded.contact_id:
        with suppress(errors.CrmError):
            contact = await portal.gateway.get(recorded.contact_id, SUMMARY)
    error = errors.rebuilt(recorded.code, recorded.params) if recorded.code else None
    return Outcome(recorded.outcome, change, contact, unchanged=recorded.unchanged, error=error)
