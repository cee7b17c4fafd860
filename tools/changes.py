"""The tool that lists what was written for the user."""

from contextlib import suppress
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from pydantic import BaseModel, ConfigDict

from crm import Portal
from crm.domain import Change, CrmError, LedgerEntry, Row
from crm.write import settle_for
from tools.declare import ToolContext, ToolRuntime, read_tool
from tools.results import VALUE_WIDTH, ToolResult

MOST_CHANGES = 20  # that a list shows
MOST_DAYS = 3_650  # a model may ask for more than a calendar holds


class WrittenChange(BaseModel):
    """A written change: what HubSpot accepted of it, when (ISO 8601), and whether it was undone since."""

    model_config = ConfigDict(frozen=True)

    change_id: str
    action: str
    archives: bool
    undone: bool
    partly: bool
    name: str
    url: str
    at: str
    rows: tuple[Row, ...]


class ChangesListed(ToolResult):
    """The user sees these changes, oldest first.

    ``total``: how many there are in all. ``dated``: more than today was asked for. ``unsure``: names of contacts with a
    write that could not be confirmed yet. ``today``: an ISO date. ``erased``: how many changes have lost their values.
    """

    kind: Literal["changes"] = "changes"
    changes: tuple[WrittenChange, ...]
    total: int
    dated: bool
    unsure: tuple[str, ...]
    today: str
    erased: int


@read_tool
async def list_changes(runtime: ToolRuntime[ToolContext], days: int = 1, until: int = 0) -> tuple[str, ChangesListed]:
    """What you changed for the user, in so many days until so many days ago."""
    portal, actor = runtime.context.portal, runtime.context.actor
    zone = await _zone(portal)
    today = datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    since = today - timedelta(days=min(max(days, 1), MOST_DAYS) - 1)
    ends = today + timedelta(days=1 - min(max(until, 0), MOST_DAYS))
    await settle_for(portal, actor.user)
    period = await portal.ledger.applied_between(since, ends, actor, most=MOST_CHANGES)
    effects = [(effect, entry) for entry in period.entries if (effect := entry.effect)]
    undone = await portal.ledger.undos([change.id for change, _ in effects])
    unsettled = [e for e in await portal.ledger.unsettled() if e.actor.user == actor.user]
    listed = ChangesListed(
        changes=tuple(_written(change, entry, zone, undone[change.id]) for change, entry in effects),
        total=period.total - (len(period.entries) - len(effects)),
        dated=days > 1,
        unsure=tuple(e.change.display for e in unsettled if e.change and since <= e.claimed_at < ends),
        today=today.date().isoformat(),
        erased=period.erased,
    )
    return _as_text(listed), listed


def _as_text(listed: ChangesListed) -> str:
    rows = [f"{change.change_id}|{change.action}|{change.name[:VALUE_WIDTH]}" for change in listed.changes]
    rows += [f"{listed.erased} whose values were erased"] if listed.erased else []
    return "\n".join(rows) or ("perhaps, not confirmed yet" if listed.unsure else "none")


async def _zone(portal: Portal) -> tzinfo | None:
    """The portal's time zone; this machine's where HubSpot does not tell."""
    with suppress(CrmError):
        return (await portal.schema()).zone
    return None


def _written(change: Change, entry: LedgerEntry, zone: tzinfo | None, undone: str) -> WrittenChange:
    assert entry.finished_at is not None
    made = entry.outcome.contact if entry.outcome else None
    gone = change.archives or (undone and change.action == "create")
    return WrittenChange(
        change_id=change.id,
        action=change.action,
        archives=change.archives,
        undone=bool(undone),
        partly=undone == "partly",
        name=change.display,
        url="" if gone else change.url or (made.url if made else ""),
        at=entry.finished_at.astimezone(zone).isoformat(timespec="minutes"),
        rows=change.rows,
    )
