"""The tables beside contacts and their search index. They were added later, so an older file gains them on opening."""

import sqlite3

NAMES = ("objects", "associations", "unique_values", "blocked_emails", "merged", "definitions")

MORE_TABLES = """
CREATE TABLE IF NOT EXISTS objects (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    archived_ms INTEGER,
    properties TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_kind ON objects (kind, id);

CREATE TABLE IF NOT EXISTS associations (
    from_kind TEXT NOT NULL,
    from_id INTEGER NOT NULL,
    to_kind TEXT NOT NULL,
    to_id INTEGER NOT NULL,
    category TEXT NOT NULL,
    type_id INTEGER NOT NULL,
    PRIMARY KEY (from_id, to_kind, to_id, category, type_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS associations_to ON associations (to_id);

CREATE TABLE IF NOT EXISTS unique_values (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    contact_id INTEGER NOT NULL,
    PRIMARY KEY (name, value)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS unique_values_contact ON unique_values (contact_id);

CREATE TABLE IF NOT EXISTS blocked_emails (email TEXT PRIMARY KEY) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS merged (old_id INTEGER PRIMARY KEY, new_id INTEGER NOT NULL, event INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS merged_new ON merged (new_id);

CREATE TABLE IF NOT EXISTS definitions (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, name)
);
"""


def complete(db: sqlite3.Connection) -> bool:
    """Whether the file has all of these tables."""
    found = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return found.issuperset(NAMES)
