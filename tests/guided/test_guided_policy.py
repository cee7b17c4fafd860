"""The step to which each message leads, by the table of phrasings."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from guided.policy import decide
from guided.turn import Call, Say

TABLE = tomllib.loads(Path(__file__).with_name("phrasings.toml").read_text("utf-8"))


def step_of(said: str, desk: dict[str, Any]) -> str:
    step = decide(said, desk, "DK")
    if isinstance(step, Say):
        return step.key
    assert isinstance(step, Call)
    return f"{step.name} {json.dumps(step.arguments, ensure_ascii=False, sort_keys=True)}"


@pytest.mark.parametrize("case", TABLE["case"], ids=lambda c: f"{c['desk']}: {c['said'][:50]}")
def test_a_phrasing_becomes_the_step_it_means(case: dict[str, str]) -> None:
    """A Danish or English message on a given desk leads to the tool call, or the sentence, that it means."""
    assert step_of(case["said"], json.loads(TABLE["desks"][case["desk"]])) == case["step"]


def test_a_field_without_a_value_is_asked_for_and_then_taken() -> None:
    """An update without a value asks for the value, keeps the draft, and takes the next message as the value."""
    desk: dict[str, Any] = {"focus": {"id": "7", "name": "Mette Hansen"}}
    asked = decide("ret hendes telefon", desk, "DK")
    assert isinstance(asked, Say)
    assert asked.key == "guided-ask-value"
    assert asked.draft is not None
    assert asked.draft["awaiting"] == "phone"
    assert step_of("22 33 44 55", {**desk, "draft": asked.draft}).startswith("update_contact")


@pytest.mark.parametrize("number", ["0", "99", "nummer 12"])
def test_a_number_outside_the_list_is_answered_with_a_sentence(number: str) -> None:
    """A number that the list does not have leads to a sentence, never to a guess."""
    desk = {"shown": [{"n": 1, "id": "11", "name": "Mette Hansen"}]}
    assert step_of(number, desk) == "guided-no-such-number"


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("find Line Dam. find Karen Holm", 'search_contacts {"filters": {}, "query": "Line Dam"}'),
        (
            "create Anne Ek anne@x.example and Bo Dal bo@y.example",
            'create_contact {"properties": {"email": "anne@x.example", "firstname": "Anne", "lastname": "Ek"}}',
        ),
        (
            "ret Jens' telefon til 22334455 og ret Bos mail til b@y.example",
            'update_contact {"contact": "Jens", "properties": {"phone": "22334455"}}',
        ),
        (
            "find kunder i Aarhus og find Karen Holm",
            'search_contacts {"filters": {"city": "Aarhus", "lifecyclestage": "customer"}, "query": ""}',
        ),
    ],
)
def test_a_yes_starts_the_first_of_two_commands(said: str, first: str) -> None:
    """For two commands in one message the assistant asks; a yes carries out the first and nothing of the second."""
    asked = decide(said, {}, "DK")
    assert isinstance(asked, Say)
    assert asked.key == "guided-one-at-a-time"
    assert step_of("ja", {"draft": asked.draft}) == first


@pytest.mark.parametrize(
    ("name", "said", "value"),
    [
        ("jobtitle", "no, Head of Sales", "Head of Sales"),
        ("jobtitle", "nej, Kasserer", "Kasserer"),
        ("jobtitle", "nej, teknisk chef", "teknisk chef"),
        ("company", "nej, Nordlys Design", "Nordlys Design"),
        ("city", "nej, jeg mener Aarhus", "Aarhus"),
        ("city", "no, New York", "New York"),
        ("lastname", "nej, Brun", "Brun"),
        ("zip", "nej, 5200", "5200"),
        ("address", "nej, Vesterbro 2", "Vesterbro 2"),
    ],
)
def test_the_only_value_of_a_card_is_corrected(name: str, said: str, value: str) -> None:
    """Behind a card with one value, "no" and other words are that value, whole and as it was written."""
    assert step_of(said, on_card(name)) == f'update_contact {{"contact": "7", "properties": {{"{name}": "{value}"}}}}'


@pytest.mark.parametrize("said", ["nej, Bodil Ravn", "nej, vent", "nej, find Bodil Ravn", "nej, det er forkert"])
def test_other_words_behind_a_card_are_no_value(said: str) -> None:
    """Somebody's name, a refusal, and a new request are never the value of the card."""
    assert not step_of(said, on_card("city")).startswith("update_contact")


def on_card(name: str) -> dict[str, Any]:
    """The desk after a card with one value was put aside."""
    draft = {"action": "update", "carded": True, "contact": "Mette Hansen", "contact_id": "7", "values": {name: "X"}}
    return {"draft": draft, "focus": {"id": "7", "name": "Mette Hansen"}}


def test_a_pronoun_means_the_contact_that_was_just_created() -> None:
    """After the button for a new contact, "her city is" is about the one in focus; without one, about the new one."""
    said, desk = "hendes by er Aarhus", {"intent": "create"}
    assert step_of(said, {**desk, "focus": {"id": "7", "name": "Mette Hansen"}}).startswith("update_contact")
    assert step_of(said, desk).startswith("create_contact")
