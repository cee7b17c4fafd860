"""Search over companies, notes and tasks: few records, so each is looked at, and there is no lag."""

from typing import Any

from sandbox.errors import bad_request
from sandbox.state import tokens
from sandbox.state.clock import parse_moment
from sandbox.state.definitions import Definition
from sandbox.state.filters import ASSOCIATIONS, NEGATED, OPERATORS, unknown_property
from sandbox.state.kinds import kind_of
from sandbox.state.links import Links
from sandbox.state.records import Record, Records
from sandbox.state.search import MAX_LIMIT, MAX_RESULTS, Found


def search_objects(records: Records, links: Links, body: dict[str, Any]) -> Found:
    """One search; 400 for what cannot be understood. Words of the query must all be part of some value."""
    limit, start = _page(body)
    words = str(body.get("query") or "").lower().split()
    groups = [_listed(group, "filters") for group in _listed(body, "filterGroups")]
    for item in (item for group in groups for item in group):
        _require_sense(records, item)
    everything, _ = records.page(0, 1_000_000)
    found = [r for r in everything if _has_words(r, words) and _is_in_a_group(records, links, r, groups)]
    sorts = body.get("sorts")
    if isinstance(sorts, list) and sorts:
        name, descending = _sort(sorts[0])
        definition = records.definitions.get(name)
        if definition is not None:  # an unknown one is ignored (observed)
            found.sort(key=lambda record: _sorting(definition, record.properties.get(name, "")), reverse=descending)
    following = start + limit
    return Found(len(found), found[start:following], following if following < len(found) else None)


def _page(body: dict[str, Any]) -> tuple[int, int]:
    """How many records a page has, and the number of its first."""
    try:
        limit, start = int(body.get("limit") or 10), int(body.get("after") or 0)
    except (TypeError, ValueError) as error:
        raise bad_request("limit and after are numbers.") from error
    if not 0 < limit <= MAX_LIMIT or not 0 <= start <= MAX_RESULTS - limit:
        raise bad_request(f"Invalid limit or after: at most {MAX_LIMIT} at once and {MAX_RESULTS} in all.")
    return limit, start


def _is_in_a_group(records: Records, links: Links, record: Any, groups: list[Any]) -> bool:
    """Whether all filters of a group hold; without any group every record is found."""
    return not groups or any(all(_holds(records, links, record, item) for item in group) for group in groups)


def _has_words(record: Any, words: list[str]) -> bool:
    return all(any(word in value.lower() for value in record.properties.values()) for word in words)


def _require_sense(records: Records, item: dict[str, Any]) -> None:
    """400 for a filter that makes no sense, whatever records there are."""
    if item.get("operator") not in OPERATORS:
        raise bad_request(f"Invalid filter: {item.get('operator')} is not an operator.")
    if not str(item.get("propertyName")).startswith(ASSOCIATIONS):
        _definition(records, str(item.get("propertyName")))


def _holds(records: Records, links: Links, record: Record, item: dict[str, Any]) -> bool:
    name, operator = str(item.get("propertyName")), str(item.get("operator"))
    if name.startswith(ASSOCIATIONS):
        kind = kind_of(name.removeprefix(ASSOCIATIONS))
        return kind is not None and any(str(each.id) == str(item.get("value")) for each in links.of(record.id, kind))
    definition = _definition(records, name)
    value = record.properties.get(name, "")
    holds = value != "" and _compare(definition, value, NEGATED.get(operator, operator), item)
    return holds != (operator in NEGATED)


def _compare(definition: Definition, value: str, operator: str, item: dict[str, Any]) -> bool:
    def key(raw: Any) -> Any:
        return _sorting(definition, str(raw))

    if operator == "HAS_PROPERTY":
        return True
    if operator == "IN":
        return any(key(value) == key(each) for each in _values(item))
    if operator == "CONTAINS_TOKEN":
        return tokens.has_token(value.lower(), str(item.get("value", "")))
    wanted = key(item.get("value", ""))
    if operator == "BETWEEN":
        return bool(wanted <= key(value) <= key(item.get("highValue", "")))
    have = key(value)
    results: dict[str, bool] = {
        "EQ": have == wanted,
        "LT": have < wanted,
        "LTE": have <= wanted,
        "GT": have > wanted,
        "GTE": have >= wanted,
    }
    return results[operator]


def _listed(body: Any, key: str) -> list[dict[str, Any]]:
    items = body.get(key) or []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise bad_request(f"{key} must be a list of objects.")
    return items


def _sort(item: Any) -> tuple[str, bool]:
    if isinstance(item, dict):
        return str(item.get("propertyName")), item.get("direction") == "DESCENDING"
    return str(item).removeprefix("-"), str(item).startswith("-")


def _values(item: dict[str, Any]) -> list[Any]:
    values = item.get("values")
    if not isinstance(values, list):
        raise bad_request("Invalid filter: IN needs a list of values.")
    return values


def _definition(records: Records, name: str) -> Definition:
    definition = records.definitions.get(name)
    if definition is None:
        raise unknown_property(name)
    return definition


def _sorting(definition: Definition, value: str) -> tuple[float, str]:
    """A value in the order of its type; texts without regard to case."""
    if not definition.numeric:
        return (0.0, value.lower())
    try:
        number = float(value) if definition.type == "number" else parse_moment(value)
    except ValueError:
        number = None
    return (float("-inf") if number is None else float(number), "")
