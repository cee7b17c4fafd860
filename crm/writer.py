"""The single place that changes HubSpot: re-check, claim, write, verify, record."""

import asyncio
from contextlib import suppress

from crm import errors
from crm.changes import Change, once_more
from crm.contact import SUMMARY, Contact
from crm.ledger import By, Recorded
from crm.outcomes import Outcome
from crm.portal import Portal
from crm.recheck import instead, properties_of, recheck
from crm.rivals import give_way
from crm.settle import (
    LATE_SECONDS,
    STAGE,
    UNDER_WAY_SECONDS,
    WRITE_SECONDS,
    created,
    cut_in_half,
    look,
    quiet,
    settle,
    verified,
)

CREATES = 3  # tries of a create whose email shows that the one before did not arrive
PAUSES = (0.0, 1.0, 2.0)  # seconds between looks for a contact that only a search can find
Written = tuple[str, tuple[str, ...]]  # the contact's id, and HubSpot's names for the calls that wrote


async def apply(portal: Portal, change: Change, by: By) -> Outcome:
    """Applies an approved change once, whoever else tries. Raises nothing of ``crm.errors``."""
    if await portal.ledger.entry(change):
        return await _claimed_before(portal, change, by)
    if portal.read_only:
        return Outcome("read_only", change)
    try:
        await portal.schema()
        changed = await recheck(portal, change, by)
    except errors.CrmError as error:
        if await portal.ledger.entry(change):
            return Outcome("unknown", change)
        return Outcome("unavailable" if isinstance(error, errors.Unavailable) else "refused", change, error=error)
    if changed:
        # an own write that is under way, or was cut off, also makes the record look different
        return await _claimed_before(portal, change, by) if await portal.ledger.entry(change) else changed
    try:
        if not await portal.ledger.claim(change, by, per_hour=portal.changes_per_hour):
            return await _claimed_before(portal, change, by)
    except errors.TooManyChanges as error:
        return Outcome("unavailable", change, error=error)
    try:
        outcome = await _in_time(portal, change, by)
        await portal.ledger.finish(change, outcome.record)
    except BaseException:  # stopped from outside: whoever comes next must not wait for this run
        portal.ledger.abandon(change)
        raise
    return outcome


async def _in_time(portal: Portal, change: Change, by: By) -> Outcome:
    try:
        async with asyncio.timeout(WRITE_SECONDS):
            try:
                kept_back = await give_way(portal, change, by)
            except errors.CrmError as error:
                return Outcome("refused", change, error=error)  # nothing was sent yet
            return kept_back or await _write(portal, change)
    except TimeoutError:
        return Outcome("unknown", change)


async def _write(portal: Portal, change: Change) -> Outcome:
    try:
        contact_id, calls = await _send(portal, change)
    except errors.Conflict as conflict:
        if conflict.params["contact_id"] and change.action == "create":
            with suppress(errors.CrmError):
                return await instead(portal, change, conflict.params["contact_id"])
        return Outcome("refused", change, error=conflict)
    except errors.NotFound:
        return Outcome("applied" if change.archives else "gone", change)
    except errors.Refused as refused:
        return Outcome("refused", change, error=refused)
    except errors.Unavailable as stopped:
        return Outcome("refused", change, error=stopped) if stopped.nothing_done else await look(portal, change)
    try:
        contact = await portal.gateway.get(contact_id, properties_of(change), history=list(change.values))
    except errors.NotFound:
        return Outcome("applied" if change.archives else "gone", change, correlation_ids=calls)
    except errors.CrmError:
        return Outcome("unknown", change, correlation_ids=calls)
    return Outcome("unknown", change) if change.archives else verified(change, contact, calls)


async def _send(portal: Portal, change: Change) -> Written:
    if change.contact_id is None:
        return await _create(portal, change)
    if change.archives:
        await portal.gateway.archive(change.contact_id)
        return change.contact_id, ()
    stage = change.values.get(STAGE) if change.action == "undo" else None
    # HubSpot ignores a stage that goes back, unless it was cleared by a call of its own (observed)
    values = {**change.values, STAGE: ""} if stage else change.values
    answer = await portal.gateway.update(change.contact_id, values)
    calls = (answer.correlation_id,)
    return (answer.id, (*calls, *await _set_stage(portal, change))) if stage else (answer.id, calls)


