"""What the ledger knows of changes: those that were claimed, and what became of them."""

import asyncio
import json
import sqlite3
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from crm.domain import Actor, Change, Contact, LedgerEntry, outcome_from
from crm.store.engine import Database
from crm.store.leases import Leases

_WRITTEN = "outcome in ('applied', 'partly')"
_OF_CONTACT = "json_extract(details, '$.contact_id') = ?"


class Entries:
    """The claimed changes of one database, to be read."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._holds = Leases(database.path.with_name(f"{database.path.name}.claims"))

    async def entry(self, change: Change) -> LedgerEntry | None:
        """What is known of a change, or of one with its id; None where nobody claimed it."""
        found = await self._entries("digest = ? or change_id = ?", change.digest, change.id, known=change)
        return found[0] if found else None

    async def by_id(self, change_id: str) -> LedgerEntry | None:
        """The claimed change with this id; None where there is none."""
        found = await self._entries("change_id = ?", change_id)
        return found[0] if found else None

    async def applied_since(self, since: datetime, actor: Actor) -> list[LedgerEntry]:
        """What was written for this user since then, in any conversation, oldest first."""
        return await self._entries(f"{_WRITTEN} and finished_at >= ? and user = ?", iso(since), actor.user)

    async def applied_here(self, actor: Actor) -> list[LedgerEntry]:
        """What was written in this conversation for this user, oldest first."""
        return await self._entries(f"{_WRITTEN} and conversation = ? and user = ?", actor.conversation, actor.user)

    async def written_to(self, contact_id: str, *, since: Change) -> list[LedgerEntry]:
        """What was written to a contact after this change, for any user, oldest first."""
        after = "rowid > (select rowid from changes where change_id = ?)"
        return await self._entries(f"{_WRITTEN} and {_OF_CONTACT} and {after}", contact_id, since.id)

    async def finished(self, contact_id: str, since: datetime) -> list[LedgerEntry]:
        """What was written to a contact since then, or perhaps written, for any user, oldest first."""
        perhaps = f"({_WRITTEN} or outcome = 'unknown')"
        return await self._entries(f"{perhaps} and finished_at >= ? and {_OF_CONTACT}", iso(since), contact_id)

    async def created(self, since: datetime) -> set[str]:
        """The ids of the contacts that were created since then, for any user."""
        entries = await self._entries(f"{_WRITTEN} and finished_at >= ?", iso(since))
        return {str(e.outcome.contact_id) for e in entries if e.outcome and e.change and e.change.action == "create"}

    async def author(self) -> str:
        """As whom HubSpot noted the latest value that this installation surely wrote; "" where that is not known."""

        def find(db: sqlite3.Connection) -> str:
            noted = "json_extract(details, '$.author')"
            row = db.execute(f"select {noted} from changes where {noted} != '' order by rowid desc limit 1").fetchone()  # noqa: S608
            return str(row[0]) if row else ""

        return await self.database.do(find, durable=False)

    async def undone(self, change_id: str, *, wholly: bool = False) -> bool:
        """Whether the change was taken back, and that not in turn; ``wholly``: by an undo that left nothing of it."""
        undos = await self._entries("outcome = 'applied' and change like ?", f'%"undoes":"{change_id}"%')
        for undo in [undo.change for undo in undos if undo.change]:
            left = wholly and (undo.kept or undo.taken)
            if not left and not await self.undone(undo.id):
                return True
        return False

    async def recent(self, seconds: float) -> list[Contact]:
        """The contacts written in the last so many seconds, each as it was read back after its latest write."""
        entries = await self._entries(f"finished_at > ? and {_WRITTEN}", ago(seconds))
        found = {e.outcome.contact.id: e.outcome.contact for e in entries if e.outcome and e.outcome.contact}
        archived = {e.change.contact_id for e in entries if e.change and e.change.archives}
        return [contact for contact in found.values() if contact.id not in archived]

    async def unsettled(self, before: Change | None = None) -> list[LedgerEntry]:
        """The claimed changes whose outcome is not known, oldest first; of those claimed before this one."""
        tests = "(outcome is null or outcome = 'unknown')"
        earlier = " and rowid < (select rowid from changes where digest = ?)"
        return await (self._entries(tests + earlier, before.digest) if before else self._entries(tests))

    async def _entries(self, tests: str, *values: str, known: Change | None = None) -> list[LedgerEntry]:
        def select(db: sqlite3.Connection) -> list[tuple[sqlite3.Row, datetime | None]]:
            rows = db.execute(f"select * from changes where {tests} order by rowid", values)  # noqa: S608  # tests are ours
            return [(row, None if row["outcome"] else self._holds.free_since(row["digest"])) for row in rows]

        found = await self.database.do(select)
        # there may be thousands: nobody waits for the file meanwhile, nor for the event loop
        return await asyncio.to_thread(lambda: [_entry(row, gone, known) for row, gone in found])


def _entry(row: sqlite3.Row, over_at: datetime | None, known: Change | None) -> LedgerEntry:
    """A row as an entry; ``known``: the change itself, where its values were erased and the caller still has them."""
    change, finished_at, outcome = _change(row["change"]), _moment(row["finished_at"]), None
    asked = change or known
    if asked is not None and row["outcome"]:
        outcome = outcome_from(row["outcome"], asked, json.loads(row["details"] or "{}"))
    return LedgerEntry(
        change=change,
        actor=Actor(row["user"], row["conversation"]),
        claimed_at=datetime.fromisoformat(row["claimed_at"]),
        status=row["outcome"] or None,
        outcome=outcome,
        finished_at=finished_at,
        over_at=finished_at or over_at,
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _change(text: str) -> Change | None:
    try:
        return Change.model_validate_json(text) if text else None
    except ValidationError:  # one row that cannot be read must not keep the others from being settled
        return None


def stamp() -> str:
    """This moment, as the tables hold it."""
    return iso(datetime.now(UTC))


def ago(seconds: float) -> str:
    """The moment so many seconds before this one."""
    return iso(datetime.now(UTC) - timedelta(seconds=seconds))


def iso(moment: datetime) -> str:
    """A moment in UTC, to the millisecond (ISO 8601)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
