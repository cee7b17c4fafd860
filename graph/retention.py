"""Personal data is kept for so many days: at the start, and then daily, what is older goes."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from crm.privacy import expire
from crm.store import Database
from graph.checkpoint import TurnSaver

DAY = 24 * 60 * 60.0
logger = logging.getLogger(__name__)


@asynccontextmanager
async def daily(work: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    """Does the work now, and once a day for as long as the block lasts; that it failed is logged."""

    async def again() -> None:
        while True:
            await asyncio.sleep(DAY)
            await _tried(work)

    await _tried(work)
    task = asyncio.create_task(again())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _tried(work: Callable[[], Awaitable[object]]) -> None:
    try:
        await work()
    except Exception as error:  # the name only: what an error holds may be personal
        logger.warning("Old data could not be erased: %s.", type(error).__name__)


async def sweep(database: Database, saver: object, days: int) -> None:
    """Erases what is older than so many days from the ledger, its audit trail and the conversations on disk."""
    await expire(database, days)
    if isinstance(saver, TurnSaver):
        await saver.forget(await saver.old(days))
