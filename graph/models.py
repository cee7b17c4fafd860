"""Opens the chat model and asks it: streamed, limited in time and length, with strict checks of tool calls."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, cast
from uuid import uuid4

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage, BaseMessage, ToolCall, ToolCallChunk
from langchain_core.tools import BaseTool

from graph.sanitise import read_json, whole
from graph.spoken import MalformedCall, after_thinking
from graph.state import Json
from tools import schema_of

CALL_SECONDS, TURN_SECONDS = 45.0, 90.0  # where nothing else is configured
RETRIES = 2
# of one answer, all of it: some models think for thousands of chunks, which come empty, before they say a word
CHUNKS, CHARACTERS, CALLS = 20_000, 100_000, 64
ARGUMENTS = 20_000  # characters of a call's arguments; langchain's own parsing of more may hold everybody up
_CALLS = ("tool_calls", "invalid_tool_calls", "tool_call_chunks")


# down: no answer came; slow: not in time; cut: it was too long; malformed: a call that cannot be read; silent: nothing
Kind = Literal["down", "slow", "cut", "malformed", "silent"]


class ModelFault(Exception):
    """There is no answer that can be used. ``why`` names the cause for an operator; it never quotes the answer."""

    def __init__(self, kind: Kind, why: str = "") -> None:
        super().__init__(why or kind)
        self.kind: Kind = kind

    @classmethod
    def of(cls, error: Exception) -> "ModelFault":
        """The fault that an error of a model's library stands for."""
        if isinstance(error, ModelFault):
            return error
        name = type(error).__name__
        if isinstance(error, MalformedCall):
            return cls("malformed", name)
        return cls("slow" if "Timeout" in name else "down", name)


@dataclass
class Raw:
    """A tool call as far as it was streamed."""

    name: str = ""
    id: str = ""
    args: str = ""

    def add(self, part: ToolCallChunk) -> None:
        """One more piece of it. Raises ModelFault where it becomes too long."""
        self.name += part["name"] or ""
        self.id = self.id or part["id"] or ""
        self.args += part["args"] or ""
        if len(self.args) > ARGUMENTS:
            raise ModelFault("cut", "arguments without end")

    def call(self) -> ToolCall:
        """The whole call. Raises ModelFault where its arguments are no JSON object."""
        try:
            args = read_json(self.args or "{}")
            if isinstance(args, str):  # encoded twice
                args = read_json(args)
        except (ValueError, RecursionError):
            raise ModelFault("malformed") from None
        args = {} if args is None else args
        if not isinstance(args, dict):
            raise ModelFault("malformed")
        return ToolCall(name=whole(self.name), args=args, id=whole(self.id) or f"call_{uuid4().hex}", type="tool_call")


