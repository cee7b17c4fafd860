"""The ledger of writes: a change is applied only after it was claimed here, and it can be claimed only once.

A claim inserts a row keyed by the change's digest, so two clicks, tabs or processes apply a change once. Each step of a
change, from the card to the outcome, adds a line to the audit trail in the same transaction.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from crm.domain import DONE, Actor, Change, Contact, LedgerEntry, Outcome, errors, folded_words, outcome_from
from crm.store.audit import append, details_hash, events
from crm.store.audit.noted import event, outcome_of, shown
from crm.store.engine import Database
from crm.store.leases import Leases
from crm.store.tables import asked, cards, changes, concluded, insert_new, iso, names, stamp, trail, unsettled

Undone = Literal["", "partly", "wholly"]
HOUR = timedelta(hours=1)
PAGE = 50  # changes that are read at once where most often the first ones will do

_C = changes.c
_WRITTEN = _C.outcome.in_(DONE)


class Period(NamedTuple):
    """What was written in a span of time: the newest ``entries``, oldest first; ``total``: how many there are in all;
    ``erased``: how many there are beside these that have lost their values.
    """

    entries: list[LedgerEntry]
    total: int
    erased: int


class Ledger:
    """Stores cards, claims and outcomes of changes, and answers questions about them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._leases = Leases(database.path.with_name(f"{database.path.name}.claims"))

    # cards

    async def propose(self, changes: Sequence[Change], actor: Actor, words: str, *, decided: str = "") -> None:
        """Record a card, its changes and the user's words; ``decided``: a decision that was made already (an edit)."""

        def note(db: Connection) -> None:
            _card(db, actor)
            for change in changes:
                append(db, event("proposed", change, actor, personal={**shown(change), "words": words}))
                if decided:
                    append(db, event("decided", change, actor, outcome=decided))

        await self.database.do(note)

    async def decide(
        self, changes: Mapping[str, Change], decisions: Mapping[str, Mapping[str, Any]], actor: Actor
    ) -> bool:
        """Record the decisions on a card (change id -> decision), which ends the card.

        Returns False where other decisions were recorded before: those stand, and the caller must not act on its own.
        """
        named = {change_id: str(given["decision"]) for change_id, given in decisions.items()}
        how = "withdrawn" if set(named.values()) == {"withdrawn"} else "used"
        seal = hashlib.sha256(json.dumps(decisions, sort_keys=True).encode()).hexdigest()

        def note(db: Connection) -> bool:
            if not _end(db, actor, how, seal):
                this = cards.c.card_id == actor.card_id
                return bool(db.execute(select(cards.c.seal).where(this)).scalar_one() == seal)
            for change_id, decision in named.items():
                append(db, event("decided", changes[change_id], actor, outcome=decision))
            return True

        return await self.database.do(note)

    async def withdraw(self, actor: Actor) -> None:
        """End the card that the actor names, whose changes this version of the assistant cannot read."""

        def note(db: Connection) -> None:
            if _end(db, actor, "withdrawn", seal=""):
                for shown in list(events(db, kind="proposed", card_id=actor.card_id)):
                    append(db, replace(shown, kind="decided", outcome="withdrawn", user=actor.user, personal=None))

        await self.database.do(note)

    async def card(self, card_id: str) -> tuple[Actor, str] | None:
        """For whom the card was made, and how it ended (``used``, ``withdrawn``, "" while it waits); None: no such
        card.
        """
        query = select(cards).where(cards.c.card_id == card_id)
        row = await self.database.do(lambda db: db.execute(query).first(), reads=True)
        return None if row is None else (Actor(row.user, row.conversation, card_id), str(row.how))

    async def proposed(self, card_id: str, changes: Sequence[Change]) -> bool:
        """Whether this card has shown all of these changes exactly as they are."""
        query = select(trail.c.digest).where(trail.c.kind == "proposed", trail.c.card_id == card_id)
        noted = await self.database.do(lambda db: db.execute(query).scalars().all(), reads=True)
        return {change.digest for change in changes} <= set(noted)

    # what is known of changes

    async def entry(self, change: Change) -> LedgerEntry | None:
        """The entry of this change, or of one with the same id; None where neither was claimed."""
        found = await self._entries(or_(_C.digest == change.digest, _C.change_id == change.id), known=change)
        return found[0] if found else None

    async def by_id(self, change_id: str) -> LedgerEntry | None:
        """The entry of the claimed change with this id; None where there is none."""
        found = await self._entries(_C.change_id == change_id)
        return found[0] if found else None

    async def applied_between(self, since: datetime, until: datetime, actor: Actor, *, most: int) -> "Period":
        """The changes written for this user, in any conversation, from ``since`` until just before ``until``."""
        when = (_WRITTEN, _C.user == actor.user, _C.finished_at >= iso(since), _C.finished_at < iso(until))
        counts = select(func.count(), func.count().filter(_C.change == "")).where(*when)
        total, erased = await self.database.do(lambda db: db.execute(counts).one(), reads=True)
        newest = select(changes).where(*when, _C.change != "").order_by(_C.finished_at.desc(), _C.seq.desc())
        found = await self._read(newest.limit(most))
        return Period([entry for _, entry in reversed(found)], total - erased, erased)

    async def applied_here(self, actor: Actor) -> list[LedgerEntry]:
        """The changes written for this user in this conversation, oldest first."""
        return await self._entries(_WRITTEN, _C.conversation == actor.conversation, _C.user == actor.user)

    async def newest(self, actor: Actor, *, called: str = "") -> AsyncIterator[LedgerEntry]:
        """Yield the changes written for this user, in any conversation, newest first.

        ``called`` limits them to the contact with this id, or to contacts with all of these words in their names or
        addresses (a genitive s is ignored, and an address may be given by its beginning).
        """
        query, seq = _written_of(actor, called)
        query = query.order_by(seq.desc()).limit(PAGE)
        page = await self._read(query)
        while page:
            for entry in dict(page).values():  # one that has a word in two spellings comes twice
                yield entry
            page = await self._read(query.where(seq < page[-1][0]))

    async def written_to(self, contact_id: str, *, since: Change) -> list[LedgerEntry]:
        """The changes written to a contact after this change, for any user, oldest first."""
        after = select(_C.seq).where(_C.change_id == since.id).scalar_subquery()
        return await self._entries(_WRITTEN, _C.contact_id == contact_id, _C.seq > after)

    async def finished(self, contact_id: str, since: datetime) -> list[LedgerEntry]:
        """The changes written to a contact since then, or perhaps written, for any user, oldest first."""
        perhaps = or_(_WRITTEN, _C.outcome == "unknown")
        return await self._entries(perhaps, _C.finished_at >= iso(since), _C.contact_id == contact_id)

    async def created(self, since: datetime) -> set[str]:
        """The ids of the contacts created since then, for any user."""
        query = select(_C.contact_id).where(_WRITTEN, _C.finished_at >= iso(since), _C.action == "create")
        return set(await self.database.do(lambda db: db.execute(query).scalars().all(), reads=True))

    async def author(self) -> str:
        """The author that HubSpot noted for this installation's latest confirmed write; "" where none is known."""
        query = select(_C.author).where(_C.author != "").order_by(_C.seq.desc()).limit(1)
        return await self.database.do(lambda db: db.execute(query).scalar(), reads=True) or ""

    async def undone(self, change_id: str, *, wholly: bool = False) -> bool:
        """Whether the change was undone, and that undo was not undone; ``wholly``: only count undos that restored
        everything.
        """
        return await self.database.do(lambda db: _is_undone(db, change_id, wholly=wholly), reads=True)

    async def undos(self, change_ids: Sequence[str]) -> dict[str, Undone]:
        """For each of these changes, whether it was undone."""

        def look(db: Connection, change_id: str) -> Undone:
            if not _is_undone(db, change_id):
                return ""
            return "wholly" if _is_undone(db, change_id, wholly=True) else "partly"

        return await self.database.do(lambda db: {one: look(db, one) for one in change_ids}, reads=True)

    async def recent(self, seconds: float) -> list[Contact]:
        """The contacts written in the last ``seconds`` seconds, each as it was read back after its latest write."""
        entries = await self._entries(_C.finished_at > _ago(timedelta(seconds=seconds)), _WRITTEN)
        found = {e.outcome.contact.id: e.outcome.contact for e in entries if e.outcome and e.outcome.contact}
        archived = {e.change.contact_id for e in entries if e.change and e.change.archives}
        return [contact for contact in found.values() if contact.id not in archived]

    async def unsettled(self, before: Change | None = None) -> list[LedgerEntry]:
        """The claimed changes without a known outcome, oldest first; ``before``: only those claimed before it."""
        if before is None:
            return await self._entries(unsettled)
        earlier = select(_C.seq).where(_C.digest == before.digest).scalar_subquery()
        return await self._entries(unsettled, _C.seq < earlier)

    async def _entries(self, *tests: ColumnElement[bool], known: Change | None = None) -> list[LedgerEntry]:
        # not sorted by the database: for an order of all rows it would pass over the index of the few that are meant
        found = await self._read(select(changes).where(*tests), known)
        return [entry for _, entry in sorted(found, key=lambda pair: pair[0])]

    async def _read(
        self, query: Select[*tuple[Any, ...]], known: Change | None = None
    ) -> list[tuple[int, LedgerEntry]]:
        rows = await self.database.do(lambda db: db.execute(query).all(), reads=True)
        gone: dict[str, datetime | None] = {}
        if open_ := [row.digest for row in rows if not row.outcome]:
            # not while they were read: whoever looks at a lease keeps everybody else from it
            gone = await self.database.do(lambda db: {digest: self._leases.free_since(digest) for digest in open_})
        # there may be thousands: the event loop does not wait for it
        return await asyncio.to_thread(lambda: [(row.seq, _entry(row, gone.get(row.digest), known)) for row in rows])

    # claims and outcomes

    async def claim(self, change: Change, actor: Actor, *, per_hour: int) -> bool:
        """Claim the change for the caller; False where it, or one with the same id, was claimed before.

        Raises TooManyChanges (limit) where the user has claimed as many changes in the last hour as are allowed.
        """

        def insert_(db: Connection, lease: Callable[[], bool]) -> bool:
            known = or_(_C.digest == change.digest, _C.change_id == change.id)
            if db.execute(select(_C.seq).where(known)).first():
                return False
            lately = select(func.count()).where(_C.user == actor.user, _C.claimed_at > _ago(HOUR))
            if db.execute(lately).scalar_one() >= per_hour and not _way_back(db, change):
                raise errors.TooManyChanges(limit=per_hour)
            claimed = {"digest": change.digest, "change_id": change.id, "user": actor.user, "claimed_at": stamp()}
            claimed |= {"conversation": actor.conversation, "change": change.model_dump_json(), **asked(change)}
            if not insert_new(db, changes, **claimed, contact_id=change.contact_id, author=""):
                return False
            _name(db, LedgerEntry(change, actor, datetime.now(UTC)))
            append(db, event("claimed", change, actor))
            lease()
            return True

        return await self._leasing(change, insert_)

    def abandon(self, change: Change) -> None:
        """Give up a claimed change without an outcome, as a crash would: others see that nobody works on it."""
        self._leases.drop(change.digest)

    async def take_over(self, change: Change, judged: LedgerEntry) -> bool:
        """Take over a claimed change whose process has ended; False where somebody works on it.

        It also returns False where somebody has tried since ``judged`` was read. The time of the try is recorded now
        and again by ``let_go``.
        """
        tried_at = iso(judged.finished_at) if judged.finished_at else None
        tried = _C.finished_at.is_(None) if tried_at is None else _C.finished_at == tried_at
        known = select(_C.seq).where(_C.digest == change.digest, unsettled, tried)

        def take(db: Connection, lease: Callable[[], bool]) -> bool:
            taken = db.execute(known).first() is not None and lease()
            if taken:
                _tried(db, change)
            return taken

        return await self._leasing(change, take)

    async def _leasing(self, change: Change, work: Callable[[Connection, Callable[[], bool]], bool]) -> bool:
        """Run ``work``, which may take the change's lease. The lease is given up where the transaction fails."""
        held = False

        def lease() -> bool:
            nonlocal held
            held = self._leases.take(change.digest)
            return held

        try:
            return await self.database.do(lambda db: work(db, lease))
        except BaseException:
            if held:
                self._leases.drop(change.digest)
            raise

    async def let_go(self, change: Change) -> None:
        """End what ``take_over`` began."""

        def end(db: Connection) -> None:
            self._leases.end(change.digest)
            _tried(db, change)

        await self.database.do(end)

    async def finish(self, outcome: Outcome) -> None:
        """Record the outcome of a claimed change. Only an ``unknown`` outcome can be replaced later.

        One exception: another process may have concluded that a slow call wrote nothing; an outcome that shows the
        write replaces that.
        """
        change, done = outcome.change, outcome.status in DONE
        cut_off = and_(_C.outcome == "refused", _C.code == errors.CutOff.code)
        gives_way = or_(unsettled, cut_off) if done else unsettled

        def record(db: Connection) -> None:
            row = db.execute(select(changes).where(_C.digest == change.digest, gives_way)).first()
            self._leases.end(change.digest, others=outcome.status != "unknown")
            if row is None or row.outcome == outcome.status:
                return
            details = json.dumps(outcome.details())
            values = {"outcome": outcome.status, "details": details, "finished_at": stamp(), **concluded(outcome)}
            db.execute(update(changes).where(_C.seq == row.seq).values(values))
            actor = Actor(row.user, row.conversation)
            _name(db, LedgerEntry(change, actor, datetime.now(UTC), outcome=outcome))
            append(db, replace(outcome_of(outcome, actor), details_hash=details_hash(change.salt, details)))

        try:
            await self.database.do(record)
        except errors.StoreError:
            self._leases.leave(change.digest)
            raise

    async def note(self, outcome: Outcome, actor: Actor) -> None:
        """Record why an approved change was not claimed."""
        await self.database.do(lambda db: append(db, outcome_of(outcome, actor)))


