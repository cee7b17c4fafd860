"""What was cut off is found out, or completed: at a start, while the assistant runs, and before anybody asks of it."""

import asyncio
import logging
from contextlib import suppress

from crm.portal import INDEX_SECONDS, Portal
from crm.write.executor import settled
from crm.write.settle import LATE_SECONDS

logger = logging.getLogger(__name__)
PASS_SECONDS = 60.0
ASKED_SECONDS = 5.0
# when to look again: when a late call has taken effect, and when the search has caught up
AGAIN_SECONDS = (LATE_SECONDS + 2, INDEX_SECONDS)


async def settle_open(portal: Portal, user: str | None = None, *, lately: bool = False) -> int:
    """Finds out what became of every change that was cut off, and records it; how many are still unknown.

    ``user``: of this one's changes only; ``lately``: of those that others wait for only. Raises nothing of
    ``crm.domain.errors``.
    """
    left = 0
    for entry in await portal.ledger.unsettled():
        if entry.change is None or user not in (None, entry.actor.user):  # of another version nobody can tell
            continue
        if lately and not entry.waited_for:
            continue
        outcome = await settled(portal, entry.change)
        left += outcome.status == "unknown"
    return left


async def settle_for(portal: Portal, user: str) -> None:
    """Settles what can be told of a user's changes, before they are listed or undone; takes some seconds at most."""
    with suppress(TimeoutError):
        async with asyncio.timeout(ASKED_SECONDS):
            await settle_open(portal, user)


async def settle_once(portal: Portal, *, lately: bool = False) -> None:
    """One pass over what is open. Raises nothing: whoever asks later is told as well."""
    try:
        async with asyncio.timeout(PASS_SECONDS):
            await settle_open(portal, lately=lately)
    except TimeoutError:
        return
    except Exception as error:
        logger.error("what was cut off could not be settled: %s", type(error).__name__)  # no values in a log


async def keep_settled(portal: Portal) -> None:
    """Settles what is open when it can be known, and from then on every minute what others wait for."""
    for pause in AGAIN_SECONDS:
        await asyncio.sleep(pause)
        await settle_once(portal)
    while True:
        await asyncio.sleep(PASS_SECONDS)
        await settle_once(portal, lately=True)
