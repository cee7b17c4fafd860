"""The table of addresses, and the application over them."""

import re

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from sandbox.context import Sandbox
from sandbox.endpoint import Handler, api
from sandbox.gate import Gate
from sandbox.responses import html_error
from sandbox.routes import contacts, control, pages, schema

READ = ("crm.objects.contacts.read",)
WRITE = ("crm.objects.contacts.write",)
SCHEMA = ("crm.schemas.contacts.read", "crm.objects.contacts.read")
OWNERS = ("crm.objects.owners.read",)
ACCOUNT = ("oauth",)

CONTACTS = "/crm/v3/objects/contacts"
PROPERTIES = "/crm/v3/properties/{object_type}"

# The official client calls the owners with a trailing slash, and a read of an empty id is a list.
API: list[tuple[str, str, Handler, tuple[str, ...]]] = [
    ("GET", CONTACTS, contacts.listed, READ),
    ("GET", CONTACTS + "/", contacts.listed, READ),
    ("POST", CONTACTS, contacts.create, WRITE),
    ("POST", CONTACTS + "/search", contacts.search, READ),
    ("GET", CONTACTS + "/{contact_id}", contacts.get, READ),
    ("PATCH", CONTACTS + "/{contact_id}", contacts.update, WRITE),
    ("DELETE", CONTACTS + "/{contact_id}", contacts.archive, WRITE),
    ("GET", PROPERTIES, schema.properties, SCHEMA),
    ("GET", PROPERTIES + "/{name}", schema.one_property, SCHEMA),
    ("GET", "/crm/v3/owners", schema.owners, OWNERS),
    ("GET", "/crm/v3/owners/", schema.owners, OWNERS),
    ("GET", "/crm/v3/owners/{owner_id}", schema.one_owner, OWNERS),
    ("GET", "/account-info/v3/details", schema.account, ACCOUNT),
]


def build(sandbox: Sandbox) -> ASGIApp:
    """The ASGI application: the API, the pages, the control API, and the gate before them."""
    routes: list[BaseRoute] = [
        Route(form, api(sandbox, handler, scopes, search=handler is contacts.search), methods=[method])
        for method, path, handler, scopes in API
        for form in {path, dated(path)}
    ]
    application = Starlette(
        routes=[*routes, *pages.routes(sandbox), *control.routes(sandbox)],
        exception_handlers={404: _not_found, 405: _not_allowed, 500: _broken},
    )
    application.router.redirect_slashes = False
    return Gate(application, sandbox)


class Dated(Convertor[str]):
    """The version in a dated path: a year and a month."""

    regex = "[0-9]{4}-[0-9]{2}"

    def convert(self, value: str) -> str:
        """The version as it stands in the path."""
        return value

    def to_string(self, value: str) -> str:
        """The same text."""
        return value


register_url_convertor("dated", Dated())


def dated(path: str) -> str:
    """The form of an address in the dated versions of the API, which keep the shapes of v3 (documented)."""
    return re.sub(r"^/crm/v3/([a-z]+)", r"/crm/\1/{version:dated}", path)


async def _not_found(request: Request, error: Exception) -> Response:
    return html_error(404, "Not Found")


async def _not_allowed(request: Request, error: Exception) -> Response:
    return html_error(405, "Method Not Allowed")


async def _broken(request: Request, error: Exception) -> Response:
    return html_error(500, "Internal Server Error")
