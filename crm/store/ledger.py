"""The ledger of writes: each change is claimed before it is applied, once, whoever else tries.

The claim is an insert keyed by the change's digest, so two clicks, tabs or processes apply it once. Every step of a
change, from the card to the outcome, gets its line in the audit trail in the same transaction.
"""

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from crm.domain import DONE, Actor, Change, LedgerEntry, Outcome, errors
from crm.store.audit import append
from crm.store.audit.noted import event, outcome_of, shown
from crm.store.entries import Entries, ago, iso, stamp

HOUR = 3600.0


class Ledger(Entries):
    """Cards, claims and outcomes of changes."""

    async def propose(self, changes: Sequence[Change], actor: Actor, words: str, *, decided: str = "") -> None:
        """Notes a card and its changes, the user's words that led to them, and what was decided already (an edit)."""

        def note(db: sqlite3.Connection) -> None:
            db.execute(
                "insert or ignore into cards (card_id, conversation, user, made_at) values (?, ?, ?, ?)",
                (actor.card_id, actor.conversation, actor.user, stamp()),
            )
            for change in changes:
                append(db, event("proposed", change, actor, personal={**shown(change), "words": words}))
                if decided:
                    append(db, event("decided", change, actor, outcome=decided))

        await self.database.do(note)

    async def decide(
        self, changes: Mapping[str, Change], decisions: Mapping[str, Mapping[str, Any]], actor: Actor
    ) -> bool:
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
            db.execute(made, (actor.card_id, actor.conversation, actor.user, stamp()))
            if db.execute(ended, (f"{stamp()} {how} {seal}", actor.card_id)).rowcount == 0:
                row = db.execute("select ended from cards where card_id = ?", (actor.card_id,)).fetchone()
                return bool(row["ended"].endswith(seal))
            for change_id, decision in named.items():
                append(db, event("decided", changes[change_id], actor, outcome=decision))
            return True

        return await self.database.do(note)

    async def card(self, card_id: str) -> tuple[Actor, str] | None:
        """For whom a card was made, and how it ended (used, withdrawn, "" where it waits); None: no such card."""

        def find(db: sqlite3.Connection) -> tuple[Actor, str] | None:
            row = db.execute("select * from cards where card_id = ?", (card_id,)).fetchone()
            if row is None:
                return None
            how = "withdrawn" if " withdrawn " in (row["ended"] or "") else "used"
            return Actor(row["user"], row["conversation"], card_id), how if row["ended"] else ""

        return await self.database.do(find)

    async def proposed(self, card_id: str, changes: Sequence[Change]) -> bool:
        """Whether every one of these changes was shown on this card, just as it is."""

        def look(db: sqlite3.Connection) -> bool:
            noted = "select digest from trail where kind = 'proposed' and card_id = ?"
            return {change.digest for change in changes} <= {row["digest"] for row in db.execute(noted, (card_id,))}

        return await self.database.do(look, durable=False)

    async def claim(self, change: Change, actor: Actor, *, per_hour: int) -> bool:
        """Whether the change is now this caller's to apply; False where it, or one with its id, was claimed before.

        Raises TooManyChanges (limit) where the user has had so many applied, or tried, in the last hour.
        """

        def insert(db: sqlite3.Connection) -> bool:
            before = "select 1 from changes where digest = ? or change_id = ?"
            if db.execute(before, (change.digest, change.id)).fetchone():
                return False
            lately = "select count(*) from changes where user = ? and claimed_at > ?"
            full = db.execute(lately, (actor.user, ago(HOUR))).fetchone()[0] >= per_hour
            undoes = "change != '' and json_extract(change, '$.undoes') != ''"  # the values may be erased by now
            again = f"select 1 from changes where change_id = ? and {undoes}"  # noqa: S608  # all ours
            if full and (change.action != "undo" or db.execute(again, (change.undoes,)).fetchone()):
                # the way back is always open, but not the way there and back again
                raise errors.TooManyChanges(limit=per_hour)
            db.execute(
                "insert into changes (digest, change_id, conversation, user, change, claimed_at)"
                " values (?, ?, ?, ?, ?, ?)",
                (change.digest, change.id, actor.conversation, actor.user, change.model_dump_json(), stamp()),
            )
            append(db, event("claimed", change, actor))
            self._holds.take(change.digest)
            return True

        return await self.database.do(insert)

    def abandon(self, change: Change) -> None:
        """Leaves a claimed change as a crash would: others see that nobody is at work on it any more."""
        self._holds.drop(change.digest)

    async def take_over(self, change: Change, judged: LedgerEntry) -> bool:
        """Whether a claim that was cut off is now this caller's to complete; False where somebody is at work on it.

        Neither is it where somebody tried since it was ``judged``. It counts as tried anew from then on, and once more
        from when it is let go.
        """
        known = (
            "select 1 from changes where digest = ? and (outcome is null or outcome = 'unknown') and finished_at is ?"
        )
        tried_at = iso(judged.finished_at) if judged.finished_at else None

        def take(db: sqlite3.Connection) -> bool:
            row = db.execute(known, (change.digest, tried_at)).fetchone()
            taken = row is not None and self._holds.take(change.digest)
            if taken:
                _tried(db, change)
            return taken

        return await self.database.do(take)

    async def let_go(self, change: Change) -> None:
        """Ends what ``take_over`` began."""

        def end(db: sqlite3.Connection) -> None:
            self._holds.end(change.digest)
            _tried(db, change)

        await self.database.do(end)

    async def finish(self, outcome: Outcome) -> None:
        """Records what became of a claimed change; the first record stands, unless it was ``unknown``.

        That nothing was written, as another process concluded of one that was held up, gives way to what was.
        """

        def update(db: sqlite3.Connection) -> None:
            concluded = "outcome = 'refused' and json_extract(details, '$.code') = 'write_cut_off'"
            later = f" or ({concluded})" if outcome.status in DONE else ""
            known = f"select * from changes where digest = ? and (outcome is null or outcome = 'unknown'{later})"  # noqa: S608  # all ours
            row = db.execute(known, (outcome.change.digest,)).fetchone()
            self._holds.end(outcome.change.digest, others=outcome.status != "unknown")
            if row is None or row["outcome"] == outcome.status:
                return
            db.execute(
                "update changes set outcome = ?, details = ?, finished_at = ? where digest = ?",
                (outcome.status, json.dumps(outcome.details()), stamp(), outcome.change.digest),
            )
            append(db, outcome_of(outcome, Actor(row["user"], row["conversation"])))

        await self.database.do(update)

    async def note(self, outcome: Outcome, actor: Actor) -> None:
        """Notes why an approved change was not even claimed."""
        await self.database.do(lambda db: append(db, outcome_of(outcome, actor)))


def _tried(db: sqlite3.Connection, change: Change) -> None:
    anew = "update changes set outcome = 'unknown', finished_at = ?"
    db.execute(f"{anew} where digest = ? and (outcome is null or outcome = 'unknown')", (stamp(), change.digest))
