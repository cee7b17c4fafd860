"""Maps HubSpot's error responses to the errors of ``crm.domain.errors``, by status and body."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from crm.domain import errors

_EXISTING = re.compile(r"Existing ID:\s*(\d+)|^(\d+) already has that value")


def typed(status: int | None, raw: Any, headers: Mapping[str, str] | None) -> errors.CrmError:
    """The error for an error response. A body that is not HubSpot's JSON gives CrmDown, whatever the status."""
    body, wait = _json(raw), retry_after(headers or {})
    if status == 429:  # may come from a gateway in front of HubSpot, with an HTML page as its body
        return _limited(body, wait)
    if status == 401:
        return errors.BadToken()
    if status == 477:
        return errors.Migrating(retry_after=wait)
    if status == 423:
        return errors.Locked(retry_after=wait)
    if not body or status is None or not 400 <= status < 500 or status == 408:
        return errors.CrmDown(retry_after=wait)
    if status == 403:
        return errors.MissingScope(scopes=_scopes(body))
    if status == 404:
        return errors.NotFound()
    if status == 409:
        return errors.Conflict(contact_id=_existing(str(body.get("message", ""))))
    return _invalid(body) if status == 400 else errors.Refused()


def retry_after(headers: Mapping[str, str]) -> float:
    """The seconds to wait that a response asks for, as a number or as a date; 0 where it asks for none."""
    text = headers.get("Retry-After", "").strip()
    try:
        wait = float(text) if text[:1].isdigit() else parsedate_to_datetime(text).timestamp() - time.time()
    except ValueError:
        return 0.0
    return max(0.0, wait)


def _limited(body: Mapping[str, Any], wait: float) -> errors.Unavailable:
    policy = f"{body.get('policyName', '')} {body.get('message', '')}".upper()
    return errors.DailyLimit() if "DAILY" in policy else errors.RateLimited(retry_after=wait)


def _existing(message: str) -> str | None:
    found = _EXISTING.search(message)
    return (found[1] or found[2]) if found else None


def _invalid(body: Mapping[str, Any]) -> errors.Refused:
    """The error for a 400: which properties are wrong. An email of another contact is a Conflict (not verified)."""
    problems = list(_problems(body))
    for name, code, message in problems:
        if code == "CONFLICTING_UNIQUE_VALUE" and name == "email":
            return errors.Conflict(contact_id=_existing(message))
    names = list(dict.fromkeys(name for name, _, _ in problems if name))
    reason = next((code for _, code, _ in problems if code), str(body.get("category") or "?"))
    return errors.Invalid(property=names[0] if names else "", reason=reason, properties=names)


def _problems(body: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Property, code and message of each problem: from ``errors``, or else from the JSON inside the message."""
    found = False
    for part in _parts(body.get("errors")):
        context = part.get("context")
        names = context.get("propertyName") if isinstance(context, dict) else None
        for name in names if isinstance(names, list) and names else [""]:
            found = True
            yield str(name), str(part.get("code") or ""), str(part.get("message") or "")
    if found:
        return
    _, _, embedded = str(body.get("message") or "").partition(": ")  # older responses have only the message
    for part in _parts(_loaded(embedded)):
        yield str(part.get("name") or ""), str(part.get("error") or ""), str(part.get("message") or "")


def _scopes(body: Mapping[str, Any]) -> list[str]:
    contexts = [part.get("context") for part in _parts(body.get("errors"))]
    return [str(s) for c in contexts if isinstance(c, dict) for s in c.get("requiredGranularScopes") or ()]


def _parts(found: Any) -> list[dict[str, Any]]:
    return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []


def _json(raw: Any) -> dict[str, Any]:
    found = _loaded(raw)
    return found if isinstance(found, dict) else {}


def _loaded(raw: Any) -> Any:
    try:
        return json.loads(raw or "null")
    except (TypeError, ValueError, RecursionError):
        return None
