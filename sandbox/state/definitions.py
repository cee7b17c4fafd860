"""The properties records can have: names, types, options, and which of them may be written.

HubSpot's own stand in data files; what the account added or changed is kept in the database.
"""

import json
import zoneinfo
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from sandbox.state.kinds import CONTACTS, Kind
from sandbox.state.store import Store

DATA = Path(__file__).parent.parent / "data"
MADE = "2025-01-15T08:00:00Z"
CONTINENTS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


class Option(NamedTuple):
    """One value an enumeration can have."""

    value: str
    label: str
    hidden: bool = False
    description: str = ""


@dataclass(frozen=True)
class Definition:
    """One property, as the account has it."""

    name: str
    label: str
    type: str
    field_type: str
    group: str
    options: tuple[Option, ...] = ()
    read_only: bool = False
    calculated: bool = False
    hidden: bool = False
    custom: bool = False
    form_field: bool = False
    external_options: bool = False
    referenced_object_type: str | None = None
    unique: bool = False
    description: str = ""
    display_order: int | None = None
    created: str = MADE
    updated: str = MADE
    archived_at: str | None = None

    @cached_property
    def labels(self) -> dict[str, str]:
        """What people call the options, by value."""
        return {option.value: option.label for option in self.options}

    @property
    def options_open(self) -> bool:
        """Whether the account may change the options: of its own properties, and of the lead status."""
        return self.custom or self.name == "hs_lead_status"

    @property
    def many(self) -> bool:
        """Whether a value is a list joined by semicolons."""
        return self.type == "enumeration" and (self.field_type == "checkbox" or self.name == "hs_additional_emails")

    @property
    def numeric(self) -> bool:
        """Whether values are compared as numbers."""
        return self.type in ("number", "date", "datetime")


class Definitions:
    """All properties of one kind by name: those of the data file in its order, then the account's own."""

    def __init__(self, store: Store, kind: Kind = CONTACTS) -> None:
        self.kind = kind
        self._store = store
        self._by_name: dict[str, Definition] = {}
        self._archived: dict[str, Definition] = {}
        self.unique: list[str] = []
        """The account's own properties of which no two records share a value."""
        self.load()

    def __iter__(self) -> Iterator[Definition]:
        return iter(self._by_name.values())

    def get(self, name: str) -> Definition | None:
        """The definition of a property, or None where the account has no such property."""
        return self._by_name.get(name)

    def label(self, name: str) -> str:
        """What people call the property."""
        definition = self._by_name.get(name)
        return name if definition is None else definition.label

    def archived(self) -> list[Definition]:
        """The definitions that were put away."""
        return list(self._archived.values())

    def put(self, definition: Definition) -> None:
        """Add or replace a definition. Call it inside a transaction, and `load` after it."""
        self._store.db.execute(
            "INSERT OR REPLACE INTO definitions (kind, name, body) VALUES (?, ?, ?)",
            (self.kind.name, definition.name, json.dumps(asdict(definition), ensure_ascii=False)),
        )

    def load(self) -> None:
        """Read them anew: another process over the same file may have changed some."""
        found = {row["name"]: _standard(row) for row in _data(self.kind.name)}
        rows = self._store.db.execute("SELECT body FROM definitions WHERE kind = ? ORDER BY rowid", (self.kind.name,))
        for row in rows:
            body = json.loads(row["body"])
            body["options"] = tuple(Option(*option) for option in body["options"])
            found[body["name"]] = Definition(**body)
        self._by_name = {name: each for name, each in found.items() if each.archived_at is None}
        self._archived = {name: each for name, each in found.items() if each.archived_at is not None}
        self.unique = [name for name, each in self._by_name.items() if each.unique]


@cache
def _data(kind: str) -> list[dict[str, Any]]:
    file = "properties.json" if kind == CONTACTS.name else "objects.json"
    data = json.loads((DATA / file).read_text(encoding="utf-8"))
    rows: list[dict[str, Any]] = data if kind == CONTACTS.name else data[kind]
    for row in rows:
        if row["name"] == "hs_timezone":
            row["options"] = _time_zones() or row["options"]
    return rows


def _time_zones() -> list[tuple[str, str]]:
    """The zones this machine knows, written as HubSpot writes them; none where it has no time zone data."""
    names = sorted(name for name in zoneinfo.available_timezones() if name.startswith(CONTINENTS) and "/" in name)
    return [(name.lower().replace("/", "_slash_"), name) for name in names]


def _standard(row: dict[str, Any]) -> Definition:
    return Definition(
        name=row["name"],
        label=row["label"],
        type=row["type"],
        field_type=row["fieldType"],
        group=row["group"],
        options=tuple(Option(value, label) for value, label in row.get("options", ())),
        read_only=row.get("readOnly", False),
        calculated=row.get("calculated", False),
        hidden=row.get("hidden", False),
        custom=row.get("custom", False),
        form_field=row.get("formField", False),
        external_options=row.get("externalOptions", False),
        referenced_object_type=row.get("referencedObjectType"),
    )
