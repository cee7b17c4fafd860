"""The same loop with a language model: the real ChatOpenAI, streaming, against a scripted server on loopback."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from graph import models
from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.openai_wire import Reply, ToolCall, calls, says
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
UPDATE = calls(ToolCall("update_contact", {"contact": METTE, "properties": {"jobtitle": "CFO"}}))
CREATE = calls(
    ToolCall(
        "create_contact", {"properties": {"email": "per@nordlys.example", "firstname": "Per", "phone": "22113344"}}
    )
)


@pytest.fixture
async def talk(opener: Any, server: FakeOpenAI) -> AsyncIterator[Talk]:
    async with opener(openai_base_url=server.base_url) as graph:
        yield Talk(graph)


async def test_search_takes_two_calls_of_the_model(talk: Talk, server: FakeOpenAI) -> None:
    """The model calls the tool, gets short rows, and its one sentence stands below the list that code rendered."""
    server.script = [calls(ToolCall("search_contacts", {"query": METTE})), says("Her er hun.")]
    reply = await talk.say("find Mette fra Nordlys")
    assert "1. **Mette Hansen**" in reply
    assert reply.endswith("Her er hun.")
    assert len(server.requests) == 2
    rows = server.requests[1].last["content"]
    assert rows.startswith("1 found\n1|")
    assert METTE in rows


async def test_create_takes_one_call_of_the_model(talk: Talk, server: FakeOpenAI, crm: Sandbox) -> None:
    """The card and the result are rendered by code: the model is asked once, and not told that a yes was said."""
    server.script = [CREATE]
    await talk.say("opret Per, per@nordlys.example, 22113344")
    assert "oprettet" in await talk.say("ja")
    assert len(server.requests) == 1
    assert [w["properties"]["phone"] for w in crm.writes()] == ["+4522113344"]


async def test_update_and_a_correction(talk: Talk, server: FakeOpenAI, crm: Sandbox) -> None:
    """A correction of a withdrawn card reaches the model with the draft on the desk."""
    again = {"contact": METTE, "properties": {"jobtitle": "CEO"}}
    server.script = [UPDATE, calls(ToolCall("update_contact", again))]
    await talk.say(f"gør {METTE} til CFO")
    await talk.say("nej, CEO")
    system = server.requests[1].messages[0]["content"]
    assert "draft, not proposed or written: update" in system
    assert "jobtitle=CFO" in system
    await talk.say("ja")
    assert [w["properties"] for w in crm.writes()] == [{"jobtitle": "CEO"}]


async def test_several_proposals_are_one_card(talk: Talk, server: FakeOpenAI, crm: Sandbox) -> None:
    """All changes that the model proposes in a turn stand on one card, and each has its own decision."""
    server.script = [Reply(tool_calls=UPDATE.tool_calls + CREATE.tool_calls)]
    await talk.say("gør hende til CFO, og opret Per, per@nordlys.example, 22113344")
    assert talk.card is not None
    first, second = (c["id"] for c in talk.card["changes"])
    await talk.answer(
        {"approval_id": talk.card["id"], "decisions": {first: {"decision": "approve"}, second: {"decision": "reject"}}}
    )
    assert [w["properties"] for w in crm.writes()] == [{"jobtitle": "CFO"}]


async def test_values_that_nobody_said_are_marked(talk: Talk, server: FakeOpenAI, crm: Sandbox) -> None:
    """A value that the model made up is marked as unknown, and a plain yes does not write it."""
    server.script = [CREATE]
    await talk.say("opret Per med 22 11 33 44")
    assert talk.card is not None
    sources = {row["property"]: row["source"] for row in talk.card["changes"][0]["rows"]}
    assert sources == {"firstname": "user", "phone": "user", "email": "unknown"}
    assert talk.card["changes"][0]["acknowledge"] == ["unknown:email"]
    assert "E-mail" in talk.card["changes"][0]["warnings"][0]
    assert "ikke selv skrevet: E-mail" in await talk.say("ja")
    assert crm.writes() == []
    await talk.decide("approve", acknowledge=["unknown:email"])
    assert len(crm.writes()) == 1


FAULTS = {
    "truncated arguments": calls(
        ToolCall("create_contact", '{"properties": {"email": "per@nord'), finish_reason="length"
    ),
    "truncated arguments called whole": calls(
        ToolCall("create_contact", '{"properties": {"email": "per@nord'), finish_reason="tool_calls"
    ),
    "arguments that are no object": calls(ToolCall("create_contact", '["per@nordlys.example"]')),
    "arguments that are no JSON": calls(ToolCall("create_contact", "per@nordlys.example")),
    "an empty answer": says(""),
    "a content filter": says("", finish_reason="content_filter"),
    "a wrong key": Reply(status=401, text="Incorrect API key provided"),
    "a server error": Reply(status=500, text="secret-internal-detail"),
    "a rate limit": Reply(status=429, text="slow down", headers={"retry-after": "60"}),
    "a page instead of an answer": Reply(fault="html"),
    "a connection that breaks": says("Her er en lang sætning, som bliver afbrudt undervejs.", fault="cut"),
    "a stream that ends silently": says("Her er en lang sætning, som bliver afbrudt.", fault="silent_cut"),
    "a stream that stalls": says("Her er en lang sætning, som aldrig bliver færdig.", fault="stall"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_model_that_fails_is_replaced_for_the_turn(
    talk: Talk, server: FakeOpenAI, crm: Sandbox, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong with the model, the guided model answers and says so; nothing half-made is carried out."""
    # the deadlines are shortened, as a test must not wait for them: what happens at them is real
    monkeypatch.setattr(models, "TURN_SECONDS", 2.0)
    server.script = lambda request: FAULTS[fault]
    reply = await talk.say(f"find {METTE}")
    assert "Sprogmodellen svarer ikke" in reply
    assert reply.count("Sprogmodellen svarer ikke") == 1
    assert "1. **Mette Hansen**" in reply
    assert "secret-internal-detail" not in json.dumps([m.model_dump() for m in (await talk.values())["messages"]])
    assert crm.writes() == []
    assert talk.card is None


