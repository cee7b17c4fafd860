"""Property definitions, owners and account details: what a client reads to know the account."""

from starlette.responses import Response

from sandbox import errors, responses
from sandbox.endpoint import Call

CONTACT_TYPES = ("contacts", "contact", "0-1")


def properties(call: Call) -> Response:
    """All property definitions of contacts at once; there is no paging."""
    _require_contacts(call)
    if call.flag("archived"):
        return responses.json_response({"results": []})
    definitions = call.sandbox.portal.definitions
    return responses.json_response(
        {"results": [responses.definition_body(definition, order) for order, definition in enumerate(definitions)]}
    )


def one_property(call: Call) -> Response:
    """One property definition; 404 for a name the account does not have."""
    _require_contacts(call)
    name = call.path("name")
    for order, definition in enumerate(call.sandbox.portal.definitions):
        if definition.name == name:
            return responses.json_response(responses.definition_body(definition, order))
    raise errors.not_found()


def owners(call: Call) -> Response:
    """Owners, all or the one with this email."""
    email = call.query("email").lower()
    found = [owner for owner in call.sandbox.portal.owners if not email or owner["email"] == email]
    if call.flag("archived"):
        found = []
    limit = call.whole("limit", 100, 500)
    after = call.query("after") or "0"
    start = int(after) if after.isdigit() else 0
    following = start + limit if start + limit < len(found) else None
    return responses.json_response(
        responses.page([responses.owner_body(owner) for owner in found[start : start + limit]], following)
    )


def one_owner(call: Call) -> Response:
    """One owner by id, or by user id with `idProperty=userId`."""
    key = "userId" if call.query("idProperty") == "userId" else "id"
    for owner in call.sandbox.portal.owners:
        if str(owner[key]) == call.path("owner_id"):
            return responses.json_response(responses.owner_body(owner))
    raise errors.not_found()


def account(call: Call) -> Response:
    """Account details."""
    return responses.json_response(call.sandbox.portal.details())


def _require_contacts(call: Call) -> None:
    object_type = call.path("object_type")
    if object_type.lower() not in CONTACT_TYPES:
        raise errors.bad_request(f"Unable to infer object type from: {object_type}")
