"""The account as a whole: its details and owners, and everything the routes work with."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.state.clock import Clock
from sandbox.state.contacts import Contacts
from sandbox.state.definitions import Definition, Definitions
from sandbox.state.index import Index
from sandbox.state.kinds import CONTACTS, KINDS, Kind
from sandbox.state.links import Links
from sandbox.state.objects import Objects
from sandbox.state.records import Records
from sandbox.state.rules import Rule, read_rule
from sandbox.state.search import Search
from sandbox.state.store import Store
from sandbox.state.switches import Switches
from sandbox.state.values import Values

DATA = Path(__file__).parent.parent / "data" / "portal.json"
SCHEMA_MARK = "schema_mark"
RULES = "validation_rules"


@dataclass
class Portal:
    """One account over one database file."""

    store: Store
    lag_seconds: float = 0.0
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        data = json.loads(DATA.read_text(encoding="utf-8"))
        self._account: dict[str, Any] = data["account"]
        self.account_type: str = self._account["accountType"]
        self._first_owners: list[dict[str, Any]] = data["owners"]
        self.owners = list(self._first_owners)
        self.switches = Switches()
        self.schema = {kind.name: Definitions(self.store, kind) for kind in KINDS}
        self._schema_mark = self.store.meta(SCHEMA_MARK)
        self.definitions = self.schema[CONTACTS.name]
        values = {name: Values(definitions, self._is_owner) for name, definitions in self.schema.items()}
        self.contacts = Contacts(
            self.store,
            self.definitions,
            Index(self.definitions),
            values[CONTACTS.name],
            self.clock,
            self.id,
            self.switches,
        )
        self.records: dict[str, Records] = {CONTACTS.name: self.contacts}
        for kind in KINDS[1:]:
            definitions = self.schema[kind.name]
            self.records[kind.name] = Objects(self.store, definitions, values[kind.name], self.clock, self.id)
        self.links = Links(self.store, self.records)
        self.search = Search(self.store, self.contacts, self.definitions, self.clock, self.lag_seconds)

    @property
    def id(self) -> int:
        """The portal id."""
        return int(self._account["portalId"])

    def refresh(self) -> None:
        """Take note of property definitions that another process, or a reset, changed."""
        mark = self.store.meta(SCHEMA_MARK)
        if mark != self._schema_mark:
            self._schema_mark = mark
            for definitions in self.schema.values():
                definitions.load()

    def define(self, kind: Kind, definition: Definition) -> None:
        """Add or replace a property definition for all processes over the file."""
        with self.store.transaction():
            self.schema[kind.name].put(definition)
            self.store.set_meta(SCHEMA_MARK, secrets.token_hex(8))
        self.refresh()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The validation rules of the account's administrator."""
        return tuple(read_rule(body) for body in json.loads(self.store.meta(RULES) or "[]"))

    def set_rules(self, rules: Sequence[Rule]) -> None:
        """Replace the validation rules, for all processes over the file."""
        with self.store.transaction():
            self.store.set_meta(RULES, json.dumps([rule.body() for rule in rules]))

    def _is_owner(self, owner_id: str) -> bool:
        return any(owner["id"] == owner_id and not owner.get("archived") for owner in self.owners)

    def add_owner(self, first: str, last: str, email: str) -> str:
        """Give the account one more owner, until this process ends or the owners are reset; return the id."""
        number = max(int(owner["id"]) for owner in self.owners) + 1
        owner = {"id": str(number), "email": email, "firstName": first, "lastName": last, "userId": number}
        self.owners.append(owner)
        return str(number)

    def reset_owners(self) -> None:
        """Go back to the owners that the account has at the start."""
        self.owners = list(self._first_owners)

    def details(self) -> dict[str, Any]:
        """Account details with the offset of the account's time zone now."""
        try:
            offset = datetime.now(ZoneInfo(self._account["timeZone"])).utcoffset()
        except ZoneInfoNotFoundError:  # a machine without time zone data
            offset = timedelta(hours=1)
        seconds = int(offset.total_seconds()) if offset else 0
        sign = "-" if seconds < 0 else "+"
        hours, minutes = divmod(abs(seconds) // 60, 60)
        return {
            **self._account,
            "accountType": self.account_type,
            "utcOffset": f"{sign}{hours:02d}:{minutes:02d}",
            "utcOffsetMilliseconds": seconds * 1000,
        }
