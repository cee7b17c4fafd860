"""Two people create the same person at once: the creation that was claimed later gives way to the earlier.

HubSpot refuses a second contact with an email. Without one nothing but the ledger stands between two creations, or
between a creation and an earlier one whose answer never came.
"""

import asyncio

from crm import errors
from crm.changes import Change
from crm.ledger import By
from crm.likeness import ASK, likeness, person
from crm.outcomes import Outcome
from crm.portal import Portal
from crm.recheck import recheck, unseen, written_since
from crm.settle import settle

_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.5, 2.0)


async def give_way(portal: Portal, change: Change, by: By) -> Outcome | None:
    """None where a claimed creation may go ahead; else what keeps it back, with nothing written.

    Waits some seconds for look-alikes that were claimed before, and settles those that were cut off.
    """
    if change.action != "create":
        return None
    if not await _open(portal, change):
        # one that was claimed and written between this one's last look and its claim
        return await recheck(portal, change, by) if unseen(change, await written_since(portal, change)) else None
    for pause in _PAUSES:
        await asyncio.sleep(pause)
        for other in await _open(portal, change):
            outcome = await settle(portal, other)
            if outcome.status != "unknown":
                await portal.ledger.finish(other, outcome.record)
        if not await _open(portal, change):
            return await recheck(portal, change, by)
    return Outcome("refused", change, error=errors.StillOpen(name=change.display))


async def _open(portal: Portal, change: Change) -> list[Change]:
    earlier = [entry.change for entry in await portal.ledger.unsettled(change) if entry.change]
    return [other for other in earlier if other.action == "create" and _alike(other, change, portal.region)]


def _alike(one: Change, other: Change, region: str) -> bool:
    return likeness(person(one.values, region), person(other.values, region)).score >= ASK
