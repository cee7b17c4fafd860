"""The SQLite file of what must not be lost: claims, outcomes and the audit trail. Several processes may share it.

Its tables migrate at start, forwards only, after a copy of the file was kept beside it.
"""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from crm.store.files import private_folder
from crm.store.migrations import MIGRATIONS

T = TypeVar("T")
BUSY_SECONDS = 30.0


class UnusableDatabase(Exception):
    """The file cannot be used; the message is a sentence for the operator, with the file's name and the next step."""


class NewerDatabase(UnusableDatabase):
    """The file was written by a newer version of the assistant."""


def unusable(path: Path, why: BaseException) -> UnusableDatabase:
    """The error for a file that SQLite or the system refuses, whichever of the files that is."""
    return UnusableDatabase(
        f"{path} cannot be used: {why}. Run make doctor, or name another folder in ASSISTANT_DATABASE_URL."
    )


class Database:
    """One file, used in threads over one connection: no thread of its own lives on between calls."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    async def open(self) -> None:
        """Opens the file now, which brings its tables up to date. Raises UnusableDatabase."""
        try:
            await self.do(lambda db: None)
        except (sqlite3.Error, OSError) as error:
            raise unusable(self.path, error) from None

    def close(self) -> None:
        """Closes the file; a later call opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    async def do(self, work: Callable[[sqlite3.Connection], T], *, durable: bool = True, reads: bool = False) -> T:
        """What ``work`` returns, from inside one transaction: everything that it writes holds, or nothing does.

        ``durable``: a power cut right after it may not lose it, which costs a wait for the disk. ``reads``: it writes
        nothing, and no other process waits for it.
        """
        return await asyncio.to_thread(self._do, work, durable, reads)

    def _do(self, work: Callable[[sqlite3.Connection], T], durable: bool, reads: bool) -> T:
        with self._lock:
            if self._connection is None:
                self._connection = opened(self.path)
            self._connection.execute(f"pragma synchronous={'full' if durable else 'normal'}")
            with transaction(self._connection, reads=reads):
                return work(self._connection)


class transaction:  # noqa: N801  # reads as a keyword
    """``with transaction(connection)``: begun at once for writing, so that two processes never deadlock."""

    def __init__(self, connection: sqlite3.Connection, *, reads: bool = False) -> None:
        self._connection = connection
        self._begin = "begin" if reads else "begin immediate"

    def __enter__(self) -> None:
        self._connection.execute(self._begin)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            if kind is None:
                self._connection.execute("commit")
        finally:
            if self._connection.in_transaction:  # a commit may fail; after some errors SQLite has rolled back by itself
                self._connection.execute("rollback")


def empty_log(path: Path, wait: float = 0.5) -> bool:
    """Empties the write-ahead log into its file: what was overwritten there stands in the log until then.

    False where somebody reads or writes for longer than the seconds to wait; it is done another time. It takes a
    connection of its own: on one in use everybody would wait with it.
    """
    if not path.is_file():
        return True
    with closing(sqlite3.connect(path, timeout=wait, isolation_level=None)) as db:
        try:
            return bool(db.execute("pragma wal_checkpoint(truncate)").fetchone()[0] == 0)
        except sqlite3.OperationalError:
            return False


def opened(path: Path) -> sqlite3.Connection:
    """The file with its tables as this version knows them. Raises NewerDatabase."""
    private_folder(path.parent)
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        _use_wal(connection)
        connection.execute("pragma synchronous=full")  # a claim must outlive a power cut
        _migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    # SQLite does not wait for others while the journal mode changes, so that two first starts would fail without this
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("pragma journal_mode=wal")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    if _version(connection) == len(MIGRATIONS):
        return
    with transaction(connection):
        version = _version(connection)
        if version == len(MIGRATIONS):
            return  # another process was faster
        if version > len(MIGRATIONS):
            raise NewerDatabase(
                f"{path} was written by a newer version of the assistant. Start that version, "
                "or name another folder in ASSISTANT_DATABASE_URL."
            )
        if version:
            _backup(path, version)
        for script in MIGRATIONS[version:]:
            for statement in script.split(";\n"):
                connection.execute(statement)
        connection.execute(f"pragma user_version = {len(MIGRATIONS)}")


def _version(connection: sqlite3.Connection) -> int:
    found = int(connection.execute("pragma user_version").fetchone()[0])
    if found:
        return found
    # the first tables were made before versions were counted
    return int(connection.execute("select count(*) from sqlite_master where name = 'changes'").fetchone()[0])


def _backup(path: Path, version: int) -> None:
    """A copy beside the file, whole or not at all. The caller holds the lock, so nobody else writes meanwhile.

    One that is there already, from before somebody went back to that version, holds less, and gives way.
    """
    kept = path.with_name(f"{path.name}.v{version}")
    begun = path.with_name(f"{kept.name}.part")
    begun.unlink(missing_ok=True)  # of a start that was cut off
    begun.touch(mode=0o600)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(begun)) as copy:
        source.backup(copy)
    begun.replace(kept)
