"""Converts the models of the official client into those of ``crm.domain``."""

import json
from typing import Any

from crm.domain import Account, Owner, Version
from crm.hubspot.transport import Seen


def account(answer: Any, seen: Seen) -> Account:
    """The portal's details."""
    details = json.loads(answer.data)
    return Account(
        portal_id=int(details["portalId"]),
        kind=str(details.get("accountType") or ""),
        time_zone=str(details.get("timeZone") or "UTC"),
        data_centre=str(details.get("dataHostingLocation") or ""),
        app=str(details["uiDomain"]),
    )


def owner(raw: Any) -> Owner:
    """An owner of contacts; the name is never empty."""
    name = " ".join(part for part in (raw.first_name, raw.last_name) if part)
    return Owner(raw.id, name or raw.email or raw.id, raw.email or "")


def version(raw: Any) -> Version:
    """A value that a property has had."""
    at = raw.timestamp.isoformat() if raw.timestamp else ""
    return Version(raw.value or "", at, raw.source_type or "", raw.source_id or "")
