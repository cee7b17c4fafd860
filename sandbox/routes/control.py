"""The control API under `/_sandbox/`: what the real HubSpot does not have. Only a private sandbox wants its token."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.context import Sandbox
from sandbox.errors import HubSpotError, bad_request
from sandbox.responses import json_response
from sandbox.routes import admin
from sandbox.seed import reseed
from sandbox.state.clock import iso

MOST_SECONDS = 1e9
Body = dict[str, Any]
Action = Callable[[Sandbox, Body], Any]


def routes(sandbox: Sandbox) -> list[Route]:
    """The control routes over this sandbox."""
    table: list[tuple[str, str, Action]] = [
        ("GET", "health", _health),
        ("GET", "writes", _writes),
        ("DELETE", "writes", _forget_writes),
        ("GET", "requests", lambda sandbox, body: {"requests": sandbox.requests.entries()}),
        ("DELETE", "requests", lambda sandbox, body: sandbox.requests.clear()),
        ("POST", "faults", lambda sandbox, body: sandbox.faults.add(body)),
        ("DELETE", "faults", lambda sandbox, body: sandbox.faults.clear()),
        ("POST", "lag", _lag),
        ("POST", "clock", _clock),
        ("POST", "scopes", _scopes),
        ("GET", "rate-limits", lambda sandbox, body: sandbox.limits.body()),
        ("POST", "rate-limits", lambda sandbox, body: sandbox.limits.set(body)),
        ("DELETE", "rate-limits", lambda sandbox, body: sandbox.limits.forget()),
        ("POST", "email-conflict", _email_conflict),
        ("POST", "reset", _reset),
        *admin.ACTIONS,
    ]
    return [Route(f"/_sandbox/{name}", _endpoint(sandbox, act), methods=[method]) for method, name, act in table]


def _endpoint(sandbox: Sandbox, act: Action) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if sandbox.private and request.headers.get("authorization", "") != f"Bearer {sandbox.token}":
            return json_response({"message": "This sandbox is private: the token is missing."}, 401)
        raw = await request.body()
        try:
            body = json.loads(raw) if raw else {}
            if not isinstance(body, dict):
                raise ValueError
            json.dumps(body, ensure_ascii=False).encode()  # half a character is a ValueError here, not in an answer
            answer = act(sandbox, body)
        except HubSpotError as error:
            return json_response({"message": error.message}, error.status)
        except (ValueError, TypeError, AttributeError):
            return json_response({"message": "The body cannot be read; sandbox/README.md shows its form."}, 400)
        return json_response({"ok": True} if answer is None else answer)

    return endpoint


def _health(sandbox: Sandbox, body: Body) -> Body:
    portal = sandbox.portal
    count = portal.store.db.execute("SELECT count(*) FROM contacts WHERE archived_ms IS NULL").fetchone()[0]
    return {
        "ok": True,
        "portalId": portal.id,
        "contacts": count,
        "lag": portal.search.lag_seconds,
        "rateLimits": sandbox.limits.enforced,
        "faults": len(sandbox.faults),
    }


def _writes(sandbox: Sandbox, body: Body) -> Body:
    rows = sandbox.portal.store.db.execute("SELECT * FROM writes ORDER BY seq")
    return {
        "writes": [
            {
                "seq": row["seq"],
                "time": iso(row["at_ms"]),
                "method": row["method"],
                "objectId": row["object_id"],
                "properties": json.loads(row["properties"]),
                "before": json.loads(row["before"]),
                "correlationId": row["correlation_id"],
            }
            for row in rows
        ]
    }


def _forget_writes(sandbox: Sandbox, body: Body) -> None:
    with sandbox.portal.store.transaction() as db:
        db.execute("DELETE FROM writes")


def _seconds(value: Any) -> float:
    seconds = float(value)
    if not abs(seconds) <= MOST_SECONDS:
        raise bad_request("That is no number of seconds.")
    return seconds


def _lag(sandbox: Sandbox, body: Body) -> None:
    sandbox.portal.search.lag_seconds = max(0.0, _seconds(body.get("seconds", "missing")))


def _clock(sandbox: Sandbox, body: Body) -> None:
    seconds = _seconds(body.get("advance", "missing"))
    if seconds < 0:
        raise bad_request("The clock only moves forward.")
    sandbox.portal.clock.advance(seconds)


def _scopes(sandbox: Sandbox, body: Body) -> None:
    scopes = body.get("scopes")
    sandbox.scopes = None if scopes is None else frozenset(str(scope) for scope in scopes)


def _email_conflict(sandbox: Sandbox, body: Body) -> None:
    if body.get("status") not in (400, 409):
        raise bad_request("status is 409 or 400.")
    sandbox.portal.switches.set({"email_conflict": body["status"]})


def _reset(sandbox: Sandbox, body: Body) -> None:
    reseed(sandbox.portal, str(body.get("seed", "demo")))
    sandbox.requests.clear()
    sandbox.faults.clear()
    sandbox.scopes = None
    sandbox.portal.switches.reset()
    sandbox.portal.reset_owners()