def _is_undone(db: Connection, change_id: str, *, wholly: bool = False) -> bool:
    tests = [_C.undoes == change_id, _C.outcome == "applied", *([_C.leaves.is_(False)] if wholly else [])]
    undos = db.execute(select(_C.change_id).where(*tests)).scalars().all()
    return any(not _is_undone(db, undo) for undo in undos)


def _card(db: Connection, actor: Actor) -> None:
    made = {"card_id": actor.card_id, "conversation": actor.conversation, "user": actor.user, "made_at": stamp()}
    insert_new(db, cards, **made, how="", seal="")


def _end(db: Connection, actor: Actor, how: str, seal: str) -> bool:
    """End the actor's card; False where it had ended before."""
    _card(db, actor)  # one that cannot be read any more is ended without having been noted
    waits = (cards.c.card_id == actor.card_id, cards.c.ended.is_(None))
    return db.execute(update(cards).where(*waits).values(ended=stamp(), how=how, seal=seal)).rowcount > 0


def _way_back(db: Connection, change: Change) -> bool:
    """Whether the change undoes a change that is not itself an undo; such undos are exempt from the hourly limit."""
    undo = select(_C.seq).where(_C.change_id == change.undoes, _C.undoes != "")
    return change.action == "undo" and db.execute(undo).first() is None


