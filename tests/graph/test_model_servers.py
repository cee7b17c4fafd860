"""Servers that differ from OpenAI's, imitated on loopback: the model answers, and never in its markup."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.openai_servers import (
    Guard,
    refuses,
    refuses_streams,
    wants_alternating_roles,
    wants_reasoning,
    wants_signatures,
)
from support.openai_wire import ToolCall, Whole, calls, says
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
FIND = f"find {METTE}"
SEARCH = ToolCall("search_contacts", {"query": METTE})
SIGNED = {"extra_content": {"google": {"thought_signature": "c2lnbmF0dXI="}}}
THOUGHT = "Brugeren søger Mette."
HERE = says("Her er hun.")


@pytest.fixture
async def talk(opener: Any, server: FakeOpenAI) -> AsyncIterator[Talk]:
    async with opener(openai_base_url=server.base_url) as graph:
        yield Talk(graph)


async def streamed(talk: Talk, text: str) -> tuple[str, str]:
    """Say something; what the model's words are while they are streamed, and the reply."""
    said: list[str] = []
    given = {"messages": [{"role": "user", "content": text}]}
    async for mode, data in talk.graph.astream(given, talk.config, stream_mode=["messages", "values"]):
        if mode == "values":
            reply = data["messages"][-1].text
        elif data[0].type == "AIMessageChunk":
            said.append(data[0].text)
    return "".join(said), reply


async def kept(talk: Talk) -> str:
    """All that the checkpoints of the conversation hold."""
    return "".join([repr(part) async for part in talk.graph.checkpointer.alist(talk.config)])


# --- what a provider adds comes back


async def test_a_calls_own_field_comes_back(talk: Talk, server: FakeOpenAI) -> None:
    """Gemini's signature of a call is sent back with that call, unchanged; a second call has its own."""
    other = ToolCall(
        "search_contacts", {"query": "Jens"}, own={"extra_content": {"google": {"thought_signature": "2"}}}
    )
    server.guard = wants_signatures
    server.script = [calls(ToolCall(SEARCH.name, SEARCH.arguments, own=SIGNED), other), HERE]
    assert (await talk.say(FIND)).endswith("Her er hun.")
    sent = server.requests[1].messages[-3]["tool_calls"]
    assert [call["extra_content"] for call in sent] == [SIGNED["extra_content"], other.own["extra_content"]]


async def test_the_signature_of_a_whole_call_comes_back(talk: Talk, server: FakeOpenAI) -> None:
    """The same where each call comes in one chunk, without an id and at the index 0."""
    one, two = (ToolCall("search_contacts", {"query": query}, id=None, own=SIGNED) for query in ("Mette", "Jens"))
    server.guard = wants_signatures
    server.script = [calls(one, two, whole="text at 0"), HERE]
    assert (await talk.say(FIND)).endswith("Her er hun.")
    assert [m["role"] for m in server.requests[1].messages[-3:]] == ["assistant", "tool", "tool"]


@pytest.mark.parametrize("reasoning", [THOUGHT, ""])
async def test_reasoning_comes_back_with_the_calls_alone(talk: Talk, server: FakeOpenAI, reasoning: str) -> None:
    """DeepSeek's reasoning, empty or not, goes back with the calls of the turn, and with no reply of an earlier one."""
    own = {"reasoning_content": reasoning}
    server.guard = wants_reasoning
    server.script = [
        *(calls(SEARCH, own=own), says("Her er hun.", own=own)),
        *(calls(SEARCH, own=own), calls(ToolCall("get_contact", {"contact": METTE}), own=own), says("Igen.", own=own)),
    ]
    assert (await talk.say(FIND)).endswith("Her er hun.")
    assert (await talk.say("og igen")).endswith("Igen.")
    assert [m.get("reasoning_content") for m in server.requests[-1].messages if m["role"] == "assistant"] == [
        None,
        reasoning,
        reasoning,
    ]


