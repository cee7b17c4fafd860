"""The SQLite file of what must not be lost: claims, outcomes and the audit trail. Several processes may share it.

Its tables migrate at start, forwards only, after a copy of the file was kept beside it.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from crm.migrations import MIGRATIONS
from crm.private import private_folder

T = TypeVar("T")


class NewerDatabase(Exception):
    """The file was written by a newer version of the assistant; the message names the file."""


class Database:
    """One file, used in threads over one connection: no thread of its own lives on between calls."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Closes the file; a later call opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    async def do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What ``work`` returns, from inside one transaction: everything that it writes holds, or nothing does."""
        return await asyncio.to_thread(self._do, work)

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock:
            if self._connection is None:
                self._connection = opened(self.path)
            with transaction(self._connection):
                return work(self._connection)


class transaction:  # noqa: N801  # reads as a keyword
    """``with transaction(connection)``: begun at once for writing, so that two processes never deadlock."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("begin immediate")

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._connection.execute("commit" if kind is None else "rollback")


def opened(path: Path) -> sqlite3.Connection:
    """The file with its tables as this version knows them. Raises NewerDatabase."""
    private_folder(path.parent)
    connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=full")  # a claim must outlive a power cut
        _migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise NewerDatabase(f"{path} was written by a newer version of the assistant.")
    if version == len(MIGRATIONS):
        return
    if version:
        _backup(connection, path.with_name(f"{path.name}.v{version}"))
    with transaction(connection):
        for script in MIGRATIONS[_version(connection) :]:  # another process may have been faster
            for statement in script.split(";\n"):
                connection.execute(statement)
        connection.execute(f"pragma user_version = {len(MIGRATIONS)}")


def _version(connection: sqlite3.Connection) -> int:
    found = int(connection.execute("pragma user_version").fetchone()[0])
    if found:
        return found
    # the first tables were made before versions were counted
    return int(connection.execute("select count(*) from sqlite_master where name = 'changes'").fetchone()[0])


def _backup(connection: sqlite3.Connection, path: Path) -> None:
    if path.exists():
        return
    copy = sqlite3.connect(path)
    try:
        connection.backup(copy)
    finally:
        copy.close()
    path.chmod(0o600)