async def test_the_model_is_asked_again_in_the_next_turn(talk: Talk, server: FakeOpenAI) -> None:
    """The replacement lasts for one turn: when the model is back, it answers."""
    server.script = [Reply(status=401), says("Så er jeg tilbage.")]
    await talk.say("hej")
    assert await talk.say("hej igen") == "Så er jeg tilbage."


async def test_an_unknown_tool_is_answered_and_not_run(talk: Talk, server: FakeOpenAI, crm: Sandbox) -> None:
    """A call of a tool that does not exist gets an answer, and the turn goes on."""
    server.script = [calls(ToolCall("delete_contact", {"contact": METTE})), says("Det kan jeg ikke.")]
    assert await talk.say("slet Mette") == "Det kan jeg ikke."
    assert server.requests[1].last["role"] == "tool"
    assert crm.writes() == []


async def test_an_endless_loop_of_calls_is_stopped(talk: Talk, server: FakeOpenAI) -> None:
    """A model that never stops calling tools is stopped with a sentence, and the conversation goes on."""
    server.script = lambda request: calls(
        ToolCall("search_contacts", {"query": "Mette"}, id=f"c{len(server.requests)}")
    )
    reply = await talk.say("find alle")
    assert "for mange trin" in reply
    assert len(server.requests) == 6
    server.script = [says("Klar igen.")]
    assert await talk.say("hej") == "Klar igen."


async def test_many_calls_at_once_are_bounded(talk: Talk, server: FakeOpenAI, crm: Sandbox) -> None:
    """Of very many calls in one message only the first eight are run; every call gets an answer."""
    many = calls(*(ToolCall("search_contacts", {"query": "Nordlys"}, id=f"c{n}") for n in range(30)))
    server.script = [many, says("Færdig.")]
    crm.forget()
    await talk.say("find alle")
    assert sum(r["path"].endswith("/search") for r in crm.requests()) == 8
    answers = [m for m in server.requests[1].messages if m["role"] == "tool"]
    assert len(answers) == 30


async def test_the_model_is_told_the_day(talk: Talk, server: FakeOpenAI) -> None:
    """The weekday, the date and the zone of the portal stand in the prompt, so that "på fredag" can be understood."""
    server.script = [says("Hej.")]
    await talk.say("hej")
    today = datetime.now(ZoneInfo("Europe/Copenhagen"))
    assert f"Today: {today:%A %Y-%m-%d} (Europe/Copenhagen)." in server.requests[-1].messages[0]["content"]


async def test_the_model_sees_five_messages_and_the_desk(talk: Talk, server: FakeOpenAI) -> None:
    """The window holds five chat messages; the contacts that were shown stand on the desk."""
    found = [calls(ToolCall("search_contacts", {"query": "Mette Hansen"})), says("Fire.")]
    server.script = [*found, *(says(f"svar {n}") for n in range(6))]
    await talk.say("find Mette Hansen")
    for n in range(6):
        await talk.say(f"besked {n}")
    messages = server.requests[-1].messages
    assert [m["content"] for m in messages[1:]] == ["besked 3", "svar 3", "besked 4", "svar 4", "besked 5"]
    assert "mh@fjordbyg.example" in messages[0]["content"]


async def test_the_key_is_not_in_the_state(opener: Any, server: FakeOpenAI) -> None:
    """Neither the model's key nor HubSpot's token gets into the state of a conversation."""
    server.script = [says("Hej.")]

    @asynccontextmanager
    async def keyed() -> AsyncIterator[Talk]:
        from pydantic import SecretStr

        async with opener(openai_base_url=server.base_url, openai_api_key=SecretStr("key-of-the-test")) as graph:
            yield Talk(graph)

    async with keyed() as talk:
        await talk.say("hej")
        state = await talk.graph.aget_state(talk.config)
        assert "key-of-the-test" not in repr(state)
        assert "pat-eu1-sandbox" not in repr(state)
