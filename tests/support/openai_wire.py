"""The wire format of OpenAI's chat completions: whole answers, the chunks of a stream, and errors."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

CREATED = 1_790_000_000
PIECE = 7

Fault = Literal["html", "mute", "stall", "cut", "silent_cut"]
Whole = Literal["text at 0", "object at 0", "text without index"]
Endless = Literal[
    "text",
    "thinking",
    "call in words",
    "arguments",
    "names",
    "calls",
    "empty",
    "reasoning",
    "no delta",
    "comments",
    "one line",
]


@dataclass(frozen=True)
class ToolCall:
    """A call as the model writes it; ``arguments`` may be text that is not JSON. ``own``: the provider's own fields."""

    name: str
    arguments: Mapping[str, Any] | str = field(default_factory=dict)
    id: str | None = ""  # "" makes one up, None sends none
    own: Mapping[str, Any] = field(default_factory=dict)

    @property
    def json(self) -> str:
        if isinstance(self.arguments, str):
            return self.arguments
        return json.dumps(self.arguments, ensure_ascii=False)


@dataclass(frozen=True)
class Reply:
    """One answer of the script. With a status other than 200, ``text`` is the error's message.

    Faults: ``html`` (a page with status 200), ``mute`` (no answer at all), ``stall`` (silence in the middle), ``cut``
    (the connection breaks in the middle), ``silent_cut`` (the stream ends in the middle, cleanly, without a finish
    reason). ``endless``: the stream never ends, and goes on with this as fast as it is read.

    Ways of other servers: ``own`` (a provider's own fields of the message; text among them comes in pieces), ``whole``
    (each call in one chunk: with its arguments as ``text`` or as an ``object``, and at the index 0 or none at all),
    ``unstreamed`` (the whole answer as JSON although a stream was asked for), ``repeats`` (each chunk of a call has its
    name and id, and each chunk the usage).
    """

    text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str | None = None
    status: int = 200
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault | None = None
    endless: Endless | None = None
    delay: float = 0
    own: Mapping[str, Any] = field(default_factory=dict)
    whole: Whole | None = None
    unstreamed: bool = False
    repeats: bool = False

    @property
    def finish(self) -> str:
        return self.finish_reason or ("tool_calls" if self.tool_calls else "stop")


def says(text: str, **more: Any) -> Reply:
    """A reply in words."""
    return Reply(text=text, **more)


def calls(*tool_calls: ToolCall, **more: Any) -> Reply:
    """A reply that calls tools."""
    return Reply(tool_calls=tool_calls, **more)


def truncated(call: ToolCall, finish_reason: str = "length") -> Reply:
    """A tool call whose arguments stop half-way, as with a token limit; some servers report ``tool_calls`` then."""
    half = call.json[: len(call.json) // 2]
    return Reply(tool_calls=(ToolCall(call.name, half, call.id),), finish_reason=finish_reason)


def rate_limited(retry_after: str | None = "1", code: str = "rate_limit_exceeded") -> Reply:
    """Status 429."""
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return Reply(status=429, text="Rate limit reached", code=code, headers=headers)


def filtered() -> Reply:
    """What the provider's content filter leaves: nothing."""
    return Reply(finish_reason="content_filter")


def _call(call: ToolCall, number: int) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.json}
    call_id = f"call_{number}_{call.name}" if call.id == "" else call.id
    return {"id": call_id, "type": "function", "function": function, **call.own}


def _whole_call(call: ToolCall, number: int, whole: Whole) -> dict[str, Any]:
    sent = _call(call, number)
    if whole == "object at 0":
        sent["function"]["arguments"] = call.arguments
    return sent if whole == "text without index" else {**sent, "index": 0}


def _usage(reply: Reply) -> dict[str, Any]:
    written = max(1, len(reply.text) // 4)
    return {"prompt_tokens": 100, "completion_tokens": written, "total_tokens": 100 + written}


def completion(reply: Reply, model: str) -> dict[str, Any]:
    """The whole answer, unstreamed."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None, "refusal": None, **reply.own}
    if reply.tool_calls:
        message["tool_calls"] = [_call(call, number) for number, call in enumerate(reply.tool_calls)]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reply.finish}
    head = {"id": "chatcmpl-script", "object": "chat.completion", "created": CREATED, "model": model}
    return {**head, "choices": [choice], "usage": _usage(reply)}


def chunks(reply: Reply, model: str, usage: bool) -> Iterator[dict[str, Any]]:
    """The same in pieces: role, content, the calls and their arguments bit by bit, finish reason, usage."""
    head: dict[str, Any] = {"id": "chatcmpl-script", "object": "chat.completion.chunk", "created": CREATED}
    head["model"] = model
    if usage:
        head["usage"] = _usage(reply) if reply.repeats else None

    def choice(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        return {**head, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]}

    yield choice({"role": "assistant", "content": None if reply.tool_calls else "", "refusal": None})
    for name, value in reply.own.items():
        for piece in _pieces(value) if isinstance(value, str) and value else [value]:
            yield choice({name: piece})
    for piece in _pieces(reply.text):
        yield choice({"content": piece})
    if reply.whole:
        yield from (choice({"tool_calls": [_whole_call(c, n, reply.whole)]}) for n, c in enumerate(reply.tool_calls))
    for index, call in enumerate(() if reply.whole else reply.tool_calls):
        whole = _call(call, index)
        opening = {**whole, "index": index, "function": {"name": call.name, "arguments": ""}}
        yield choice({"tool_calls": [opening]})
        for piece in _pieces(call.json):
            again = {"id": whole["id"], "function": {"name": call.name, "arguments": piece}} if reply.repeats else {}
            yield choice({"tool_calls": [{"index": index, "function": {"arguments": piece}, **again}]})
    yield choice({}, reply.finish)
    if usage:
        yield {**head, "choices": [], "usage": _usage(reply)}


def piece_without_end(kind: Endless, number: int) -> str:
    """One piece of a stream that never ends, as it stands on the wire."""
    if kind == "comments":
        return ": still at it\n\n"
    if kind == "one line":
        return ("" if number else "data: ") + "x" * 1_000
    call = {"index": number if kind == "calls" else 0, "type": "function"}
    function = {"arguments": "x"} if kind == "arguments" else {"name": "x"}
    delta = {
        "text": {"content": "ord "},
        "thinking": {"content": "hm " if number else "<think>"},
        "call in words": {"content": "[{" if number else "<tool_call>"},
        "reasoning": {"reasoning_content": "hm "},
        "empty": {},
        "no delta": None,
    }.get(kind, {"tool_calls": [{**call, "function": function}]})
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    event = {"id": "chatcmpl-script", "object": "chat.completion.chunk", "created": CREATED, "model": "m"}
    return f"data: {json.dumps({**event, 'choices': [choice]})}\n\n"


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), PIECE):
        yield text[start : start + PIECE]


def error_body(reply: Reply) -> dict[str, Any]:
    """An error as OpenAI words it."""
    kinds = {401: "invalid_request_error", 429: "requests", 500: "server_error", 503: "server_error"}
    error = {
        "message": reply.text or "The script fails here.",
        "type": kinds.get(reply.status, "invalid_request_error"),
    }
    return {"error": {**error, "param": None, "code": reply.code}}
