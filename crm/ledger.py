"""The ledger of writes: each change is claimed before it is applied, once, whoever else tries.

The claim is an insert keyed by the change's digest, so two clicks, tabs or processes apply it once.
"""

import asyncio
import json
import sqlite3
import threading
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from crm.changes import Change
from crm.contact import Contact
from crm.private import private_folder

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
    """What became of a claimed change: the contact as read back, what HubSpot left unchanged, the error by its code."""

    outcome: Status
    contact_id: str | None = None
    contact: Contact | None = None
    unchanged: tuple[str, ...] = ()
    code: str | None = None
    params: dict[str, Any] = field(default_factory=dict)


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
        claimed = await self._run(
            "insert or ignore into changes (digest, change_id, conversation, user, change, claimed_at)"
            " values (?, ?, ?, ?, ?, ?)",
            (change.digest, change.id, conversation, user, change.model_dump_json(), _now()),
        )
        return claimed == 1

    async def claimed_at(self, change: Change) -> datetime | None:
        """When the change was claimed; None where nobody has."""
        rows = await self._all("select claimed_at from changes where digest = ?", (change.digest,))
        return datetime.fromisoformat(rows[0][0]) if rows else None

    async def given_up_at(self, change: Change) -> datetime | None:
        """When whoever claimed the change recorded an end of it; None where that has not happened."""
        rows = await self._all("select finished_at from changes where digest = ?", (change.digest,))
        return datetime.fromisoformat(rows[0][0]) if rows and rows[0][0] else None

    async def claimed_seconds(self, change: Change) -> float | None:
        """How long ago the change was claimed; None where nobody has."""
        at = await self.claimed_at(change)
        return (datetime.now(UTC) - at).total_seconds() if at else None

    async def recent(self, seconds: float) -> list[Contact]:
        """The contacts written in the last so many seconds, each as it was read back after its latest write."""
        rows = await self._all(
            "select details from changes where finished_at > ? and outcome in ('applied', 'partly')"
            " order by finished_at",
            (_before(seconds),),
        )
        found = (_recorded(details).contact for (details,) in rows)
        return list({contact.id: contact for contact in found if contact}.values())

    async def unsettled(self, change: Change, seconds: float) -> list[tuple[Change, datetime]]:
        """The creations claimed before this one, at most so many seconds ago, whose outcome is not known; and when."""
        rows = await self._all(
            "select change, claimed_at from changes where (outcome is null or outcome = 'unknown') and claimed_at > ?"
            " and rowid < (select rowid from changes where digest = ?) order by rowid",
            (_before(seconds), change.digest),
        )
        claimed = [(Change.model_validate_json(text), datetime.fromisoformat(at)) for text, at in rows]
        return [(other, at) for other, at in claimed if other.action == "create"]

    async def finish(self, change: Change, record: Recorded) -> None:
        """Records what became of a claimed change; the first record stands, unless it was ``unknown``."""
        await self._run(
            "update changes set outcome = ?1, details = ?2,"
            " finished_at = case ?1 when 'unknown' then coalesce(finished_at, ?3) else ?3 end"
            " where digest = ?4 and (outcome is null or outcome = 'unknown')",
            (record.outcome, json.dumps(asdict(record)), _now(), change.digest),
        )

    async def outcome(self, change: Change) -> Recorded | None:
        """What became of a claimed change, or None where that was never recorded."""
        rows = await self._all("select details from changes where digest = ? and outcome is not null", (change.digest,))
        return _recorded(rows[0][0]) if rows else None

    async def _run(self, sql: str, values: tuple[str, ...]) -> int:
        count, _ = await asyncio.to_thread(self._execute, sql, values)
        return count

    async def _all(self, sql: str, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
        _, rows = await asyncio.to_thread(self._execute, sql, values)
        return rows

    def _execute(self, sql: str, values: tuple[str, ...]) -> tuple[int, list[tuple[Any, ...]]]:
        with self._lock:
            if self._connection is None:
                self._connection = _open(self._path)
            cursor = self._connection.execute(sql, values)
            return cursor.rowcount, cursor.fetchall()


def _recorded(text: str) -> Recorded:
    details = json.loads(text)
    contact = Contact(**details["contact"]) if details.get("contact") else None
    return Recorded(**{**details, "contact": contact, "unchanged": tuple(details["unchanged"])})


def _open(path: Path) -> sqlite3.Connection:
    private_folder(path.parent)
    connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=full")  # a claim must outlive a power cut
    connection.execute(_SCHEMA)
    return connection


def _now() -> str:
    return _before(0)


def _before(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
