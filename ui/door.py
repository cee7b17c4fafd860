"""Guards Chainlit: decides who may connect, to which routes and events, and with how much data."""

import functools
import hashlib
import hmac
import html
import re
from collections.abc import Awaitable, Callable
from typing import Any, Literal
from urllib.parse import parse_qs, quote

from pydantic import UUID4, BaseModel, Field, ValidationError
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.account import is_ours

# What the page asks of Chainlit, and all that is let through. Routes and events that are not here are refused,
# also those that a later version of Chainlit brings along.
STATIC = (  # for everybody on this machine: nothing here is about anyone
    ("GET", "/assets/{file:path}"),
    ("GET", "/public/{file:path}"),
    ("GET", "/avatars/{name}"),
    ("GET", "/favicon"),
    ("GET", "/logo"),
    ("GET", "/health"),
)
ROUTES = (
    ("HEAD", "/"),
    ("GET", "/"),
    ("GET", "/thread/{thread_id}"),
    ("GET", "/login"),
    ("GET", "/login/callback"),
    ("GET", "/auth/config"),
    ("POST", "/auth/header"),
    ("POST", "/logout"),
    ("GET", "/user"),
    ("POST", "/set-session-cookie"),
    ("GET", "/project/translations"),
    ("GET", "/project/settings"),
    ("POST", "/project/threads"),
    ("PUT", "/project/thread"),
    ("DELETE", "/project/thread"),
    ("POST", "/project/action"),
    ("websocket", "/ws/socket.io/"),
)
EVENTS = ("connect", "disconnect", "connection_successful", "client_message", "clear_session", "stop")

LIMIT = 1_000_000  # bytes of a request's body, and of a message on the socket
KEPT_SECONDS = 15 * 24 * 60 * 60
OFF = "off"
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


