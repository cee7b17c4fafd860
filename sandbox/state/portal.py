"""The account as a whole: its details and owners, and everything the routes work with."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.state.clock import Clock
from sandbox.state.contacts import Contacts
from sandbox.state.definitions import Definitions
from sandbox.state.index import Index
from sandbox.state.search import Search
from sandbox.state.store import Store
from sandbox.state.values import Values

DATA = Path(__file__).parent.parent / "data" / "portal.json"


@dataclass
class Portal:
    """One account over one database file."""

    store: Store
    lag_seconds: float = 0.0
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        data = json.loads(DATA.read_text(encoding="utf-8"))
        self._account: dict[str, Any] = data["account"]
        self.owners: list[dict[str, Any]] = data["owners"]
        owner_ids = {owner["id"] for owner in self.owners}
        self.definitions = Definitions()
        values = Values(self.definitions, owner_ids.__contains__)
        self.contacts = Contacts(self.store, Index(self.definitions), values, self.clock, self.id)
        self.search = Search(self.store, self.contacts, self.definitions, self.clock, self.lag_seconds)

    @property
    def id(self) -> int:
        """The portal id."""
        return int(self._account["portalId"])

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
            "utcOffset": f"{sign}{hours:02d}:{minutes:02d}",
            "utcOffsetMilliseconds": seconds * 1000,
        }
