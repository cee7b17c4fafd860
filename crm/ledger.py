"""The ledger of writes: each change is claimed before it is applied, once, whoever else tries.

The claim is an insert keyed by the change's digest, so two clicks, tabs or processes apply it once. Every step of a
change, from the card to the outcome, gets its line in the audit trail in the same transaction.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from crm.audit import Event, append
from crm.changes import Change
from crm.contact import Contact
from crm.database import Database

Status = Literal["applied", "partly", "stale", "gone", "already_so", "unknown", "refused", "unavailable", "read_only"]
DONE = ("applied", "partly")


@dataclass(frozen=True)
class By:
    """On whose behalf: the user, the conversation and the approval card."""

    user: str
    conversation: str
    card_id: str = ""


@dataclass(frozen=True)
class Recorded:
    """What became of a claimed change: the contact as read back, what HubSpot left unchanged, the error by its code.

    ``overwritten``: property -> what somebody else wrote between the last look and our write.
    """

    outcome: Status
    contact_id: str | None = None
    contact: Contact | None = None
    unchanged: tuple[str, ...] = ()
    overwritten: Mapping[str, str] = field(default_factory=dict)
    correlation_ids: tuple[str, ...] = ()
    code: str | None = None
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """A claimed change with what is known of it; ``change`` is None where its values were erased."""

    change: Change | None
    by: By
    claimed_at: datetime
    recorded: Recorded | None
    finished_at: datetime | None


class Ledger:
    """Cards, claims and outcomes of changes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def propose(self, changes: Sequence[Change], by: By, words: str) -> None:
        """Notes a card and the changes on it; ``words`` are the user's that led to them."""

        def note(db: sqlite3.Connection) -> None:
            db.execute(
                "insert or ignore into cards (card_id, conversation, user, made_at) values (?, ?, ?, ?)",
                (by.card_id, by.conversation, by.user, _now()),
            )
            for change in changes:
                append(db, _event("proposed", change, by, personal={**_shown(change), "words": words}))

        await self._database.do(note)

    async def decide(self, changes: Mapping[str, Change], decisions: Mapping[str, str], by: By) -> None:
        """Notes what was decided of the changes of a card (change id -> decision), which ends the card."""

        def note(db: sqlite3.Connection) -> None:
            ended = "update cards set ended = ? where card_id = ? and ended is null"
            if db.execute(ended, (_now(), by.card_id)).rowcount == 0:
                return
            for change_id, decision in decisions.items():
                append(db, _event("decided", changes[change_id], by, outcome=decision))

        await self._database.do(note)

    async def card(self, card_id: str) -> tuple[By, bool] | None:
        """For whom a card was made, and whether it is over; None where there never was such a card."""

        def find(db: sqlite3.Connection) -> tuple[By, bool] | None:
            row = db.execute("select * from cards where card_id = ?", (card_id,)).fetchone()
            return (By(row["user"], row["conversation"], card_id), row["ended"] is not None) if row else None

        return await self._database.do(find)

    async def claim(self, change: Change, by: By) -> bool:
        """Whether the change is now this caller's to apply; False where it was claimed before."""

        def insert(db: sqlite3.Connection) -> bool:
            cursor = db.execute(
                "insert or ignore into changes (digest, change_id, conversation, user, change, claimed_at)"
                " values (?, ?, ?, ?, ?, ?)",
                (change.digest, change.id, by.conversation, by.user, change.model_dump_json(), _now()),
            )
            if cursor.rowcount == 1:
                append(db, _event("claimed", change, by))
            return cursor.rowcount == 1

        return await self._database.do(insert)

    async def finish(self, change: Change, record: Recorded) -> None:
        """Records what became of a claimed change; the first record stands, unless it was ``unknown``."""

        def update(db: sqlite3.Connection) -> None:
            known = "select * from changes where digest = ? and (outcome is null or outcome = 'unknown')"
            row = db.execute(known, (change.digest,)).fetchone()
            if row is None or row["outcome"] == record.outcome:
                return
            db.execute(
                "update changes set outcome = ?, details = ?, finished_at = ? where digest = ?",
                (record.outcome, json.dumps(asdict(record)), _now(), change.digest),
            )
            append(db, _outcome(change, record, By(row["user"], row["conversation"])))

        await self._database.do(update)

    async def entry(self, change: Change) -> Entry | None:
        """What is known of a change; None where nobody claimed it."""
        found = await self._entries("digest = ?", change.digest)
        return found[0] if found else None

    async def by_id(self, change_id: str) -> Entry | None:
        """The claimed change with this id; None where there is none."""
        found = await self._entries("change_id = ?", change_id)
        return found[0] if found else None

    async def applied_since(self, since: datetime, by: By) -> list[Entry]:
        """What was written for this user since then, in any conversation, oldest first."""
        return await self._entries(
            "outcome in ('applied', 'partly') and finished_at >= ? and user = ?", _iso(since), by.user
        )

    async def last_applied(self, by: By) -> Entry | None:
        """The last change that was written in this conversation for this user."""
        found = await self._entries(
            "outcome in ('applied', 'partly') and conversation = ? and user = ?", by.conversation, by.user
        )
        return found[-1] if found else None

    async def undone(self, change_id: str) -> bool:
        """Whether an undo of this change was written."""
        entries = await self._entries("outcome in ('applied', 'partly') and change like ?", f'%"undoes":"{change_id}"%')
        return bool(entries)

    async def claims(self, user: str, seconds: float) -> int:
        """How many changes this user had applied, or tried to, in the last so many seconds."""
        return len(await self._entries("user = ? and claimed_at > ?", user, _before(seconds)))

    async def recent(self, seconds: float) -> list[Contact]:
        """The contacts written in the last so many seconds, each as it was read back after its latest write."""
        entries = await self._entries("finished_at > ? and outcome in ('applied', 'partly')", _before(seconds))
        found = [e.recorded.contact for e in entries if e.recorded and e.recorded.contact]
        return list({contact.id: contact for contact in found}.values())

    async def unsettled(self, before: Change | None = None) -> list[Entry]:
        """The claimed changes whose outcome is not known, oldest first; of those claimed before this one."""
        tests, values = "(outcome is null or outcome = 'unknown')", []
        if before is not None:
            tests += " and rowid < (select rowid from changes where digest = ?)"
            values = [before.digest]
        return await self._entries(tests, *values)

    async def _entries(self, tests: str, *values: str) -> list[Entry]:
        def select(db: sqlite3.Connection) -> list[Entry]:
            rows = db.execute(f"select * from changes where {tests} order by rowid", values)  # noqa: S608  # tests are ours
            return [_entry(row) for row in rows]

        return await self._database.do(select)


