"""The scripted model server, seen by the client that the assistant uses."""

import asyncio
import time
from typing import Any

import openai
import pytest
from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessageChunk
from langchain_core.tools import tool

from support.fake_openai import FakeOpenAI, Recorded
from support.openai_wire import Reply, ToolCall, calls, filtered, rate_limited, says, truncated
from support.patience import patiently


@tool
def find(query: str) -> str:
    """Find contacts."""
    return query


def model_of(server: FakeOpenAI, **more: Any) -> BaseChatModel:
    options = {"api_key": "x", "use_responses_api": False, "max_retries": 0, "stream_usage": True, **more}
    model: BaseChatModel = init_chat_model("openai:gpt-5-mini", base_url=server.base_url, **options)
    return model


async def streamed(model: Any, text: str) -> tuple[BaseMessageChunk, int]:
    """The sum of a stream, and of how many pieces it was."""
    pieces = [piece async for piece in model.astream(text)]
    total = pieces[0]
    for piece in pieces[1:]:
        total += piece
    return total, len(pieces)


async def test_text_is_streamed_in_pieces() -> None:
    """A text arrives piece by piece, with its finish reason and its usage at the end."""
    with FakeOpenAI([says("Hej, jeg fandt Søren Ægidius.")]) as server:
        total, pieces = await streamed(model_of(server), "hej")
    assert total.text == "Hej, jeg fandt Søren Ægidius."
    assert pieces >= 5
    assert total.response_metadata["finish_reason"] == "stop"
    assert isinstance(total, AIMessageChunk)
    assert total.usage_metadata is not None
    assert total.usage_metadata["input_tokens"] == 100


async def test_tool_calls_are_streamed_in_pieces() -> None:
    """Two calls of one answer arrive whole, each with an id of its own, though their arguments come bit by bit."""
    script = [calls(ToolCall("find", {"query": "Åse Ødegård"}), ToolCall("find", {"query": "Bo"}))]
    with FakeOpenAI(script) as server:
        total, _ = await streamed(model_of(server).bind_tools([find]), "find")
    assert isinstance(total, AIMessageChunk)
    assert [call["args"] for call in total.tool_calls] == [{"query": "Åse Ødegård"}, {"query": "Bo"}]
    assert len({call["id"] for call in total.tool_calls}) == 2
    assert total.response_metadata["finish_reason"] == "tool_calls"


async def test_an_unstreamed_answer_holds_the_same() -> None:
    """Without streaming the same reply comes as one message."""
    with FakeOpenAI([calls(ToolCall("find", {"query": "Bo"}))]) as server:
        answer = await model_of(server).bind_tools([find]).ainvoke("find")
    assert [(call["name"], call["args"]) for call in answer.tool_calls] == [("find", {"query": "Bo"})]


async def test_requests_are_recorded_without_the_key() -> None:
    """What was asked can be looked at afterwards: messages, tools and headers, but never the key."""
    with FakeOpenAI(lambda request: says(f"du sagde: {request.last['content']}")) as server:
        answer = await model_of(server, api_key="a-made-up-key").bind_tools([find]).ainvoke("hej")
    (request,) = server.requests
    assert answer.text == "du sagde: hej"
    assert request.messages == [{"role": "user", "content": "hej"}]
    assert request.tools[0]["function"]["name"] == "find"
    assert "a-made-up-key" not in str(request.headers)


async def test_a_script_mixes_replies_and_functions_and_ends() -> None:
    """Replies are taken in turn; a function sees the request; past the end the server says so instead of answering."""

    def second(request: Recorded) -> Reply:
        return says(str(len(request.messages)))

    with FakeOpenAI([says("et"), second]) as server:
        model = model_of(server)
        assert [(await model.ainvoke("a")).text, (await model.ainvoke("b")).text] == ["et", "1"]
        assert server.left == 0
        with pytest.raises(openai.BadRequestError, match="no reply left"):
            await model.ainvoke("c")


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(status=401, code="invalid_api_key"), openai.AuthenticationError),
        (rate_limited("1"), openai.RateLimitError),
        (Reply(status=500), openai.InternalServerError),
        (Reply(status=503), openai.InternalServerError),
        (Reply(fault="html"), (ValueError, TypeError, AttributeError)),
    ],
)
async def test_a_fault_is_the_clients_own_error(reply: Reply, error: type[Exception]) -> None:
    """A scripted status raises what the real service's status raises; a log-in page is no answer."""
    with FakeOpenAI([reply]) as server:
        with pytest.raises(error):
            await model_of(server).ainvoke("hej")
        assert len(server.requests) == 1


async def test_retry_after_is_sent() -> None:
    """A rate limit names its wait, and the client comes back for the next reply of the script."""
    with FakeOpenAI([rate_limited("0.05"), says("nu")]) as server:
        assert (await model_of(server, max_retries=1).ainvoke("hej")).text == "nu"


async def test_a_stalled_stream_says_nothing_more() -> None:
    """A stalled stream keeps the caller waiting as long as it wants to, and the server can end all the same."""
    started = time.monotonic()
    with FakeOpenAI([Reply(text="Der var engang " * 5, fault="stall")]) as server, pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await streamed(model_of(server), "hej")
    assert time.monotonic() - started < patiently(5)


async def test_a_cut_stream_is_a_connection_error() -> None:
    """A connection that breaks in the middle of a stream raises."""
    with FakeOpenAI([Reply(text="Der var engang " * 5, fault="cut")]) as server:
        with pytest.raises(Exception, match=r"(?i)incomplete|closed|connection|protocol"):
            await streamed(model_of(server), "hej")


async def test_a_silent_cut_has_no_finish_reason() -> None:
    """A stream that merely ends leaves part of the text and no finish reason."""
    text = "Der var engang " * 5
    with FakeOpenAI([Reply(text=text, fault="silent_cut")]) as server:
        total, _ = await streamed(model_of(server), "hej")
    assert text.startswith(total.text)
    assert total.text != text
    assert "finish_reason" not in total.response_metadata


@pytest.mark.parametrize("finish", ["length", "tool_calls"])
async def test_a_truncated_call_ends_in_the_middle(finish: str) -> None:
    """The arguments stop half-way, and the finish reason may or may not admit it."""
    with FakeOpenAI([truncated(ToolCall("find", {"query": "anna jensen"}), finish)]) as server:
        total, _ = await streamed(model_of(server).bind_tools([find]), "find")
    assert isinstance(total, AIMessageChunk)
    assert "".join(piece["args"] or "" for piece in total.tool_call_chunks) == '{"query": "a'
    assert total.response_metadata["finish_reason"] == finish


async def test_malformed_arguments_and_unknown_tools_go_through_as_written() -> None:
    """The server sends whatever the script says, as a careless model would."""
    script = [calls(ToolCall("find", "{query: Bo")), calls(ToolCall("drop_everything", {}))]
    with FakeOpenAI(script) as server:
        model = model_of(server).bind_tools([find])
        malformed = await model.ainvoke("find")
        unknown = await model.ainvoke("find")
    assert [call["args"] for call in malformed.invalid_tool_calls] == ["{query: Bo"]
    assert [call["name"] for call in unknown.tool_calls] == ["drop_everything"]


@pytest.mark.parametrize(("reply", "finish"), [(says(""), "stop"), (filtered(), "content_filter")])
async def test_an_empty_answer_is_empty(reply: Reply, finish: str) -> None:
    """A model may say nothing, or be kept from saying it."""
    with FakeOpenAI([reply]) as server:
        total, _ = await streamed(model_of(server), "hej")
    assert total.text == ""
    assert total.response_metadata["finish_reason"] == finish
