"""The embedded sandbox outlives the time that it is given to start."""

import asyncio
import time
from pathlib import Path

import httpx
import pytest

import graph.embedded
from support.patience import patiently


async def test_the_time_to_start_does_not_end_what_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once it is up, the sandbox stays for as long as its block lasts, however long that is."""
    monkeypatch.setattr(graph.embedded, "START_SECONDS", patiently(5))
    over = time.monotonic() + patiently(5) + 0.2
    async with graph.embedded.embedded_sandbox(tmp_path) as (url, token):
        await asyncio.sleep(over - time.monotonic())
        async with httpx.AsyncClient() as client:
            headers = {"Authorization": f"Bearer {token}"}
            assert (await client.get(f"{url}/_sandbox/health", headers=headers)).status_code == 200
