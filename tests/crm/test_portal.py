"""What is known of a portal, and that renewing it keeps nobody waiting."""

import asyncio
from pathlib import Path

import pytest

from crm import portal as portals
from crm.domain.schema import OWNER
from crm.portal import open_portal
from support.children import SANDBOX_TOKEN, Sandbox
from support.patience import patiently


async def test_nobody_waits_for_a_renewal(crm: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the schema is due and HubSpot is slow, the known one answers at once, and the new one follows."""
    async with open_portal(token=SANDBOX_TOKEN, api_url=crm.url, ledger=tmp_path / "ledger.db") as portal:
        first = await portal.schema()
        monkeypatch.setattr(portals, "SCHEMA_SECONDS", 0)  # a test must not wait for a quarter of an hour
        crm.fail(match={"path_contains": "/properties"}, delay=0.5)
        assert await portal.schema() is first  # who waited for the renewal would have the new one
        async with asyncio.timeout(patiently(20)):
            while await portal.schema() is first:  # noqa: ASYNC110  # it is renewed when asked for
                await asyncio.sleep(0.05)


async def test_owners_that_could_not_be_read_are_asked_for_again(
    crm: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A passing failure of the owners leaves their names unknown for a minute, not for a quarter of an hour."""
    monkeypatch.setattr(portals, "AGAIN_SECONDS", 0)
    async with open_portal(token=SANDBOX_TOKEN, api_url=crm.url, ledger=tmp_path / "ledger.db") as portal:
        crm.fail(match={"path_contains": "/owners"}, times=None, status=503)
        assert not (await portal.schema())[OWNER].options
        crm.control("DELETE", "faults")
        async with asyncio.timeout(patiently(20)):
            while not (await portal.schema())[OWNER].options:  # noqa: ASYNC110  # it is renewed when asked for
                await asyncio.sleep(0.05)
