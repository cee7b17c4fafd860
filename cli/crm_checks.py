"""Checks HubSpot without changing anything in it."""

import asyncio
import re
import socket
import ssl
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from cli.finding import Finding, bounded, ok, problem, warning
from crm.changes import read_defaults
from crm.domain import OWNER, SUMMARY, Schema, errors
from crm.hubspot import Gateway, Patience, ahead
from settings import Settings

PATIENCE = Patience(call=9.0, attempt=6.0, turn=3.0, attempts=2)
CONNECT_SECONDS, CHECK_SECONDS = 5.0, 10.0
SKEW_SECONDS = 60
FEW_LEFT = 0.05  # of the day's calls
USED = ("lifecyclestage", "hs_lead_status", "hubspot_owner_id")
NOBODY = "0"  # no contact has this id: HubSpot's are positive (observed)


async def hubspot_findings(settings: Settings, *, token: str, url: str, embedded: bool) -> list[Finding]:
    """Check HubSpot at ``url``; of the ``embedded`` sandbox, only the settings."""
    if not embedded and re.fullmatch(r"[!-~]+", token) is None:  # no header can carry it
        return [problem("token", "doctor-token-odd")]
    if not embedded and (unreachable := await reach(url)):
        return [unreachable]
    gateway = Gateway(token=token, api_url=url, api_version=settings.hubspot_api_version, patience=PATIENCE)
    try:
        checks = {"schema": _schema(gateway, settings)}
        if not embedded:
            try:
                headers = await gateway.ping()
            except errors.CrmError as error:
                checks["schema"].close()
                return [_failed("token", error)]
            first = [ok("token", "doctor-token-ok", version=settings.hubspot_api_version), *_told(headers)]
            checks |= {"write": _write(gateway, settings), "owners": _owners(gateway), "account": _account(gateway)}
        else:
            first = []
        parts = await asyncio.gather(*(bounded(name, CHECK_SECONDS, check) for name, check in checks.items()))
        return [*first, *(finding for part in parts for finding in part)]
    finally:
        gateway.close()


async def reach(url: str) -> Finding | None:
    """Say what prevents a connection to the address; None where it can be reached."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    secure = ssl.create_default_context() if parts.scheme == "https" else None
    why = "timeout"
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(host, port, ssl=secure)
        writer.close()
        return None
    except TimeoutError:
        pass
    except socket.gaierror:
        why = "name"
    except ConnectionRefusedError:
        why = "refused"
    except ssl.SSLError:
        why = "certificate"
    except (OSError, UnicodeError):
        why = "network"
    return problem("reach", "doctor-reach", why=why, host=f"{host}:{port}")


def _failed(check: str, error: errors.CrmError, *, level: str = "problem") -> Finding:
    say = problem if level == "problem" else warning
    scopes = ", ".join(error.params.get("scopes") or ())
    return say(check, "doctor-crm", code=error.code, scopes=scopes or "none")


def _told(headers: Mapping[str, str]) -> Sequence[Finding]:
    return [finding for finding in (_clock(headers), _limits(headers)) if finding]


def _clock(headers: Mapping[str, str]) -> Finding | None:
    difference = ahead(headers)
    if difference is None:
        return None
    skew = round(difference.total_seconds())
    if abs(skew) > SKEW_SECONDS:
        return warning("clock", "doctor-clock-off", seconds=abs(skew), way="ahead" if skew > 0 else "behind")
    return ok("clock", "doctor-clock-ok")


def _limits(headers: Mapping[str, str]) -> Finding:
    def told(name: str) -> int | None:
        text = headers.get(f"X-HubSpot-RateLimit-{name}", "")
        return int(text) if text.isdigit() else None

    most, window = told("Max"), told("Interval-Milliseconds")
    if most is None or window is None:
        return ok("limits", "doctor-limits-untold")
    rate: dict[str, str | int] = {"most": most, "seconds": f"{window / 1000:g}"}
    daily, left = told("Daily"), told("Daily-Remaining")
    if daily is None or left is None:  # as for OAuth apps (documented)
        return ok("limits", "doctor-limits-window", **rate)
    if left < daily * FEW_LEFT:
        return warning("limits", "doctor-limits-few", left=left, daily=daily)
    return ok("limits", "doctor-limits-ok", left=left, daily=daily, **rate)


async def _write(gateway: Gateway, settings: Settings) -> list[Finding]:
    """Check the right to write, by an empty change of a contact that cannot exist.

    HubSpot looks at the token's scopes before it looks for the record (inferred).
    """
    if settings.read_only:
        return [ok("write", "doctor-write-read-only")]
    try:
        await gateway.update(NOBODY, {})
    except errors.Refused:
        return [ok("write", "doctor-write-ok")]
    except errors.CrmError as error:
        return [_failed("write", error)]
    return [warning("write", "doctor-write-odd")]


async def _owners(gateway: Gateway) -> list[Finding]:
    try:
        owners = await gateway.owners()
    except errors.CrmError as error:
        return [_failed("owners", error, level="warning")]
    return [ok("owners", "doctor-owners-ok", count=len(owners))]


async def _account(gateway: Gateway) -> list[Finding]:
    try:
        account = await gateway.account()
    except errors.CrmError as error:
        return [_failed("account", error, level="warning")]
    return [
        ok(
            "account",
            "doctor-account-ok",
            portal=str(account.portal_id),  # text: a number would get thousands marks
            kind=account.kind or "?",
            zone=account.time_zone,
            place=account.data_centre or "?",
        )
    ]


def _owner(schema: Schema, settings: Settings) -> list[Finding]:
    """Whether ``ASSISTANT_OWNER`` is one of the portal's owners."""
    owner = schema.get(OWNER)
    if not settings.owner or owner is None:
        return []
    try:
        schema.sought(owner, settings.owner, settings.region)
    except errors.CrmError:
        return [problem("owner", "doctor-owner-bad", name=settings.owner)]
    return [ok("owner", "doctor-owner-ok", name=settings.owner)]


async def _schema(gateway: Gateway, settings: Settings) -> list[Finding]:
    try:
        schema = await gateway.schema()
    except errors.CrmError as error:
        return [_failed("schema", error)]
    missing = [name for name in (*SUMMARY, *USED) if schema.get(name) is None]
    if missing:
        say = problem if set(missing) & set(SUMMARY) else warning
        found = [say("schema", "doctor-schema-missing", names=", ".join(missing))]
    else:
        found = [ok("schema", "doctor-schema-ok", count=len(schema))]
    found += _owner(schema, settings)
    configured = settings.new_contact_defaults
    defaults = read_defaults(schema, configured, settings.region)
    for entry, why in defaults.bad.items():
        more = why.params.get("nearest") or why.params.get("options") or ()
        values = {"entry": entry, "code": why.code, "more": ", ".join(map(str, more)) or "none"}
        found.append(problem("defaults", "doctor-defaults-bad", **values))
    if not defaults.bad:
        entries = ", ".join(f"{name}={value}" for name, value in defaults.values.items())
        found.append(ok("defaults", "doctor-defaults-ok", entries=entries or "none"))
    return found
