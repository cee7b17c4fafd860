"""Property definitions: list, read, create, update and archive."""

from collections.abc import Iterable

from starlette.responses import Response

from sandbox import errors, responses
from sandbox.endpoint import Call
from sandbox.state import defining
from sandbox.state.clock import iso
from sandbox.state.definitions import Definition


def listed(call: Call) -> Response:
    """All definitions at once, without paging; with `archived=true` those that were put away."""
    results = [responses.definition_body(definition, order) for order, definition in enumerate(_shown(call))]
    return responses.json_response({"results": results})


def one(call: Call) -> Response:
    """One definition; 404 for a name the account does not have."""
    order, definition = _found(call)
    return responses.json_response(responses.definition_body(definition, order))


def create(call: Call) -> Response:
    """201 with the new definition; 409 where the name is taken."""
    definitions = call.records.definitions
    definition = defining.made(call.body(), definitions, _now(call))
    call.sandbox.portal.define(call.kind, definition)
    return responses.json_response(responses.definition_body(definition, -1), 201)


def update(call: Call) -> Response:
    """200 with the definition as it is now."""
    order, definition = _found(call)
    changed = defining.altered(definition, call.body(), call.records.definitions, _now(call))
    call.sandbox.portal.define(call.kind, changed)
    return responses.json_response(responses.definition_body(changed, order))


def archive(call: Call) -> Response:
    """204; records keep their values, which are no longer shown or written."""
    _, definition = _found(call)
    call.sandbox.portal.define(call.kind, defining.put_away(definition, _now(call)))
    return Response(status_code=204)


def unknown_type(call: Call) -> Response:
    """400 for an object type that this account does not have."""
    raise errors.bad_request(f"Unable to infer object type from: {call.path('kind')}")


def _shown(call: Call) -> Iterable[Definition]:
    definitions = call.records.definitions
    return definitions.archived() if call.flag("archived") else definitions


def _found(call: Call) -> tuple[int, Definition]:
    name = call.path("name")
    for order, definition in enumerate(_shown(call)):
        if definition.name == name:
            return order, definition
    raise errors.not_found()


def _now(call: Call) -> str:
    return iso(call.sandbox.portal.clock.now())
