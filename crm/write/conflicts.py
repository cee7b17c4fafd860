"""Prevents conflicts between changes that are made at the same time: the later claim waits for the earlier one.

HubSpot refuses a second contact with the same email. Only the ledger prevents two creations of one person without an
email, a creation beside an earlier one whose answer never came, and two updates of one field.
"""

import asyncio
from datetime import datetime

from crm.domain import Actor, Change, Outcome, errors
from crm.matching import ASK, compare, features_of
from crm.portal import Portal
from crm.write import timing
from crm.write.precondition import check_precondition, unseen, written_since
from crm.write.reconcile import settled


async def check_conflicts(portal: Portal, change: Change, actor: Actor, looked_at: datetime) -> Outcome | None:
    """Check a claimed change for conflicts; None where it may be written, else its outcome, with nothing written.

    ``looked_at``: when the caller began to read the CRM. The check waits some seconds for earlier changes of the same
    contact, or earlier creations of a similar one, and settles those that were cut off.
    """
    if not await _open(portal, change):
        # one that was claimed and written between this one's last look and its claim
        if change.contact_id is None:
            new = unseen(change, await written_since(portal, change))
        else:
            new = bool(await portal.ledger.finished(change.contact_id, looked_at))
        return await check_precondition(portal, change, actor) if new else None
    for pause in timing.CONFLICT_PAUSES:
        await asyncio.sleep(pause)
        for other in await _open(portal, change):
            await settled(portal, other, completes=False)
        if not await _open(portal, change):
            return await check_precondition(portal, change, actor)
    if change.action != "create":  # an update shows against which values it is made
        return await check_precondition(portal, change, actor)
    return Outcome("refused", change, error=errors.StillOpen(name=change.display))


async def _open(portal: Portal, change: Change) -> list[Change]:
    entries = await portal.ledger.unsettled(change)
    if change.action != "create":  # what is unknown by now is in nobody's hands
        return [e.change for e in entries if e.change and not e.status and e.change.contact_id == change.contact_id]
    earlier = [entry.change for entry in entries if entry.change and entry.waited_for]
    return [other for other in earlier if other.action == "create" and _alike(other, change, portal.region)]


def _alike(one: Change, other: Change, region: str) -> bool:
    return compare(features_of(one.values, region), features_of(other.values, region)).score >= ASK
