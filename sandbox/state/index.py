"""The search index: every version of a contact with the time it held, so that search can lag behind.

Real search matches on an index that is some seconds old and answers with live records (recorded).
A version holds from `from_ms` until `to_ms`; searching with a lag means searching the versions of then.
Its values are found by property and value, and its texts by the trigrams in them (SQLite's FTS5).
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256

from sandbox.state.clock import parse_moment
from sandbox.state.definitions import Definitions
from sandbox.state.store import Store, insert_many

FOREVER = 2**62
KEEP_MS = 3_600_000
LEAST_SQLITE = (3, 35, 0)
QUERY_PROPERTIES = (
    "firstname",
    "lastname",
    "email",
    "phone",
    "hs_additional_emails",
    "fax",
    "mobilephone",
    "company",
    "hs_marketable_until_renewal",
    "hs_searchable_calculated_phone_number",
    "hs_searchable_calculated_mobile_number",
)
TEXT_TYPES = ("string", "phone_number")
NUMERIC = ("number", "date", "datetime")
SAME_FOR_ALL = ("hs_object_source", "hs_object_source_id")

Cell = tuple[int, str, str | None, float | None]
CELL = ("name", "folded", "value", "number")

# `haystack` holds the values that a query searches, `rest` the other texts, all in lower case; `name` is a
# number made from the name, which halves the file; `value` is null where it is in lower case itself.
TABLES = (
    """CREATE TABLE entries (
        id INTEGER PRIMARY KEY,
        contact_id INTEGER NOT NULL,
        from_ms INTEGER NOT NULL,
        to_ms INTEGER NOT NULL,
        haystack TEXT NOT NULL,
        rest TEXT NOT NULL
    )""",
    "CREATE INDEX entries_contact ON entries (contact_id, to_ms, from_ms)",
    """CREATE TABLE entry_values (
        entry_id INTEGER NOT NULL,
        name INTEGER NOT NULL,
        folded TEXT NOT NULL,
        value TEXT,
        number REAL,
        PRIMARY KEY (entry_id, name)
    ) WITHOUT ROWID""",
    """CREATE VIRTUAL TABLE entry_text USING fts5(
        haystack, rest, content='entries', content_rowid='id', detail=column, tokenize='trigram case_sensitive 1'
    )""",
)
INDEXES = {
    "entry_values_folded": "entry_values (name, folded, value)",
    "entry_values_number": "entry_values (name, number) WHERE number IS NOT NULL",
}


class OldSqlite(Exception):
    """The SQLite of this Python lacks what the index is made of."""


class Index:
    """Keeps versions. Call its methods inside the transaction that changes the contact."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self._columns: dict[str, str | None] = {}

    def prepare(self, store: Store) -> None:
        """Make the index where the file has none, as those of the first layout do; `OldSqlite` where that cannot be."""
        if sqlite3.sqlite_version_info < LEAST_SQLITE:
            raise OldSqlite(_needs())
        if _made(store.db):
            return
        with store.transaction() as db:
            if _made(db):  # by another process meanwhile
                return
            try:
                for statement in TABLES:
                    db.execute(statement)
            except sqlite3.OperationalError as error:
                raise OldSqlite(_needs()) from error
            create_indexes(db)
            for row in db.execute("SELECT id, properties FROM contacts WHERE archived_ms IS NULL ORDER BY id"):
                self.put(db, row["id"], json.loads(row["properties"]), 0)

    def put(self, db: sqlite3.Connection, contact_id: int, properties: dict[str, str], at_ms: int) -> None:
        """Close the version that held until now and open one with these values."""
        self.close(db, contact_id, at_ms)
        haystack, rest = self._texts(properties)
        entry = db.execute(
            "INSERT INTO entries (contact_id, from_ms, to_ms, haystack, rest) VALUES (?, ?, ?, ?, ?)",
            (contact_id, at_ms, FOREVER, haystack, rest),
        ).lastrowid
        db.execute("INSERT INTO entry_text (rowid, haystack, rest) VALUES (?, ?, ?)", (entry, haystack, rest))
        db.executemany(
            f"INSERT INTO entry_values (entry_id, {', '.join(CELL)}) VALUES (?, ?, ?, ?, ?)",
            [(entry, *self._cell(name, value)) for name, value in properties.items() if value],
        )

    def load(self, db: sqlite3.Connection, contacts: Sequence[tuple[int, dict[str, str]]]) -> None:
        """Open the first version of many contacts, that search finds at any moment; call it inside `loading`."""
        (last,) = db.execute("SELECT coalesce(max(id), 0) FROM entries").fetchone()
        cell = lru_cache(maxsize=8192)(self._cell)  # most values are those of many
        entries: list[object] = []
        values: list[object] = []
        for entry, (contact_id, properties) in enumerate(contacts, last + 1):
            entries += (entry, contact_id, 0, FOREVER, *self._texts(properties))
            # Sorted, because rows that come in the order of the table are only appended.
            for each in sorted([cell(name, value) for name, value in properties.items() if value]):
                values += (entry, *each)
        insert_many(db, "entries", ("id", "contact_id", "from_ms", "to_ms", "haystack", "rest"), entries)
        insert_many(db, "entry_values", ("entry_id", *CELL), values)

    def close(self, db: sqlite3.Connection, contact_id: int, at_ms: int) -> None:
        """End the version that holds, and forget those too old for any lag."""
        rows = db.execute("SELECT * FROM entries WHERE contact_id = ?", (contact_id,)).fetchall()
        # Only where there is one: an UPDATE makes FTS5 write out what it has gathered, which costs a load dearly.
        if any(row["to_ms"] == FOREVER for row in rows):
            db.execute("UPDATE entries SET to_ms = ? WHERE contact_id = ? AND to_ms = ?", (at_ms, contact_id, FOREVER))
        old = [(row["id"], row["haystack"], row["rest"]) for row in rows if row["to_ms"] < at_ms - KEEP_MS]
        for entry in old:
            db.execute("INSERT INTO entry_text (entry_text, rowid, haystack, rest) VALUES ('delete', ?, ?, ?)", entry)
            db.execute("DELETE FROM entry_values WHERE entry_id = ?", entry[:1])
            db.execute("DELETE FROM entries WHERE id = ?", entry[:1])

    def column(self, name: str) -> str | None:
        """Where the texts of a property are indexed by trigrams; None where they are not.

        That hangs on the name alone, because a property of the account's own may change its type.
        """
        if name not in self._columns:
            self._columns[name] = self._column(name)
        return self._columns[name]

    def _column(self, name: str) -> str | None:
        if name in QUERY_PROPERTIES:
            return "haystack"
        definition = self.definitions.get(name)
        if definition is None or definition.custom:
            return "rest"
        return "rest" if definition.type in TEXT_TYPES and name not in SAME_FOR_ALL else None

    def _texts(self, properties: dict[str, str]) -> tuple[str, str]:
        """What the trigrams are made of: the texts that a query searches, and the others."""
        found = [properties[name].lower() for name in QUERY_PROPERTIES if properties.get(name)]
        rest = [value.lower() for name, value in properties.items() if value and self.column(name) == "rest"]
        return "\n".join(found), "\n".join(rest)

    def _cell(self, name: str, value: str) -> Cell:
        folded = value.lower()
        definition = self.definitions.get(name)
        number = None if definition is None or definition.type not in NUMERIC else as_number(definition.type, value)
        return key(name), folded, None if folded == value else value, number