async def _set_stage(portal: Portal, change: Change) -> tuple[str, ...]:
    """The second half of an undo that moves a stage back. Raises Unavailable only, with something done."""
    assert change.contact_id is not None
    try:
        answer = await portal.gateway.update(change.contact_id, {STAGE: change.values[STAGE]})
    except errors.CrmError:
        raise errors.Unreachable(nothing_done=False) from None  # the stage stands cleared: not refused, and not done
    return (answer.correlation_id,)


async def settled(portal: Portal, change: Change) -> Outcome:
    """What became of a claimed change, as ``settle`` finds out; an undo that was cut in half is completed.

    What is known by then is recorded. Raises nothing of ``crm.errors``.
    """
    outcome = await settle(portal, change)
    with suppress(errors.CrmError):
        if outcome.status == "unknown" and not portal.read_only and await cut_in_half(portal, change):
            outcome = await _completed(portal, change)
    if outcome.status != "unknown":
        await portal.ledger.finish(change, outcome.record)
    return outcome


async def _completed(portal: Portal, change: Change) -> Outcome:
    if not await portal.ledger.take_over(change):
        return Outcome("unknown", change)
    try:
        await _set_stage(portal, change)
        return await look(portal, change)
    finally:
        await portal.ledger.let_go(change)


async def _create(portal: Portal, change: Change) -> Written:
    """The contact that the change creates, once: a try without an answer is looked for before the next.

    An email makes another try safe: HubSpot refuses a second contact with it. Without one there is none.
    """
    doubt: errors.Unavailable | None = None
    for _ in range(CREATES):
        try:
            made = await portal.gateway.create(change.values)
            return made.id, (made.correlation_id,)
        except errors.CrmError as error:
            unclear = isinstance(error, errors.Unavailable) and not error.nothing_done
            if doubt is None and not unclear:
                raise
            doubt, clear = doubt or _doubtful(error), None if unclear else error
        try:
            found = await _looked_for(portal, change)
        except errors.CrmError:
            raise doubt from None  # not the look's own error, which may say that nothing was done
        if found is not None:
            return found.id, ()
        if clear is not None:
            raise clear
        if not change.values.get("email"):
            break
    assert doubt is not None
    raise doubt


def _doubtful(error: errors.CrmError) -> errors.Unavailable:
    assert isinstance(error, errors.Unavailable)
    return error


async def _looked_for(portal: Portal, change: Change) -> Contact | None:
    entry = await portal.ledger.entry(change)
    assert entry is not None
    for pause in (0.0,) if change.values.get("email") else PAUSES:
        await asyncio.sleep(pause)
        if found := await created(portal, change, entry.claimed_at):
            return found
    return None


async def _claimed_before(portal: Portal, change: Change, by: By) -> Outcome:
    """The outcome of a change that another click, tab or process claimed, or that a crash cut off."""
    pause = 0.25
    loop = asyncio.get_running_loop()
    ends = loop.time() + UNDER_WAY_SECONDS
    while True:
        entry = await portal.ledger.entry(change)
        assert entry is not None
        change = entry.change or change  # two runs of one edit may have read the record at different moments
        if entry.recorded:
            return await _report(portal, change, entry.recorded, by)
        outcome = await settled(portal, change)
        # whoever claimed it may be gone: then waiting longer tells no more
        if outcome.status != "unknown" or loop.time() > ends or quiet(entry) > LATE_SECONDS:
            return outcome
        await asyncio.sleep(pause)
        pause = min(pause * 2, 4)


async def _report(portal: Portal, change: Change, recorded: Recorded, by: By) -> Outcome:
    """The outcome as it was recorded; one that was unknown then may be known by now."""
    if recorded.outcome == "unknown":
        return await settled(portal, change)
    if recorded.outcome == "stale":
        return await _stale(portal, change, by)
    contact = None
    if recorded.contact_id:
        with suppress(errors.CrmError):
            contact = await portal.gateway.get(recorded.contact_id, SUMMARY)
    error = errors.rebuilt(recorded.code, recorded.params) if recorded.code else None
    return Outcome(
        recorded.outcome, change, contact, unchanged=recorded.unchanged, overwritten=recorded.overwritten,
        replaced=recorded.replaced, error=error,
    )  # fmt: skip


async def _stale(portal: Portal, change: Change, by: By) -> Outcome:
    """A change that gave way, with the fresh one that a person is to decide on, against the CRM as it is now."""
    try:
        return await recheck(portal, change, by) or Outcome("stale", change, fresh=once_more(change))
    except errors.CrmError as error:
        return Outcome("unavailable", change, error=error)
