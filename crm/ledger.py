"""The ledger of writes: each change is claimed before it is applied, once, whoever else tries.

The claim is an insert keyed by the change's digest, so two clicks, tabs or processes apply it once.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

import aiosqlite

from crm.changes import Change

_SCHEMA = """
create table if not exists changes (
    digest text primary key,
    change_id text not null,
    conversation text not null,
    user text not null,
    change text not null,
    claimed_at text not null,
    outcome text,
    details text,
    finished_at text
)
"""


Status = Literal["applied", "partly", "stale", "gone", "already_so", "unknown", "refused", "unavailable", "read_only"]


@dataclass(frozen=True)
class Recorded:
    """What the ledger says of a change that was claimed and finished."""

    outcome: Status
    details: dict[str, Any]


class Ledger:
    """Claims and outcomes of changes, in one SQLite file that several processes may share."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path) -> AsyncIterator[Self]:
        """The ledger in the file at ``path``, made where it is missing."""
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        async with aiosqlite.connect(path, timeout=30, isolation_level=None) as connection:
            await connection.execute("pragma journal_mode=wal")
            await connection.execute("pragma synchronous=full")  # a claim must outlive a power cut
            await connection.execute(_SCHEMA)
            yield cls(connection)

    async def claim(self, change: Change, *, conversation: str, user: str) -> bool:
        """Whether the change is now this caller's to apply; False where it was claimed before."""
        cursor = await self._connection.execute(
            "insert or ignore into changes (digest, change_id, conversation, user, change, claimed_at)"
            " values (?, ?, ?, ?, ?, ?)",
            (change.digest, change.id, conversation, user, change.model_dump_json(), _now()),
        )
        return cursor.rowcount == 1

    async def claimed(self, change: Change) -> bool:
        """Whether anybody has claimed the change."""
        cursor = await self._connection.execute("select 1 from changes where digest = ?", (change.digest,))
        return await cursor.fetchone() is not None

    async def finish(self, change: Change, outcome: Status, details: Mapping[str, Any]) -> None:
        """Records what became of a claimed change; the first record stands."""
        await self._connection.execute(
            "update changes set outcome = ?, details = ?, finished_at = ? where digest = ? and outcome is null",
            (outcome, json.dumps(details), _now(), change.digest),
        )

    async def outcome(self, change: Change) -> Recorded | None:
        """What became of a claimed change, or None where that was never recorded."""
        cursor = await self._connection.execute(
            "select outcome, details from changes where digest = ? and outcome is not null", (change.digest,)
        )
        row = await cursor.fetchone()
        return Recorded(row[0], json.loads(row[1])) if row else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
