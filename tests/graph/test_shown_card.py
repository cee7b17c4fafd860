"""A yes or no that is written in a window of the web chat answers the card that this window showed, and no other."""

from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from langgraph.types import Command

from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.openai_wire import ToolCall, calls, says
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
FIRST = f"ret stilling på {METTE} til CFO"
SECOND = "ret stilling på mh@fjordbyg.example til Formand"


async def say(talk: Talk, text: str, shown: str) -> str:
    """What the web chat sends for words from a window that shows the card ``shown``."""
    return await talk._run({"messages": [HumanMessage(text, additional_kwargs={"card": shown})]})


async def marked(talk: Talk) -> list[Any]:
    """The messages of the conversation that still say which card was shown."""
    return [m for m in (await talk.values())["messages"] if "card" in m.additional_kwargs]


@pytest.mark.parametrize("text", ["ja", "nej", "yes", "👍"])
@pytest.mark.parametrize("shows", ["the one before", "none"])
async def test_an_answer_to_another_card_decides_nothing(talk: Talk, crm: Sandbox, text: str, shows: str) -> None:
    """A yes or no from a window that shows another card, or none, is told so; the card waits, and can be answered."""
    await talk.say(FIRST)
    first = talk.card
    await talk.say(SECOND)
    second = talk.card
    assert first
    assert second
    told = await say(talk, text, first["id"] if shows == "the one before" else "")
    assert "intet er besluttet" in told
    assert (talk.card, crm.writes()) == (second, [])
    await say(talk, "ja", second["id"])
    assert [w["properties"] for w in crm.writes()] == [{"jobtitle": "Formand"}]


async def test_an_answer_to_the_card_that_is_shown_decides(talk: Talk, crm: Sandbox) -> None:
    """A yes from the window that shows the waiting card is carried out."""
    await talk.say(FIRST)
    assert talk.card
    assert "er opdateret" in await say(talk, "ja", talk.card["id"])
    assert len(crm.writes()) == 1


async def test_other_words_are_heard_whatever_is_shown(talk: Talk, crm: Sandbox) -> None:
    """Words that are no plain answer withdraw the card that waits, as from any window."""
    await talk.say(FIRST)
    assert "lagt væk" in await say(talk, f"find {METTE}", "")
    assert (talk.card, crm.writes()) == (None, [])


@pytest.mark.parametrize("text", ["ja", f"find {METTE}", "", "x" * 9_000])
async def test_what_was_shown_is_not_kept(talk: Talk, crm: Sandbox, text: str) -> None:
    """Which card a window showed counts for that message, and for nothing that comes after it."""
    await talk.say(FIRST)
    await say(talk, text, "another")
    assert await marked(talk) == []


async def test_what_was_shown_is_not_replayed(talk: Talk, crm: Sandbox) -> None:
    """Words that refused an answer from elsewhere do not refuse one that says nothing of a window."""
    await talk.say(FIRST)
    await say(talk, "ja", "another")
    for again in (None, {}, Command(resume={})):
        await talk._run(again)
        assert crm.writes() == []
    assert "er opdateret" in await talk.answer({"text": "ja"})
    assert len(crm.writes()) == 1


async def test_the_model_is_not_told_what_was_shown(opener: Any, server: FakeOpenAI) -> None:
    """No provider hears of the ids of cards."""
    update = calls(ToolCall("update_contact", {"contact": METTE, "properties": {"jobtitle": "CFO"}}))
    server.script = [update, says("Hm."), says("Hm.")]
    async with opener(openai_base_url=server.base_url) as graph:
        talk = Talk(graph)
        await say(talk, f"gør {METTE} til CFO", "")
        assert talk.card
        await say(talk, "hvem er hun?", talk.card["id"])
        await say(talk, "ja", talk.card["id"] if talk.card else "")
        assert len(server.requests) == 3
        assert all("another" not in str(r.body) and "additional_kwargs" not in str(r.body) for r in server.requests)


async def test_words_along_a_cut_off_write_answer_no_other_card(talk: Talk, crm: Sandbox) -> None:
    """A yes to a card whose write was cut off is not taken for one to the fresh card that settling it brings."""
    await talk.say(FIRST)
    assert talk.card
    first = talk.card["id"]
    state = {"decisions": {c["id"]: {"decision": "approve"} for c in talk.card["changes"]}}
    await talk.graph.aupdate_state(talk.config, state, as_node="router")
    crm.set(str((crm.find(METTE) or {})["id"]), jobtitle="Partner")
    assert "ændret, siden" in await say(talk, "ja", first)
    assert talk.card
    assert talk.card["id"] != first
    assert [w["properties"] for w in crm.writes()] == [{"jobtitle": "Partner"}]
    await talk.decide("approve")
    assert [reply.partition(":")[0] for reply in talk.replies] == ["Mette Hansen er opdateret"]  # the yes is not heard


async def test_a_card_that_a_stopped_run_left_is_not_written_by_a_yes(talk: Talk, crm: Sandbox) -> None:
    """Where a run was stopped before it put the card aside, a yes from a window that shows none shows it again."""
    await talk.say(FIRST)
    card = talk.card
    await talk.graph.aupdate_state(talk.config, {"messages": [HumanMessage("find Ida")]}, as_node="__start__")
    # as the web chat lets go of a run that was stopped
    await talk.graph.aupdate_state(talk.config, {"turn": {}}, as_node="guide")
    assert "intet er besluttet" in await say(talk, "ja", "")
    assert (talk.card, crm.writes()) == (card, [])
    assert card
    await say(talk, "ja", card["id"])
    assert len(crm.writes()) == 1
