"""The gateway over the sandbox, in both kinds of version."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from crm.hubspot.gateway import Gateway
from crm.hubspot.retries import Patience
from crm.portal import Portal, open_portal
from crm.write import timing
from support.children import SANDBOX_TOKEN, Sandbox
from support.undoing import Opened, Undoing, opened_portal

QUICK = Patience(attempts=3, first_pause=0.01, longest_pause=0.05, locked_pause=0.02)
Gates = Callable[..., Gateway]


@pytest.fixture
def gates(crm: Sandbox) -> Iterator[Gates]:
    """Makes gateways to the sandbox that lose patience soon; ``changes`` to that are possible."""
    opened: list[Gateway] = []

    def make(**options: Any) -> Gateway:
        made = Gateway(**{"token": SANDBOX_TOKEN, "api_url": crm.url, "patience": QUICK, **options})
        opened.append(made)
        return made

    yield make
    for gateway in opened:
        gateway.close()


@pytest.fixture(params=["v3", "2026-09"])
def gate(gates: Gates, request: pytest.FixtureRequest) -> Gateway:
    """A gateway in each kind of version."""
    return gates(api_version=request.param)


@pytest.fixture
def opened(crm: Sandbox, tmp_path: Path) -> Opened:
    """Opens the sandbox's portal over one ledger, as often as a test wants."""

    @asynccontextmanager
    async def opening(**options: Any) -> AsyncIterator[Undoing]:
        async with opened_portal(crm, tmp_path, **options) as portal:
            yield Undoing(portal)

    return opening


@pytest.fixture
async def portal(crm: Sandbox, tmp_path: Path) -> AsyncIterator[Portal]:
    """A portal of the sandbox whose schema is read, with an empty log of calls; the lag of search ends with it."""
    async with open_portal(token=SANDBOX_TOKEN, api_url=crm.url, ledger=tmp_path / "ledger.db") as opened:
        await opened.schema()
        crm.forget()
        yield opened
    crm.control("POST", "lag", {"seconds": 0})


@pytest.fixture
async def person(opened: Opened) -> AsyncIterator[Undoing]:
    """Somebody who changes contacts, and takes it back."""
    async with opened() as undoing:
        yield undoing


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox answers at once, so nothing need be waited for as long as at HubSpot's pace."""
    monkeypatch.setattr(timing, "LATE_SECONDS", 0.3)
