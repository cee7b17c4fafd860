"""The table of addresses, and the application over them."""

import re
from collections.abc import Iterator

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
from sandbox.routes import account, batch, contacts, control, links, pages, properties, records
from sandbox.state.kinds import ANY, CONTACTS, KINDS, Kind

# The versions that exist (documented); a path with any other month answers like every unknown address.
VERSIONS = ("2025-09", "2026-03", "2026-09")
OWNERS = ("crm.objects.owners.read",)
ACCOUNT = ("oauth",)
Entry = tuple[str, str, Handler, tuple[str, ...]]


def addresses() -> Iterator[Entry]:
    """Method, path, handler, and scopes of which one is needed."""
    for kind in KINDS:
        yield from _of_kind(kind)
    yield from _only_contacts()
    # The official client calls the owners with a trailing slash, and a read of an empty id is a list.
    yield "GET", "/crm/v3/owners", account.owners, OWNERS
    yield "GET", "/crm/v3/owners/", account.owners, OWNERS
    yield "GET", "/crm/v3/owners/{owner_id}", account.one_owner, OWNERS
    yield "GET", "/crm/v3/properties/{kind}", properties.unknown_type, ()
    yield "GET", "/account-info/v3/details", account.account, ACCOUNT


def _of_kind(kind: Kind) -> Iterator[Entry]:
    reading, writing = kind.read_scopes, kind.write_scopes
    base = f"/crm/v3/objects/{{kind:{kind.name}}}"
    yield "GET", base, records.listed, reading
    yield "GET", base + "/", records.listed, reading
    yield "POST", base, records.create, writing
    yield "POST", base + "/search", records.search, reading
    yield "POST", base + "/batch/read", batch.read, reading
    yield "POST", base + "/batch/create", batch.create, writing
    yield "POST", base + "/batch/update", batch.update, writing
    yield "POST", base + "/batch/upsert", batch.upsert, writing
    yield "POST", base + "/batch/archive", batch.archive, writing
    yield "GET", base + "/{record_id}", records.get, reading
    yield "PATCH", base + "/{record_id}", records.update, writing
    yield "DELETE", base + "/{record_id}", records.archive, writing

    one = f"/crm/v4/objects/{{kind:{kind.name}}}/{{record_id}}/associations"
    yield "PUT", one + "/default/{other:any_kind}/{other_id}", links.put_default, writing
    yield "PUT", one + "/{other:any_kind}/{other_id}", links.put_labelled, writing
    yield "DELETE", one + "/{other:any_kind}/{other_id}", links.remove, writing
    yield "GET", one + "/{other:any_kind}", links.listed, reading
    pair = f"/crm/v4/associations/{{kind:{kind.name}}}/{{other:any_kind}}"
    yield "GET", pair + "/labels", links.labels, reading
    yield "POST", pair + "/batch/create", links.batch_create, writing
    yield "POST", pair + "/batch/associate/default", links.batch_default, writing
    yield "POST", pair + "/batch/read", links.batch_read, reading
    yield "POST", pair + "/batch/archive", links.batch_archive, writing

    schema = f"/crm/v3/properties/{{kind:{kind.name}}}"
    schema_reading = (f"crm.schemas.{kind.scopes}.read", *reading)
    schema_writing = (f"crm.schemas.{kind.scopes}.write",)
    yield "GET", schema, properties.listed, schema_reading
    yield "POST", schema, properties.create, schema_writing
    yield "GET", schema + "/{name}", properties.one, schema_reading
    yield "PATCH", schema + "/{name}", properties.update, schema_writing
    yield "DELETE", schema + "/{name}", properties.archive, schema_writing


def _only_contacts() -> Iterator[Entry]:
    base = f"/crm/v3/objects/{{kind:{CONTACTS.name}}}"
    yield "POST", base + "/merge", contacts.merge, CONTACTS.write_scopes
    yield "POST", base + "/gdpr-delete", contacts.purge, CONTACTS.write_scopes


def build(sandbox: Sandbox) -> ASGIApp:
    """The ASGI application: the API, the pages, the control API, and the gate before them."""
    routes: list[BaseRoute] = [
        Route(form, api(sandbox, handler, scopes, search=handler is records.search), methods=[method])
        for method, path, handler, scopes in addresses()
        for form in dict.fromkeys((path, dated(path)))
    ]
    application = Starlette(
        routes=[*routes, *pages.routes(sandbox), *control.routes(sandbox)],
        exception_handlers={404: _not_found, 405: _not_allowed, 500: _broken},
    )
    application.router.redirect_slashes = False
    return Gate(application, sandbox)


class Matching(Convertor[str]):
    """A part of a path that matches a pattern, as it stands there."""

    def convert(self, value: str) -> str:
        """The part as it stands in the path."""
        return value

    def to_string(self, value: str) -> str:
        """The same text."""
        return value


def _register(name: str, pattern: str) -> None:
    # Starlette takes the pattern from the class.
    register_url_convertor(name, type("Matching", (Matching,), {"regex": pattern})())


_register("dated", "|".join(VERSIONS))
_register("any_kind", ANY)
for _kind in KINDS:
    _register(_kind.name, _kind.pattern)


def dated(path: str) -> str:
    """The form of an address in the dated versions of the API, which keep the shapes of v3 (documented)."""
    path = re.sub(r"^/account-info/v3", "/account-info/{version:dated}", path)
    return re.sub(r"^/crm/v[34]/([a-z]+)", r"/crm/\1/{version:dated}", path)


async def _not_found(request: Request, error: Exception) -> Response:
    return html_error(404, "Not Found")


async def _not_allowed(request: Request, error: Exception) -> Response:
    return html_error(405, "Method Not Allowed")


async def _broken(request: Request, error: Exception) -> Response:
    return html_error(500, "Internal Server Error")
