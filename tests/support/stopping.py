"""Stops runs at a moment that is observed, not guessed: while the CRM has a call of theirs."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from support.children import Sandbox
from support.patience import patiently


async def until(seen: Callable[[], bool]) -> None:
    """Waits until the CRM has seen something."""
    async with asyncio.timeout(patiently(20)):
        while not await asyncio.to_thread(seen):  # noqa: ASYNC110  # another process tells
            await asyncio.sleep(0.02)


async def stopped_during(crm: Sandbox, method: str, run: Coroutine[Any, Any, Any]) -> None:
    """Starts a run and stops it while the CRM has a call with this method that a planned delay holds back."""
    running = asyncio.create_task(run)

    def held_back() -> bool:
        requests = crm.requests()
        return any(r["method"] == method and r["fault"] is not None and r["ms"] is None for r in requests)

    await until(lambda: running.done() or held_back())
    assert not running.done(), f"it ended without a {method} that takes long"
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
