"""The gateway over the sandbox, in both kinds of version."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from crm.calls import Patience
from crm.hubspot import Gateway
from support.children import SANDBOX_TOKEN, Sandbox

QUICK = Patience(call=4, attempt=0.5, turn=3, attempts=3, first_pause=0.01, longest_pause=0.05, locked_pause=0.02)
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
