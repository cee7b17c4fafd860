"""The ledger of writes: each change is claimed before it is applied, once, whoever else tries.

The claim is an insert keyed by the change's digest, so two clicks, tabs or processes apply it once.
"""

import asyncio
import json
import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

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
    """Claims and outcomes of changes, in one SQLite file that several processes may share.

    Each call runs in a thread over one connection: no thread of its own lives on between them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Closes the file; a later call opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    async def claim(self, change: Change, *, conversation: str, user: str) -> bool:
        """Whether the change is now this caller's to apply; False where it was claimed before."""
        claimed, _ = await self._run(
            "insert or ignore into changes (digest, change_id, conversation, user, change, claimed_at)"
            " values (?, ?, ?, ?, ?, ?)",
            (change.digest, change.id, conversation, user, change.model_dump_json(), _now()),
        )
        return claimed == 1

    async def claimed(self, change: Change) -> bool:
        """Whether anybody has claimed the change."""
        _, row = await self._run("select 1 from changes where digest = ?", (change.digest,))
        return row is not None

    async def finish(self, change: Change, outcome: Status, details: Mapping[str, Any]) -> None:
        """Records what became of a claimed change; the first record stands."""
        await self._run(
            "update changes set outcome = ?, details = ?, finished_at = ? where digest = ? and outcome is null",
            (outcome, json.dumps(details), _now(), change.digest),
        )

    async def outcome(self, change: Change) -> Recorded | None:
        """What became of a claimed change, or None where that was never recorded."""
        _, row = await self._run(
            "select outcome, details from changes where digest = ? and outcome is not null", (change.digest,)
        )
        return Recorded(row[0], json.loads(row[1])) if row else None

    async def _run(self, sql: str, values: tuple[str, ...]) -> tuple[int, tuple[Any, ...] | None]:
        return await asyncio.to_thread(self._execute, sql, values)

    def _execute(self, sql: str, values: tuple[str, ...]) -> tuple[int, tuple[Any, ...] | None]:
        with self._lock:
            if self._connection is None:
                self._connection = _open(self._path)
            cursor = self._connection.execute(sql, values)
            return cursor.rowcount, cursor.fetchone()


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=full")  # a claim must outlive a power cut
    connection.execute(_SCHEMA)
    return connection


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
