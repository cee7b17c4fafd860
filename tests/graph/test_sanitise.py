"""Whatever a model or a person sends can be kept: numbers of any size, and text that no file takes."""

import json
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from graph import open_assistant
from settings import Settings
from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.openai_wire import ToolCall, calls, says
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
UPDATE = f"ret stilling på {METTE} til CFO"
HALF = "\ud800"  # of a surrogate pair
ODD = [
    ToolCall("list_changes", {"days": 10**30}),
    ToolCall("list_changes", {"days": -(10**30)}),
    ToolCall("list_changes", '{"days": NaN}'),
    ToolCall("list_changes", '{"days": -Infinity}'),
    ToolCall("list_changes", '{"days": 1e999}'),
    ToolCall("list_changes", json.dumps({"days": "9" * 5_000}).replace('"9', "9").replace('9"', "9")),
    ToolCall("search_contacts", {"query": 10**30}),
    ToolCall("search_contacts", {"query": "x", "filters": {"jobtitle": {"deep": [[10**30]]}}}),
    ToolCall("search_contacts", '{"query": "\\ud800"}'),
    ToolCall("search_contacts", '{"query": "x", "\\ud800": 1}'),
    ToolCall("update_contact", {"contact": 10**30, "properties": {"jobtitle": "x"}}),
    ToolCall("unheard_of", {"n": [10**30]}),
]


@pytest.mark.parametrize("call", ODD)
async def test_any_arguments_of_a_call_can_be_kept(opener: Any, server: FakeOpenAI, call: ToolCall) -> None:
    """A number past 64 bits, one that is none, or half a character in a model's call does not end the turn."""
    server.script = [calls(call), says("Hm.")]
    async with opener(openai_base_url=server.base_url) as graph:
        talk = Talk(graph)
        assert (await talk.say("hej")).endswith("Hm.")
        assert await talk.say(f"find {METTE}")


async def test_a_value_that_is_a_large_number_comes_to_the_card_as_text(opener: Any, server: FakeOpenAI) -> None:
    """A whole number past 64 bits as a property's value stands on the card digit by digit."""
    call = ToolCall("update_contact", {"contact": METTE, "properties": {"jobtitle": 10**30}})
    server.script = [calls(call)]
    async with opener(openai_base_url=server.base_url) as graph:
        talk = Talk(graph)
        await talk.say(f"ret stilling på {METTE} til {10**30}")
        assert talk.rows["jobtitle"][1] == str(10**30)


@pytest.mark.parametrize("saver", [None, InMemorySaver])
async def test_half_a_character_from_a_user_is_replaced(settings: Settings, crm: Sandbox, saver: Any) -> None:
    """A message with half a surrogate pair is answered, whichever checkpointer keeps the conversation."""
    async with open_assistant(settings, checkpointer=saver and saver()) as graph:
        talk = Talk(graph)
        assert "1. **Mette Hansen**" in await talk.say(f"find {METTE} {HALF}")
        assert HALF not in (await talk.values())["messages"][0].text


@pytest.mark.parametrize("text", [f"nej, Direktør{HALF}", f"find {METTE} {HALF}"])
async def test_words_at_a_card_may_hold_half_a_character(talk: Talk, crm: Sandbox, text: str) -> None:
    """Half a surrogate pair in the words that answer a card loses neither the words nor the conversation."""
    await talk.say(UPDATE)
    await talk.answer({"text": text})
    assert METTE in "".join(talk.replies) or talk.rows["jobtitle"][1].startswith("Direktør")
    assert crm.writes() == []
    assert "1. **Mette Hansen**" in await talk.say(f"find {METTE}")


@pytest.mark.parametrize("text", [HALF, f"ja{HALF}", f"nej {HALF}"])
@pytest.mark.parametrize("as_answer", [True, False])
async def test_a_card_is_not_put_aside_by_half_a_character(
    talk: Talk, crm: Sandbox, text: str, as_answer: bool
) -> None:
    """A yes or no with half a character, which may have been a sign of the opposite, decides and withdraws nothing."""
    await talk.say(UPDATE)
    card = talk.card
    assert "kan ikke læses" in await (talk.answer({"text": text}) if as_answer else talk.say(text))
    assert (talk.card, crm.writes()) == (card, [])
    assert "er opdateret" in await talk.say("ja")


@pytest.mark.parametrize("given", [{"choice": HALF}, {"choice": "select", "contact_id": HALF}])
async def test_a_button_may_hold_half_a_character(talk: Talk, given: dict[str, str]) -> None:
    """Half a character in what a button names is answered as any other button that is not known."""
    await talk.open()
    assert await talk._run(given)


async def test_an_edit_may_hold_half_a_character(talk: Talk, crm: Sandbox) -> None:
    """An edited value with half a character is cleaned as any other, and the card is not lost."""
    await talk.say(UPDATE)
    await talk.decide("edit", values={"jobtitle": f"Direktør{HALF}"})
    assert all(HALF not in str(write) for write in crm.writes())
    assert crm.writes() or talk.card
