"""Protects the development server: only LangGraph Studio and programs of the same account may use it.

``langgraph dev`` has no login. Any site open in the developer's browser, and every account of the machine, could
otherwise converse and approve a card with the developer's token.
"""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from graph.account import is_ours

# where LangGraph Studio is served from (documented)
STUDIO = ("https://smith.langchain.com", "https://eu.smith.langchain.com", "https://apac.smith.langchain.com")


class OnlyStudio:
    """Refuses requests that a browser sends for any other site and, where the system can tell, from other accounts."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        names = {name.lower(): value.decode("latin-1") for name, value in scope.get("headers") or ()}
        origin, host = names.get(b"origin"), names.get(b"host", "")
        # a site that lets its own name point here sends no foreign Origin
        local = host.rpartition(":")[0].strip("[]") in ("127.0.0.1", "localhost", "::1")
        known = origin is None or origin in STUDIO or origin in (f"http://{host}", f"https://{host}")
        # the server takes the client's address from this header, which anybody may send
        direct = b"x-forwarded-for" not in names
        if scope["type"] == "lifespan" or (local and known and direct and await is_ours(scope) is not False):
            await self._app(scope, receive, send)
            return
        if scope["type"] == "http":
            await PlainTextResponse("Only LangGraph Studio, and this account, may ask here.", 403)(scope, receive, send)


app = Starlette(middleware=[Middleware(OnlyStudio)])
