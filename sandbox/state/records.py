"""What every kind of record has in common: reading it, its history, and the log of writes."""

import json
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sandbox import errors
from sandbox.state.clock import Clock
from sandbox.state.definitions import Definitions
from sandbox.state.kinds import Kind
from sandbox.state.rules import Rule, broken
from sandbox.state.store import Store
from sandbox.state.values import Values

Link = tuple[str, int, str, int]
"""An association to be made with a new record: kind and id of the other, category and type id."""

HISTORY = ("contact_id", "at_ms", "name", "old", "new", "source")
WRITTEN = "INTEGRATION"


@dataclass(frozen=True)
class Record:
    """One record: every value it ever was given; "" is a cleared one, a missing name was never set."""

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
    source: str


@dataclass(frozen=True)
class Origin:
    """Where a write comes from: its request, the validation rules that hold for it, and its author.

    ``author``: HubSpot's sourceType, and its sourceId behind a slash where that is not the token's own integration.
    """

    correlation_id: str
    rules: tuple[Rule, ...] = ()
    author: str = WRITTEN


class Records(ABC):
    """The records of one kind in one table. Refusals are raised as `HubSpotError`, and then nothing is written."""

    def __init__(self, store: Store, definitions: Definitions, values: Values, clock: Clock, portal_id: int) -> None:
        self.kind: Kind = definitions.kind
        self.definitions = definitions
        self._store = store
        self._values = values
        self._clock = clock
        self._portal_id = portal_id
        contacts = self.kind.name == "contacts"
        self._rows = "contacts WHERE true" if contacts else f"objects WHERE kind = '{self.kind.name}'"

    def get(self, record_id: int, archived: bool = False) -> Record:
        """The record with this id among the live ones, or among the archived ones."""
        row = self._store.db.execute(f"SELECT * FROM {self._rows} AND id = ?", (record_id,)).fetchone()
        if row is None or (row["archived_ms"] is not None) != archived:
            raise errors.not_found()
        return _record(row)

    def many(self, ids: Iterable[int], archived: bool = False) -> list[Record]:
        """The live (or archived) records among these ids, in this order."""
        wanted = list(ids)
        state = "NOT NULL" if archived else "NULL"
        marks = ",".join("?" * len(wanted))
        rows = self._store.db.execute(
            f"SELECT * FROM {self._rows} AND archived_ms IS {state} AND id IN ({marks})", wanted
        )
        found = {row["id"]: _record(row) for row in rows}
        return [found[record_id] for record_id in wanted if record_id in found]

    def page(self, start: int, limit: int, archived: bool = False) -> tuple[list[Record], int | None]:
        """Records by id from `start` on, and the id of the one after them."""
        state = "NOT NULL" if archived else "NULL"
        rows = self._store.db.execute(
            f"SELECT * FROM {self._rows} AND archived_ms IS {state} AND id >= ? ORDER BY id LIMIT ?", (start, limit + 1)
        ).fetchall()
        following = int(rows[limit]["id"]) if len(rows) > limit else None
        return [_record(row) for row in rows[:limit]], following

    def history(self, record_id: int, names: Sequence[str] = ()) -> list[Change]:
        """Every change of what people set, newest first; of all properties, or of these."""
        marks = f" AND name IN ({','.join('?' * len(names))})" if names else ""
        rows = self._store.db.execute(
            f"SELECT * FROM history WHERE contact_id = ?{marks} ORDER BY seq DESC", (record_id, *names)
        )
        return [Change(row["at_ms"], row["name"], row["old"], row["new"], row["source"]) for row in rows]

    def next_id(self) -> int:
        """An id no record had before; ids grow with irregular gaps. Call it inside a transaction."""
        return self.next_ids(1)[0]

    def next_ids(self, count: int) -> list[int]:
        """The next so many ids, in order. Call it inside a transaction."""
        last = int(self._store.meta("last_id") or FIRST_ID)
        ids = []
        for _ in range(count):
            last += 1 + (last * 7_919 + 12_345) % 997
            ids.append(last)
        self._store.set_meta("last_id", str(last))
        return ids

    # What every kind is asked for besides; a new kind of record overrides these.

    def holder(self, id_property: str, value: str) -> int | None:
        """The live record with this value of a unique property; 400 where the property is not unique."""
        raise errors.bad_request(f'Property "{id_property}" is not a unique property of {self.kind.name}.')

    def resolved(self, record_id: int) -> int:
        """The id that stands for this one now."""
        return record_id

    @abstractmethod
    def create(self, sent: dict[str, str], origin: Origin) -> Record:
        """A new record; 400 for bad values."""

    @abstractmethod
    def update(self, record_id: int, sent: dict[str, str], origin: Origin) -> tuple[Record, set[str]]:
        """The record after the change and the names that changed, derived ones included."""

    @abstractmethod
    def archive(self, record_id: int, origin: Origin) -> bool:
        """Put the record away; False where there is none."""

    @abstractmethod
    def restore(self, record_id: int, origin: Origin) -> Record:
        """Bring an archived record back; 404 where none is archived under this id."""

    def _accepted(self, sent: dict[str, str], current: dict[str, str]) -> dict[str, str]:
        accepted, problems = self._values.check(sent, current)
        if problems:
            raise errors.invalid_properties(problems, self._portal_id)
        return accepted

    def _obey(self, origin: Origin, properties: Mapping[str, str]) -> None:
        problems = broken(origin.rules, self.kind.name, properties)
        if problems:
            raise errors.invalid_properties(problems, self._portal_id)

    def _keep_history(
        self,
        db: sqlite3.Connection,
        record_id: int,
        changes: Mapping[str, str],
        before: Mapping[str, str],
        now: int,
        source: str = WRITTEN,
    ) -> None:
        db.executemany(
            f"INSERT INTO history ({', '.join(HISTORY)}) VALUES (?, ?, ?, ?, ?, ?)",
            [(record_id, now, name, before.get(name), value, source) for name, value in changes.items()],
        )

    def log(
        self,
        db: sqlite3.Connection,
        method: str,
        record_id: int,
        changes: Mapping[str, str],
        before: Mapping[str, str],
        origin: Origin,
    ) -> None:
        """Note a write that takes effect; the caller holds the transaction."""
        held = {name: before.get(name) for name in changes}
        db.execute(
            "INSERT INTO writes (at_ms, method, object_id, properties, before, correlation_id)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (self._clock.now(), method, str(record_id), dump(changes), dump(held), origin.correlation_id),
        )


FIRST_ID = 105_890_600_000
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def dump(values: Mapping[str, str] | Mapping[str, str | None]) -> str:
    """Values as they are stored."""
    return _JSON.encode(values)


def _record(row: sqlite3.Row) -> Record:
    return Record(row["id"], row["created_ms"], row["updated_ms"], row["archived_ms"], json.loads(row["properties"]))
