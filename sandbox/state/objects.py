"""Companies, notes and tasks: plain records with the account's properties and no identity of their own."""

from sandbox import errors
from sandbox.state.clock import iso
from sandbox.state.derived import INTEGRATION_ID
from sandbox.state.records import Origin, Record, Records, dump

REQUIRED = {"notes": ("hs_timestamp",), "tasks": ("hs_timestamp",)}


class Objects(Records):
    """Reads and changes the objects of one kind. Refusals are raised as `HubSpotError`; then nothing is written."""

    def create(self, sent: dict[str, str], origin: Origin) -> Record:
        """A new object; 400 for bad values, or without the time that notes and tasks need (documented)."""
        properties = {name: value for name, value in self._accepted(sent, {}).items() if value != ""}
        missing = [name for name in REQUIRED.get(self.kind.name, ()) if name not in properties]
        if missing:
            raise errors.bad_request(f"Error creating {self.kind.singular.upper()}. Some required properties were not "
                                     f"set. Missing required properties: [{', '.join(missing)}]")  # fmt: skip
        with self._store.transaction() as db:
            now, object_id = self._clock.now(), self.next_id()
            full = {
                **properties,
                "hs_object_id": str(object_id),
                "hs_object_source": "INTEGRATION",
                "hs_object_source_id": INTEGRATION_ID,
                self.kind.created: iso(now),
                self.kind.modified: iso(now),
            }
            db.execute(
                "INSERT INTO objects (id, kind, created_ms, updated_ms, properties) VALUES (?, ?, ?, ?, ?)",
                (object_id, self.kind.name, now, now, dump(full)),
            )
            self._obey(origin, full)
            self._keep_history(db, object_id, properties, {}, now)
            self.log(db, "POST", object_id, properties, {}, origin)
        return Record(object_id, now, now, None, full)

    def update(self, record_id: int, sent: dict[str, str], origin: Origin) -> tuple[Record, set[str]]:
        """The object after the change and the names that changed."""
        with self._store.transaction() as db:
            before = self.get(record_id)
            accepted = self._accepted(sent, before.properties)
            changes = {n: v for n, v in accepted.items() if v != before.properties.get(n, "")}
            self._obey(origin, {**before.properties, **changes})
            if not changes:
                return before, set()
            now = max(self._clock.now(), before.updated_ms)
            full = {**before.properties, **changes, self.kind.modified: iso(now)}
            db.execute("UPDATE objects SET updated_ms = ?, properties = ? WHERE id = ?", (now, dump(full), record_id))
            self._keep_history(db, record_id, changes, before.properties, now)
            self.log(db, "PATCH", record_id, changes, before.properties, origin)
        return Record(record_id, before.created_ms, now, None, full), set(changes)

    def archive(self, record_id: int, origin: Origin) -> bool:
        """Put the object away; False where there is none."""
        with self._store.transaction() as db:
            if not self.many([record_id]):
                return False
            now = self._clock.now()
            db.execute("UPDATE objects SET archived_ms = ? WHERE id = ?", (now, record_id))
            self.log(db, "DELETE", record_id, {}, {}, origin)
        return True

    def restore(self, record_id: int, origin: Origin) -> Record:
        """Bring an archived object back."""
        with self._store.transaction() as db:
            before = self.get(record_id, archived=True)
            now = max(self._clock.now(), before.updated_ms)
            full = {**before.properties, self.kind.modified: iso(now)}
            db.execute(
                "UPDATE objects SET archived_ms = NULL, updated_ms = ?, properties = ? WHERE id = ?",
                (now, dump(full), record_id),
            )
            self.log(db, "RESTORE", record_id, {}, {}, origin)
        return Record(record_id, before.created_ms, now, None, full)
