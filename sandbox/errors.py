"""HubSpot's refusals: each becomes one HTTP answer with the body that HubSpot sends."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

AUTH_TEXT = (
    "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more "
    "details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
)
SCOPES_TEXT = (
    "This app hasn't been granted all required scopes to make this call. "
    "Read more about required scopes here: https://developers.hubspot.com/scopes."
)


class HubSpotError(Exception):
    """An answer other than success: the status and the body without its correlation id."""

    def __init__(self, status: int, message: str, category: str | None = None, **extra: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.category = category
        self.extra = extra

    def body(self, correlation_id: str) -> dict[str, Any]:
        """The JSON body; the 404 of a missing record carries no category (observed)."""
        body: dict[str, Any] = {"status": "error", "message": self.message, "correlationId": correlation_id}
        body.update(self.extra)
        if self.category is not None:
            body["category"] = self.category
        return body


@dataclass(frozen=True)
class Invalid:
    """One refused property value."""

    name: str
    code: str
    message: str


class InvalidProperties(HubSpotError):
    """400 for refused property values; a batch gathers the problems of all its inputs."""

    def __init__(self, text: str, problems: Sequence[Invalid], errors: list[dict[str, Any]]) -> None:
        super().__init__(400, f"Property values were not valid: {text}", "VALIDATION_ERROR", errors=errors)
        self.problems = tuple(problems)


class AlreadyExists(HubSpotError):
    """409 of an email that another contact has; the text is observed."""

    def __init__(self, contact_id: int | None) -> None:
        known = "" if contact_id is None else f" Existing ID: {contact_id}"
        super().__init__(409, f"Contact already exists.{known}", "CONFLICT")
        self.contact_id = contact_id


def invalid_properties(problems: Sequence[Invalid], portal_id: int) -> InvalidProperties:
    """400 that lists every bad property, once as JSON inside the message and once as `errors` (observed)."""
    embedded = [
        {
            "isValid": False,
            "message": problem.message,
            "error": problem.code,
            "name": problem.name,
            "localizedErrorMessage": problem.message,
            "portalId": portal_id,
        }
        for problem in problems
    ]
    errors = [
        {"message": problem.message, "code": problem.code, "context": {"propertyName": [problem.name]}}
        for problem in problems
    ]
    text = json.dumps(embedded, ensure_ascii=False, separators=(",", ":"))
    return InvalidProperties(text, problems, errors)


def bad_request(message: str) -> HubSpotError:
    """400 for a request that cannot be understood or goes past a limit."""
    return HubSpotError(400, message, "VALIDATION_ERROR")


def too_many_histories(most: int) -> HubSpotError:
    """400 for more records with histories than one answer may have (observed)."""
    return bad_request(
        f"The maximum number of inputs supported in a batch request for property histories is {most}. "
        "Please reduce the number of items and try again"
    )


def impossible_records(missing: Sequence[tuple[str, int]]) -> HubSpotError:
    """400 for an association with records that do not exist, each a singular kind and an id (observed)."""
    named = [(kind.upper(), str(record_id)) for kind, record_id in missing]
    return _impossible(
        INVALID_OBJECT_IDS=[f"{kind}={record_id} is not valid" for kind, record_id in named],
        objectId=[record_id for _, record_id in named],
        objectType=[kind for kind, _ in named],
    )


def impossible_types(types: Sequence[tuple[str, int]]) -> HubSpotError:
    """400 for association types that the two kinds do not have (observed)."""
    named = [f"{category}={type_id}" for category, type_id in types]
    return _impossible(
        associationSpec=named,
        INVALID_ASSOCIATION_TYPE_ID=[f"{each} is not a valid association definition id" for each in named],
    )


def _impossible(**context: list[str]) -> HubSpotError:
    return HubSpotError(400, "One or more associations are invalid", "VALIDATION_ERROR", context=context)


def bad_json(detail: str, line: int = -1, column: int = -1) -> HubSpotError:
    """400 for a body that is not the JSON the operation needs (prefix observed)."""
    return bad_request(f"Invalid input JSON on line {line}, column {column}: {detail}")


def unauthorized() -> HubSpotError:
    """401 for a missing or unknown token (observed)."""
    return HubSpotError(401, AUTH_TEXT, "INVALID_AUTHENTICATION")


def missing_scopes(scopes: Sequence[str]) -> HubSpotError:
    """403 that names the scopes, any of which would do (observed)."""
    return HubSpotError(
        403,
        SCOPES_TEXT,
        "MISSING_SCOPES",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": list(scopes)},
            }
        ],
        links={"scopes": "https://developers.hubspot.com/scopes"},
    )


def not_found() -> HubSpotError:
    """404 of a numeric id that is missing or archived: no category (observed)."""
    return HubSpotError(404, "resource not found")


def not_an_id(value: str) -> HubSpotError:
    """404 of an id that cannot be one: not a number, or not positive (observed, with two spaces in the first)."""
    numeric = value.lstrip("-").isdigit()
    text = (
        "Object not found. objectId is usually positive."
        if numeric
        else ("Object not found.  objectId are usually numeric.")
    )
    return HubSpotError(404, text, "OBJECT_NOT_FOUND", context={"id": [value]})


def rate_limited(search: bool, daily: bool = False) -> HubSpotError:
    """429: searches in a second (recorded), the ten-second window of everything else, or the day (observed)."""
    if daily:
        text = "You have reached your daily limit."
        return HubSpotError(429, text, "RATE_LIMITS", errorType="RATE_LIMIT", policyName="DAILY")
    if search:
        return HubSpotError(429, "You have reached your secondly limit.", "RATE_LIMITS")
    return HubSpotError(
        429,
        "You have reached your ten_secondly_rolling limit.",
        "RATE_LIMITS",
        errorType="RATE_LIMIT",
        policyName="TEN_SECONDLY_ROLLING",
    )


def html_page(status: int, title: str) -> str:
    """The HTML that HubSpot answers unknown addresses and methods with (observed)."""
    return (
        '<html> <head> <meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>'
        f"<title>Error {status} {title}</title> </head> <body><h2>HTTP ERROR {status}</h2> "
        f"<p>Reason: <pre>    {title}</pre></p> </body> </html>"
    )