async def test_a_field_that_the_server_refuses_is_left_out(talk: Talk, server: FakeOpenAI) -> None:
    """A server that does not take back what it sent is asked without it, and is not sent it again."""
    thinking = calls(SEARCH, own={"reasoning": THOUGHT})
    server.guard = refuses("reasoning", status=400)
    server.script = [thinking, HERE, thinking, HERE]
    for _ in range(2):
        assert (await talk.say(FIND)).endswith("Her er hun.")
    assert len(server.requests) == 5


# --- what a server refuses is left out, and that is remembered


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("status", [400, 422])
async def test_a_server_that_refuses_stream_options(opener: Any, server: FakeOpenAI, named: bool, status: int) -> None:
    """It is asked once more without them, in this conversation and every later one, whatever its error says."""
    server.guard = refuses("stream_options", named=named, status=status)
    server.script = lambda request: HERE
    async with opener(openai_base_url=server.base_url) as graph:
        for thread in ("one", "two"):
            assert await Talk(graph, thread).say("hej") == "Her er hun."
    assert ["stream_options" in request.body for request in server.requests] == [True, False, False]


async def test_a_server_that_refuses_to_stream(talk: Talk, server: FakeOpenAI) -> None:
    """It is asked for whole answers, calls and words, and that is remembered."""
    server.guard = refuses_streams
    server.script = [calls(SEARCH, own={"reasoning_content": THOUGHT}), HERE]
    assert (await talk.say(FIND)).endswith("Her er hun.")
    assert [bool(request.body.get("stream")) for request in server.requests] == [True, False, False]
    assert server.requests[-1].messages[-2]["reasoning_content"] == THOUGHT


async def test_a_server_that_answers_whole_though_asked_to_stream(talk: Talk, server: FakeOpenAI) -> None:
    """A complete answer to a streaming request is used; the server is not asked again."""
    server.script = [calls(SEARCH, unstreamed=True), says("Her er hun.", unstreamed=True)]
    assert (await talk.say(FIND)).endswith("Her er hun.")
    assert len(server.requests) == 2


@pytest.mark.parametrize("guard", [refuses("model", named=False, status=400), refuses("tools", status=422)])
async def test_what_cannot_be_left_out_is_a_fault(talk: Talk, server: FakeOpenAI, guard: Guard) -> None:
    """A refusal for another reason is told as a model that is down, after a few tries, and nothing wrong is learned."""
    server.guard = guard
    assert "Sprogmodellen svarer ikke" in await talk.say(FIND)
    assert len(server.requests) <= 3
    server.guard = lambda request: None
    server.script = [HERE]
    assert await talk.say("hej") == "Her er hun."
    assert server.requests[-1].body["stream_options"] == {"include_usage": True}


async def test_roles_alternate(talk: Talk, server: FakeOpenAI, crm: Sandbox) -> None:
    """Strict templates take each request: after the greeting, a button, a card answered in words, and a result."""
    server.guard = wants_alternating_roles
    update = calls(ToolCall("update_contact", {"contact": METTE, "properties": {"jobtitle": "CFO"}}))
    again = calls(ToolCall("update_contact", {"contact": METTE, "properties": {"jobtitle": "CEO"}}))
    server.script = [HERE, calls(SEARCH), HERE, update, again, HERE, HERE]
    await talk.open()
    assert await talk.say("hej") == "Her er hun."
    await talk.press("search")
    assert (await talk.say(METTE)).endswith("Her er hun.")
    await talk.say(f"gør {METTE} til CFO")
    await talk.say("nej, CEO")
    assert server.requests[-1].messages[-1]["content"] == f"gør {METTE} til CFO\n\nnej, CEO"
    await talk.say("ja")
    assert await talk.say("tak") == "Her er hun."
    assert server.left == 1
    assert [w["properties"] for w in crm.writes()] == [{"jobtitle": "CEO"}]


# --- how calls are written