def _tried(db: Connection, change: Change) -> None:
    anew = update(changes).where(_C.digest == change.digest, unsettled)
    db.execute(anew.values(outcome="unknown", finished_at=stamp()))


def _name(db: Connection, entry: LedgerEntry) -> None:
    """Store the words by which the user can name this change from now on."""
    assert entry.change is not None
    seq = db.execute(select(_C.seq).where(_C.digest == entry.change.digest)).scalar_one()
    words = {word for text in entry.called for word in folded_words(text)} | set(entry.emails)
    words -= set(db.execute(select(names.c.word).where(names.c.change_seq == seq)).scalars())
    rows = [{"user": entry.actor.user, "word": word, "change_seq": seq} for word in sorted(words)]
    if rows:
        db.execute(insert(names), rows)


def _written_of(actor: Actor, called: str) -> tuple[Select[*tuple[Any, ...]], ColumnElement[int]]:
    """The query for the user's written changes, of contacts called ``called`` if given; and the column to sort by."""
    query = select(changes).where(_WRITTEN, _C.user == actor.user)
    if called.isascii() and called.isdigit():
        return query.where(_C.contact_id == called), _C.seq
    if not (spelt := _spellings(names, called)):
        return query, _C.seq
    query = query.join(names, and_(names.c.change_seq == _C.seq, names.c.user == actor.user, spelt[0]))
    for number in range(1, len(spelt)):
        other = names.alias()
        here = (other.c.user == actor.user, other.c.change_seq == names.c.change_seq)
        query = query.where(exists().where(*here, _spellings(other, called)[number]))
    return query, names.c.change_seq


