"""At a start: what a crash cut off is found out, or completed, without anybody waiting for it."""

import asyncio
import logging

from crm.portal import INDEX_SECONDS, Portal
from crm.settle import LATE_SECONDS
from crm.writer import settled

logger = logging.getLogger(__name__)
PASS_SECONDS = 60.0
# when to look again: when a late call has taken effect, and when the search has caught up
AGAIN_SECONDS = (LATE_SECONDS + 2, INDEX_SECONDS)


async def settle_open(portal: Portal) -> int:
    """Finds out what became of every change that was cut off, and records it; how many are still unknown."""
    left = 0
    for entry in await portal.ledger.unsettled():
        if entry.change is None:  # of another version: nobody can tell what to look for
            continue
        outcome = await settled(portal, entry.change)
        left += outcome.status == "unknown"
    return left


async def settle_at_start(portal: Portal) -> None:
    """Settles what is open, at once and when it can be known. Raises nothing: whoever asks later is told as well."""
    for pause in (0.0, *AGAIN_SECONDS):
        await asyncio.sleep(pause)
        try:
            async with asyncio.timeout(PASS_SECONDS):
                if not await settle_open(portal):
                    return
        except TimeoutError:
            continue
        except Exception as error:
            logger.error("what was cut off could not be settled: %s", type(error).__name__)  # no values in a log
            return
