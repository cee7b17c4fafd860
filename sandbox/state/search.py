"""Search over contacts: its limits, and its recorded habit of matching on an index that lags behind."""

from dataclasses import dataclass
from typing import Any

from sandbox.errors import bad_request
from sandbox.state import filters, tokens
from sandbox.state.clock import Clock
from sandbox.state.contacts import Contact, Contacts
from sandbox.state.definitions import Definitions
from sandbox.state.index import FOREVER, Index, key
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
        self._index = Index(definitions)
        self._index.prepare(store)
        self._clock = clock
        self.lag_seconds = lag_seconds
        store.db.create_function("has_token", 2, tokens.has_token, deterministic=True)

    def run(self, body: dict[str, Any]) -> Found:
        """One search; 400 for anything past the documented limits."""
        limit = _whole(body.get("limit"), "limit", 10)
        start = _whole(body.get("after"), "after", 0)
        if not 0 <= limit <= MAX_LIMIT:
            raise bad_request(f"Invalid limit {limit}: it must be between 0 and {MAX_LIMIT}.")
        if start + limit > MAX_RESULTS:
            raise bad_request(f"A search cannot page past {MAX_RESULTS} results.")
        sql, params = self.matches(body)
        join, order = self._order(body.get("sorts"))
        rows = self._store.db.execute(
            f"WITH found AS MATERIALIZED ({sql}) SELECT found.contact_id, (SELECT count(*) FROM found) AS total"
            f" FROM found {join[0]} ORDER BY {order} LIMIT ? OFFSET ?",
            [*params, *join[1], limit, start],
        ).fetchall()
        total = rows[0]["total"] if rows else self._count(sql, params)
        contacts = self._contacts.many(row["contact_id"] for row in rows)
        following = start + limit
        return Found(total, contacts, following if limit and following < min(total, MAX_RESULTS) else None)

    def matches(self, body: dict[str, Any]) -> filters.Sql:
        """The SQL that finds the versions which a search matches, without its order and its page."""
        # With no lag the open versions are searched, so a clock that another process moved cannot hide a write.
        moment = self._clock.now() - int(self.lag_seconds * 1000) if self.lag_seconds else FOREVER - 1
        parts = ["v.from_ms <= ?", "v.to_ms > ?"]
        params: list[Any] = [moment, moment]
        words = _query(body.get("query"))
        expression = tokens.match("haystack", words)
        groups = [[filters.condition(item, self._index) for item in items] for items in _groups(body)]
        if expression:
            parts.append("v.id IN (SELECT rowid FROM entry_text WHERE entry_text MATCH ?)")
            params.append(expression)
        elif groups:
            sql, values = _joined([_ids(group) for group in groups], " UNION ")
            parts.append(f"v.id IN ({sql})")
            params.extend(values)
        for word in words:
            parts.append("instr(v.haystack, ?) > 0")
            params.append(word)
        if expression and groups:
            sql, values = _joined([_test(group) for group in groups], " OR ")
            parts.append(f"({sql})")
            params.extend(values)
        return f"SELECT v.id, v.contact_id FROM entries v WHERE {' AND '.join(parts)}", params

    def _count(self, sql: str, params: list[Any]) -> int:
        return int(self._store.db.execute(f"SELECT count(*) FROM ({sql})", params).fetchone()[0])

    def _order(self, sorts: Any) -> tuple[filters.Sql, str]:
        """The order of the results; a sort by an unknown property is ignored (observed)."""
        if not sorts:
            return ("", []), "found.contact_id"
        if not isinstance(sorts, list) or len(sorts) > 1:
            raise bad_request("Only one sort is allowed.")
        name, descending = _sort(sorts[0])
        definition = self._index.definitions.get(name)
        if definition is None:
            return ("", []), "found.contact_id"
        column = "s.number" if definition.numeric else "s.folded"
        join = "LEFT JOIN entry_values s ON s.entry_id = found.id AND s.name = ?"
        return (join, [key(name)]), f"{column} IS NULL, {column} {'DESC' if descending else 'ASC'}, found.contact_id"


def _test(group: list[filters.Condition]) -> filters.Sql:
    """That one version meets all conditions of a group."""
    sql = " AND ".join(each.test[0] for each in group) or "1"
    return f"({sql})", [param for each in group for param in each.test[1]]


def _ids(group: list[filters.Condition]) -> filters.Sql:
    """All versions that meet a group: found by the condition that leaves fewest, then tested for the others."""
    able = [each for each in group if each.ids is not None]
    if not able:
        sql, params = _test(group)
        return f"SELECT v.id FROM entries v WHERE {sql}", params
    first = min(able, key=lambda each: each.rank)
    assert first.ids is not None
    rest = [each for each in group if each is not first]
    if not rest:
        return first.ids
    sql, params = _test(rest)
    return f"SELECT v.id FROM entries v WHERE v.id IN ({first.ids[0]}) AND {sql}", [*first.ids[1], *params]


def _joined(parts: list[filters.Sql], separator: str) -> filters.Sql:
    return separator.join(sql for sql, _ in parts), [param for _, params in parts for param in params]


def _groups(body: dict[str, Any]) -> list[list[dict[str, Any]]]:
    raw = body.get("filterGroups") or []
    if not raw and body.get("filters"):
        raw = [{"filters": body["filters"]}]
    if not isinstance(raw, list):
        raise bad_request("filterGroups must be a list.")
    checked = [_filters(group) for group in raw]
    if len(checked) > MAX_GROUPS:
        raise bad_request(f"A search has at most {MAX_GROUPS} filterGroups.")
    if any(len(group) > MAX_FILTERS for group in checked) or sum(map(len, checked)) > MAX_FILTERS_IN_ALL:
        raise bad_request(f"A search has at most {MAX_FILTERS} filters in a group, {MAX_FILTERS_IN_ALL} in all.")
    return checked


def _filters(group: Any) -> list[dict[str, Any]]:
    items = group.get("filters") if isinstance(group, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise bad_request("Every filter group must hold a list of filters.")
    return items


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
    text = str(value)
    if isinstance(value, int | str) and text.isascii() and text.isdigit() and len(text) <= 18:
        return int(text)
    raise bad_request(f"Invalid {name}: {value}")
