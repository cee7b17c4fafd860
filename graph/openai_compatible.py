"""A chat model of any server that speaks OpenAI's chat completions, with the ways in which such servers differ.

``docs/decisions/0017-model-servers.md`` lists them. What a server refuses is left out from then on; what it sends is
brought into the form of OpenAI's own before LangChain reads it.
"""

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import openai
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr

from graph.spoken import UNOPENED, Call, MalformedCall, Spoken

Json = dict[str, Any]
PROVIDER = "provider"  # under this key of ``additional_kwargs`` stand a provider's own fields of a message
_OF_MESSAGE = {"role", "content", "tool_calls", "name", "refusal", "audio", "annotations", "function_call"}
_OF_CALL = {"index", "id", "type", "function"}
_REFUSALS = (openai.BadRequestError, openai.UnprocessableEntityError)


class NoAnswer(Exception):
    """The server's answer holds nothing that was asked for."""


class CompatibleChatOpenAI(ChatOpenAI):
    """Remembers, until it is closed, what its server refuses and how its model writes."""

    _without: set[str] = PrivateAttr(default_factory=set)  # "stream_options", "stream", a provider's own fields
    _taken: set[str] = PrivateAttr(default_factory=set)
    _thinks: bool = PrivateAttr(default=False)  # its answers begin with thinking that no tag opens

    def _get_request_payload(self, input_: LanguageModelInput, *, stop: list[str] | None = None, **kwargs: Any) -> Json:
        payload: Json = super()._get_request_payload(input_, stop=stop, **kwargs)
        for message, sent in zip(self._convert_input(input_).to_messages(), payload["messages"], strict=True):
            own = message.additional_kwargs.get(PROVIDER) or {}
            sent.update(own.get("message") or {})
            for call in sent.get("tool_calls") or ():
                call.update((own.get("calls") or {}).get(call["id"]) or {})
        return payload

    async def _astream(
        self, messages: list[BaseMessage], stop: list[str] | None = None, *_: Any, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        options = {"stream": True, "stream_options": {"include_usage": True}}
        payload = self._get_request_payload(messages, stop=stop, **kwargs, **options)
        answer = _Answer([tool["function"]["name"] for tool in payload.get("tools") or ()], thinks=self._thinks)
        async with aclosing(self._asked(payload)) as pieces:
            async for piece in pieces:
                if (read := answer.read(piece)) and (chunk := self._chunk(read)):
                    yield chunk
        if last := self._chunk(answer.rest()):
            last.message.additional_kwargs = {PROVIDER: own} if (own := answer.own) else {}
            yield last
        self._thinks = answer.thinks

    def _chunk(self, piece: Json) -> ChatGenerationChunk | None:
        return self._convert_chunk_to_generation_chunk(piece, AIMessageChunk, None)

    async def _asked(self, payload: Json) -> AsyncGenerator[Json]:
        """The pieces of the answer. Where the server refuses the request, it is asked again with less."""
        without, refusal = set(self._without), None
        while True:
            request = _lessened(payload, without)
            async with aclosing(self._pieces(request)) as pieces:
                error: Exception = NoAnswer()
                try:
                    first = await anext(pieces, None)
                except _REFUSALS as refused:
                    first, error = None, refused
                if first is not None:
                    self._without |= without
                    self._taken |= set(_optional(request))
                    yield first
                    async for piece in pieces:
                        yield piece
                    return
            refusal = refusal or error
            suspect = self._suspect(request, error)
            if suspect is None:
                raise refusal
            without.add(suspect)

    def _suspect(self, request: Json, error: Exception) -> str | None:
        """What the server may have refused the request for: what the error names, else what it has never taken."""
        optional = _optional(request)
        unknown = [name for name in optional if name not in self._taken]
        if isinstance(error, NoAnswer):
            return "stream" if "stream" in unknown else None
        named = [name for name in optional if re.search(rf"\b{re.escape(name)}\b", str(error))]
        return next(iter([*named, *unknown]), None)

    async def _pieces(self, request: Json) -> AsyncGenerator[Json]:
        """The chunks of a stream as the server sends them; an answer that is not streamed is one chunk."""
        response = await self.async_client.create(**request)
        if not isinstance(response, openai.AsyncStream):
            yield _as_chunk(response.model_dump(warnings=False) if isinstance(response, openai.BaseModel) else None)
            return
        async with response:
            if "application/json" in response.response.headers.get("content-type", ""):
                yield _as_chunk(json.loads(await response.response.aread()))  # asked to stream, it did not
                return
            async for chunk in response:
                yield chunk.model_dump(warnings=False)


@dataclass
class _Placed:
    """A tool call as far as it was streamed: the index and the id that the server gave it."""

    index: int | None
    given: str
    id: str
    name: str = ""
    arguments: str = ""


class _Answer:
    """Converts the chunks of one answer to OpenAI's format, and merges values that servers repeat in every chunk."""

    def __init__(self, tools: Collection[str], *, thinks: bool) -> None:
        self._spoken = Spoken(tools, thinks=thinks)
        self._placed: list[_Placed] = []
        self._message: Json = {}
        self._calls: dict[str, Json] = {}
        self._usage: Json | None = None  # of the whole answer so far: some servers repeat it in every chunk
        self._finish: str | None = None
        self._shown = ""

    @property
    def own(self) -> Json:
        """The provider's own fields of the message and of its calls, by their ids."""
        found = {"message": self._message, "calls": self._calls}
        return found if self._message or self._calls else {}

    @property
    def thinks(self) -> bool:
        """Whether the next answer is expected to begin with thinking."""
        return self._spoken.thinks or UNOPENED in self._shown.lower()

    def read(self, piece: Json) -> Json | None:
        """The next chunk; None where it holds nothing of the message."""
        self._usage = piece.get("usage") or self._usage
        choices = piece.get("choices")
        if not choices:
            return None
        self._finish = choices[0].get("finish_reason") or self._finish
        delta = choices[0].get("delta") or choices[0].get("message") or {}
        for name, value in _own_fields(delta, _OF_MESSAGE):
            self._message[name] = _joined(self._message.get(name), value)
        calls = [self._call(call) for call in delta.get("tool_calls") or ()]
        return _piece(piece, self._show(_text(delta)), calls)

    def rest(self) -> Json:
        """The last chunk: what the text held back, why the answer ended, and its tokens."""
        text, calls = self._spoken_rest()
        placed = [self._call(_whole_call(name, given)) for name, given in calls]
        return {**_piece({}, self._show_rest(text), placed, self._finish), "usage": self._usage}

    def _spoken_rest(self) -> tuple[str, Sequence[Call]]:
        try:
            text, calls = self._spoken.end()
        except MalformedCall:
            if self._placed or self._finish in (None, "length", "content_filter"):
                return "", ()  # there is a call, or whoever reads the answer sees that it was cut
            raise
        return text, () if self._placed else calls

    def _show(self, text: str) -> str:
        return self._show_rest(self._spoken.hear(text))

    def _show_rest(self, shown: str) -> str:
        self._shown += shown
        return shown

    def _call(self, call: Json) -> Json:
        function = call.get("function") or {}
        name, arguments = function.get("name") or "", function.get("arguments")
        if arguments is not None and not isinstance(arguments, str):
            arguments = json.dumps(arguments, ensure_ascii=False)
        number = self._place(call, name)
        placed = self._placed[number]
        if name == placed.name:
            name = ""  # some servers repeat it in every chunk
        placed.name += name
        placed.arguments += arguments or ""
        for field, value in _own_fields(call, _OF_CALL):
            self._calls.setdefault(placed.id, {})[field] = value
        return {"index": number, "id": placed.id, "function": {"name": name, "arguments": arguments or ""}}

    def _place(self, call: Json, name: str) -> int:
        """The number of the call that a chunk belongs to; that of a new one where it begins one."""
        index, given = call.get("index"), call.get("id") or ""
        at = next((n for n in reversed(range(len(self._placed))) if self._placed[n].index == index), None)
        if at is None or (name and _is_another(self._placed[at], given)):
            taken = any(placed.id == given for placed in self._placed)
            self._placed.append(_Placed(index, given, _new_id() if taken or not given else given))
            return len(self._placed) - 1
        return at


def _is_another(placed: _Placed, given: str) -> bool:
    """Whether a chunk that names a tool begins another call than the one at its index."""
    if given:
        return given != placed.given
    try:
        return isinstance(json.loads(placed.arguments), dict)
    except (ValueError, RecursionError):
        return False


def _optional(request: Json) -> list[str]:
    """What the request could do without, in the order in which servers are likely to refuse it."""
    own = [name for message in request["messages"] for name in _own_names(message)]
    return [
        *(["stream_options"] if "stream_options" in request else []),
        *own,
        *(["stream"] if "stream" in request else []),
    ]


def _own_names(message: Json) -> Iterator[str]:
    if message.get("role") == "assistant":
        yield from (name for name, _ in _own_fields(message, _OF_MESSAGE))
        for call in message.get("tool_calls") or ():
            yield from (name for name, _ in _own_fields(call, _OF_CALL))


def _lessened(payload: Json, without: Collection[str]) -> Json:
    """The request without some of what it could do without."""
    left = {name: value for name, value in payload.items() if name not in without}
    if "stream" not in left:
        left.pop("stream_options", None)
    left["messages"] = [_without(message, without) for message in payload["messages"]]
    return left


def _without(message: Json, names: Collection[str]) -> Json:
    left = {name: value for name, value in message.items() if name not in names}
    if "tool_calls" in left:
        left["tool_calls"] = [{k: v for k, v in call.items() if k not in names} for call in left["tool_calls"]]
    return left


def _own_fields(given: Mapping[str, Any], standard: Collection[str]) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in given.items() if name not in standard and value is not None)


