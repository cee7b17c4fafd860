"""Contacts and their rules: identity by email, lifecycle, history, what a write leaves behind."""

import sqlite3
from collections.abc import Iterable, Mapping
from itertools import islice

from sandbox import errors
from sandbox.state import derived
from sandbox.state.clock import Clock, iso
from sandbox.state.definitions import Definitions
from sandbox.state.identity import Identity
from sandbox.state.index import Index, loading
from sandbox.state.records import HISTORY, WRITTEN, Origin, Record, Records, dump
from sandbox.state.store import Store, insert_many
from sandbox.state.switches import Switches
from sandbox.state.values import Values

Contact = Record
LOADED_AT_ONCE = 1_000
NAMING = ("email", "firstname", "lastname")


class Contacts(Records):
    """Reads and changes contacts. Refusals are raised as `HubSpotError`, and then nothing is written."""

    def __init__(
        self,
        store: Store,
        definitions: Definitions,
        index: Index,
        values: Values,
        clock: Clock,
        portal_id: int,
        switches: Switches,
    ) -> None:
        super().__init__(store, definitions, values, clock, portal_id)
        self.identity = Identity(store, definitions, switches, portal_id)
        self._index = index
        self._switches = switches

    def holder(self, id_property: str, value: str) -> int | None:
        """The live contact with this email (primary or additional) or this value of a unique property."""
        if id_property == "email":
            return self.identity.of_email(value)
        if id_property in self.definitions.unique:
            return self.identity.of_value(id_property, value)
        return super().holder(id_property, value)

    def resolved(self, record_id: int) -> int:
        """The contact that this one was merged into, or itself."""
        return self.identity.resolved(record_id)

    def create(self, sent: dict[str, str], origin: Origin) -> Contact:
        """A new contact; 400 for bad values, 409 where its email is taken."""
        accepted = self._accepted(sent, {})
        properties = {name: value for name, value in accepted.items() if value != ""}
        if self._switches.create_unnamed == 400 and not any(name in properties for name in NAMING):
            raise errors.bad_request("At least one of email, firstname or lastname is required to create a contact.")
        with self._store.transaction() as db:
            now = self._clock.now()
            self.identity.require_free(properties, None)
            full = self.insert(db, self.next_id(), properties, now, origin.author)
            self._obey(origin, full.properties)
            self.log(db, "POST", full.id, properties, {}, origin)
        return full

    def insert(
        self, db: sqlite3.Connection, contact_id: int, properties: dict[str, str], now: int, author: str = WRITTEN
    ) -> Contact:
        """Store a new contact with everything that is derived; the caller holds the transaction."""
        given, full = _new(contact_id, properties, now, author)
        db.execute(
            "INSERT INTO contacts (id, created_ms, updated_ms, properties) VALUES (?, ?, ?, ?)",
            (contact_id, now, now, dump(full)),
        )
        self.identity.hold(db, contact_id, full)
        self._keep_history(db, contact_id, given, {}, now, author)
        self._index.put(db, contact_id, full, now)
        return Contact(contact_id, now, now, None, full)

    def load(self, people: Iterable[tuple[int, dict[str, str]]]) -> None:
        """Store many new contacts, each with the moment of its creation; search finds them with any lag.

        They become what `insert` makes of them, by few statements. Nothing is checked but that emails are unique.
        """
        rest = iter(people)
        with self._store.transaction() as db, loading(db):
            while some := list(islice(rest, LOADED_AT_ONCE)):
                self._load(db, some)

    def _load(self, db: sqlite3.Connection, people: list[tuple[int, dict[str, str]]]) -> None:
        contacts: list[tuple[int, dict[str, str]]] = []
        rows: list[object] = []
        history: list[object] = []
        for contact_id, (now, properties) in zip(self.next_ids(len(people)), people, strict=True):
            given, full = _new(contact_id, properties, now, WRITTEN)
            contacts.append((contact_id, full))
            rows += (contact_id, now, now, dump(full))
            for name, value in given.items():
                history += (contact_id, now, name, None, value, WRITTEN)
        insert_many(db, "contacts", ("id", "created_ms", "updated_ms", "properties"), rows)
        insert_many(db, "history", HISTORY, history)
        self.identity.hold_all(db, contacts)
        self._index.load(db, contacts)

    def update(self, record_id: int, sent: dict[str, str], origin: Origin) -> tuple[Contact, set[str]]:
        """The contact after the change and the names that changed, derived ones included."""
        with self._store.transaction() as db:
            before = self.get(record_id)
            accepted = self._accepted(sent, before.properties)
            changes = {n: v for n, v in accepted.items() if v != before.properties.get(n, "")}
            if derived.goes_back(before.properties.get("lifecyclestage", ""), changes.get("lifecyclestage", "")):
                del changes["lifecyclestage"]
            self.identity.require_free(changes, record_id)
            self._obey(origin, {**before.properties, **changes})
            if not changes:
                return before, set()
            now = max(self._clock.now(), before.updated_ms)
            effects = {**changes, **derived.from_changes(changes, before.properties, now)}
            full = {**before.properties, **effects, "lastmodifieddate": iso(now)}
            self._replace(db, record_id, full, now)
            self._keep_history(db, record_id, changes, before.properties, now, origin.author)
            self.log(db, "PATCH", record_id, changes, before.properties, origin)
        return Contact(record_id, before.created_ms, now, None, full), set(effects)

    def archive(self, record_id: int, origin: Origin) -> bool:
        """Put the contact away; its email is free again. False where there is none."""
        with self._store.transaction() as db:
            now = self._clock.now()
            found = self.many([record_id])
            if not found:
                return False
            db.execute("UPDATE contacts SET archived_ms = ? WHERE id = ?", (now, record_id))
            self.identity.free(db, record_id)
            self._index.close(db, record_id, now)
            self.log(db, "DELETE", record_id, {}, {}, origin)
        return True

    def restore(self, record_id: int, origin: Origin) -> Contact:
        """Bring an archived contact back with its id; 409 where its email was taken meanwhile."""
        with self._store.transaction() as db:
            before = self.get(record_id, archived=True)
            for held in self._held(before.properties):
                self.identity.require_free(held, None)
            now = max(self._clock.now(), before.updated_ms)
            full = {**before.properties, "lastmodifieddate": iso(now)}
            self._replace(db, record_id, full, now)
            self.log(db, "RESTORE", record_id, {}, {}, origin)
        return Contact(record_id, before.created_ms, now, None, full)

    def merge(self, primary_id: int, other_id: int, origin: Origin) -> Contact:
        """One contact in place of two; both ids then stand for it. 404 where one is missing, 414 past 250 merges.

        The primary's values win and the other's fill what is empty; the lifecycle stage is the furthest of the
        two, and the other's emails become additional ones (documented).
        """
        if primary_id == other_id:
            raise errors.bad_request("A contact cannot be merged with itself.")
        with self._store.transaction() as db:
            primary, other = self.get(primary_id), self.get(other_id)
            merged_id = primary_id if self._switches.preserve_primary_id else self.next_id()
            now = max(self._clock.now(), primary.updated_ms, other.updated_ms)
            full = derived.merged(merged_id, primary.properties, other.properties, now)
            for contact in (primary, other):
                self._remove(db, contact.id, now)
            created = min(primary.created_ms, other.created_ms)
            db.execute(
                "INSERT INTO contacts (id, created_ms, updated_ms, properties) VALUES (?, ?, ?, ?)",
                (merged_id, created, now, dump(full)),
            )
            self.identity.join(db, (primary_id, other_id), merged_id)
            self.identity.keep(db, merged_id, full)
            self._index.put(db, merged_id, full, now)
            ids = (merged_id, primary_id, other_id)
            db.execute("UPDATE history SET contact_id = ? WHERE contact_id IN (?, ?)", ids)
            settled = {name: full[name] for name in other.properties if self._written(name) and full.get(name)}
            self._keep_history(db, merged_id, settled, primary.properties, now, "MERGE")
            self._obey(origin, full)
            changes = {n: v for n, v in full.items() if self._written(n) and v != primary.properties.get(n)}
            changes |= {n: full[n] for n in ("hs_merged_object_ids", "hs_additional_emails") if full.get(n)}
            self.log(db, "MERGE", merged_id, changes, primary.properties, origin)
            for gone in {primary_id, other_id} - {merged_id}:
                self.log(db, "MERGE", gone, {}, {}, origin)
        return Contact(merged_id, created, now, None, full)

    def purge(self, record_id: int, origin: Origin) -> None:
        """Delete the contact, live or archived, for good, and block its emails; 404 where there is none."""
        with self._store.transaction() as db:
            found = self.many([record_id]) or self.many([record_id], archived=True)
            if not found:
                raise errors.not_found()
            now = self._clock.now()
            self.identity.block(db, [held["email"] for held in self._held(found[0].properties) if "email" in held])
            self._remove(db, record_id, now)
            db.execute("DELETE FROM history WHERE contact_id = ?", (record_id,))
            db.execute("DELETE FROM merged WHERE new_id = ?", (record_id,))
            self.log(db, "GDPR-DELETE", record_id, {}, {}, origin)

    def block(self, email: str) -> None:
        """Block an address that no contact has."""
        with self._store.transaction() as db:
            self.identity.block(db, [email])

    def _held(self, properties: Mapping[str, str]) -> list[dict[str, str]]:
        addresses = [properties.get("email", ""), *properties.get("hs_additional_emails", "").split(";")]
        unique = [{name: properties[name]} for name in self.definitions.unique if properties.get(name)]
        return [*({"email": email} for email in addresses if email), *unique]

    def _written(self, name: str) -> bool:
        definition = self.definitions.get(name)
        return definition is not None and not definition.read_only

    def _replace(self, db: sqlite3.Connection, contact_id: int, full: dict[str, str], now: int) -> None:
        db.execute(
            "UPDATE contacts SET archived_ms = NULL, updated_ms = ?, properties = ? WHERE id = ?",
            (now, dump(full), contact_id),
        )
        self.identity.keep(db, contact_id, full)
        self._index.put(db, contact_id, full, now)

    def _remove(self, db: sqlite3.Connection, contact_id: int, now: int) -> None:
        db.execute("DELETE FROM contacts WHERE id = ?", (contact_id,))
        self.identity.free(db, contact_id)
        self._index.close(db, contact_id, now)


def _new(contact_id: int, properties: dict[str, str], now: int, author: str) -> tuple[dict[str, str], dict[str, str]]:
    """What a new contact was given, and all that it has."""
    given = {"lifecyclestage": derived.DEFAULT_STAGE, **properties}
    moment = iso(now)
    return given, {
        **derived.at_creation(contact_id, author),
        **given,
        **derived.from_changes(given, {}, now),
        "createdate": moment,
        "lastmodifieddate": moment,
    }
