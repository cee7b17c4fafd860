"""Measures, inside the sandbox, how long it takes to load 100,000 contacts and to search them."""

import random
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from benchmarks.report import Figure
from support.children import Sandbox, running_sandbox

CONTACTS = 100_000
PEOPLE = 12
TARGET_MS = 50.0
NUMBER = "hs_searchable_calculated_phone_number"
CONTACTS_PATH = "/crm/v3/objects/contacts"

Person = dict[str, str]
Bodies = Callable[[Person], list[dict[str, Any]]]


def measure() -> list[Figure]:
    """Seconds to load, and the median milliseconds of searches by name, by email and by phone, warm."""
    started = time.perf_counter()
    with running_sandbox("--seed", f"people:{CONTACTS}") as sandbox:
        loaded = time.perf_counter() - started
        health = sandbox.control("GET", "health")
        assert health["contacts"] == CONTACTS
        people = some_people(sandbox)
        searches: dict[str, Bodies] = {"name": by_name, "email": by_email, "phone": by_phone}
        figures = [Figure(f"sandbox: seconds to load {CONTACTS:,} contacts", loaded, None, "s")]
        for what, bodies in searches.items():
            taken = [milliseconds(sandbox, bodies, people, lag) for lag in (0, 0, 30)][1:]  # the first one warms up
            worst = max(median(times) for times in taken)
            figures.append(Figure(f"sandbox: search by {what}, median of the slower lag", worst, TARGET_MS, "ms"))
        return figures


def some_people(sandbox: Sandbox) -> list[Person]:
    """A few contacts spread over all that have an email and a number, the same in every run."""
    chance = random.Random(7)
    wanted = {"limit": 1, "properties": ["firstname", "lastname", "email", NUMBER]}
    reachable = {"filters": [{"propertyName": name, "operator": "HAS_PROPERTY"} for name in ("email", "phone")]}
    people = []
    for _ in range(PEOPLE):
        body = {**wanted, "filterGroups": [reachable], "after": str(chance.randrange(9_999))}
        (found,) = _search(sandbox, body)["results"]
        people.append(found["properties"])
    return people


def by_name(person: Person) -> list[dict[str, Any]]:
    """Searches by words of the name: exact values, tokens, and patterns with a star on one side or both."""
    first, last = person["firstname"], person["lastname"]
    return [
        {"query": f"{first} {last}"},
        {"query": last},
        _filtered([("firstname", "EQ", first), ("lastname", "EQ", last)]),
        _filtered([("lastname", "CONTAINS_TOKEN", last)]),
        _filtered([("lastname", "CONTAINS_TOKEN", f"{last[:3]}*")]),
        _filtered([("lastname", "CONTAINS_TOKEN", f"*{last[-3:]}")]),
        _filtered([("firstname", "CONTAINS_TOKEN", f"*{first[:3]}*"), ("lastname", "IN", [last.lower()])]),
        _filtered([("firstname", "EQ", first), ("lastname", "EQ", last)], [("company", "CONTAINS_TOKEN", last)]),
    ]


def by_email(person: Person) -> list[dict[str, Any]]:
    """The address exactly, in a list, its domain, its local part, and as a word of the query."""
    email = person["email"]
    local, domain = email.split("@")
    return [
        {"query": email},
        _filtered([("email", "EQ", email)]),
        _filtered([("email", "IN", [email, f"x{email}"])]),
        _filtered([("email", "CONTAINS_TOKEN", f"*@{domain}")]),
        _filtered([("email", "CONTAINS_TOKEN", f"{local}*")]),
        _filtered([("email", "EQ", email)], [("hs_additional_emails", "EQ", email)]),
    ]


def by_phone(person: Person) -> list[dict[str, Any]]:
    """The number as digits in the query, exactly, in a list, its end, and over phone and mobile phone."""
    digits = person[NUMBER]
    mobile = "hs_searchable_calculated_mobile_number"
    return [
        {"query": digits},
        _filtered([(NUMBER, "EQ", digits)]),
        _filtered([(NUMBER, "IN", [digits, f"45{digits}"])]),
        _filtered([(NUMBER, "CONTAINS_TOKEN", f"*{digits[-4:]}")]),
        _filtered([(NUMBER, "EQ", digits)], [(mobile, "EQ", digits)], [("phone", "CONTAINS_TOKEN", f"*{digits}*")]),
    ]


def milliseconds(sandbox: Sandbox, bodies: Bodies, people: list[Person], lag: int) -> list[float]:
    """The server's time for each of the searches, while its index lags by this many seconds."""
    sandbox.control("POST", "lag", {"seconds": lag})
    sandbox.forget()
    for person in people:
        for body in bodies(person):
            _search(sandbox, body)
    return [entry["ms"] for entry in sandbox.requests()]


def _search(sandbox: Sandbox, body: dict[str, Any]) -> dict[str, Any]:
    return dict(sandbox.http.post(f"{CONTACTS_PATH}/search", json=body).raise_for_status().json())


def _filtered(*groups: list[tuple[str, str, Any]]) -> dict[str, Any]:
    return {"filterGroups": [{"filters": [_filter(*each) for each in group]} for group in groups]}


def _filter(name: str, operator: str, wanted: Any) -> dict[str, Any]:
    return {"propertyName": name, "operator": operator, "values" if isinstance(wanted, list) else "value": wanted}
