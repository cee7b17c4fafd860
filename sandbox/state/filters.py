"""One search filter as SQL over the index: the operators of HubSpot's search."""

from collections.abc import Callable
from typing import Any

from sandbox.errors import HubSpotError, bad_request
from sandbox.state.definitions import Definition, Definitions
from sandbox.state.index import as_number

Sql = tuple[str, list[Any]]
COMPARISONS = {"LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
OPERATORS = (
    "EQ", "NEQ", "LT", "LTE", "GT", "GTE", "BETWEEN", "IN", "NOT_IN",
    "HAS_PROPERTY", "NOT_HAS_PROPERTY", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN",
)  # fmt: skip
NEGATED = {"NEQ": "EQ", "NOT_IN": "IN", "NOT_HAS_PROPERTY": "HAS_PROPERTY", "NOT_CONTAINS_TOKEN": "CONTAINS_TOKEN"}


def condition(item: dict[str, Any], definitions: Definitions) -> Sql:
    """A condition on `v`, the version searched. A negated operator also holds where nothing is set (inferred)."""
    name = item.get("propertyName")
    operator = item.get("operator")
    if operator not in OPERATORS:
        raise bad_request(f"Invalid filter: {operator} is not an operator.")
    definition = definitions.get(str(name))
    if definition is None:
        raise unknown_property(str(name))
    positive = NEGATED.get(operator, operator)
    inner, params = _POSITIVE.get(positive, _compared)(item, definition, positive)
    test = "NOT IN" if operator in NEGATED else "IN"
    sql = f"v.id {test} (SELECT version_id FROM version_values WHERE name = ?{inner})"
    return sql, [definition.name, *params]


def unknown_property(name: str) -> HubSpotError:
    """400 for a filter or sort by a property that does not exist; its text is not known from HubSpot."""
    return bad_request(f'There was a problem with the request: property "{name}" does not exist.')


def _has(item: dict[str, Any], definition: Definition, operator: str) -> Sql:
    return "", []


def _equal(item: dict[str, Any], definition: Definition, operator: str) -> Sql:
    return _one_of([_text(item, "value")], definition, fold=True)


def _in(item: dict[str, Any], definition: Definition, operator: str) -> Sql:
    wanted = item.get("values")
    if not isinstance(wanted, list) or not wanted:
        raise bad_request(f"Invalid filter: {operator} needs a list of values.")
    # Documented: on text properties IN and NOT_IN only match values sent in lower case.
    return _one_of([_string(value) for value in wanted], definition, fold=False)


def _one_of(wanted: list[str], definition: Definition, fold: bool) -> Sql:
    if definition.numeric:
        return _marks("number", [_number(definition, value) for value in wanted])
    if definition.many:
        tests = " OR ".join("instr(';' || value || ';', ?) > 0" for _ in wanted)
        return f" AND ({tests})", [f";{value};" for value in wanted]
    if definition.type in ("enumeration", "bool"):
        return _marks("value", wanted)
    return _marks("folded", [value.lower() for value in wanted] if fold else wanted)


def _marks(column: str, wanted: list[Any]) -> Sql:
    return f" AND {column} IN ({','.join('?' * len(wanted))})", wanted


def _between(item: dict[str, Any], definition: Definition, operator: str) -> Sql:
    low, high = _text(item, "value"), _text(item, "highValue")
    if definition.numeric:
        return " AND number BETWEEN ? AND ?", [_number(definition, low), _number(definition, high)]
    return " AND folded BETWEEN ? AND ?", [low.lower(), high.lower()]


def _compared(item: dict[str, Any], definition: Definition, operator: str) -> Sql:
    value = _text(item, "value")
    if definition.numeric:
        return f" AND number {COMPARISONS[operator]} ?", [_number(definition, value)]
    return f" AND folded {COMPARISONS[operator]} ?", [value.lower()]


def _token(item: dict[str, Any], definition: Definition, operator: str) -> Sql:
    return " AND has_token(folded, ?)", [_text(item, "value")]


_POSITIVE: dict[str, Callable[[dict[str, Any], Definition, str], Sql]] = {
    "EQ": _equal,
    "IN": _in,
    "BETWEEN": _between,
    "HAS_PROPERTY": _has,
    "CONTAINS_TOKEN": _token,
}


def _text(item: dict[str, Any], key: str) -> str:
    if item.get(key) is None:
        raise bad_request(f"Invalid filter: {item.get('operator')} on {item.get('propertyName')} needs a {key}.")
    return _string(item[key])


def _string(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise bad_request("Invalid filter: a value is not a string.")


def _number(definition: Definition, value: str) -> float:
    number = as_number(definition.type, value)
    if number is None:
        raise bad_request(f"Invalid filter: {value} is not a {definition.type}.")
    return number
