"""The web pages: a contact's record and the list of contacts, at the paths the real app has them."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox import markup
from sandbox.context import Sandbox
from sandbox.errors import HubSpotError
from sandbox.state.contacts import Contact
from sandbox.state.portal import Portal

PER_PAGE = 25
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{markup.STYLE_HASH}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

Show = Callable[[Portal, Request], str]


def routes(sandbox: Sandbox) -> list[Route]:
    """The pages over this sandbox; they need no token."""
    listing = f"/contacts/{sandbox.portal.id}/objects/0-1/views/all/list"

    async def to_list(request: Request) -> Response:
        return RedirectResponse(listing, 302, HEADERS)

    base = f"/contacts/{sandbox.portal.id}"
    return [
        Route("/", to_list),
        Route(base, to_list),
        Route(base + "/", to_list),
        Route(listing, _page(sandbox, _list)),
        Route(base + "/record/0-1/{contact_id}", _page(sandbox, _record)),
    ]


def _page(sandbox: Sandbox, show: Show) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return HTMLResponse(show(sandbox.portal, request), 200, HEADERS)
        except HubSpotError:
            return HTMLResponse(markup.missing(sandbox.portal.id), 404, HEADERS)

    return endpoint


def _record(portal: Portal, request: Request) -> str:
    text = request.path_params["contact_id"]
    contact_id = int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
    contact = _any(portal, portal.contacts.resolved(contact_id))
    changes = portal.contacts.history(contact.id)
    return markup.record(portal.id, contact, changes, portal.definitions, _owner_names(portal))


def _any(portal: Portal, contact_id: int) -> Contact:
    try:
        return portal.contacts.get(contact_id)
    except HubSpotError:
        return portal.contacts.get(contact_id, archived=True)


def _list(portal: Portal, request: Request) -> str:
    query = request.query_params.get("q", "")[:200]
    number = request.query_params.get("page", "1")
    most = 10_000 // PER_PAGE
    page = min(max(int(number), 1), most) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    found = portal.search.run(
        {"query": query, "limit": PER_PAGE, "after": (page - 1) * PER_PAGE, "sorts": ["-lastmodifieddate"]}
    )
    return markup.listing(portal.id, found, query, page, PER_PAGE)


def _owner_names(portal: Portal) -> dict[str, str]:
    return {owner["id"]: f"{owner['firstName']} {owner['lastName']}" for owner in portal.owners}
