"""From a HubSpot-like handler to an HTTP endpoint: token, scopes, limits, correlation id, errors."""

import json
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from sandbox import errors
from sandbox.context import Sandbox
from sandbox.responses import json_response
from sandbox.state.kinds import Kind, kind_of
from sandbox.state.records import WRITTEN, Origin, Records

RULES_SINCE = "2026-09"
FIRST_DATED = "2025-09"
AUTHOR = "X-Sandbox-Author"  # whom a write is laid to; HubSpot has nothing like it
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Call:
    """One authorised request: the sandbox, its query, its path and its body (read beforehand)."""

    sandbox: Sandbox
    request: Request
    raw: bytes
    correlation_id: str

    def path(self, name: str) -> str:
        """A part of the path; an encoded slash is part of the value."""
        return str(self.request.path_params[name]).replace("%2F", "/")

    @property
    def kind(self) -> Kind:
        """The kind of records that the path names."""
        return self.other("kind")

    def other(self, name: str) -> Kind:
        """The kind under another name in the path; 400 for one that this account does not have."""
        kind = kind_of(self.path(name))
        if kind is None:
            raise errors.bad_request(f"Unable to infer object type from: {self.path(name)}")
        return kind

    @property
    def records(self) -> Records:
        """The records of the kind that the path names."""
        return self.sandbox.portal.records[self.kind.name]

    @property
    def version(self) -> str:
        """The dated version that the path names, such as `2026-03`; "" for v3 and v4."""
        return str(self.request.path_params.get("version", ""))

    @property
    def strict(self) -> bool:
        """Whether this is a version from 2026-09 on, with its other batch answers and its validation rules."""
        return self.version >= RULES_SINCE

    @property
    def one_batch_status(self) -> bool:
        """Whether a batch of records always answers 200, as HubSpot's own description of 2025-09 says."""
        return self.version == FIRST_DATED

    @property
    def origin(self) -> Origin:
        """Where a write of this request comes from; validation rules hold from 2026-09 on (documented)."""
        rules = self.sandbox.portal.rules if self.strict else ()
        return Origin(self.correlation_id, rules, self.request.headers.get(AUTHOR, WRITTEN))

    def query(self, name: str, default: str = "") -> str:
        """A query parameter."""
        return self.request.query_params.get(name, default)

    def flag(self, name: str) -> bool:
        """A boolean query parameter; the official client sends `True` with a capital."""
        return self.query(name).lower() == "true"

    def names(self, name: str) -> list[str]:
        """A list in the query: repeated, separated by commas, or both."""
        values = self.request.query_params.getlist(name)
        return [part.strip() for value in values for part in value.split(",") if part.strip()]

    def whole(self, name: str, default: int, most: int) -> int:
        """A positive number in the query, at most `most`."""
        text = self.query(name)
        if not text:
            return default
        if not is_id(text) or not 0 < int(text) <= most:
            raise errors.bad_request(f"Invalid {name}: {text} is not between 1 and {most}.")
        return int(text)

    def json(self) -> Any:
        """The JSON that was sent; 400 for anything else."""
        try:
            body = json.loads(self.raw)
            if b"\\ud" in self.raw.lower():  # half a character, which no text can hold
                json.dumps(body, ensure_ascii=False).encode()
        except json.JSONDecodeError as error:
            raise errors.bad_json(error.msg, error.lineno, error.colno) from error
        except UnicodeDecodeError as error:
            raise errors.bad_json("Invalid UTF-8", 1, error.start + 1) from error
        except (UnicodeEncodeError, RecursionError) as error:
            raise errors.bad_json("Invalid text or nesting") from error
        return body

    def body(self) -> dict[str, Any]:
        """The JSON object that was sent; 400 for anything else."""
        body = self.json()
        if not isinstance(body, dict):
            raise errors.bad_json("Cannot deserialize value")
        return body


def is_id(text: str) -> bool:
    """Whether a text is a number as ids are: digits, and few enough for the database."""
    return text.isascii() and text.isdigit() and len(text) <= 18


Handler = Callable[[Call], Response]


def api(sandbox: Sandbox, handler: Handler, scopes: tuple[str, ...], search: bool = False) -> Endpoint:
    """The endpoint for a handler; one of `scopes` is needed. Searches have a limit of their own."""

    async def endpoint(request: Request) -> Response:
        correlation_id = new_correlation_id()
        raw = await request.body()
        headers = {"X-HubSpot-Correlation-Id": correlation_id}
        try:
            if request.headers.get("authorization", "") != f"Bearer {sandbox.token}":
                raise errors.unauthorized()
            refusal = sandbox.limits.take(search)
            headers |= sandbox.limits.headers(search)
            if refusal is not None:
                raise refusal
            if not sandbox.allows(scopes):
                raise errors.missing_scopes(scopes)
            sandbox.portal.refresh()
            response = handler(Call(sandbox, request, raw, correlation_id))
        except errors.HubSpotError as error:
            response = json_response(error.body(correlation_id), error.status)
        response.headers.update(headers)
        return response

    return endpoint


def new_correlation_id() -> str:
    """A UUID of version 7: in order of time, as HubSpot's are nowadays (observed)."""
    value = (time.time_ns() // 1_000_000) << 80 | 7 << 76 | secrets.randbits(12) << 64
    return str(UUID(int=value | 2 << 62 | secrets.randbits(62)))
