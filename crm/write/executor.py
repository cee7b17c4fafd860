"""Applies an approved change to HubSpot: checks, claims, writes, verifies and records it."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from crm.domain import SUMMARY, Actor, Change, Outcome, errors, once_more
from crm.portal import Portal
from crm.write import timing
from crm.write.conflicts import check_conflicts
from crm.write.precondition import check_precondition, update_instead
from crm.write.reconcile import idle_seconds, look, settled, to_its_end
from crm.write.requests import HalfDone, send
from crm.write.verification import archived, properties_of, verified


async def apply(portal: Portal, change: Change, actor: Actor) -> Outcome:
    """Apply an approved change once, even if several callers try. Raises StoreError, and no CrmError."""
    if await portal.ledger.entry(change):
        return await _claimed_before(portal, change, actor)
    looked_at = datetime.now(UTC)
    kept_back = await _kept_back(portal, change, actor)
    if kept_back is None:
        claimed = _claimed(portal, change, actor, looked_at)
        return await to_its_end(portal, claimed) or await _claimed_before(portal, change, actor)
    if await portal.ledger.entry(change):
        # an own write that is under way, or was cut off, also makes the record look different
        away = isinstance(kept_back.error, errors.Unavailable)
        return Outcome("unknown", change) if away else await _claimed_before(portal, change, actor)
    await portal.ledger.note(kept_back, actor)
    return kept_back


async def _kept_back(portal: Portal, change: Change, actor: Actor) -> Outcome | None:
    """Check a change that nobody has claimed; None where it may be applied, else the outcome that says why not."""
    if portal.read_only:
        return Outcome("read_only", change)
    try:
        await portal.schema()
        return await check_precondition(portal, change, actor)
    except errors.CrmError as error:
        return Outcome("unavailable" if isinstance(error, errors.Unavailable) else "refused", change, error=error)


async def _claimed(portal: Portal, change: Change, actor: Actor, looked_at: datetime) -> Outcome | None:
    """Claim and write the change, and return its outcome; None where somebody else has claimed it."""
    try:
        if not await portal.ledger.claim(change, actor, per_hour=portal.changes_per_hour):
            return None
        outcome = await _in_time(portal, change, actor, looked_at)
        await portal.ledger.finish(outcome)
    except errors.TooManyChanges as error:
        outcome = Outcome("unavailable", change, error=error)
        await portal.ledger.note(outcome, actor)
    except BaseException:  # the process ends: whoever comes next must not wait for this run
        portal.ledger.abandon(change)
        raise
    return outcome


async def _in_time(portal: Portal, change: Change, actor: Actor, looked_at: datetime) -> Outcome:
    try:
        async with asyncio.timeout(timing.WRITE_SECONDS):
            try:
                kept_back = await check_conflicts(portal, change, actor, looked_at)
            except errors.CrmError as error:
                return Outcome("refused", change, error=error)  # nothing was sent yet
            return kept_back or await _write(portal, change)
    except TimeoutError:
        return Outcome("unknown", change)


async def _write(portal: Portal, change: Change) -> Outcome:
    try:
        contact_id, calls = await send(portal, change)
    except errors.Conflict as conflict:
        if conflict.params["contact_id"] and change.action == "create":
            with suppress(errors.CrmError):
                return await update_instead(portal, change, conflict.params["contact_id"])
        return Outcome("refused", change, error=conflict)
    except errors.NotFound:
        return Outcome("gone", change)
    except errors.Refused as refused:
        return Outcome("refused", change, error=refused)
    except errors.Unavailable as stopped:
        return Outcome("refused", change, error=stopped) if stopped.nothing_done else await look(portal, change)
    except HalfDone:
        contact_id, calls = str(change.contact_id), ()
    if change.archives:
        return replace(await _archived(portal, change), correlation_ids=calls)
    try:
        contact = await portal.gateway.get(contact_id, properties_of(change), history=list(change.values))
    except errors.NotFound:
        return Outcome("gone", change, correlation_ids=calls, sent="yes")
    except errors.CrmError:
        return Outcome("unknown", change, correlation_ids=calls, created=contact_id)
    return verified(change, contact, calls)


async def _archived(portal: Portal, change: Change) -> Outcome:
    """The outcome of an archiving, with what somebody wrote into the contact just before it."""
    assert change.contact_id is not None
    try:
        await portal.gateway.get(change.contact_id, SUMMARY)
    except errors.NotFound:
        with suppress(errors.CrmError):
            return await archived(portal, change)
    except errors.CrmError:
        pass
    return Outcome("unknown", change)


async def forgo(portal: Portal, changes: Sequence[Change], actor: Actor) -> bool:
    """Give up approved changes before anybody writes them; return False where another run has claimed one of them.

    The changes are claimed and recorded as not written, so a run that was about to apply them cannot.
    """
    if any([await portal.ledger.entry(change) for change in changes]):
        return False
    ours = [await portal.ledger.claim(change, actor, per_hour=sys.maxsize) for change in changes]
    for change, claimed in zip(changes, ours, strict=True):
        if claimed:
            await portal.ledger.finish(Outcome("refused", change, error=errors.CutOff()))
    return all(ours)


async def _claimed_before(portal: Portal, change: Change, actor: Actor) -> Outcome:
    """The outcome of a change that another click, tab or process claimed, perhaps before a crash."""
    pause = 0.25
    loop = asyncio.get_running_loop()
    ends = loop.time() + timing.REPORT_SECONDS
    while True:
        entry = await portal.ledger.entry(change)
        assert entry is not None
        change = entry.change or change  # two runs of one edit may have read the record at different moments
        if entry.outcome:
            return await _report(portal, entry.outcome, actor)
        outcome = await settled(portal, change)
        # whoever claimed it may be gone: then waiting longer tells no more
        if outcome.status != "unknown" or loop.time() > ends or idle_seconds(entry) > timing.LATE_SECONDS:
            return outcome
        await asyncio.sleep(pause)
        pause = min(pause * 2, 4)


async def _report(portal: Portal, recorded: Outcome, actor: Actor) -> Outcome:
    """The recorded outcome with the contact as it is now. An unknown outcome is looked into once more."""
    if recorded.status == "unknown":
        return await settled(portal, recorded.change)
    if recorded.status == "stale":
        return await _stale(portal, recorded.change, actor)
    contact = None
    if recorded.contact_id:
        with suppress(errors.CrmError):
            contact = await portal.gateway.get(recorded.contact_id, SUMMARY)
    return replace(recorded, contact=contact)


async def _stale(portal: Portal, change: Change, actor: Actor) -> Outcome:
    """The outcome of a change that was out of date, with a fresh change made from the CRM as it is now."""
    try:
        return await check_precondition(portal, change, actor) or Outcome("stale", change, fresh=once_more(change))
    except errors.CrmError as error:
        return Outcome("unavailable", change, error=error)