def _entry(row: sqlite3.Row) -> Entry:
    recorded = None
    if row["outcome"]:
        details = json.loads(row["details"] or "{}")
        contact = Contact(**details["contact"]) if details.get("contact") else None
        lists = {name: tuple(details.get(name) or ()) for name in ("unchanged", "correlation_ids")}
        recorded = Recorded(**{**details, "outcome": row["outcome"], "contact": contact, **lists})
    return Entry(
        change=Change.model_validate_json(row["change"]) if row["change"] else None,
        by=By(row["user"], row["conversation"]),
        claimed_at=datetime.fromisoformat(row["claimed_at"]),
        recorded=recorded,
        finished_at=datetime.fromisoformat(row["finished_at"]) if row["finished_at"] else None,
    )


def _event(kind: Any, change: Change, by: By, *, outcome: str = "", personal: Any = None) -> Event:
    return Event(
        kind=kind,
        user=by.user,
        conversation=by.conversation,
        card_id=by.card_id,
        change_id=change.id,
        digest=change.digest,
        action=change.action,
        contact_id=change.contact_id or "",
        outcome=outcome,
        personal=personal,
    )


def _shown(change: Change) -> dict[str, Any]:
    return {"display": change.display, "rows": [row.model_dump() for row in change.rows]}


def _outcome(change: Change, record: Recorded, by: By) -> Event:
    now = record.contact.properties if record.contact else {}
    personal = {"after": {name: now.get(name) for name in change.values}, "overwritten": dict(record.overwritten)}
    event = _event("outcome", change, by, outcome=record.outcome, personal=personal if record.contact else None)
    seen = {"correlation_ids": record.correlation_ids, "contact_id": record.contact_id or event.contact_id}
    return Event(**{**event.__dict__, **seen})


def _now() -> str:
    return _iso(datetime.now(UTC))


def _before(seconds: float) -> str:
    return _iso(datetime.now(UTC) - timedelta(seconds=seconds))


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
