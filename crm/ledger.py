"""The ledger of writes: each change is claimed before it is applied, once, whoever else tries.

The claim is an insert keyed by the change's digest, so two clicks, tabs or processes apply it once. Every step of a
change, from the card to the outcome, gets its line in the audit trail in the same transaction.
"""

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from crm import errors
from crm.audit import append
from crm.audit.noted import event, outcome_of, shown
from crm.changes import Change
from crm.contact import Contact
from crm.database import Database
from crm.holds import Holds
from crm.recorded import DONE, By, Entry, Recorded, Status, entry_of

__all__ = ["DONE", "By", "Entry", "Ledger", "Recorded", "Status"]
HOUR = 3600.0
_WRITTEN = "outcome in ('applied', 'partly')"
_OF_CONTACT = "json_extract(details, '$.contact_id') = ?"


class Ledger:
    """Cards, claims and outcomes of changes."""

    def __init__(self, database: Database) -> None:
        self.database = self._database = database
        self._holds = Holds(database.path.with_name(f"{database.path.name}.claims"))

    async def propose(self, changes: Sequence[Change], by: By, words: str, *, decided: str = "") -> None:
        """Notes a card and its changes, the user's words that led to them, and what was decided already (an edit)."""

        def note(db: sqlite3.Connection) -> None:
            db.execute(
                "insert or ignore into cards (card_id, conversation, user, made_at) values (?, ?, ?, ?)",
                (by.card_id, by.conversation, by.user, _now()),
            )
            for change in changes:
                append(db, event("proposed", change, by, personal={**shown(change), "words": words}))
                if decided:
                    append(db, event("decided", change, by, outcome=decided))

        await self._database.do(note)

    async def decide(self, changes: Mapping[str, Change], decisions: Mapping[str, Mapping[str, Any]], by: By) -> bool:
        """Notes what was decided of the changes of a card (change id -> decision), which ends the card.

        False where something else was decided of it before: that stands, and nothing may come of these decisions.
        """
        named = {change_id: str(given["decision"]) for change_id, given in decisions.items()}
        how = "withdrawn" if set(named.values()) == {"withdrawn"} else "used"
        seal = hashlib.sha256(json.dumps(decisions, sort_keys=True).encode()).hexdigest()

        def note(db: sqlite3.Connection) -> bool:
            ended = "update cards set ended = ? where card_id = ? and ended is null"
            # a card of the version before cards were noted
            made = "insert or ignore into cards (card_id, conversation, user, made_at) values (?, ?, ?, ?)"
            db.execute(made, (by.card_id, by.conversation, by.user, _now()))
            if db.execute(ended, (f"{_now()} {how} {seal}", by.card_id)).rowcount == 0:
                row = db.execute("select ended from cards where card_id = ?", (by.card_id,)).fetchone()
                return bool(row["ended"].endswith(seal))
            for change_id, decision in named.items():
                append(db, event("decided", changes[change_id], by, outcome=decision))
            return True

        return await self._database.do(note)

    async def card(self, card_id: str) -> tuple[By, str] | None:
        """For whom a card was made, and how it ended (used, withdrawn, "" where it waits); None: no such card."""

        def find(db: sqlite3.Connection) -> tuple[By, str] | None:
            row = db.execute("select * from cards where card_id = ?", (card_id,)).fetchone()
            if row is None:
                return None
            how = "withdrawn" if " withdrawn " in (row["ended"] or "") else "used"
            return By(row["user"], row["conversation"], card_id), how if row["ended"] else ""

        return await self._database.do(find)

    async def proposed(self, card_id: str, changes: Sequence[Change]) -> bool:
        """Whether every one of these changes was shown on this card, just as it is."""

        def look(db: sqlite3.Connection) -> bool:
            noted = "select digest from trail where kind = 'proposed' and card_id = ?"
            return {change.digest for change in changes} <= {row["digest"] for row in db.execute(noted, (card_id,))}

        return await self._database.do(look, durable=False)

    async def claim(self, change: Change, by: By, *, per_hour: int) -> bool:
        """Whether the change is now this caller's to apply; False where it, or one with its id, was claimed before.

        Raises TooManyChanges (limit) where the user has had so many applied, or tried, in the last hour.
        """

        def insert(db: sqlite3.Connection) -> bool:
            before = "select 1 from changes where digest = ? or change_id = ?"
            if db.execute(before, (change.digest, change.id)).fetchone():
                return False
            lately = "select count(*) from changes where user = ? and claimed_at > ?"
            full = db.execute(lately, (by.user, _before(HOUR))).fetchone()[0] >= per_hour
            again = "select 1 from changes where change_id = ? and json_extract(change, '$.undoes') != ''"
            if full and (change.action != "undo" or db.execute(again, (change.undoes,)).fetchone()):
                # the way back is always open, but not the way there and back again
                raise errors.TooManyChanges(limit=per_hour)
            db.execute(
                "insert into changes (digest, change_id, conversation, user, change, claimed_at)"
                " values (?, ?, ?, ?, ?, ?)",
                (change.digest, change.id, by.conversation, by.user, change.model_dump_json(), _now()),
            )
            append(db, event("claimed", change, by))
            self._holds.take(change.digest)
            return True

        return await self._database.do(insert)

    def abandon(self, change: Change) -> None:
        """Leaves a claimed change as a crash would: others see that nobody is at work on it any more."""
        self._holds.drop(change.digest)

    async def take_over(self, change: Change) -> bool:
        """Whether a claim that was cut off is now this caller's to complete; False where somebody is at work on it."""

        def take(db: sqlite3.Connection) -> bool:
            known = "select 1 from changes where digest = ? and (outcome is null or outcome = 'unknown')"
            open_ = db.execute(known, (change.digest,)).fetchone() is not None
            return open_ and self._holds.take(change.digest)

        return await self._database.do(take)

    async def let_go(self, change: Change) -> None:
        """Ends what ``take_over`` began."""
        await self._database.do(lambda db: self._holds.end(change.digest))

    async def finish(self, change: Change, record: Recorded) -> None:
        """Records what became of a claimed change; the first record stands, unless it was ``unknown``.

        That nothing was written, as another process concluded of one that was held up, gives way to what was.
        """

        def update(db: sqlite3.Connection) -> None:
            concluded = "outcome = 'refused' and json_extract(details, '$.code') = 'write_cut_off'"
            later = f" or ({concluded})" if record.outcome in DONE else ""
            known = f"select * from changes where digest = ? and (outcome is null or outcome = 'unknown'{later})"  # noqa: S608  # all ours
            row = db.execute(known, (change.digest,)).fetchone()
            self._holds.end(change.digest, others=record.outcome != "unknown")
            if row is None or row["outcome"] == record.outcome:
                return
            db.execute(
                "update changes set outcome = ?, details = ?, finished_at = ? where digest = ?",
                (record.outcome, json.dumps(asdict(record)), _now(), change.digest),
            )
            append(db, outcome_of(change, record, By(row["user"], row["conversation"])))

        await self._database.do(update)

    async def note(self, change: Change, record: Recorded, by: By) -> None:
        """Notes why an approved change was not even claimed."""
        await self._database.do(lambda db: append(db, outcome_of(change, record, by)))

    async def entry(self, change: Change) -> Entry | None:
        """What is known of a change, or of one with its id; None where nobody claimed it."""
        found = await self._entries("digest = ? or change_id = ?", change.digest, change.id)
        return found[0] if found else None

    async def by_id(self, change_id: str) -> Entry | None:
        """The claimed change with this id; None where there is none."""
        found = await self._entries("change_id = ?", change_id)
        return found[0] if found else None

    async def applied_since(self, since: datetime, by: By) -> list[Entry]:
        """What was written for this user since then, in any conversation, oldest first."""
        return await self._entries(f"{_WRITTEN} and finished_at >= ? and user = ?", _iso(since), by.user)

    async def applied_here(self, by: By) -> list[Entry]:
        """What was written in this conversation for this user, oldest first."""
        return await self._entries(f"{_WRITTEN} and conversation = ? and user = ?", by.conversation, by.user)

    async def written_to(self, contact_id: str, *, since: Change) -> list[Entry]:
        """What was written to a contact after this change, for any user, oldest first."""
        after = "rowid > (select rowid from changes where change_id = ?)"
        return await self._entries(f"{_WRITTEN} and {_OF_CONTACT} and {after}", contact_id, since.id)

    async def finished(self, contact_id: str, since: datetime) -> list[Entry]:
        """What was written to a contact since then, for any user, oldest first."""
        return await self._entries(f"{_WRITTEN} and finished_at >= ? and {_OF_CONTACT}", _iso(since), contact_id)

    async def created(self, since: datetime) -> set[str]:
        """The ids of the contacts that were created since then, for any user."""
        entries = await self._entries(f"{_WRITTEN} and finished_at >= ?", _iso(since))
        return {str(e.recorded.contact_id) for e in entries if e.recorded and e.change and e.change.action == "create"}

    async def author(self) -> str:
        """As whom HubSpot noted the latest value that this installation surely wrote; "" where that is not known."""

        def find(db: sqlite3.Connection) -> str:
            noted = "json_extract(details, '$.author')"
            row = db.execute(f"select {noted} from changes where {noted} != '' order by rowid desc limit 1").fetchone()  # noqa: S608
            return str(row[0]) if row else ""

        return await self._database.do(find, durable=False)

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
        entries = await self._entries(f"finished_at > ? and {_WRITTEN}", _before(seconds))
        found = {e.recorded.contact.id: e.recorded.contact for e in entries if e.recorded and e.recorded.contact}
        archived = {e.change.contact_id for e in entries if e.change and e.change.archives}
        return [contact for contact in found.values() if contact.id not in archived]

    async def unsettled(self, before: Change | None = None) -> list[Entry]:
        """The claimed changes whose outcome is not known, oldest first; of those claimed before this one."""
        tests = "(outcome is null or outcome = 'unknown')"
        earlier = " and rowid < (select rowid from changes where digest = ?)"
        return await (self._entries(tests + earlier, before.digest) if before else self._entries(tests))

    async def _entries(self, tests: str, *values: str) -> list[Entry]:
        def select(db: sqlite3.Connection) -> list[Entry]:
            rows = db.execute(f"select * from changes where {tests} order by rowid", values)  # noqa: S608  # tests are ours
            gone = self._holds.free_since
            return [entry_of(row, None if row["outcome"] else gone(row["digest"])) for row in rows]

        return await self._database.do(select)


def _now() -> str:
    return _iso(datetime.now(UTC))


def _before(seconds: float) -> str:
    return _iso(datetime.now(UTC) - timedelta(seconds=seconds))


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
