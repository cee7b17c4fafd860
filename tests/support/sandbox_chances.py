"""The random parts of the sandbox's tests: people, values, searches, and the steps of a batch in the model."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from support.sandbox_model import NAMES, STAGES, Model, Values

emails = st.sampled_from(
    ["ada@x.example.com", "ADA@x.example.com ", "bo@x.example.com", "cy@x.example.com", "d@y.example.com"]
)
cities = st.sampled_from(["Ribe", "Skive", "Århus", ""])
names = st.sampled_from(["Ada", "Bo", "Åse Marie"])
stages = st.sampled_from([*STAGES, ""])
people = st.fixed_dictionaries({"firstname": names}, optional={"email": emails, "city": cities})
odd = st.fixed_dictionaries(
    {},
    optional={"email": emails | st.sampled_from(["", "nobody@"]), "firstname": names | st.just(""), "city": cities},
)
values = people | odd | st.fixed_dictionaries({"lifecyclestage": stages}, optional={"email": emails, "city": cities})
without_email = values.map(lambda sent: {name: value for name, value in sent.items() if name != "email"})
picks = st.tuples(st.integers(0, 40), st.sampled_from(["live", "live", "live", "archived", "merged", "ever"]))
put_away = st.tuples(st.integers(0, 40), st.sampled_from(["archived", "archived", "archived", "ever"]))
to_purge = st.tuples(st.integers(0, 40), st.sampled_from(["live", "archived", "merged", "merged", "ever"]))
Pick = tuple[int, str]
TESTS: dict[str, tuple[dict[str, Any], Callable[[Values], bool]]] = {
    "city": ({"propertyName": "city", "operator": "EQ", "value": "RIBE"}, lambda held: held.get("city") == "Ribe"),
    "has": ({"propertyName": "city", "operator": "HAS_PROPERTY"}, lambda held: bool(held.get("city"))),
    "has not": ({"propertyName": "city", "operator": "NOT_HAS_PROPERTY"}, lambda held: not held.get("city")),
    "email": (
        {"propertyName": "email", "operator": "EQ", "value": "ada@x.example.com"},
        lambda held: held.get("email") == "ada@x.example.com",
    ),
    "domain": (
        {"propertyName": "email", "operator": "CONTAINS_TOKEN", "value": "*@x.example.com"},
        lambda held: held.get("email", "").endswith("@x.example.com"),
    ),
    "stage": (
        {"propertyName": "lifecyclestage", "operator": "IN", "values": ["customer", "subscriber"]},
        lambda held: held.get("lifecyclestage") in ("customer", "subscriber"),
    ),
}


def shown(body: dict[str, Any]) -> dict[str, str | None]:
    """The values of a record that the model knows."""
    return {name: body["properties"].get(name) for name in NAMES}


def texts(person: dict[str, str | None]) -> Values:
    """The values as texts, nothing where there is none."""
    return {name: value or "" for name, value in person.items()}


def creating(key: str, sent: Values) -> Callable[[Model], None]:
    """The step that creates a contact."""
    return lambda model: model.create(key, sent)


def updating(key: str, sent: Values) -> Callable[[Model], None]:
    """The step that updates a contact."""
    return lambda model: model.update(key, sent)


def upserting(key: str, email: str, sent: Values) -> Callable[[Model], None]:
    """The step that updates or creates."""

    def step(model: Model) -> None:
        model.upsert(key, email, sent)

    return step
