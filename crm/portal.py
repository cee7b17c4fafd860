"""One HubSpot portal as the assistant uses it: the gateway, what is known of the portal, and the ledger."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from math import inf
from pathlib import Path
from typing import Any, cast

from crm.domain import Contact, CrmError, Schema, Unavailable
from crm.hubspot import Gateway
from crm.store import Database, Ledger

SCHEMA_SECONDS, AGAIN_SECONDS, FAILED_SECONDS, SLOW_SECONDS = 15 * 60, 60, 3, 1
LAST_SECONDS = 20.0  # for writes that are under way when the process ends
INDEX_SECONDS = 60.0  # HubSpot's search shows a write after 30 seconds at most (recorded); twice that is safe


class Portal:
    """The gateway with the portal's schema (read once, renewed every 15 minutes), default region and ledger.

    ``changes_per_hour``: how many a user may make. ``defaults``: what every new contact gets, property -> value in any
    spelling that the schema understands. ``owner``: who "mine" is among HubSpot's owners, in any spelling.
    """

    def __init__(
        self,
        gateway: Gateway,
        ledger: Ledger,
        *,
        region: str = "DK",
        read_only: bool = False,
        defaults: Mapping[str, str] | None = None,
        changes_per_hour: int = 200,
        owner: str = "",
    ) -> None:
        self.owner = owner
        self.changes_per_hour = changes_per_hour
        self.gateway, self.ledger = gateway, ledger
        self.region, self.read_only, self.defaults = region, read_only, dict(defaults or {})
        self._schema: Schema | None = None
        self._read_at = -inf
        self._failed: tuple[float, Unavailable] | None = None
        self._lock = asyncio.Lock()
        self._renewal: asyncio.Task[None] | None = None
        self.writing: set[asyncio.Task[Any]] = set()  # writes that go on whoever waits for them

    async def schema(self) -> Schema:
        """The portal's properties; raises Unavailable where they were never read and HubSpot does not answer."""
        if self._schema is not None:
            if time.monotonic() - self._read_at > SCHEMA_SECONDS and (self._renewal is None or self._renewal.done()):
                self._renewal = asyncio.create_task(self._renew())
            return self._schema  # the old one is good enough to wait for nobody
        async with self._lock:
            if self._schema is None:
                started = time.monotonic()
                try:
                    await self._read()
                except Unavailable as error:
                    # one turn asks several times: a HubSpot that times out must not be waited for each time
                    if time.monotonic() - started > SLOW_SECONDS:
                        self._failed = (time.monotonic(), error)
                    raise
        return cast("Schema", self._schema)

    def close(self) -> None:
        """End the work beside the conversations. A write that is cut off here is looked for in HubSpot at the next
        start.
        """
        for task in self.writing:
            task.cancel()
        if self._renewal is not None:
            self._renewal.cancel()

    async def _renew(self) -> None:
        try:
            await self._read()
        except CrmError:
            self._read_at = time.monotonic() + AGAIN_SECONDS - SCHEMA_SECONDS

    async def recent(self) -> list[Contact]:
        """The contacts that this installation wrote within the lag of HubSpot's search index."""
        return await self.ledger.recent(INDEX_SECONDS)

    async def _read(self) -> None:
        if self._failed and time.monotonic() - self._failed[0] < FAILED_SECONDS:
            raise self._failed[1]
        schema = await self.gateway.schema()
        complete = schema.complete
        try:
            schema = schema.in_zone((await self.gateway.account()).time_zone)
        except CrmError:  # without it there are no links to records, and nothing else is lost
            complete = False
        self._schema = schema
        self._read_at = time.monotonic() + (0 if complete else AGAIN_SECONDS - SCHEMA_SECONDS)


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
    changes_per_hour: int = 200,
    owner: str = "",
) -> AsyncIterator[Portal]:
    """The portal behind a token, for the length of a process. Asks HubSpot nothing until it is used.

    Raises UnusableDatabase where the file of the ledger is a newer version's, or cannot be opened.
    """
    gateway = Gateway(token=token, api_url=api_url, api_version=api_version)
    file = Database(ledger)
    portal = Portal(
        gateway,
        Ledger(file),
        region=region,
        read_only=read_only,
        defaults=defaults,
        changes_per_hour=changes_per_hour,
        owner=owner,
    )
    try:
        await file.open()
        yield portal
    finally:
        if portal.writing:
            await asyncio.wait(portal.writing, timeout=LAST_SECONDS)
        portal.close()
        gateway.close()
        file.close()
