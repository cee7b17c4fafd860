"""Any text on any desk: the guided model never raises and always decides on a valid step."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.desk import Draft
from guided import detect_language, plain_answer
from guided.policy import decide
from guided.turn import Call, Say
from prompts import load
from tools import all_tools

TOOLS = {tool.name: tool for tool in all_tools()}
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
MESSAGES = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
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
    assert step.arguments.keys() <= TOOLS[step.name].args.keys()
    TOOLS[step.name].tool_call_schema.model_validate(step.arguments)
    assert isinstance(step.arguments.get("query", ""), str)
    assert isinstance(step.arguments.get("contact", ""), str)
    assert step.arguments.get("contact", "x")


@given(said=MESSAGES, desk=DESKS)
@settings(max_examples=200, deadline=None)
def test_any_message_on_any_desk_ends_in_a_valid_step(said: str, desk: dict[str, Any]) -> None:
    """Whatever is said, the step is a known sentence, its draft fits the desk, and a call fits its tool."""
    step = decide(said, desk, "DK")
    check(step)
    if isinstance(step, Say) and step.draft:
        Draft.model_validate(step.draft)


@given(said=MESSAGES, desk=st.dictionaries(st.sampled_from(["intent", "shown", "focus", "draft", "question"]), PLAIN))
@settings(max_examples=200, deadline=None)
def test_a_malformed_desk_does_not_raise(said: str, desk: dict[str, Any]) -> None:
    """A desk of any shape leads to a valid step and never raises."""
    check(decide(said, desk, "DK"))


@given(said=st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_plain_answer_and_language_accept_any_text(said: str) -> None:
    """The plain answer and the language of any text are found without raising."""
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
def test_a_message_of_8000_characters_is_read_quickly(unit: str, desk: dict[str, Any]) -> None:
    """The longest message takes a moment, whatever it repeats."""
    start = time.process_time()  # not by the clock: a busy machine takes longer
    check(decide((unit * 8000)[:8000], desk, "DK"))
    assert time.process_time() - start < 5
