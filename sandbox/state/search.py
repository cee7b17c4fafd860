"""Search over contacts: its limits, and its recorded habit of matching on an index that lags behind."""

from dataclasses import dataclass
from typing import Any

from sandbox.errors import bad_request
from sandbox.state import filters
from sandbox.state.clock import Clock
from sandbox.state.contacts import Contact, Contacts
from sandbox.state.definitions import Definitions
from sandbox.state.index import FOREVER, has_token
from sandbox.state.store import Store

MAX_GROUPS = 5
MAX_FILTERS = 6
MAX_FILTERS_IN_ALL = 18
MAX_LIMIT = 200
MAX_RESULTS = 10_000
MAX_QUERY = 3_000


@dataclass(frozen=True)
class Found:
    """How many the index matched, the live contacts of this page, and where the next page starts."""

    total: int
    contacts: list[Contact]
    after: int | None


class Search:
    """Answers searches; `lag_seconds` is how far its index is behind."""

    def __init__(
        self, store: Store, contacts: Contacts, definitions: Definitions, clock: Clock, lag_seconds: float
    ) -> None:
        self._store = store
        self._contacts = contacts
        self._definitions = definitions
        self._clock = clock
        self.lag_seconds = lag_seconds
        store.db.create_function("has_token", 2, has_token, deterministic=True)

    def run(self, body: dict[str, Any]) -> Found:
        """One search; 400 for anything past the documented limits."""
        limit = _whole(body.get("limit"), "limit", 10)
        start = _whole(body.get("after"), "after", 0)
        if not 0 <= limit <= MAX_LIMIT:
            raise bad_request(f"Invalid limit {limit}: it must be between 0 and {MAX_LIMIT}.")
        if start + limit > MAX_RESULTS:
            raise bad_request(f"A search cannot page past {MAX_RESULTS} results.")
        where, params = self._where(body)
        order, order_params = self._order(body.get("sorts"))
        count = self._store.db.execute(f"SELECT count(*) FROM versions v WHERE {where}", params).fetchone()
        rows = self._store.db.execute(
            f"SELECT v.contact_id FROM versions v {order[0]} WHERE {where} ORDER BY {order[1]} LIMIT ? OFFSET ?",
            [*order_params, *params, limit, start],
        )
        contacts = self._contacts.many(row["contact_id"] for row in rows.fetchall())
        total = int(count[0])
        following = start + limit
        return Found(total, contacts, following if limit and following < min(total, MAX_RESULTS) else None)

    def _where(self, body: dict[str, Any]) -> filters.Sql:
        # With no lag the open versions are searched, so a clock that another process moved cannot hide a write.
        moment = self._clock.now() - int(self.lag_seconds * 1000) if self.lag_seconds else FOREVER - 1
        parts = ["v.from_ms <= ?", "v.to_ms > ?"]
        params: list[Any] = [moment, moment]
        for word in _query(body.get("query")):
            parts.append("instr(v.haystack, ?) > 0")
            params.append(word)
        groups = [self._group(group) for group in _groups(body)]
        if groups:
            parts.append("(" + " OR ".join(sql for sql, _ in groups) + ")")
            params.extend(param for _, group in groups for param in group)
        return " AND ".join(parts), params

    def _group(self, items: list[dict[str, Any]]) -> filters.Sql:
        conditions = [filters.condition(item, self._definitions) for item in items]
        sql = " AND ".join(sql for sql, _ in conditions) or "1"
        return f"({sql})", [param for _, params in conditions for param in params]

    def _order(self, sorts: Any) -> tuple[tuple[str, str], list[Any]]:
        if not sorts:
            return ("", "v.contact_id"), []
        if not isinstance(sorts, list) or len(sorts) > 1:
            raise bad_request("Only one sort is allowed.")
        name, descending = _sort(sorts[0])
        definition = self._definitions.get(name)
        if definition is None:
            raise filters.unknown_property(name)
        column = "s.number" if definition.numeric else "s.folded"
        join = "LEFT JOIN version_values s ON s.version_id = v.id AND s.name = ?"
        return (join, f"{column} IS NULL, {column} {'DESC' if descending else 'ASC'}, v.contact_id"), [name]


def _groups(body: dict[str, Any]) -> list[list[dict[str, Any]]]:
    raw = body.get("filterGroups") or []
    if not raw and body.get("filters"):
        raw = [{"filters": body["filters"]}]
    if not isinstance(raw, list):
        raise bad_request("filterGroups must be a list.")
    groups = [group.get("filters") if isinstance(group, dict) else None for group in raw]
    checked = [group for group in groups if isinstance(group, list)]
    if len(checked) != len(raw) or not all(isinstance(item, dict) for group in checked for item in group):
        raise bad_request("Every filter group must hold a list of filters.")
    if len(checked) > MAX_GROUPS:
        raise bad_request(f"A search has at most {MAX_GROUPS} filterGroups.")
    if any(len(group) > MAX_FILTERS for group in checked) or sum(map(len, checked)) > MAX_FILTERS_IN_ALL:
        raise bad_request(f"A search has at most {MAX_FILTERS} filters in a group, {MAX_FILTERS_IN_ALL} in all.")
    return checked


def _query(query: Any) -> list[str]:
    """The words of a query: each must be part of a searchable value, in any order (inferred)."""
    if query is None:
        return []
    if not isinstance(query, str) or len(query) > MAX_QUERY:
        raise bad_request(f"The query must be a text of at most {MAX_QUERY} characters.")
    return query.lower().split()


def _sort(item: Any) -> tuple[str, bool]:
    if isinstance(item, str):
        return item.removeprefix("-"), item.startswith("-")
    if isinstance(item, dict) and item.get("direction", "ASCENDING") in ("ASCENDING", "DESCENDING"):
        return str(item.get("propertyName")), item.get("direction") == "DESCENDING"
    raise bad_request("A sort is a property name and a direction.")


def _whole(value: Any, name: str, default: int) -> int:
    if value is None or value == "":
        return default
    if isinstance(value, int | str) and str(value).isdigit():
        return int(value)
    raise bad_request(f"Invalid {name}: {value}")
