"""Erases personal data from the ledger and its audit trail: old data, and the data of one person.

Digests, ids, times, users and outcomes stay, so that the chain still verifies and no change is written twice. Each
erasure adds a line to the trail with the numbers of the lines that lost their values. A change with an unknown outcome
keeps its values for a day: after a crash they are needed to find out whether it was written.
"""

import asyncio
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Row, bindparam, delete, func, or_, select, update

from crm.domain import Change, StoreError
from crm.privacy.data_subject import DataSubject, data_subject_of, full_names
from crm.store import (
    Database,
    Event,
    all_values,
    append,
    backups,
    empty_log,
    expire_folders,
    folders,
    overwrite,
    spans,
    text,
    typed_errors,
)
from crm.store.tables import changes, iso, names, personal, trail, unsettled, usage

AnyRow = Row[*tuple[Any, ...]]
_TELLS = timedelta(days=1)  # for so long after the claim its values are needed
_KEPT = ("outcome", "contact_id", "unchanged", "correlation_ids", "code", "author")  # of what became of a change
_LINES = select(personal.c.id, trail.c.seq, trail.c.change_id, personal.c.data).join_from(
    personal, trail, trail.c.personal_id == personal.c.id, isouter=True
)
_CLAIMS = select(changes).where(changes.c.change != "")


@dataclass(frozen=True)
class Erased:
    """How many trail lines and claimed changes were erased; ``left``: how many changes were kept because they are not
    settled.
    """

    lines: int
    claims: int
    left: int


async def expire(database: Database, days: int) -> Erased:
    """Erase what is older than ``days`` days, also old backups and the folders that ``set_aside`` made."""
    then = datetime.now(UTC) - timedelta(days=days)
    before = iso(then)

    def erase_old(db: Connection) -> Erased:
        db.execute(delete(usage).where(usage.c.day < before[:10]))
        lines = db.execute(_LINES.where(personal.c.made_at < before))
        claims = db.execute(_CLAIMS.where(func.coalesce(changes.c.finished_at, changes.c.claimed_at) < before))
        return _erase(db, _found(db, lines, claims), "expired")

    erased = await database.do(erase_old)
    await asyncio.to_thread(empty_log, database.path)  # each time, as the log may have been in use the last time
    for copy in backups(database.path):
        with suppress(FileNotFoundError):  # another process sweeps as well
            if copy.stat().st_mtime < then.timestamp():
                copy.unlink()
    await asyncio.to_thread(expire_folders, database.path.parent, days)
    return erased


async def erase(database: Database, who: DataSubject) -> Erased:
    """Erase what is about the contacts with these ids, and whatever else mentions the person."""
    return await database.do(lambda db: _erase(db, _about(db, who), "requested"))


async def mentions(database: Database, who: DataSubject) -> Erased:
    """Count the trail lines and claimed changes that ``erase`` would erase."""
    return await database.do(lambda db: _about(db, who).counted, reads=True)


def mentioned_aside(folder: Path, who: DataSubject) -> list[Path]:
    """The folders made by ``set_aside`` that mention the person, or that cannot be read."""
    return [path for path in folders(folder) if any(_is_in_file(file, who) for file in sorted(path.glob("*.db*")))]


def _is_in_file(file: Path, who: DataSubject) -> bool:
    if file.suffix in (".db-shm", ".db-wal") or not file.is_file():
        return False
    try:
        with typed_errors():
            return any(who.is_in(row) for row in all_values(file))
    except StoreError:
        return True


def _about(db: Connection, who: DataSubject) -> "_Found":
    """The trail lines with values, and the claimed changes, that mention the person or are about their contacts."""
    theirs = {row.change_id for row in db.execute(select(trail.c.change_id, trail.c.contact_id)) if row[1] in who.ids}
    theirs |= {row.change_id for row in db.execute(_CLAIMS) if row.contact_id in who.ids}

    def is_theirs(row: AnyRow, *parts: Any) -> bool:
        return row.change_id in theirs or any(who.is_in(_loaded(part)) for part in parts if part)

    lines = [row for row in db.execute(_LINES) if is_theirs(row, row.data)]
    return _found(db, lines, [row for row in db.execute(_CLAIMS) if is_theirs(row, row.change, row.details)])