@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize("whole", ["text at 0", "object at 0", "text without index"])
async def test_parallel_calls_in_one_chunk_each(talk: Talk, server: FakeOpenAI, whole: Whole, ids: bool) -> None:
    """Two whole calls stay two: at one index or at none, with ids or without, their arguments text or an object."""
    two = (
        ToolCall("search_contacts", {"query": query}, id=id_ if ids else None)
        for query, id_ in (("Mette", "call_a"), ("Jens", "call_b"))
    )
    server.script = [calls(*two, whole=whole), HERE]
    assert (await talk.say(FIND)).endswith("Her er hun.")
    asked, *answers = server.requests[1].messages[-3:]
    assert [m["role"] for m in answers] == ["tool", "tool"]
    assert [json.loads(c["function"]["arguments"])["query"] for c in asked["tool_calls"]] == ["Mette", "Jens"]
    assert [c["id"] for c in asked["tool_calls"]] == [m["tool_call_id"] for m in answers]


async def test_parallel_calls_with_one_id(talk: Talk, server: FakeOpenAI) -> None:
    """Two calls with the same id get different ids, so that each result belongs to one call."""
    server.script = [calls(*(ToolCall("search_contacts", {"query": q}, id="call_0") for q in ("Mette", "Jens"))), HERE]
    assert (await talk.say(FIND)).endswith("Her er hun.")
    asked, *answers = server.requests[1].messages[-3:]
    assert len({call["id"] for call in asked["tool_calls"]}) == 2
    assert [call["id"] for call in asked["tool_calls"]] == [m["tool_call_id"] for m in answers]


async def test_a_name_that_is_repeated_and_usage_in_every_chunk(talk: Talk, server: FakeOpenAI, tmp_path: Path) -> None:
    """A call whose every chunk repeats its name is one call, and of usage that grows the last one counts."""
    server.script = [calls(SEARCH, repeats=True), says("Her er hun.", repeats=True)]
    assert (await talk.say(FIND)).endswith("Her er hun.")
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as db:
        assert db.execute("select tokens from usage").fetchone()[0] == 101 + 102


async def test_arguments_that_are_encoded_twice(talk: Talk, server: FakeOpenAI) -> None:
    """A JSON string that holds the object is read as the object."""
    server.script = [calls(ToolCall("search_contacts", json.dumps(json.dumps({"query": METTE})))), HERE]
    assert "1. **Mette Hansen**" in await talk.say(FIND)
    assert len(server.requests) == 2


GIVEN = json.dumps({"query": METTE})
WRITTEN = {
    "Hermes": f'<tool_call>\n{{"name": "search_contacts", "arguments": {GIVEN}}}\n</tool_call>',
    "Qwen coder": "<tool_call>\n<function=search_contacts>\n<parameter=query>\n"
    f"{METTE}\n</parameter>\n</function>\n</tool_call>",
    "Llama": f"<function=search_contacts>{GIVEN}</function>",
    "Llama 3.1": f'<|python_tag|>{{"name": "search_contacts", "parameters": {GIVEN}}}',
    "Mistral": f'[TOOL_CALLS][{{"name": "search_contacts", "arguments": {GIVEN}}}]',
    "Mistral, later": f"[TOOL_CALLS]search_contacts[ARGS]{GIVEN}",
    "DeepSeek": "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>search_contacts\n"
    f"```json\n{GIVEN}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
    "JSON": f'{{"name": "search_contacts", "arguments": {GIVEN}}}',
    "a list": f'[\n  {{"name": "search_contacts", "arguments": {GIVEN}}}\n]',
    "a code block": f'Jeg søger.\n\n```json\n{{"name": "search_contacts", "arguments": {GIVEN}}}\n```',
    "encoded twice": json.dumps({"type": "function", "function": {"name": "search_contacts", "arguments": GIVEN}}),
}


@pytest.mark.parametrize("way", WRITTEN)
async def test_a_call_that_is_written_as_text_is_made(talk: Talk, server: FakeOpenAI, way: str) -> None:
    """It is read as the call, none of it is shown, and it goes back to the server as a call."""
    server.script = [says(WRITTEN[way]), HERE]
    shown, reply = await streamed(talk, FIND)
    assert "1. **Mette Hansen**" in reply
    assert shown.removeprefix("Jeg søger.").strip() == "Her er hun."
    assert server.requests[1].messages[-2]["tool_calls"][0]["function"]["name"] == "search_contacts"