@lru_cache(maxsize=1024)
def key(name: str) -> int:
    """The number that stands for a property in the index."""
    return int.from_bytes(sha256(name.encode()).digest()[:6])


def clear(db: sqlite3.Connection) -> None:
    """Empty the index; call it inside a transaction."""
    db.execute("INSERT INTO entry_text (entry_text) VALUES ('delete-all')")
    db.execute("DELETE FROM entry_values")
    db.execute("DELETE FROM entries")


def create_indexes(db: sqlite3.Connection) -> None:
    """Make the indexes by value."""
    for name, columns in INDEXES.items():
        db.execute(f"CREATE INDEX {name} ON {columns}")


@contextmanager
def loading(db: sqlite3.Connection) -> Iterator[None]:
    """For many contacts at once: everything that finds them is made at the end, which is several times faster."""
    for name in INDEXES:
        db.execute(f"DROP INDEX {name}")
    yield
    db.execute("INSERT INTO entry_text (entry_text) VALUES ('rebuild')")
    create_indexes(db)


@lru_cache(maxsize=64)
def as_number(type_: str, value: str) -> float | None:
    """The value as the index compares it: numbers as they are, moments as milliseconds; None otherwise."""
    if type_ == "number":
        try:
            return float(value)
        except ValueError:
            return None
    if type_ in ("date", "datetime"):
        return parse_moment(value)
    return None


def _made(db: sqlite3.Connection) -> bool:
    return db.execute("SELECT 1 FROM sqlite_master WHERE name = 'entries'").fetchone() is not None


def _needs() -> str:
    least = ".".join(map(str, LEAST_SQLITE))
    return f"The sandbox needs SQLite {least} or newer with its FTS5 module; this Python has {sqlite3.sqlite_version}."
