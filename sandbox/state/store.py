"""The SQLite file: its tables, and transactions that hold when several processes share it."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sandbox.state import tables

LAYOUT = 2
BUSY_SECONDS = 15.0
VALUES_AT_ONCE = 500

TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS contacts (
    id INTEGER PRIMARY KEY,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    archived_ms INTEGER,
    properties TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS emails (email TEXT PRIMARY KEY, contact_id INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS emails_contact ON emails (contact_id);

CREATE TABLE IF NOT EXISTS history (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    contact_id INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    name TEXT NOT NULL,
    old TEXT,
    new TEXT,
    source TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS history_contact ON history (contact_id, seq);

CREATE TABLE IF NOT EXISTS writes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    method TEXT NOT NULL,
    object_id TEXT NOT NULL,
    properties TEXT NOT NULL,
    before TEXT NOT NULL,
    correlation_id TEXT NOT NULL
);
"""


class WrongLayout(Exception):
    """The file was written by a sandbox with other tables."""


class Store:
    """One connection to one file. Reads go through `db`, every write through `transaction()`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._copies: dict[str, sqlite3.Connection] = {}
        self.db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        self._use_wal()
        self.db.execute("PRAGMA synchronous = NORMAL")
        layout = self._layout()
        if layout == 1:
            with self.transaction() as db:  # its search index was another one; `Index.prepare` makes it anew
                db.execute("DROP TABLE IF EXISTS version_values")
                db.execute("DROP TABLE IF EXISTS versions")
                db.execute(f"PRAGMA user_version = {LAYOUT}")
            layout = LAYOUT
        if layout not in (0, LAYOUT):
            raise WrongLayout(f"{path} has table layout {layout}, this sandbox needs {LAYOUT}: delete the file.")
        if layout == 0:
            with self.transaction() as db:
                for statement in TABLES.split(";\n"):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {LAYOUT}")
        if not tables.complete(self.db):  # a file from before these tables gets them; its layout stays
            with self.transaction() as db:
                for statement in tables.MORE_TABLES.split(";\n"):
                    db.execute(statement)

    def _layout(self) -> int:
        return int(self.db.execute("PRAGMA user_version").fetchone()[0])

    def _use_wal(self) -> None:
        # SQLite does not apply the busy timeout while the journal mode changes, so two first
        # starters of one file would fail without this loop.
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                self.db.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The connection inside BEGIN IMMEDIATE: everything written in the block holds, or nothing does.

        Inside another transaction it is a savepoint: the block alone can fail, and holds with the whole.
        """
        begin, undo, keep = (
            ("SAVEPOINT step", "ROLLBACK TO step", "RELEASE step")
            if self.db.in_transaction
            else ("BEGIN IMMEDIATE", "ROLLBACK", "COMMIT")
        )
        self.db.execute(begin)
        try:
            yield self.db
        except BaseException:
            self.db.execute(undo)
            if undo != "ROLLBACK":
                self.db.execute(keep)
            raise
        self.db.execute(keep)

    def meta(self, key: str) -> str | None:
        """A stored setting of the file, or None."""
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row["value"])

    def set_meta(self, key: str, value: str) -> None:
        """Store a setting; call it inside a transaction."""
        self.db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))

    def clear(self) -> None:
        """Empty every table but those of the search index; call it inside a transaction."""
        for table in ("meta", "contacts", "emails", "history", "writes", *tables.NAMES):
            self.db.execute(f"DELETE FROM {table}")

    def remember(self, name: str) -> None:
        """Keep a copy of everything, where this process is the only one that can see it: the tests reset often."""
        if self.path == ":memory:":
            self._copies[name] = sqlite3.connect(":memory:", check_same_thread=False)
            self.db.backup(self._copies[name])

    def restore(self, name: str) -> bool:
        """Put everything back as it was remembered under the name; False where nothing was."""
        if name not in self._copies:
            return False
        self._copies[name].backup(self.db)
        return True

    def close(self) -> None:
        """Close the connection."""
        for copy in self._copies.values():
            copy.close()
        self.db.close()


def insert_many(db: sqlite3.Connection, table: str, columns: Sequence[str], values: Sequence[object]) -> None:
    """Insert rows whose values stand one row after the other in `values`, many rows by one statement."""
    row = f"({', '.join('?' * len(columns))})"
    step = VALUES_AT_ONCE // len(columns) * len(columns)
    for start in range(0, len(values), step):
        some = values[start : start + step]
        rows = ", ".join([row] * (len(some) // len(columns)))
        db.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES {rows}", some)