UNREADABLE = {
    "of no tool": '<tool_call>{"name": "delete_contact", "arguments": {"contact": "1"}}</tool_call>',
    "one of two of no tool": WRITTEN["Hermes"] + '<tool_call>{"name": "drop", "arguments": {}}</tool_call>',
    "broken off": '<tool_call>{"name": "create_contact", "arguments": {"properties": {"email": "per@nordlys.example"',
    "JSON that is broken off": '{"name": "create_contact", "arguments": {"properties": {"email": "per@nordlys.example"',
    "no arguments": "<tool_call>search</tool_call>",
}


@pytest.mark.parametrize("what", UNREADABLE)
async def test_a_call_in_text_that_cannot_be_read_is_never_shown(
    talk: Talk, server: FakeOpenAI, crm: Sandbox, what: str
) -> None:
    """The model is asked once more and told so; if it does it again, the guided model answers with a sentence."""
    server.script = lambda request: says(UNREADABLE[what])
    shown, reply = await streamed(talk, FIND)
    assert "kunne ikke læses" in server.requests[1].messages[0]["content"]
    assert len(server.requests) == 2
    assert reply.startswith("Sprogmodellen svarede med noget, der ikke kunne læses")
    assert "1. **Mette Hansen**" in reply
    assert "{" not in shown + reply and "tool_call" not in shown + reply
    assert (talk.card, crm.writes()) == (None, [])


async def test_a_model_that_corrects_its_call_goes_on(talk: Talk, server: FakeOpenAI) -> None:
    """A malformed call costs one more question to the model, and the user notices nothing."""
    server.script = [calls(ToolCall("search_contacts", '{"query": METTE}')), calls(SEARCH), HERE]
    reply = await talk.say(FIND)
    assert reply.startswith("1. **Mette Hansen**")
    assert reply.endswith("Her er hun.")


@pytest.mark.parametrize(
    "text",
    ["{navn} er tom.", "Se:\n```\nkode\n```\nFærdig.", "[Mette](https://a.example) og\n[Jens] <3 {x}", "1 < 2 og <b>"],
)
async def test_words_that_only_look_like_markup_are_shown(talk: Talk, server: FakeOpenAI, text: str) -> None:
    """Braces, brackets, code and signs in a reply are its words."""
    server.script = [says(text)]
    shown, _ = await streamed(talk, "hej")
    assert shown.replace("\\", "") == text


# --- thinking


@pytest.mark.parametrize(
    "text",
    [
        "<think>hemmelig plan</think>\n\nHvem mener du?",
        "<THINK>hemmelig plan</THINK>Hvem mener du?",
        "<think>\nhemmelig <tool_call> plan\n</think>\n\n<think>mere hemmelig</think>Hvem mener du?",
        "[THINK]hemmelig plan[/THINK]Hvem mener du?",
        "Hvem mener du?<think>hemmelig plan",
    ],
)
async def test_thinking_is_never_shown_or_kept(talk: Talk, server: FakeOpenAI, text: str) -> None:
    """Thinking in tags, which come in pieces, is no part of the stream, the reply or the state."""
    server.script = [says(text)]
    assert await streamed(talk, FIND) == ("Hvem mener du?", "Hvem mener du?")
    assert "hemmelig" not in await kept(talk)


async def test_nothing_but_thinking_is_no_answer(talk: Talk, server: FakeOpenAI) -> None:
    """Where the thinking never ends there is no reply: the guided model answers and says so."""
    server.script = [says("<think>hemmelig plan uden ende")]
    shown, reply = await streamed(talk, FIND)
    assert "hemmelig" not in shown + reply
    assert reply.startswith("Sprogmodellen gav intet svar")
    assert "1. **Mette Hansen**" in reply


async def test_thinking_that_no_tag_opens(talk: Talk, server: FakeOpenAI) -> None:
    """Where a template hides the opening tag, each reply is clean, and from the second one on the stream too."""
    server.script = [says("hemmelig plan</think>\n\nHvem mener du?"), says("mere hemmelig</think>Hvem mener du?"), HERE]
    assert (await streamed(talk, FIND))[1] == "Hvem mener du?"
    assert await streamed(talk, "ja") == ("Hvem mener du?", "Hvem mener du?")
    assert await streamed(talk, "nej") == ("Her er hun.", "Her er hun.")
    assert "hemmelig" not in await kept(talk)


