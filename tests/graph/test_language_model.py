"""The same loop with a language model: the real ChatOpenAI, streaming, against a scripted server on loopback."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from support.children import Sandbox
from support.doctor import closed_port
from support.fake_openai import FakeOpenAI
from support.openai_wire import Reply, ToolCall, calls, says
from support.patience import patiently
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


DOWN, SLOW = "Sprogmodellen svarer ikke lige nu", "Sprogmodellen nåede ikke at svare i tide"
CUT, UNREADABLE = "Sprogmodellens svar blev for langt", "Sprogmodellen svarede med noget, der ikke kunne læses"
SILENT = "Sprogmodellen gav intet svar på det"
HALF = '{"properties": {"email": "per@nord'
FAULTS = {
    "truncated arguments": (calls(ToolCall("create_contact", HALF), finish_reason="length"), CUT),
    "a truncated call in words": (says(f'<tool_call>{{"name": "create_contact", {HALF}', finish_reason="length"), CUT),
    "truncated arguments called whole": (calls(ToolCall("create_contact", HALF)), UNREADABLE),
    "arguments that are no object": (calls(ToolCall("create_contact", '["per@nordlys.example"]')), UNREADABLE),
    "arguments that are no JSON": (calls(ToolCall("create_contact", "per@nordlys.example")), UNREADABLE),
    "an empty answer": (says(""), SILENT),
    "an empty answer at its length": (says("", finish_reason="length"), CUT),
    "a content filter": (says("", finish_reason="content_filter"), SILENT),
    "a wrong key": (Reply(status=401, text="Incorrect API key provided"), DOWN),
    "a server error": (Reply(status=500, text="secret-internal-detail"), DOWN),
    "a rate limit": (Reply(status=429, text="slow down", headers={"retry-after": "60"}), SLOW),
    "a page instead of an answer": (Reply(fault="html"), DOWN),
    "a server that never answers": (Reply(fault="mute"), SLOW),
    "a connection that breaks": (says("Her er en lang sætning, som bliver afbrudt undervejs.", fault="cut"), DOWN),
    "a stream that ends silently": (says("Her er en lang sætning, som bliver afbrudt.", fault="silent_cut"), DOWN),
    "a stream that stalls": (says("Her er en lang sætning, som aldrig bliver færdig.", fault="stall"), SLOW),
}
TURN = 4.0
LATE = 3.0  # what a busy machine may take besides


@pytest.mark.parametrize("after_a_call", [False, True])
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_model_that_fails_is_replaced_for_the_turn(
    opener: Any, server: FakeOpenAI, crm: Sandbox, fault: str, after_a_call: bool
) -> None:
    """Whatever goes wrong, at first or after a tool call, the guided model answers in time and says what it was."""
    reply, sentence = FAULTS[fault]
    first = [calls(ToolCall("search_contacts", {"query": METTE}))] if after_a_call else []
    server.script = lambda request: first.pop() if first else reply
    async with opener(openai_base_url=server.base_url, turn_seconds=TURN) as graph:
        talk = Talk(graph)
        await talk.open()
        started = time.monotonic()
        said = await talk.say(f"find {METTE}")
        assert time.monotonic() - started < patiently(TURN + LATE)
        kept = json.dumps([m.model_dump() for m in (await talk.values())["messages"]])
    assert said.count(sentence) == said.count("regelbaserede model") == 1
    assert said.count("1. **Mette Hansen**") == 1
    assert "secret-internal-detail" not in kept
    assert (talk.card, crm.writes()) == (None, [])


async def test_a_server_that_is_not_there(opener: Any) -> None:
    """Where nothing listens, the guided model answers and says so."""
    async with opener(openai_base_url=f"http://127.0.0.1:{closed_port()}/v1") as graph:
        reply = await Talk(graph).say(f"find {METTE}")
    assert reply.startswith(DOWN)
    assert "1. **Mette Hansen**" in reply


async def test_words_that_were_cut_at_their_length_are_shown(talk: Talk, server: FakeOpenAI) -> None:
    """Half an answer in words is shown as far as it came, and the reply says that it stops there."""
    server.script = [says("Mette er salgschef hos Nordlys, og hun", finish_reason="length")]
    reply = await talk.say("hvem er Mette?")
    assert reply.startswith("Mette er salgschef hos Nordlys, og hun\n\n")
    assert "stopper her" in reply
    assert "regelbaserede" not in reply


async def test_a_call_may_take_as_long_as_the_setting_says(opener: Any, server: FakeOpenAI) -> None:
    """A call is ended at ASSISTANT_MODEL_SECONDS, and the turn goes on long before it ends."""
    server.script = [Reply(fault="mute"), says("Så er jeg her.", delay=0.1)]
    async with opener(openai_base_url=server.base_url, model_seconds=1.0, turn_seconds=60.0) as graph:
        talk, started = Talk(graph), time.monotonic()
        assert SLOW in await talk.say(f"find {METTE}")
        assert time.monotonic() - started < patiently(1 + LATE)
    async with opener(openai_base_url=server.base_url, model_seconds=30.0) as graph:
        assert await Talk(graph, "another").say("hej") == "Så er jeg her."


async def test_one_failure_sends_nobody_else_to_the_guided_model(opener: Any, server: FakeOpenAI) -> None:
    """After a timeout the model is asked again at once; only after three in a row it is left alone for a while."""
    mute, here = Reply(fault="mute"), says("Jeg er her.")
    async with opener(openai_base_url=server.base_url, model_seconds=0.5) as graph:
        server.play([mute, mute, here, mute, mute, mute, here])
        said = [await Talk(graph, f"talk {n}").say("hej") for n in range(7)]
    assert [SLOW in reply for reply in said] == [True, True, False, True, True, True, False]
    assert said[2] == "Jeg er her."
    assert DOWN in said[6]
    assert server.left == 1


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
