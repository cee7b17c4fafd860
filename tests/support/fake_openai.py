"""A loopback server that speaks OpenAI's chat completions, streamed or not, from a script.

    with FakeOpenAI([calls(ToolCall("search_contacts", {"query": "Anna"})), says("Fandt Anna.")]) as server:
        model = init_chat_model("openai:gpt-5-mini", base_url=server.base_url, api_key="x", use_responses_api=False)

Each request takes the next reply of the script; a function in its place is given the request. One function instead of
a list answers everything. What was asked stands in ``server.requests``. A request that ``server.guard`` has a reply for
is refused with it (``support.openai_servers``), and takes nothing of the script.
"""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from support.openai_wire import Endless, Reply, chunks, completion, error_body, piece_without_end

# an endless stream does end, long after whoever reads it must have given it up
ENDLESS_SECONDS, AT_ONCE = 20.0, 200


@dataclass(frozen=True)
class Recorded:
    """One request as it came."""

    body: dict[str, Any]
    headers: dict[str, str] = field(repr=False)

    @property
    def messages(self) -> list[dict[str, Any]]:
        return list(self.body["messages"])

    @property
    def tools(self) -> list[dict[str, Any]]:
        return list(self.body.get("tools") or ())

    @property
    def last(self) -> dict[str, Any]:
        """The newest message."""
        return self.messages[-1]


Scripted = Reply | Callable[[Recorded], Reply]


def _no_guard(request: Recorded) -> Reply | None:
    return None


class FakeOpenAI:
    """The server, as a context manager; it runs in a thread of its own."""

    def __init__(self, script: Sequence[Scripted] | Callable[[Recorded], Reply] = ()) -> None:
        self.requests: list[Recorded] = []
        self.script = script
        self.guard: Callable[[Recorded], Reply | None] = _no_guard
        self._taken = 0
        self._stopping = threading.Event()
        app = Starlette(routes=[Route("/v1/chat/completions", self._answer, methods=["POST"])])
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", lifespan="off", ws="none")
        config.timeout_graceful_shutdown = 1
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="fake-openai", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the fake model server did not start")
            self._thread.join(0.005)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._stopping.set()
        self._server.should_exit = True
        self._thread.join(10)

    @property
    def base_url(self) -> str:
        """What OPENAI_BASE_URL would say."""
        host, port = self._server.servers[0].sockets[0].getsockname()[:2]
        return f"http://{host}:{port}/v1"

    def play(self, script: Sequence[Scripted] | Callable[[Recorded], Reply]) -> None:
        """Goes on with another script."""
        self.script, self._taken = script, 0

    def forget(self) -> None:
        """Drop the script and the recorded requests, and end replies that stall."""
        self._stopping.set()
        self._stopping, self.requests, self.guard = threading.Event(), [], _no_guard
        self.play([])

    @property
    def left(self) -> int:
        """How many replies of the script nobody asked for yet."""
        return 0 if callable(self.script) else len(self.script) - self._taken

    def _next(self, recorded: Recorded) -> Reply:
        if callable(self.script):
            return self.script(recorded)
        if self._taken >= len(self.script):
            return Reply(status=400, text="the script has no reply left")
        reply = self.script[self._taken]
        self._taken += 1
        return reply(recorded) if callable(reply) else reply

    async def _answer(self, request: Request) -> Response:
        body = await request.json()
        headers = {name: value for name, value in request.headers.items() if name != "authorization"}
        recorded = Recorded(body, headers)
        self.requests.append(recorded)
        reply = self.guard(recorded) or self._next(recorded)
        if reply.fault == "mute":
            await self._stall()
        if reply.fault == "html":
            return HTMLResponse("<html><body>Please log in to the network.</body></html>")
        if reply.status != 200 and not reply.endless:
            return JSONResponse(error_body(reply), reply.status, headers=dict(reply.headers))
        if reply.endless:
            return StreamingResponse(self._forever(reply.endless), reply.status, media_type="text/event-stream")
        if body.get("stream") and not reply.unstreamed:
            usage = bool((body.get("stream_options") or {}).get("include_usage"))
            return StreamingResponse(self._stream(reply, body["model"], usage), media_type="text/event-stream")
        if reply.fault == "stall":
            await self._stall()
        return JSONResponse(completion(reply, body["model"]))

    async def _stream(self, reply: Reply, model: str, usage: bool) -> AsyncIterator[str]:
        events = list(chunks(reply, model, usage))
        middle = len(events) // 2
        for number, event in enumerate(events):
            if number == middle and reply.fault == "stall":
                await self._stall()
            if number == middle and reply.fault == "cut":
                raise ConnectionResetError("the script cuts the stream here")
            if number == middle and reply.fault == "silent_cut":
                return
            if reply.delay:
                await asyncio.sleep(reply.delay)
            yield f"data: {json.dumps(event, ensure_ascii=False)}\n\n"
        yield "data: [DONE]\n\n"

    async def _forever(self, kind: Endless) -> AsyncIterator[str]:
        ends, number, stopping = time.monotonic() + ENDLESS_SECONDS, 0, self._stopping
        while time.monotonic() < ends and not stopping.is_set():
            yield "".join(piece_without_end(kind, number + n) for n in range(AT_ONCE))
            number += AT_ONCE

    async def _stall(self) -> None:
        stopping = self._stopping
        while not stopping.is_set():  # noqa: ASYNC110 - set by another thread
            await asyncio.sleep(0.02)
        raise ConnectionResetError("the server stops")