def _spellings(of: FromClause, called: str) -> list[ColumnElement[bool]]:
    """For each word of a name, the condition that finds it in the table; an address also matches by its beginning."""
    if "@" in called:
        return [of.c.word.between(called.casefold(), f"{called.casefold()}\uffff")]
    # a long word is most often a rare one, by which few rows are found
    said = sorted(folded_words(called), key=len, reverse=True)
    return [of.c.word.in_({word, word.removesuffix("s")}) for word in said]


def _entry(row: Row[Any], gone: datetime | None, known: Change | None) -> LedgerEntry:
    """Make an entry of a row; ``known``: the change itself, for a row whose values were erased."""
    change, finished_at, outcome = _change(row.change), _moment(row.finished_at), None
    asked = change or known
    if asked is not None and row.outcome:
        outcome = _outcome(row, asked)
    return LedgerEntry(
        change=change,
        actor=Actor(row.user, row.conversation),
        claimed_at=datetime.fromisoformat(row.claimed_at),
        status=row.outcome or None,
        outcome=outcome,
        finished_at=finished_at,
        over_at=finished_at or gone,
    )


def _outcome(row: Row[Any], asked: Change) -> Outcome | None:
    try:
        return outcome_from(row.outcome, asked, json.loads(row.details or "{}"))
    except (ValueError, TypeError):  # as for a change that cannot be read
        return None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _change(text: str) -> Change | None:
    try:
        return Change.model_validate_json(text) if text else None
    except ValidationError:  # one row that cannot be read must not keep the others from being settled
        return None


def _ago(time: timedelta) -> str:
    return iso(datetime.now(UTC) - time)
