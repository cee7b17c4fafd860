"""Any text on any desk: the guided model never raises and always ends in a valid step."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guided import detect_language, plain_answer
from guided.decide import decide
from guided.turn import Call, Say
from prompts import load

WORDS = [
    "opret",
    "ret",
    "hendes",
    "telefon",
    "til",
    "22334455",
    "a@b.c",
    ":",
    ",",
    "\n",
    "nej",
    "den anden",
    "nummer",
    '"',
    "“",
    "2",
    "'s",
    "Mette",
    "A/S",
    "fra",
    "som",
    "😀",
    "\u202e",
    "<b>",
    "=1+1",
    "'; DROP",
    "og",
    "slet",
    "på",
    "er",
    "nu",
    "has",
    "²",
    "٣",
    "kontakt",
    "½",
    "@",
    "hedder",
    "update",
    "the",
    "of",
    "find",
    "?",
    ".",
]
MENTIONS = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
VALUES = st.dictionaries(
    st.sampled_from(["email", "phone", "firstname", "skostørrelse"]), st.text(max_size=12), max_size=3
)
CODES = [
    "search_empty",
    "contact_not_found",
    "contact_ambiguous",
    "identity_missing",
    "contact_exists",
    "which_phone",
    "no_values",
    "invalid_email",
    "invalid_phone",
    "unknown_property",
    "invalid_option",
    "invalid_value",
    "x",
]
PARAMS = st.dictionaries(
    st.sampled_from(["query", "ref", "contact_id", "name", "nearest", "value", "property", "options"]),
    PLAIN,
    max_size=5,
)
DESKS = st.fixed_dictionaries(
    {},
    optional={
        "intent": st.sampled_from(["search", "create", "update", None]),
        "shown": st.lists(
            st.fixed_dictionaries({"n": st.integers(1, 9), "id": st.text(min_size=1), "name": PLAIN}), max_size=3
        ),
        "focus": st.none() | st.fixed_dictionaries({"id": st.text(min_size=1), "name": st.text()}),
        "draft": st.none()
        | st.fixed_dictionaries(
            {
                "action": st.sampled_from(["create", "update", "search"]),
                "values": VALUES,
                "contact": st.none() | st.text(),
                "awaiting": st.sampled_from([None, "phone", "email", "jobtitle"]),
            }
        ),
        "question": st.none() | st.fixed_dictionaries({"code": st.sampled_from(CODES), "params": PARAMS}),
    },
)


def check(step: Any) -> None:
    if isinstance(step, Say):
        assert load().say("da", step.key, **step.variables)
        assert load().say("en", step.key, **step.variables)
        json.dumps(step.draft)
        return
    assert isinstance(step, Call)
    properties = step.arguments.get("properties", step.arguments.get("filters", {}))
    assert all(isinstance(k, str) and k and isinstance(v, str) for k, v in properties.items())
    expected = {
        "search_contacts": {"query", "filters"},
        "get_contact": {"contact"},
        "create_contact": {"properties"},
        "update_contact": {"contact", "properties"},
        "undo_change": {"change_id", "action", "contact", "field"} & step.arguments.keys(),
        "list_changes": {"days"} & step.arguments.keys(),
    }
    assert step.arguments.keys() == expected[step.name]
    assert isinstance(step.arguments.get("query", ""), str)
    assert isinstance(step.arguments.get("contact", ""), str)
    assert step.arguments.get("contact", "x")


@given(said=MENTIONS, desk=DESKS)
@settings(max_examples=400, deadline=None)
def test_any_message_on_any_desk_ends_in_a_valid_step(said: str, desk: dict[str, Any]) -> None:
    """Whatever is said, the step is a known sentence or a call that the tools' schemas accept."""
    check(decide(said, desk, "DK"))


@given(said=MENTIONS, desk=st.dictionaries(st.sampled_from(["intent", "shown", "focus", "draft", "question"]), PLAIN))
@settings(max_examples=200, deadline=None)
def test_a_broken_desk_is_survived(said: str, desk: dict[str, Any]) -> None:
    """A desk of any shape is data that is read with care, never a reason to raise."""
    check(decide(said, desk, "DK"))


@given(said=st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_answers_and_language_of_any_text(said: str) -> None:
    """Reading a plain answer and the language never raises."""
    assert plain_answer(said) in ("yes", "no", None)
    assert detect_language(said) in ("da", "en", None)


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a ",
        "@",
        "a@",
        "1",
        "1 ",
        "22334455 ",
        "telefon: ",
        '"',
        "“",
        "og ",
        "ret ",
        "Opret Mette ",
        "telefn er ",
        "a@b.c ",
        "(",
        "æ",
        "\u0301",
        "salgschef hos ",
        "Mette ",
        "a,",
        "www.a ",
        "a-",
        "a/s ",
        "ﷺ",
        "Mette Hansen, ",
    ],
)
@pytest.mark.parametrize("desk", [{}, {"intent": "create"}, {"intent": "update"}])
def test_a_message_of_8000_characters_is_read_in_a_moment(unit: str, desk: dict[str, Any]) -> None:
    """The longest message takes a moment, whatever it repeats."""
    start = time.perf_counter()
    check(decide((unit * 8000)[:8000], desk, "DK"))
    assert time.perf_counter() - start < 5
