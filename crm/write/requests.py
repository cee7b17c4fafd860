"""Makes the calls that write a change, and looks for the effect of an unanswered call before repeating it.

A repeated call could overwrite what somebody else wrote after the first one took effect. A call is repeated only where
HubSpot shows that it did not arrive: the values of an update are unchanged, or nobody has the email of a creation.
"""

import asyncio
from contextlib import suppress

from crm.domain import Change, Contact, differing, errors
from crm.portal import Portal
from crm.write import timing
from crm.write.evidence import arrived, evidence_of_creation
from crm.write.verification import STAGE, read_contact, takes_two_calls

TRIES = 3  # of a call that surely did not arrive
Written = tuple[str, tuple[str, ...]]  # the contact's id, and HubSpot's names for the calls that wrote


class HalfDone(Exception):
    """HubSpot refused the second call of an undo; the stage was put back to what it was before the first one."""


async def send(portal: Portal, change: Change) -> Written:
    """Make the calls of a claimed change. Raises as the gateway does; after Unavailable it may be written."""
    if change.contact_id is None:
        return await _create(portal, change)
    if change.archives:
        call = await portal.gateway.archive(change.contact_id)
        return change.contact_id, (call,) if call else ()
    staged = next((row for row in change.rows if takes_two_calls(change, row)), None)
    # HubSpot ignores a stage that goes back, unless it was cleared by a call of its own (observed)
    values = {**change.values, STAGE: ""} if staged else change.values
    contact_id, calls = await _update(portal, change, values)
    return (contact_id, (*calls, *await set_stage(portal, change))) if staged else (contact_id, calls)


async def _update(portal: Portal, change: Change, values: dict[str, str]) -> Written:
    assert change.contact_id is not None
    for tries in range(1, TRIES + 1):
        try:
            answer = await portal.gateway.update(change.contact_id, values)
            return answer.id, (answer.correlation_id,)
        except errors.Unavailable as error:
            if error.nothing_done:
                raise
            try:
                shown = await _shown(portal, change)
            except errors.CrmError:
                raise error from None  # not the look's own error, which may say that nothing was done
            if shown:
                return change.contact_id, ()
            if shown is None or error.late or tries == TRIES:
                raise
    raise AssertionError("unreachable")


async def _shown(portal: Portal, change: Change) -> bool | None:
    """Whether the update can be seen now; None where it cannot, and must not be repeated."""
    entry = await portal.ledger.entry(change)
    assert entry is not None
    author = await portal.ledger.author()
    for pause in timing.LOOK_PAUSES:
        await asyncio.sleep(pause)
        contact = await read_contact(portal, change)
        effect = arrived(change, contact, entry, author)
        if effect is not False:
            return effect
    same = not differing({row.property: row.before or "" for row in change.rows}, contact.properties)
    return False if same else None


async def set_stage(portal: Portal, change: Change) -> tuple[str, ...]:
    """Make the second call of an undo that moves a stage back. Raises Unavailable (perhaps written) or HalfDone."""
    assert change.contact_id is not None
    row = next(row for row in change.rows if row.property == STAGE)
    for tries in range(1, TRIES + 1):
        try:
            answer = await portal.gateway.update(change.contact_id, {STAGE: row.after})
            return (answer.correlation_id,)
        except errors.Refused:  # the stage may be no option any more: it must not stay cleared
            with suppress(errors.CrmError):
                await portal.gateway.update(change.contact_id, {STAGE: row.before or ""})
                raise HalfDone from None
            break
        except errors.CrmError as error:
            late = isinstance(error, errors.Unavailable) and error.late
        stage = await _stage(portal, change)
        if stage == row.after:
            return ()
        if stage != "" or late or tries == TRIES:
            break
    raise errors.Unreachable(nothing_done=False)  # the stage may stand cleared: not refused, and not done


async def _stage(portal: Portal, change: Change) -> str | None:
    """The contact's present stage; None where HubSpot does not tell."""
    with suppress(errors.CrmError):
        return (await read_contact(portal, change)).properties.get(STAGE) or ""
    return None


async def _create(portal: Portal, change: Change) -> Written:
    """Create the contact once: the effect of an unanswered call is looked for before the call is repeated.

    With an email a repetition is safe, as HubSpot refuses a second contact with it. Without one nothing is repeated.
    """
    doubt: errors.Unavailable | None = None
    for _ in range(TRIES):
        try:
            answer = await portal.gateway.create(change.values)
            return answer.id, (answer.correlation_id,)
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
    """The contact that the creation made; None where there is none. Raises Unreachable where nobody can tell."""
    entry = await portal.ledger.entry(change)
    assert entry is not None
    for pause in (0.0,) if change.values.get("email") else timing.LOOK_PAUSES:
        await asyncio.sleep(pause)
        evidence = await evidence_of_creation(portal, change, entry)
        if evidence.shown == "doubt":
            raise errors.Unreachable(nothing_done=False)
        if evidence.shown == "ours":
            return evidence.contact
    return None
