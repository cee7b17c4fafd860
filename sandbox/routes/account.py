"""Owners and account details: what a client reads to know the account."""

from typing import Any

from starlette.responses import Response

from sandbox import errors, responses
from sandbox.endpoint import Call, is_id


def owners(call: Call) -> Response:
    """Active owners, or with `archived=true` deactivated ones; all, or the one with this email."""
    email = call.query("email").lower()
    found = [owner for owner in _asked_for(call) if not email or owner["email"] == email]
    limit = call.whole("limit", 100, 500)
    after = call.query("after") or "0"
    start = int(after) if is_id(after) else 0
    following = start + limit if start + limit < len(found) else None
    return responses.json_response(
        responses.page([responses.owner_body(owner) for owner in found[start : start + limit]], following)
    )


def one_owner(call: Call) -> Response:
    """One owner by id, or by user id with `idProperty=userId`; a deactivated one with `archived=true`."""
    key = "userId" if call.query("idProperty") == "userId" else "id"
    for owner in _asked_for(call):
        if str(owner[key]) == call.path("owner_id"):
            return responses.json_response(responses.owner_body(owner))
    raise errors.not_found()


def _asked_for(call: Call) -> list[dict[str, Any]]:
    return [owner for owner in call.sandbox.portal.owners if owner.get("archived", False) == call.flag("archived")]


def account(call: Call) -> Response:
    """Account details."""
    return responses.json_response(call.sandbox.portal.details())
