"""One HubSpot portal as the assistant uses it: the gateway, what is known of the portal, and the ledger."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from math import inf
from pathlib import Path

from crm.contact import Contact
from crm.database import Database
from crm.errors import CrmError, Unavailable
from crm.hubspot import Gateway
from crm.ledger import Ledger
from crm.schema import Schema

SCHEMA_SECONDS, AGAIN_SECONDS, FAILED_SECONDS, SLOW_SECONDS = 15 * 60, 60, 3, 1
INDEX_SECONDS = 60.0  # HubSpot's search shows a write after 30 seconds at most (recorded); twice that is safe


class Portal:
    """The gateway with the portal's schema (read once, renewed every 15 minutes), default region and ledger.

    ``changes_per_hour``: how many a user may make. ``defaults``: what every new contact gets, property -> value in any
    spelling that the schema understands.
    """

    def __init__(
        self,
        gateway: Gateway,
        ledger: Ledger,
        *,
        region: str = "DK",
        read_only: bool = False,
        defaults: Mapping[str, str] | None = None,
        changes_per_hour: int = 60,
    ) -> None:
        self.changes_per_hour = changes_per_hour
        self.gateway, self.ledger = gateway, ledger
        self.region, self.read_only, self.defaults = region, read_only, dict(defaults or {})
        self._schema: Schema | None = None
        self._read_at = -inf
        self._failed: tuple[float, Unavailable] | None = None
        self._lock = asyncio.Lock()

    async def schema(self) -> Schema:
        """The portal's properties; raises Unavailable where they were never read and HubSpot does not answer."""
        async with self._lock:
            if time.monotonic() - self._read_at > SCHEMA_SECONDS:
                started = time.monotonic()
                try:
                    await self._read()
                except Unavailable as error:
                    # one turn asks several times: a HubSpot that times out must not be waited for each time
                    if time.monotonic() - started > SLOW_SECONDS:
                        self._failed = (time.monotonic(), error)
                    if self._schema is None:
                        raise
        assert self._schema is not None
        return self._schema

    async def recent(self) -> list[Contact]:
        """The contacts that this installation wrote so lately that HubSpot's search may not know it yet."""
        return await self.ledger.recent(INDEX_SECONDS)

    async def _read(self) -> None:
        if self._failed and time.monotonic() - self._failed[0] < FAILED_SECONDS:
            raise self._failed[1]
        schema = await self.gateway.schema()
        self._schema, self._read_at = schema, time.monotonic()
        try:
            self._schema = schema.in_zone((await self.gateway.account()).time_zone)
        except CrmError:  # without it there are no links to records, and nothing else is lost
            self._read_at += AGAIN_SECONDS - SCHEMA_SECONDS


@asynccontextmanager
async def open_portal(
    *,
    token: str,
    api_url: str,
    ledger: Path,
    api_version: str = "v3",
    region: str = "DK",
    read_only: bool = False,
    defaults: Mapping[str, str] | None = None,
    changes_per_hour: int = 60,
) -> AsyncIterator[Portal]:
    """The portal behind a token, for the length of a process. Asks HubSpot nothing until it is used."""
    gateway = Gateway(token=token, api_url=api_url, api_version=api_version)
    file = Database(ledger)
    try:
        yield Portal(
            gateway,
            Ledger(file),
            region=region,
            read_only=read_only,
            defaults=defaults,
            changes_per_hour=changes_per_hour,
        )
    finally:
        gateway.close()
        file.close()
