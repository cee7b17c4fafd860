"""What a sandbox on this machine answers to: programs of this machine, and no web page of somebody else's.

Its control API and its record pages need no token, so a page in a browser must not reach them: not under a
name that points to this machine (the Host header), and not from another site (the Origin header).
"""

import re

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

HOSTS = ("127.0.0.1", "localhost", "::1")
_NAME = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?")


class Loopback:
    """An ASGI application that passes on what is asked by this machine's names."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or refuse it with 403."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            host, origin = headers.get("host", ""), headers.get("origin")
            if not _NAME.fullmatch(host) or (origin is not None and origin != f"http://{host}"):
                refusal = PlainTextResponse("Only for this machine.", status_code=403)
                await refusal(scope, receive, send)
                return
        await self._application(scope, receive, send)
