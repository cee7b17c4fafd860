"""The search index: it finds what a plain scan finds, of the moment that the lag says."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

CONTACTS = "/crm/v3/objects/contacts"
SEARCHED = (
    "firstname", "lastname", "email", "phone", "hs_additional_emails", "fax", "mobilephone", "company",
    "hs_searchable_calculated_phone_number", "hs_searchable_calculated_mobile_number",
)  # fmt: skip
TEXTS = ("firstname", "company", "city", "phone", "hs_searchable_calculated_phone_number")
STAGES = ("lead", "customer", "other")
LAG, STEP = 20, 7

Values = dict[str, str]

letters = st.text("aAnNøØ1 2-.李龙*", min_size=1, max_size=5)
words = st.sampled_from(["Anna", "ann", "Ann-Marie", "Bo Nansen", "小龙", "x@an.example", "+45 20 12 12 12", "1212"])
value = st.one_of(words, letters)
person = st.fixed_dictionaries(
    {"firstname": value},
    optional={"company": value, "city": value, "phone": value, "lifecyclestage": st.sampled_from(STAGES)},
)
wildcard = st.builds(lambda a, text, z: a + text + z, st.sampled_from(["", "*"]), value, st.sampled_from(["", "*"]))


@st.composite
def filters(draw: Any) -> dict[str, Any]:
    name = draw(st.sampled_from([*TEXTS, "lifecyclestage"]))
    operator = draw(st.sampled_from(list(OPERATORS)))
    one = {"propertyName": name, "operator": operator}
    if "PROPERTY" in operator:
        return one
    some = st.sampled_from(["Customer", *STAGES]) if name == "lifecyclestage" else value
    if operator.endswith("IN"):
        return one | {"values": draw(st.lists(some, min_size=1, max_size=3))}
    if operator.endswith("TOKEN"):
        return one | {"value": draw(wildcard)}
    return one | {"value": draw(some)} | ({"highValue": draw(some)} if operator == "BETWEEN" else {})


search = st.fixed_dictionaries(
    {},
    optional={
        "query": st.lists(value, max_size=2).map(" ".join),
        "filterGroups": st.lists(
            st.lists(filters(), max_size=3).map(lambda each: {"filters": each}), min_size=1, max_size=3
        ),
    },
)


def has_token(text: str, wanted: str) -> bool:
    """A token by the README: whole words, or with stars the whole value, a part between spaces, or a word."""
    items = [text, *text.split(), *re.findall(r"\w+", text)]
    wanted = wanted.strip()
    if "*" in wanted:
        expression = ".*".join(re.escape(part) for part in wanted.split("*"))
        return any(re.fullmatch(expression, item, re.DOTALL) for item in items)
    parts = re.findall(r"\w+", wanted)
    return wanted in items[1:] or (bool(parts) and all(part in items[1:] for part in parts))


OPERATORS: dict[str, Callable[[str, dict[str, Any], bool], bool]] = {
    "EQ": lambda own, f, exact: own == f["value"] if exact else own.lower() == f["value"].lower(),
    "IN": lambda own, f, exact: (own if exact else own.lower()) in f["values"],
    "LT": lambda own, f, exact: own.lower() < f["value"].lower(),
    "GTE": lambda own, f, exact: own.lower() >= f["value"].lower(),
    "BETWEEN": lambda own, f, exact: f["value"].lower() <= own.lower() <= f["highValue"].lower(),
    "HAS_PROPERTY": lambda own, f, exact: True,
    "CONTAINS_TOKEN": lambda own, f, exact: has_token(own.lower(), f["value"].lower()),
    "NEQ": lambda own, f, exact: not OPERATORS["EQ"](own, f, exact),
    "NOT_IN": lambda own, f, exact: own not in f["values"] if exact else own.lower() not in f["values"],
    "NOT_HAS_PROPERTY": lambda own, f, exact: False,
    "NOT_CONTAINS_TOKEN": lambda own, f, exact: not OPERATORS["CONTAINS_TOKEN"](own, f, exact),
}


def holds(values: Values, one: dict[str, Any]) -> bool:
    own, operator = values.get(one["propertyName"]) or "", one["operator"]
    if not own:
        return operator.startswith("N")
    return OPERATORS[operator](own, one, one["propertyName"] == "lifecyclestage")


def scan(contacts: dict[str, Values], body: dict[str, Any]) -> list[str]:
    """The ids that a search matches, by looking at every contact."""
    groups = [group["filters"] for group in body.get("filterGroups", [])]
    found = []
    for contact_id, values in contacts.items():
        text = "\n".join(values[name].lower() for name in SEARCHED if values.get(name))
        if all(word in text for word in body.get("query", "").lower().split()) and (
            not groups or any(all(holds(values, one) for one in group) for group in groups)
        ):
            found.append(contact_id)
    return sorted(found, key=int)


def current(sandbox: Any) -> dict[str, Values]:
    """Every contact as it is now, by the list of contacts."""
    names = ",".join([*SEARCHED, *TEXTS, "lifecyclestage"])
    listed = sandbox.http.get(CONTACTS, params={"limit": 100, "properties": names}).json()["results"]
    return {each["id"]: each["properties"] for each in listed}


@settings(max_examples=40, deadline=None)
@given(people=st.lists(person, min_size=1, max_size=6), bodies=st.lists(search, min_size=3, max_size=10))
def test_index_finds_what_a_scan_finds(shared: Any, people: list[Values], bodies: list[dict[str, Any]]) -> None:
    """Any query and filters find the contacts that a look at each of them finds, and count them."""
    shared.control("POST", "reset", {"seed": "none"})
    for values in people:
        shared.create(**values)
    contacts = current(shared)
    for body in bodies:
        answer = shared.search(**body)
        expected = scan(contacts, body)
        assert [each["id"] for each in answer["results"]] == expected[:10], body
        assert answer["total"] == len(expected)


@dataclass
class Past:
    """What the contacts were at each step; the index shows them as they were a lag ago."""

    steps: list[dict[str, Values]]

    def seen(self, lag: int) -> dict[str, Values]:
        back = -(-lag // STEP)
        return self.steps[-1 - back] if back < len(self.steps) else {}


changes = st.tuples(st.sampled_from(["create", "update", "update", "archive"]), st.integers(0, 9), person)


@settings(max_examples=25, deadline=None)
@given(rounds=st.lists(st.lists(changes, max_size=3), min_size=1, max_size=7), bodies=st.lists(search, min_size=4))
def test_index_shows_the_past(shared: Any, rounds: list[list[Any]], bodies: list[dict[str, Any]]) -> None:
    """With a lag a search counts what matched a lag ago, through creates, updates and archived contacts."""
    shared.control("POST", "reset", {"seed": "none"})
    shared.control("POST", "lag", {"seconds": 0})
    past = Past([{}])
    for steps in rounds:
        for kind, which, values in steps:
            ids = sorted(current(shared), key=int)
            if kind == "create" or not ids:
                shared.create(**values)
            elif kind == "update":
                shared.http.patch(f"{CONTACTS}/{ids[which % len(ids)]}", json={"properties": values})
            else:
                shared.http.delete(f"{CONTACTS}/{ids[which % len(ids)]}")
        past.steps.append(current(shared))
        shared.control("POST", "clock", {"advance": STEP})
    past.steps.append(past.steps[-1])  # the clock moved on and nothing was written since
    try:
        for body in bodies:
            for lag in (0, LAG):
                shared.control("POST", "lag", {"seconds": lag})
                answer = shared.search(limit=100, **body)
                matched = scan(past.seen(lag), body)
                assert answer["total"] == len(matched), (lag, body)
                alive = [contact_id for contact_id in matched if contact_id in past.steps[-1]]
                assert [each["id"] for each in answer["results"]] == alive
    finally:
        shared.control("POST", "lag", {"seconds": 0})