async def test_thinking_before_a_call_is_not_sent_back(talk: Talk, server: FakeOpenAI) -> None:
    """A call behind thinking is made; the thinking goes nowhere."""
    server.script = [says(f"<think>hemmelig plan</think>{WRITTEN['Hermes']}"), HERE]
    assert "1. **Mette Hansen**" in await talk.say(FIND)
    assert "hemmelig" not in json.dumps(server.requests[1].messages) + await kept(talk)


async def test_a_message_in_parts(talk: Talk, server: FakeOpenAI) -> None:
    """Of a content in parts (as Mistral's thinking models send) only the text is shown."""
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "hemmelig plan"}]}
    server.script = [says("", own={"content": [thinking, {"type": "text", "text": "Hvem mener du?"}]})]
    assert await streamed(talk, FIND) == ("Hvem mener du?", "Hvem mener du?")
    assert "hemmelig" not in await kept(talk)


# --- arguments that are none, and arguments that are refused


async def test_null_is_no_value(talk: Talk, server: FakeOpenAI) -> None:
    """A property that is null is left out of the proposal."""
    known = {"firstname": "Kai", "lastname": "Ny", "email": "kai@hav.example"}
    server.script = [calls(ToolCall("create_contact", {"properties": {**known, "phone": None}}))]
    await talk.say("opret Kai Ny kai@hav.example")
    assert {name: after for name, (_, after) in talk.rows.items()} == known


async def test_placeholders_are_no_values(talk: Talk, server: FakeOpenAI) -> None:
    """What models write for "I do not know" is left out, unless it is the user's own word."""
    known = {"firstname": "Kai", "lastname": "Null", "email": "kai@hav.example"}
    nothing = {
        "company": "N/A",
        "jobtitle": "unknown",
        "city": "undefined",
        "phone": "Not provided",
        "mobilephone": "None",
    }
    server.script = [calls(ToolCall("create_contact", {"properties": {**known, **nothing}}))]
    await talk.say("opret Kai Null kai@hav.example")
    assert {name: after for name, (_, after) in talk.rows.items()} == known


async def test_a_filter_that_is_null_is_none(talk: Talk, server: FakeOpenAI) -> None:
    """A search whose filters are null finds what the words ask for."""
    given = {"query": METTE, "filters": {"city": None, "company": "N/A"}}
    server.script = [
        calls(ToolCall("search_contacts", given)),
        calls(ToolCall("search_contacts", {**given, "filters": None})),
        HERE,
    ]
    assert "1. **Mette Hansen**" in await talk.say(FIND)
    assert all(m["content"].startswith("1 found") for m in server.requests[-1].messages if m["role"] == "tool")


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"contact": METTE, "jobtitle": "CFO"}, "jobtitle"),
        ({"contact": METTE, "properties": [{"name": "jobtitle", "value": "CFO"}]}, "properties"),
        ({"contact": METTE, "properties": '{"jobtitle": "CFO"}'}, "properties"),
        ({"contact": METTE, "properties": {"jobtitle": ["CFO"]}}, "properties.jobtitle"),
        ({"contact": METTE, "properties": {"jobtitle": "CFO"}, "phone": "22334455"}, "phone: not an argument"),
        ({"properties": {"jobtitle": "CFO"}}, "contact"),
    ],
)
async def test_an_argument_that_is_refused_is_named_with_its_form(
    talk: Talk, server: FakeOpenAI, given: dict[str, Any], wrong: str
) -> None:
    """The model is told which argument was wrong and how the call should look, and its corrected call is taken."""
    right = {"contact": METTE, "properties": {"jobtitle": "CFO"}}
    server.script = [calls(ToolCall("update_contact", given)), calls(ToolCall("update_contact", right))]
    await talk.say(f"gør {METTE} til CFO")
    told = server.requests[1].last["content"]
    assert wrong in told
    assert '{"contact": string, "properties": {"email": string,' in told
    assert talk.rows == {"jobtitle": ("Salgschef", "CFO")}
