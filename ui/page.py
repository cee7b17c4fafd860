"""Serves Chainlit's page safely: security headers, this machine only, nothing loaded from other hosts."""

import base64
import hashlib
import html
import re
from collections.abc import Callable
from urllib.parse import urlencode

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.state import Language

_LOOPBACK_HOST = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?")
_ELSEWHERE = re.compile(r"""<link\b[^>]*\bhref="https?://[^>]*>|<meta property="og:[^>]*>""")
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def only_ours(template: Callable[[str], str], language: str) -> Callable[[str], str]:
    """Chainlit's page without fonts, formulas and pictures from other hosts.

    Chainlit's page declares English as its language. Ours declares the configured language, or leaves that to the
    script.
    """
    tag = "<html>" if language == "auto" else f'<html lang="{language}">'
    return lambda root_path: _ELSEWHERE.sub("", template(root_path)).replace('<html lang="en">', tag)


def spoken(tag: str) -> Language:
    """The language that the assistant speaks with a browser of this language (``en-GB``): English, or else Danish."""
    return "en" if tag.lower().split("-")[0] == "en" else "da"


def labels(tag: str) -> str:
    """Return the language of Chainlit's labels and help for this browser: the assistant's own."""
    return {"da": "da-DK", "en": "en-US"}[spoken(tag)]


def sentence(text: str, language: str) -> str:
    """A page with a single sentence."""
    body = f'<meta name="viewport" content="width=device-width"><p>{html.escape(text)}</p>'
    return f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>403</title>{body}</html>'


def policy(page: str) -> str:
    """The page's content security policy: its own files, and its own inline scripts by their hash."""
    digests = (hashlib.sha256(script.encode()).digest() for script in _INLINE_SCRIPT.findall(page))
    scripts = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'self'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws://localhost:* ws://127.0.0.1:*; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


class Guard:
    """Answers only this machine's own page, and adds security headers to every response.

    There is no login form, so other sites in the same browser must be kept out: those that point a name of theirs at
    this machine (Host header), and those that send requests or open sockets from their own pages (Origin header).
    """

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self._app = app
        self._headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "X-Frame-Options": "DENY",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif allowed(scope):
            await self._app(scope, receive, self._with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse("Forbidden", 403)(scope, receive, self._with_headers(send))

    def _with_headers(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        return sending


class SpokenLabels:
    """Asks Chainlit for labels and help in the language that the assistant speaks with the browser.

    Chainlit has English labels for a German browser and English help for ``da``; the assistant speaks Danish with both.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in ("/project/translations", "/project/settings"):
            asked = QueryParams(scope["query_string"])
            query = urlencode({**asked, "language": labels(asked.get("language", ""))})
            scope = {**scope, "query_string": query.encode()}
        await self._app(scope, receive, send)


class SignIn:
    """Signs in whoever opens the page: ``sign_in`` sets a cookie where one is needed.

    Otherwise a first visit would pass through the login page and lose the conversation in its address.
    """

    def __init__(self, app: ASGIApp, sign_in: Callable[[Request, Response], None]) -> None:
        self._app = app
        self._sign_in = sign_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    signed = Response()
                    self._sign_in(Request(scope), signed)
                    for cookie in signed.headers.getlist("set-cookie"):
                        headers.append("set-cookie", cookie)
            await send(message)

        await self._app(scope, receive, sending if scope["type"] == "http" else send)


def allowed(scope: Scope) -> bool:
    """Whether a request comes to this machine under its own name, and from our own page."""
    headers = Headers(scope=scope)
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not _LOOPBACK_HOST.fullmatch(hosts[0]):
        return False
    reads = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
    origins = headers.getlist("origin")
    if origins or not reads:
        secure = scope["scheme"] in ("https", "wss")
        return origins == [f"{'https' if secure else 'http'}://{hosts[0]}"]
    # another site's picture or script tag sends no Origin; following a link does no harm
    navigates = headers.get("sec-fetch-mode") == "navigate"
    return navigates or headers.get("sec-fetch-site", "none") in ("same-origin", "none")
