"""The search index: every version of a contact with the time it held, so that search can lag behind.

Real search matches on an index that is some seconds old and answers with live records (recorded).
A version holds from `from_ms` until `to_ms`; searching with a lag means searching the versions of then.
"""

import re
import sqlite3

from sandbox.state.clock import parse_moment
from sandbox.state.definitions import Definitions

FOREVER = 2**62
KEEP_MS = 3_600_000
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


class Index:
    """Keeps versions. Call its methods inside the transaction that changes the contact."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions

    def put(self, db: sqlite3.Connection, contact_id: int, properties: dict[str, str], at_ms: int) -> None:
        """Close the version that held until now and open one with these values."""
        self.close(db, contact_id, at_ms)
        haystack = "\n".join(properties[name].lower() for name in QUERY_PROPERTIES if properties.get(name))
        cursor = db.execute(
            "INSERT INTO versions (contact_id, from_ms, to_ms, haystack) VALUES (?, ?, ?, ?)",
            (contact_id, at_ms, FOREVER, haystack),
        )
        db.executemany(
            "INSERT INTO version_values (version_id, name, value, folded, number) VALUES (?, ?, ?, ?, ?)",
            [
                (cursor.lastrowid, name, value, value.lower(), self._number(name, value))
                for name, value in properties.items()
                if value != ""
            ],
        )

    def close(self, db: sqlite3.Connection, contact_id: int, at_ms: int) -> None:
        """End the version that holds, and forget those too old for any lag."""
        db.execute("UPDATE versions SET to_ms = ? WHERE contact_id = ? AND to_ms = ?", (at_ms, contact_id, FOREVER))
        old = [
            (row["id"],)
            for row in db.execute(
                "SELECT id FROM versions WHERE contact_id = ? AND to_ms < ?", (contact_id, at_ms - KEEP_MS)
            )
        ]
        db.executemany("DELETE FROM version_values WHERE version_id = ?", old)
        db.executemany("DELETE FROM versions WHERE id = ?", old)

    def _number(self, name: str, value: str) -> float | None:
        definition = self._definitions.get(name)
        return None if definition is None else as_number(definition.type, value)


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


WORD = re.compile(r"\w+")


def has_token(folded: str, wanted: str) -> bool:
    """Whether a value contains the token: whole words only, unless `*` stands for any characters (documented)."""
    wanted = wanted.strip().lower()
    if "*" not in wanted:
        words = set(WORD.findall(folded)) | set(folded.split())
        parts = [wanted] if wanted in words else WORD.findall(wanted)
        return bool(parts) and all(part in words for part in parts)
    pattern = re.compile(".*".join(re.escape(part) for part in wanted.split("*")), re.DOTALL)
    return any(pattern.fullmatch(item) for item in (folded, *folded.split(), *WORD.findall(folded)))
