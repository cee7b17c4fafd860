"""One HubSpot portal as the assistant uses it: the gateway, what is known of the portal, and the ledger."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from crm.hubspot import Gateway
from crm.ledger import Ledger
from crm.schema import Schema

SCHEMA_SECONDS = 15 * 60


class Portal:
    """The gateway with the portal's schema (read once, renewed every 15 minutes), default region and ledger."""

    def __init__(self, gateway: Gateway, ledger: Ledger, *, region: str = "DK", read_only: bool = False) -> None:
        self.gateway, self.ledger = gateway, ledger
        self.region, self.read_only = region, read_only
        self._schema: Schema | None = None
        self._read_at = 0.0
        self._lock = asyncio.Lock()

    async def schema(self) -> Schema:
        """The portal's properties; raises Unavailable where they were never read and HubSpot does not answer."""
        async with self._lock:
            if self._schema is None or time.monotonic() - self._read_at > SCHEMA_SECONDS:
                _, self._schema = await asyncio.gather(self.gateway.account(), self.gateway.schema())
                self._read_at = time.monotonic()
        return self._schema


@asynccontextmanager
async def open_portal(
    *, token: str, api_url: str, ledger: Path, region: str = "DK", read_only: bool = False
) -> AsyncIterator[Portal]:
    """The portal behind a token, for the length of a process. Asks HubSpot nothing until it is used."""
    gateway = Gateway(token=token, api_url=api_url)
    try:
        async with Ledger.open(ledger) as book:
            yield Portal(gateway, book, region=region, read_only=read_only)
    finally:
        gateway.close()