@dataclass(frozen=True)
class _Found:
    """Lines and claims to erase, of settled changes only; ``left``: how many changes are not settled."""

    lines: list[AnyRow]
    claims: list[AnyRow]
    left: int

    @property
    def counted(self) -> Erased:
        return Erased(len(self.lines), len(self.claims), self.left)


def _found(db: Connection, lines: Iterable[AnyRow], claims: Iterable[AnyRow]) -> _Found:
    lately = iso(datetime.now(UTC) - _TELLS)
    open_ = set(db.execute(select(changes.c.change_id).where(unsettled, changes.c.claimed_at > lately)).scalars())
    lines, claims = list(lines), list(claims)
    return _Found(
        [row for row in lines if row.change_id not in open_],
        [row for row in claims if row.change_id not in open_],
        len({row.change_id for row in (*lines, *claims)} & open_),
    )


def _erase(db: Connection, found: _Found, why: Literal["expired", "requested"]) -> Erased:
    numbers = {row.seq for row in found.lines if row.seq is not None}
    if found.lines:
        overwrite(db)
        gone = [{"gone": row.id} for row in found.lines]
        db.execute(update(trail).where(trail.c.personal_id == bindparam("gone")).values(personal_id=None), gone)
        db.execute(delete(personal).where(personal.c.id == bindparam("gone")), gone)
    if found.claims:
        overwrite(db)
        numbers |= _lines_about(db, {row.change_id for row in found.claims})
        bare = [{"which": row.seq, "bare": _bare(row.details)} for row in found.claims]
        emptied = update(changes).where(changes.c.seq == bindparam("which"))
        db.execute(emptied.values(change="", details=bindparam("bare")), bare)
        db.execute(delete(names).where(names.c.change_seq == bindparam("which")), [{"which": b["which"]} for b in bare])
    if numbers:
        append(db, Event("erased", user="", conversation="", change_id="", digest="", action=why, lines=spans(numbers)))
    return found.counted


def _lines_about(db: Connection, change_ids: set[str]) -> set[int]:
    """The numbers of the trail lines with a copy in the ledger: the claims of these changes and their outcomes."""
    kept = or_(trail.c.kind == "claimed", trail.c.details_hash != "")
    rows = db.execute(select(trail.c.seq, trail.c.change_id).where(kept))
    return {row.seq for row in rows if row.change_id in change_ids}


def _loaded(kept: Any) -> Any:
    """Parse the JSON in a column. Damaged JSON is returned as text, so that it is searched and erased too."""
    try:
        return json.loads(kept)
    except (ValueError, TypeError, RecursionError):
        return text(kept)


def _fields(kept: Any) -> dict[str, Any]:
    found = _loaded(kept or "{}")
    return found if isinstance(found, dict) else {}


def _bare(details: str | None) -> str | None:
    if details is None:
        return None
    known = _fields(details)
    return json.dumps({name: known[name] for name in _KEPT if name in known})


async def known(database: Database, given: DataSubject, region: str) -> DataSubject:
    """Collect what the ledger knows of a person: contacts with these addresses or numbers, and their other data.

    Where an id is given, only that contact is looked up, and no other contact with the same address or number.
    """

    def look(db: Connection) -> DataSubject:
        people = list(_people(db, region))
        ids = given.ids or frozenset(
            i for who in people if who.emails & given.emails or who.phones & given.phones for i in who.ids
        )
        found = DataSubject(ids)
        for who in people:
            found |= who if who.ids & ids else DataSubject()
        return found

    return await database.do(look, reads=True)


def _people(db: Connection, region: str) -> Iterator[DataSubject]:
    for row in db.execute(_CLAIMS):
        try:
            change = Change.model_validate_json(row.change)
        except ValueError:  # damaged
            continue
        before = {r.property: r.before for r in change.rows}
        read: dict[str, Any] = (_fields(row.details).get("contact") or {}).get("properties") or {}
        who = DataSubject(names=full_names([change.display]))
        for values in (before, change.values, read):
            who |= data_subject_of(values, region, contact_id=row.contact_id or "")
        yield who