@dataclass
class _Heard:
    """The answer as far as it was streamed, within its limits."""

    ends: float
    total: AIMessageChunk | None = None
    calls: dict[int | str, Raw] = field(default_factory=dict)
    _chunks: int = 0
    _characters: int = 0

    def __post_init__(self) -> None:
        self._task = cast("asyncio.Task[object]", asyncio.current_task())
        self._cancelled = self._task.cancelling()

    def add(self, chunk: AIMessageChunk) -> None:
        """One more chunk. Raises ModelFault where the answer becomes too long, or takes too long."""
        self._bound(chunk)
        for part in chunk.tool_call_chunks:
            key = part["index"] if part["index"] is not None else part["id"] or ""
            self.calls.setdefault(key, Raw()).add(part)
        # langchain parses all of the arguments again at every sum, which takes minutes where they are malformed
        bare = chunk.model_copy(update={name: [] for name in _CALLS})
        self.total = bare if self.total is None else self.total + bare

    def answer(self) -> AIMessage:
        """The whole answer. Raises ModelFault where there is none, or where it is not complete."""
        if self.total is None:
            raise ModelFault("silent", "no answer")
        total, text = self.total, after_thinking(self.total.text)
        reason = _reason(total)
        if reason == "length" and (self.calls or not text.strip()):
            raise ModelFault("cut", reason)
        if reason == "content_filter":
            raise ModelFault("silent", reason)
        tool_calls = [raw.call() for raw in self.calls.values()]
        if not text.strip() and not tool_calls:
            raise ModelFault("silent", "empty answer")
        if len(str(total.additional_kwargs)) > CHARACTERS:
            raise ModelFault("cut", "fields without end")
        kept = ("draft", "offer", *(("provider",) if tool_calls else ()))
        return AIMessage(
            # words beside a call are no reply: they may claim what has not happened yet
            content="" if tool_calls else whole(text),
            tool_calls=tool_calls,
            additional_kwargs={k: _storable(v) for k, v in total.additional_kwargs.items() if k in kept},
            response_metadata={"finish_reason": reason} if reason == "length" else {},
            usage_metadata=total.usage_metadata,
            id=total.id,
        )

    def _bound(self, chunk: AIMessageChunk) -> None:
        # langchain_openai waits for each chunk with asyncio.wait_for, which in Python 3.11 loses a cancellation where
        # the chunk is there already: of a stream that is fast neither a timeout nor Stop would ever end the turn
        if self._task.cancelling() > self._cancelled:
            raise asyncio.CancelledError
        self._chunks += 1
        self._characters += len(chunk.content if isinstance(chunk.content, str) else str(chunk.content))
        self._characters += sum(len(part["name"] or "") + len(part["args"] or "") for part in chunk.tool_call_chunks)
        late = time.monotonic() > self.ends
        if late or self._chunks > CHUNKS or self._characters > CHARACTERS or len(self.calls) > CALLS:
            raise ModelFault("slow" if late else "cut", "endless")


@asynccontextmanager
async def open_model(
    *,
    model: str,
    api_key: str | None,
    base_url: str | None,
    call_seconds: float = CALL_SECONDS,
    turn_seconds: float = TURN_SECONDS,
) -> AsyncIterator[BaseChatModel]:
    """Open a chat model of OpenAI, or of any server that speaks its chat completions, with its own connections."""
    from pydantic import SecretStr

    from graph.openai_compatible import CompatibleChatOpenAI
    from graph.transport import bounded_client

    async with bounded_client(turn_seconds) as http:  # langchain's own one is never closed
        yield CompatibleChatOpenAI(
            model=model,
            api_key=SecretStr(api_key or "not-needed"),  # a local server takes any, the constructor takes none
            base_url=base_url,
            timeout=call_seconds,
            max_retries=RETRIES,
            use_responses_api=False,
            http_async_client=http,
        )


async def ask(
    model: BaseChatModel,
    tools: Sequence[BaseTool],
    messages: Sequence[AnyMessage],
    *,
    seconds: float,
    beside: Json | None = None,
) -> AIMessage:
    """Return the model's answer within ``seconds``; one that was cut at its length says so in ``response_metadata``.

    Raises ModelFault for any failure and for incomplete tool calls: LangChain completes truncated JSON of a streamed
    call into valid JSON, so the raw text is checked. ``beside``: how the answer is read (``graph.claims.Reading``); it
    is passed to whoever shows the stream.
    """
    bound = model.bind_tools([schema_of(tool) for tool in tools]) if tools else model
    heard = _Heard(time.monotonic() + seconds)
    stream = cast("AsyncGenerator[BaseMessage]", bound.astream(list(messages), {"metadata": {"claims": beside}}))
    try:
        async with asyncio.timeout(seconds), aclosing(stream):
            async for part in stream:
                heard.add(_chunk(part))
    except Exception as error:
        raise ModelFault.of(error) from None
    return heard.answer()


def _chunk(message: BaseMessage) -> AIMessageChunk:
    """A streamed chunk; a model that cannot stream yields its whole message instead."""
    if isinstance(message, AIMessageChunk):
        return message
    return AIMessageChunk(**message.model_dump(exclude={"type"}))


def _reason(answer: AIMessageChunk) -> str | None:
    """Why the answer ended. Raises ModelFault where the stream broke off before it said so."""
    reason: str | None = answer.response_metadata.get("finish_reason")
    if reason is None and answer.response_metadata.get("model_provider") == "openai":
        raise ModelFault("down", "cut off")
    return reason


def _storable(value: Any) -> Any:
    """The JSON value with text and numbers that can be stored."""
    return read_json(json.dumps(value))
