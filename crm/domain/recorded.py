"""What the ledger knows of a change: on whose behalf, what became of it, and since when nobody is at work on it."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import ValidationError

from crm.domain.change import Change
from crm.domain.contact import Contact

Status = Literal["applied", "partly", "stale", "gone", "already_so", "unknown", "refused", "unavailable", "read_only"]
Sent = Literal["no", "perhaps", "yes"]
DONE = ("applied", "partly")
WAITED_FOR = timedelta(hours=1)  # by then HubSpot shows what it ever will


@dataclass(frozen=True)
class Actor:
    """On whose behalf: the user, the conversation and the approval card."""

    user: str
    conversation: str
    card_id: str = ""


@dataclass(frozen=True)
class Recorded:
    """What became of a claimed change: the contact as read back, what HubSpot left unchanged, the error by its code.

    ``overwritten``: property -> what somebody else wrote between the last look and our write; ``replaced``: what
    somebody else wrote over ours before it was read back; ``sent`` and ``author`` as of ``crm.domain.outcome.Outcome``.
    """

    outcome: Status
    contact_id: str | None = None
    contact: Contact | None = None
    unchanged: tuple[str, ...] = ()
    overwritten: Mapping[str, str] = field(default_factory=dict)
    replaced: Mapping[str, str] = field(default_factory=dict)
    correlation_ids: tuple[str, ...] = ()
    code: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    sent: Sent = "no"
    author: str = ""


@dataclass(frozen=True)
class LedgerEntry:
    """A claimed change with what is known of it; ``change`` is None where its values were erased, or cannot be read.

    ``over_at``: since when it is known that nobody is at work on it; None where somebody may be.
    """

    change: Change | None
    actor: Actor
    claimed_at: datetime
    recorded: Recorded | None
    finished_at: datetime | None
    over_at: datetime | None = None

    @property
    def waited_for(self) -> bool:
        """Whether other changes wait for this one while its outcome is not known."""
        return datetime.now(UTC) - self.claimed_at < WAITED_FOR

    @property
    def effect(self) -> Change | None:
        """The change as far as HubSpot took it: some values it leaves as they were, and says yes."""
        if self.change is None or self.recorded is None:
            return None
        rows = tuple(row for row in self.change.rows if row.property not in self.recorded.unchanged)
        nothing = not rows and self.change.action != "create" and not self.change.archives
        return None if nothing else self.change.model_copy(update={"rows": rows})


def entry_of(row: sqlite3.Row, over_at: datetime | None) -> LedgerEntry:
    """A row of the table ``changes``, of this version or an earlier one."""
    recorded = None
    if row["outcome"]:
        details = json.loads(row["details"] or "{}")
        # what a later version kept besides is left out: one such row must not keep the others from being read
        contact = Contact(**_known(Contact, details["contact"])) if details.get("contact") else None
        lists = {name: tuple(details.get(name) or ()) for name in ("unchanged", "correlation_ids")}
        recorded = Recorded(**{**_known(Recorded, details), "outcome": row["outcome"], "contact": contact, **lists})
    finished_at = datetime.fromisoformat(row["finished_at"]) if row["finished_at"] else None
    return LedgerEntry(
        change=_change(row["change"]),
        actor=Actor(row["user"], row["conversation"]),
        claimed_at=datetime.fromisoformat(row["claimed_at"]),
        recorded=recorded,
        finished_at=finished_at,
        over_at=finished_at or over_at,
    )


def _known(kind: type, details: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in details.items() if name in names}


def _change(text: str) -> Change | None:
    try:
        return Change.model_validate_json(text) if text else None
    except ValidationError:  # one row that cannot be read must not keep the others from being settled
        return None
