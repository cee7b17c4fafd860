"""The SQLite file: its tables, and transactions that hold when several processes share it."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

LAYOUT = 1
BUSY_SECONDS = 15.0

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

CREATE TABLE IF NOT EXISTS versions (
    id INTEGER PRIMARY KEY,
    contact_id INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    haystack TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS versions_contact ON versions (contact_id, to_ms);

CREATE TABLE IF NOT EXISTS version_values (
    version_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    folded TEXT NOT NULL,
    number REAL,
    PRIMARY KEY (name, version_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS version_values_folded ON version_values (name, folded);
CREATE INDEX IF NOT EXISTS version_values_number ON version_values (name, number);
CREATE INDEX IF NOT EXISTS version_values_version ON version_values (version_id);
"""


class WrongLayout(Exception):
    """The file was written by a sandbox with other tables."""


class Store:
    """One connection to one file. Reads go through `db`, every write through `transaction()`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        self._use_wal()
        self.db.execute("PRAGMA synchronous = NORMAL")
        layout = self._layout()
        if layout not in (0, LAYOUT):
            raise WrongLayout(f"{path} has table layout {layout}, this sandbox needs {LAYOUT}: delete the file.")
        if layout == 0:
            with self.transaction() as db:
                for statement in TABLES.split(";\n"):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {LAYOUT}")

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
        """The connection inside BEGIN IMMEDIATE: everything written in the block holds, or nothing does."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def meta(self, key: str) -> str | None:
        """A stored setting of the file, or None."""
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row["value"])

    def set_meta(self, key: str, value: str) -> None:
        """Store a setting; call it inside a transaction."""
        self.db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))

    def clear(self) -> None:
        """Empty every table; call it inside a transaction."""
        for table in ("meta", "contacts", "emails", "history", "writes", "versions", "version_values"):
            self.db.execute(f"DELETE FROM {table}")

    def close(self) -> None:
        """Close the connection."""
        self.db.close()
