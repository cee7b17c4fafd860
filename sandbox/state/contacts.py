"""Contacts and their rules: identity by email, lifecycle, history, what a write leaves behind."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from sandbox import errors
from sandbox.state import derived, emails
from sandbox.state.clock import Clock, iso
from sandbox.state.index import Index
from sandbox.state.store import Store
from sandbox.state.values import Values

FIRST_ID = 105_890_600_000
NAMING = ("email", "firstname", "lastname")


@dataclass(frozen=True)
class Contact:
    """One contact: every value it ever was given; "" is a cleared one, a missing name was never set."""

    id: int
    created_ms: int
    updated_ms: int
    archived_ms: int | None
    properties: dict[str, str]


@dataclass(frozen=True)
class Change:
    """One value replaced by another; None was never set, "" was cleared."""

    at_ms: int
    name: str
    old: str | None
    new: str | None


class Contacts:
    """Reads and changes contacts. Refusals are raised as `HubSpotError`, and then nothing is written."""

    def __init__(self, store: Store, index: Index, values: Values, clock: Clock, portal_id: int) -> None:
        self._store = store
        self._index = index
        self._values = values
        self._clock = clock
        self._portal_id = portal_id
        self.email_conflict_status = 409

    def get(self, contact_id: int, archived: bool = False) -> Contact:
        """The contact with this id among the live ones, or among the archived ones."""
        row = self._store.db.execute("SELECT * FROM contacts WHERE id = ?", (contact_id,)).fetchone()
        if row is None or (row["archived_ms"] is not None) != archived:
            raise errors.not_found()
        return _contact(row)

    def id_of_email(self, email: str) -> int | None:
        """The live contact that has the address, as its primary or an additional one."""
        row = self._store.db.execute(
            "SELECT contact_id FROM emails WHERE email = ?", (emails.normal(email),)
        ).fetchone()
        return None if row is None else int(row["contact_id"])

    def many(self, ids: Iterable[int]) -> list[Contact]:
        """The live contacts among these ids, in this order."""
        wanted = list(ids)
        marks = ",".join("?" * len(wanted))
        rows = self._store.db.execute(f"SELECT * FROM contacts WHERE archived_ms IS NULL AND id IN ({marks})", wanted)
        found = {row["id"]: _contact(row) for row in rows}
        return [found[contact_id] for contact_id in wanted if contact_id in found]

    def page(self, start: int, limit: int, archived: bool = False) -> tuple[list[Contact], int | None]:
        """Contacts by id from `start` on, and the id of the one after them."""
        state = "NOT NULL" if archived else "NULL"
        rows = self._store.db.execute(
            f"SELECT * FROM contacts WHERE archived_ms IS {state} AND id >= ? ORDER BY id LIMIT ?",
            (start, limit + 1),
        ).fetchall()
        following = int(rows[limit]["id"]) if len(rows) > limit else None
        return [_contact(row) for row in rows[:limit]], following

    def history(self, contact_id: int) -> list[Change]:
        """Every change of what people set, newest first."""
        rows = self._store.db.execute("SELECT * FROM history WHERE contact_id = ? ORDER BY seq DESC", (contact_id,))
        return [Change(row["at_ms"], row["name"], row["old"], row["new"]) for row in rows]

    def create(self, sent: dict[str, str], correlation_id: str) -> Contact:
        """A new contact; 400 for bad values, 409 where its email is taken."""
        accepted = self._accepted(sent, {})
        properties = {name: value for name, value in accepted.items() if value != ""}
        if not any(name in properties for name in NAMING):
            raise errors.bad_request("At least one of email, firstname or lastname is required to create a contact.")
        with self._store.transaction() as db:
            now = self._clock.now()
            if "email" in properties:
                self._require_free(properties["email"], None)
            contact_id = self.next_id()
            full = self.insert(db, contact_id, properties, now)
            self._log(db, "POST", contact_id, properties, {}, now, correlation_id)
        return full

    def insert(
        self,
        db: sqlite3.Connection,
        contact_id: int,
        properties: dict[str, str],
        now: int,
        indexed_ms: int | None = None,
    ) -> Contact:
        """Store a new contact with everything that is derived; the caller holds the transaction.

        Search finds it from `indexed_ms` on, by default from its creation on.
        """
        given = {"lifecyclestage": derived.DEFAULT_STAGE, **properties}
        full = {
            **derived.at_creation(contact_id),
            **given,
            **derived.from_changes(given, {}, now),
            "createdate": iso(now),
            "lastmodifieddate": iso(now),
        }
        db.execute(
            "INSERT INTO contacts (id, created_ms, updated_ms, properties) VALUES (?, ?, ?, ?)",
            (contact_id, now, now, _dump(full)),
        )
        self._keep_emails(db, contact_id, full)
        self._keep_history(db, contact_id, given, {}, now)
        self._index.put(db, contact_id, full, now if indexed_ms is None else indexed_ms)
        return Contact(contact_id, now, now, None, full)

    def update(self, contact_id: int, sent: dict[str, str], correlation_id: str) -> tuple[Contact, set[str]]:
        """The contact after the change and the names that changed, derived ones included."""
        with self._store.transaction() as db:
            before = self.get(contact_id)
            accepted = self._accepted(sent, before.properties)
            changes = {n: v for n, v in accepted.items() if v != before.properties.get(n, "")}
            if derived.goes_back(before.properties.get("lifecyclestage", ""), changes.get("lifecyclestage", "")):
                del changes["lifecyclestage"]
            if changes.get("email"):
                self._require_free(changes["email"], contact_id)
            if not changes:
                return before, set()
            now = max(self._clock.now(), before.updated_ms)
            effects = {**changes, **derived.from_changes(changes, before.properties, now)}
            full = {**before.properties, **effects, "lastmodifieddate": iso(now)}
            db.execute(
                "UPDATE contacts SET updated_ms = ?, properties = ? WHERE id = ?", (now, _dump(full), contact_id)
            )
            self._keep_emails(db, contact_id, full)
            self._keep_history(db, contact_id, changes, before.properties, now)
            self._index.put(db, contact_id, full, now)
            self._log(db, "PATCH", contact_id, changes, before.properties, now, correlation_id)
        return Contact(contact_id, before.created_ms, now, None, full), set(effects)

    def archive(self, contact_id: int, correlation_id: str) -> None:
        """Put the contact away; its email is free again. Nothing happens where there is none."""
        with self._store.transaction() as db:
            now = self._clock.now()
            row = db.execute("SELECT * FROM contacts WHERE id = ? AND archived_ms IS NULL", (contact_id,)).fetchone()
            if row is None:
                return
            db.execute("UPDATE contacts SET archived_ms = ? WHERE id = ?", (now, contact_id))
            db.execute("DELETE FROM emails WHERE contact_id = ?", (contact_id,))
            self._index.close(db, contact_id, now)
            self._log(db, "DELETE", contact_id, {}, {}, now, correlation_id)

    def next_id(self) -> int:
        """An id no contact had before; ids grow with irregular gaps. Call it inside a transaction."""
        last = int(self._store.meta("last_id") or FIRST_ID)
        following = last + 1 + (last * 7_919 + 12_345) % 997
        self._store.set_meta("last_id", str(following))
        return following

    def _accepted(self, sent: dict[str, str], current: dict[str, str]) -> dict[str, str]:
        accepted, problems = self._values.check(sent, current)
        if problems:
            raise errors.invalid_properties(problems, self._portal_id)
        return accepted

    def _require_free(self, email: str, contact_id: int | None) -> None:
        holder = self.id_of_email(email)
        if holder is None or holder == contact_id:
            return
        if contact_id is not None and self.email_conflict_status == 400:
            problem = errors.Invalid("email", "CONFLICTING_UNIQUE_VALUE", f"{holder} already has that value.")
            raise errors.invalid_properties([problem], self._portal_id)
        raise errors.already_exists(holder)

    def _keep_emails(self, db: sqlite3.Connection, contact_id: int, properties: dict[str, str]) -> None:
        held = [properties.get("email", ""), *properties.get("hs_additional_emails", "").split(";")]
        db.execute("DELETE FROM emails WHERE contact_id = ?", (contact_id,))
        db.executemany(
            "INSERT INTO emails (email, contact_id) VALUES (?, ?)",
            [(email, contact_id) for email in dict.fromkeys(held) if email],
        )

    def _keep_history(
        self, db: sqlite3.Connection, contact_id: int, changes: dict[str, str], before: dict[str, str], now: int
    ) -> None:
        db.executemany(
            "INSERT INTO history (contact_id, at_ms, name, old, new, source) VALUES (?, ?, ?, ?, ?, 'INTEGRATION')",
            [(contact_id, now, name, before.get(name), value) for name, value in changes.items()],
        )

    def _log(
        self,
        db: sqlite3.Connection,
        method: str,
        contact_id: int,
        changes: dict[str, str],
        before: dict[str, str],
        now: int,
        correlation_id: str,
    ) -> None:
        held = {name: before.get(name) for name in changes}
        db.execute(
            "INSERT INTO writes (at_ms, method, object_id, properties, before, correlation_id)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (now, method, str(contact_id), _dump(changes), _dump(held), correlation_id),
        )


def _dump(values: dict[str, str] | dict[str, str | None]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _contact(row: sqlite3.Row) -> Contact:
    return Contact(row["id"], row["created_ms"], row["updated_ms"], row["archived_ms"], json.loads(row["properties"]))
