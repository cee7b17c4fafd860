"""Erases personal data that is older than a number of days, at the start and then daily, by a trusted clock."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from crm.hubspot import clock
from crm.privacy import expire
from crm.store import Database
from graph.checkpoint import TurnSaver

DAY = 24 * 60 * 60.0
START_SECONDS = 2.0  # how long a start waits for the first time; a HubSpot that is silent takes longer to give up on
WRONG = "Old data was not erased: this machine's clock and HubSpot's differ by more than a day. Set the clock right."
UNTOLD = "Old data was not erased: HubSpot did not tell the time, so this machine's clock is not known to be right."
logger = logging.getLogger(__name__)


Work = Callable[[], Awaitable[object]]


@asynccontextmanager
async def daily(work: Work, hubspot: str | None) -> AsyncIterator[None]:
    """Run the block and, beside it, do the work now and once a day. A failure is logged.

    ``hubspot``: the address of the server whose clock must agree with this machine's before each time; None: no check.
    """

    async def again() -> None:
        while True:
            await asyncio.sleep(DAY)
            await _tried(work, hubspot)

    first = asyncio.create_task(_tried(work, hubspot))
    await asyncio.wait({first}, timeout=START_SECONDS)
    task = asyncio.create_task(again())
    try:
        yield
    finally:
        for running in (first, task):
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


async def _tried(work: Work, hubspot: str | None) -> None:
    try:
        agreed = hubspot is None or await clock.agrees(hubspot)
        if agreed:
            await work()
        else:
            logger.warning(UNTOLD if agreed is None else WRONG)
    except Exception as error:  # the name only: what an error holds may be personal
        logger.warning("Old data could not be erased: %s.", type(error).__name__)


async def sweep(database: Database, saver: object, days: int) -> None:
    """Erase what is older than ``days`` days from the ledger, its audit trail and the conversations on disk."""
    await expire(database, days)
    if isinstance(saver, TurnSaver):
        await saver.forget(await saver.old(days))
