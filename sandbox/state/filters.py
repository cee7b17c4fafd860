"""One search filter as SQL over the index: the operators of HubSpot's search."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.errors import HubSpotError, bad_request
from sandbox.state import tokens
from sandbox.state.definitions import Definition
from sandbox.state.index import Index, as_number, key
from sandbox.state.kinds import kind_of

Sql = tuple[str, list[Any]]
ASSOCIATIONS = "associations."
COMPARISONS = {"LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
OPERATORS = (
    "EQ", "NEQ", "LT", "LTE", "GT", "GTE", "BETWEEN", "IN", "NOT_IN",
    "HAS_PROPERTY", "NOT_HAS_PROPERTY", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN",
)  # fmt: skip
NEGATED = {"NEQ": "EQ", "NOT_IN": "IN", "NOT_HAS_PROPERTY": "HAS_PROPERTY", "NOT_CONTAINS_TOKEN": "CONTAINS_TOKEN"}
# From the operator that most likely leaves few contacts to the one that leaves most.
RANKS = {"EQ": 0, "IN": 0, "CONTAINS_TOKEN": 1, "HAS_PROPERTY": 4}
FEW_VALUES, COMPARED = 2, 3
HELD = "ifnull(x.value, x.folded)"


@dataclass(frozen=True)
class Condition:
    """A filter in two forms: a test of one version `v`, and the ids of all versions for which it holds.

    A negated one has no `ids`: it also holds where nothing is set (inferred), so it finds nobody by itself.
    """

    rank: int
    test: Sql
    ids: Sql | None


def condition(item: dict[str, Any], index: Index) -> Condition:
    """The SQL of one filter; 400 for one that cannot be understood."""
    name = item.get("propertyName")
    operator = item.get("operator")
    if operator not in OPERATORS:
        raise bad_request(f"Invalid filter: {operator} is not an operator.")
    if str(name).startswith(ASSOCIATIONS):
        return _associated(item)
    definition = index.definitions.get(str(name))
    if definition is None:
        raise unknown_property(str(name))
    positive = NEGATED.get(operator, operator)
    inner, params = _POSITIVE.get(positive, _compared)(item, definition, positive)
    test = f"EXISTS (SELECT 1 FROM entry_values x WHERE x.entry_id = v.id AND x.name = ?{inner})"
    values = [key(definition.name), *params]
    if operator in NEGATED:
        return Condition(RANKS["HAS_PROPERTY"], (f"NOT {test}", values), None)
    rank = RANKS.get(operator, COMPARED)
    if operator == "CONTAINS_TOKEN":
        return Condition(rank, (test, values), _having_token(definition.name, str(params[0]), index))
    if rank == 0 and definition.type in ("enumeration", "bool"):
        rank = FEW_VALUES
    return Condition(rank, (test, values), (f"SELECT x.entry_id FROM entry_values x WHERE x.name = ?{inner}", values))


def _associated(item: dict[str, Any]) -> Condition:
    """The contacts associated with one record: `associations.{objectType}` with EQ (documented). It does not lag."""
    kind = kind_of(str(item["propertyName"]).removeprefix(ASSOCIATIONS))
    value = _text(item, "value")
    if kind is None or item["operator"] != "EQ" or not value.isdecimal() or len(value) > 18:
        raise bad_request(f"Invalid filter: {item['propertyName']} takes EQ and the id of a record.")
    of = "SELECT {} FROM associations a{} WHERE a.to_kind = ? AND a.to_id = ? AND a.from_id = {}.contact_id"
    params = [kind.name, int(value)]
    return Condition(
        RANKS["EQ"],
        (f"EXISTS ({of.format('1', '', 'v')})", params),
        (of.format("y.id", " CROSS JOIN entries y", "y"), params),
    )


def _having_token(name: str, wanted: str, index: Index) -> Sql:
    column = index.column(name)
    expression = column and tokens.match(column, tokens.parts_of(wanted))
    if expression:
        # CROSS: trigrams first, then the values of those that have them.
        sql = (
            "SELECT x.entry_id FROM entry_text CROSS JOIN entry_values x ON x.entry_id = entry_text.rowid"
            " AND x.name = ? WHERE entry_text MATCH ? AND has_token(x.folded, ?)"
        )
        return sql, [key(name), expression, wanted]
    # Each different value is looked at once. LIMIT keeps SQLite from moving the test before the DISTINCT.
    sql = (
        "SELECT x.entry_id FROM entry_values x WHERE x.name = ? AND x.folded IN (SELECT folded FROM"
        " (SELECT DISTINCT folded FROM entry_values WHERE name = ? LIMIT -1) WHERE has_token(folded, ?))"
    )
    return sql, [key(name), key(name), wanted]


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
        return _marks("x.number", [_number(definition, value) for value in wanted])
    if definition.many:
        tests = " OR ".join(f"instr(';' || {HELD} || ';', ?) > 0" for _ in wanted)
        return f" AND ({tests})", [f";{value};" for value in wanted]
    if definition.type in ("enumeration", "bool"):
        by_index, folded = _marks("x.folded", [value.lower() for value in wanted])
        exactly, values = _marks(HELD, wanted)
        return by_index + exactly, folded + values
    return _marks("x.folded", [value.lower() for value in wanted] if fold else wanted)


def _marks(column: str, wanted: list[Any]) -> Sql:
    return f" AND {column} IN ({','.join('?' * len(wanted))})", wanted


def _between(item: dict[str, Any], definition: Definition, operator: str) -> Sql:
    low, high = _text(item, "value"), _text(item, "highValue")
    if definition.numeric:
        return " AND x.number BETWEEN ? AND ?", [_number(definition, low), _number(definition, high)]
    return " AND x.folded BETWEEN ? AND ?", [low.lower(), high.lower()]


def _compared(item: dict[str, Any], definition: Definition, operator: str) -> Sql:
    value = _text(item, "value")
    if definition.numeric:
        return f" AND x.number {COMPARISONS[operator]} ?", [_number(definition, value)]
    return f" AND x.folded {COMPARISONS[operator]} ?", [value.lower()]


def _token(item: dict[str, Any], definition: Definition, operator: str) -> Sql:
    return " AND has_token(x.folded, ?)", [_text(item, "value")]


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