class Allowed:
    """Lets the listed routes through, with bodies of a limited size.

    ``no_files``: says why a file is not taken; the page shows it where somebody drops or pastes one.
    """

    def __init__(self, app: ASGIApp, no_files: Callable[[Headers], str]) -> None:
        self._app, self._no_files = app, no_files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif not is_listed((*STATIC, *ROUTES), scope):
            await refuse(self._refusal(scope), scope, receive, send)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._bounded(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response:
        if (scope["type"], scope["path"]) == ("http", "/project/file"):
            return JSONResponse({"detail": self._no_files(Headers(scope=scope))}, 403)
        return PlainTextResponse("Forbidden", 403)

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the whole body here, within its limit, so that chunked requests cannot fill the memory behind this."""
        body, more = b"", True
        too_large = int(Headers(scope=scope).get("content-length") or 0) > LIMIT
        while more and not too_large:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body, more = body + message.get("body", b""), message.get("more_body", False)
            too_large = len(body) > LIMIT
        if too_large:
            await PlainTextResponse("Content Too Large", 413, {"connection": "close"})(scope, receive, send)
            return
        waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return waiting.pop() if waiting else await receive()

        await self._app(scope, replay, send)


class SameAccount:
    """Lets in the account that runs the server, where the system can tell, and whoever has the token.

    The token is in the address that is printed at the start, and is kept in a cookie. Every other account is refused
    without it. That includes root: root could read the files anyway, but other users can act through its programs.
    ``token``: or ``off``, which lets in every connection whose account is unknown. ``explain``: makes the page for
    those who are refused.
    """

    def __init__(self, app: ASGIApp, token: str, cookie: str, explain: Callable[[Headers], str]) -> None:
        self._app, self._cookie, self._explain = app, cookie, explain
        self._token = "" if token == OFF else token
        # a browser shows cookies to all ports of a host: what it keeps does not tell the token itself
        self._kept = hashlib.sha256(token.encode()).hexdigest()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or is_listed(STATIC, scope):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        told = await is_ours(scope)
        ours = bool(told) and (not self._token or not any(name in headers for name in _FORWARDED))
        if self._is_in_address(scope):
            await self._moved(scope, known=ours)(scope, receive, send)
        elif ours or (told is None and not self._token) or self._is_in_cookie(headers):
            await self._app(scope, receive, send)
        else:
            await refuse(HTMLResponse(self._explain(headers), 403), scope, receive, send)

    def _is_in_address(self, scope: Scope) -> bool:
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        return (
            bool(self._token)
            and scope["type"] == "http"
            and scope["method"] == "GET"
            and same_secret(given, self._token)
        )

    def _is_in_cookie(self, headers: Headers) -> bool:
        kept = cookie_parser(headers.get("cookie", "")).get(self._cookie, "")
        return bool(self._token) and same_secret(kept, self._kept)

    def _moved(self, scope: Scope, *, known: bool) -> Response:
        """A page that loads the same address without the token.

        It is no redirect: after a redirect that began with a link on another site, the browser would not send the
        cookie.
        """
        path = html.escape("/" + quote(scope["path"].lstrip("/")))
        refresh = f'<!doctype html><meta http-equiv="refresh" content="0; url={path}">'
        answer = HTMLResponse(refresh, headers={"cache-control": "no-store"})
        if not known:
            answer.set_cookie(self._cookie, self._kept, max_age=KEPT_SECONDS, httponly=True, samesite="strict")
        return answer


def is_listed(routes: tuple[tuple[str, str], ...], scope: Scope) -> bool:
    """Whether one of the routes matches this request."""
    method = scope["method"] if scope["type"] == "http" else scope["type"]
    return any(method == of and pattern(path).match(scope["path"]) for of, path in routes)


@functools.cache
def pattern(path: str) -> re.Pattern[str]:
    """The regular expression of a route's path, as Starlette makes it."""
    return compile_path(path)[0]


def same_secret(given: str, expected: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(given.encode(), expected.encode())


async def refuse(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request instead of the application, or close a socket before it opens."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await answer(scope, receive, send)


class Said(BaseModel):
    """A message as the page sends it; other fields are ignored."""

    id: UUID4
    output: str
    name: str = Field("", max_length=100)
    created: str = Field("", max_length=100, alias="createdAt")

    def step(self) -> dict[str, Any]:
        """The message in the form that Chainlit reads, always as the user's own."""
        said = {"type": "user_message", "output": self.output, "name": self.name, "createdAt": self.created}
        return {"id": str(self.id), **said}


class Heard(BaseModel):
    """The data of a message event."""

    message: Said


class Hello(BaseModel):
    """What a page says of itself when it connects; other fields are ignored."""

    session: str = Field(alias="sessionId", min_length=1, max_length=100)
    thread: str | None = Field(None, alias="threadId", pattern=r"^([0-9a-fA-F-]{36})?$")
    client: Literal["webapp"] = Field(alias="clientType")


Handler = Callable[..., Awaitable[Any]]


def only_ours(sio: Any, is_taken: Callable[[str], Awaitable[bool]]) -> None:
    """Remove the events that are not listed from the socket, and check what the others carry.

    ``is_taken``: whether a message with this id was already stored, as a new one would overwrite it.
    """
    handlers: dict[str, Handler] = sio.handlers["/"]
    for event in [event for event in handlers if event not in EVENTS]:
        del handlers[event]
    connect, message = handlers["connect"], handlers["client_message"]

    async def connected(sid: str, environ: Any, auth: Any = None) -> Any:
        if sio.get_environ(sid) is not environ:
            return sio.not_handled  # an event of this name that a client sent
        try:
            hello = Hello.model_validate(auth)
        except ValidationError:
            return False
        return await connect(sid, environ, hello.model_dump(by_alias=True) | {"userEnv": None, "chatProfile": None})

    async def heard(sid: str, payload: Any = None, *_: Any) -> Any:
        try:
            said = Heard.model_validate(payload).message
        except ValidationError:
            return sio.not_handled
        if await is_taken(str(said.id)):
            return sio.not_handled
        return await message(sid, {"message": said.step()})

    for event in EVENTS:
        handlers[event] = _bare(handlers[event])
    handlers |= {"connect": connected, "client_message": heard}
    sio.eio.max_http_buffer_size = LIMIT


def _bare(handler: Handler) -> Handler:
    """Wrap the handler of an event that carries no data."""

    async def handle(sid: str, *_: Any) -> Any:
        return await handler(sid)

    return handle