def _joined(before: Any, more: Any) -> Any:
    """A field of the message with its next piece: text and lists are streamed bit by bit."""
    same = isinstance(more, str | list) and type(before) is type(more)
    return before + more if same else more


def _text(delta: Json) -> str:
    """The words of a message; of one in parts only the text, and of a refusal what it says."""
    content = delta.get("content") or delta.get("refusal") or ""
    if isinstance(content, list):
        return "".join(
            part.get("text") or "" for part in content if isinstance(part, dict) and part.get("type") == "text"
        )
    return content if isinstance(content, str) else ""


def _as_chunk(completion: Any) -> Json:
    """A whole answer as the only chunk of a stream."""
    if not isinstance(completion, dict) or not completion.get("choices"):
        raise NoAnswer
    return completion


def _piece(piece: Json, text: str, calls: Sequence[Json], finish: str | None = None) -> Json:
    delta = {"role": "assistant", "content": text, "tool_calls": calls}
    return {"model": piece.get("model"), "choices": [{"delta": delta, "finish_reason": finish}]}


def _new_id() -> str:
    """Nine letters or digits: the only ids that the templates of Mistral's models take."""
    return uuid4().hex[:9]


def _whole_call(name: str, arguments: Json) -> Json:
    return {"id": _new_id(), "function": {"name": name, "arguments": arguments}}
