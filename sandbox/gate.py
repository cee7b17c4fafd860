"""What stands before the application: planned failures, the log of requests, paths with encoded slashes."""

import asyncio
import json
from contextlib import suppress
from urllib.parse import unquote

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.context import Entry, Sandbox
from sandbox.errors import html_page, rate_limited
from sandbox.faults import Fault
from sandbox.responses import html_error

Headers = list[tuple[bytes, bytes]]
BODILESS = (204, 304)
MOST_ADDRESS = 16_200  # bytes of path and query (observed: about 16.2 kB)
PIECES_PER_SECOND = 20


class Gate:
    """An ASGI application around another; the control API passes untouched."""

    def __init__(self, application: ASGIApp, sandbox: Sandbox) -> None:
        self._application = application
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox/"):
            await self._application(scope, receive, send)
            return
        raw: bytes = scope["raw_path"]
        if b"%2f" in raw.lower():
            # An encoded slash belongs to an id; the endpoint decodes it once more.
            path = raw.decode("ascii").replace("%2f", "%2F").replace("%2F", "%252F")
            scope = {**scope, "path": unquote(path)}
        query = scope["query_string"].decode("latin-1")
        with self._sandbox.requests.noting(scope["method"], scope["path"] + (f"?{query}" if query else "")) as entry:
            if len(raw) + len(query) > MOST_ADDRESS:
                await html_error(414, "URI Too Long")(scope, receive, _noting(send, entry))
                return
            fault = self._sandbox.faults.take(scope["method"], scope["path"])
            # A client that goes away while its request is still arriving is nothing to report.
            with suppress(ClientDisconnect):
                if fault is None:
                    await self._application(scope, receive, _noting(send, entry))
                else:
                    entry.fault = fault.plan
                    await self._fail(fault, scope, receive, send, entry)

    async def _fail(self, fault: Fault, scope: Scope, receive: Receive, send: Send, entry: Entry) -> None:
        # Read now: after the delay the client may be gone, and its request must still be handled.
        request = await _whole(receive)
        await asyncio.sleep(fault.delay)
        if fault.drop == "before":
            await _cut(receive, send)
            return
        status, headers, body = _planned(fault, scope["path"])
        if fault.handled or not fault.answers:
            answer = await _collected(self._application, scope, request)
            status, headers, body = (status, headers, body) if fault.answers else answer
        if fault.drop == "after":
            await _cut(receive, send)
            return
        body = b"" if status in BODILESS else body
        added = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in fault.headers.items()]
        own = {name for name, _ in added} | {b"content-length"}
        kept = [(name, value) for name, value in headers if name not in own]
        length = [] if status in BODILESS else [_length(body)]
        await send({"type": "http.response.start", "status": status, "headers": [*kept, *added, *length]})
        entry.status = status
        if fault.truncate:
            await _pieces(body[: len(body) // 2], fault.trickle, receive, send)
            await _cut(receive, send)
        elif await _pieces(body, fault.trickle, receive, send):
            await send({"type": "http.response.body", "body": b""})


def _length(body: bytes) -> tuple[bytes, bytes]:
    return b"content-length", str(len(body)).encode()


def _noting(send: Send, entry: Entry) -> Send:
    async def noting(message: Message) -> None:
        if message["type"] == "http.response.start":
            entry.status = message["status"]
        await send(message)

    return noting


async def _pieces(body: bytes, per_second: int, receive: Receive, send: Send) -> bool:
    """Send a body, slowly where so many bytes a second are wanted; False where the client went away meanwhile."""
    if not per_second:
        await send({"type": "http.response.body", "body": body, "more_body": True})
        return True
    size = max(1, per_second // PIECES_PER_SECOND)
    gone = asyncio.ensure_future(receive())
    try:
        for start in range(0, len(body), size):
            await send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
            done, _ = await asyncio.wait({gone}, timeout=size / per_second)
            if done:
                return False
    finally:
        gone.cancel()
    return True


def _planned(fault: Fault, path: str) -> tuple[int, Headers, bytes]:
    status = 200 if fault.status is None else fault.status
    if fault.html is not None:
        page = fault.html or html_page(status, "Error")
        return status, [(b"content-type", b"text/html;charset=utf-8")], page.encode()
    if isinstance(fault.body, str):
        body = fault.body.encode()
    elif fault.body is not None:
        body = json.dumps(fault.body).encode()
    elif status == 429:
        body = json.dumps(rate_limited(path.endswith("/search")).body("00000000-0000-7000-8000-000000000429")).encode()
    else:
        body = json.dumps({"status": "error", "message": f"planned failure {status}"}).encode()
    return status, [(b"content-type", b"application/json;charset=utf-8")], body


async def _collected(application: ASGIApp, scope: Scope, receive: Receive) -> tuple[int, Headers, bytes]:
    status, headers, parts = 500, [], []

    async def collect(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    await application(scope, receive, collect)
    return status, headers, b"".join(parts)


async def _whole(receive: Receive) -> Receive:
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay


async def _cut(receive: Receive, send: Send) -> None:
    """Close the connection as it is. ASGI has no word for that, so uvicorn's own transport is closed."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionAbortedError("planned failure: the connection is dropped")
    transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass
