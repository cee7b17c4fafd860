"""Erases personal data from the ledger and its audit trail: old data, and the data of one person.

Digests, ids, times, users and outcomes stay, so that the chain stays valid and nothing is written twice. A change with
an unknown outcome keeps its values for a day: after a crash, they show whether it was written.
"""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crm.domain import Change
from crm.privacy.data_subject import DataSubject, data_subject_of, full_names
from crm.store import Database, empty_log, text

COMPACT_SECONDS = 2.0
_OPEN = "(outcome is null or outcome = 'unknown') and claimed_at > ?"
_TELLS = timedelta(days=1)  # how long after the claim the values of an unsettled change are needed
_KEPT = ("outcome", "contact_id", "unchanged", "correlation_ids", "code", "author")  # of the details of an outcome


@dataclass(frozen=True)
class Erased:
    """How many lines of the trail and how many claims were erased; ``left``: changes that are not settled yet."""

    lines: int
    claims: int
    left: int


async def expire(database: Database, days: int) -> Erased:
    """Erases all values that are older than so many days, and backups from before a migration."""
    before = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")

    def erase_old(db: sqlite3.Connection) -> Erased:
        db.execute("delete from usage where day < ?", (before[:10],))
        return _erase(
            db,
            lambda line: line["made_at"] < before,
            lambda claim: (claim["finished_at"] or claim["claimed_at"]) < before,
        )

    erased = await database.do(erase_old)
    await asyncio.to_thread(empty_log, database.path)  # each time, as the log may have been in use the last time
    for copy in backups(database.path):
        with suppress(FileNotFoundError):  # another process sweeps as well
            if copy.stat().st_mtime < datetime.fromisoformat(before).timestamp():
                copy.unlink()
    return erased


async def erase(database: Database, who: DataSubject) -> Erased:
    """Erases what is about the contacts of the person, and every other value that mentions the person."""

    def erase_person(db: sqlite3.Connection) -> Erased:
        is_theirs = _about(db, who)
        return _erase(db, is_theirs, is_theirs)

    return await database.do(erase_person)


async def mentions(database: Database, who: DataSubject) -> Erased:
    """How many lines and claims ``erase`` would erase."""

    def count(db: sqlite3.Connection) -> Erased:
        is_theirs = _about(db, who)
        return _found(db, is_theirs, is_theirs).counted

    return await database.do(count, reads=True)


def _about(db: sqlite3.Connection, who: DataSubject) -> Callable[[sqlite3.Row], bool]:
    """The function that tells whether a line with values, or a claim, is about the person or mentions them."""
    theirs = {row["change_id"] for row in db.execute("select * from trail") if row["contact_id"] in who.ids}
    theirs |= {row["change_id"] for row in db.execute("select * from changes") if _contact_id(row) in who.ids}

    def is_theirs(row: sqlite3.Row) -> bool:
        parts = [row[name] for name in ("data", "change", "details") if name in row.keys() and row[name]]  # noqa: SIM118
        return row["change_id"] in theirs or any(who.is_in(_loaded(part)) for part in parts)

    return is_theirs


@dataclass(frozen=True)
class _Found:
    """Lines and claims to erase, of settled changes only; ``left``: how many changes are not settled."""

    lines: list[sqlite3.Row]
    claims: list[sqlite3.Row]
    left: int

    @property
    def counted(self) -> Erased:
        return Erased(len(self.lines), len(self.claims), self.left)


def _found(
    db: sqlite3.Connection, line_goes: Callable[[sqlite3.Row], bool], claim_goes: Callable[[sqlite3.Row], bool]
) -> _Found:
    lately = (datetime.now(UTC) - _TELLS).isoformat(timespec="milliseconds")
    unsettled = {row["change_id"] for row in db.execute(f"select change_id from changes where {_OPEN}", (lately,))}  # noqa: S608
    lines = db.execute(
        "select personal.id, personal.made_at, personal.data, trail.change_id from personal"
        " left join trail on trail.personal_id = personal.id"
    )
    gone = [row for row in lines if line_goes(row)]
    claims = [row for row in db.execute("select rowid, * from changes where change != ''") if claim_goes(row)]
    return _Found(
        [row for row in gone if row["change_id"] not in unsettled],
        [row for row in claims if row["change_id"] not in unsettled],
        len({row["change_id"] for row in (*gone, *claims)} & unsettled),
    )


def _erase(
    db: sqlite3.Connection, line_goes: Callable[[sqlite3.Row], bool], claim_goes: Callable[[sqlite3.Row], bool]
) -> Erased:
    db.execute("pragma secure_delete = on")  # otherwise the values stay in the file until something overwrites them
    found = _found(db, line_goes, claim_goes)
    db.executemany("delete from personal where id = ?", [(row["id"],) for row in found.lines])
    db.execute("update trail set personal_id = null where personal_id not in (select id from personal)")
    db.executemany(
        "update changes set change = '', details = ? where rowid = ?",
        [(_bare(row["details"]), row["rowid"]) for row in found.claims],
    )
    return found.counted


def _loaded(kept: Any) -> Any:
    """The JSON in a column; the text where it is damaged, as that is searched and erased too."""
    try:
        return json.loads(kept)
    except (ValueError, TypeError, RecursionError):
        return text(kept)


def _fields(kept: Any) -> dict[str, Any]:
    found = _loaded(kept or "{}")
    return found if isinstance(found, dict) else {}


def _bare(details: str | None) -> str:
    known = _fields(details)
    return json.dumps({name: known[name] for name in _KEPT if name in known})


async def known(database: Database, given: DataSubject, region: str) -> DataSubject:
    """All that the ledger knows of a person: the contacts with these addresses or numbers, and their other data.

    Where an id is given, only that contact is looked up, and no other contact with the same address or number.
    """

    def look(db: sqlite3.Connection) -> DataSubject:
        people = list(_people(db, region))
        ids = given.ids or frozenset(
            i for who in people if who.emails & given.emails or who.phones & given.phones for i in who.ids
        )
        found = DataSubject(ids)
        for who in people:
            found |= who if who.ids & ids else DataSubject()
        return found

    return await database.do(look, reads=True)


def _people(db: sqlite3.Connection, region: str) -> Iterator[DataSubject]:
    for row in db.execute("select * from changes where change != ''"):
        try:
            change = Change.model_validate_json(row["change"])
        except ValueError:  # of another version
            continue
        contact_id = _contact_id(row)
        before = {r.property: r.before for r in change.rows}
        read: dict[str, Any] = (_fields(row["details"]).get("contact") or {}).get("properties") or {}
        who = DataSubject(names=full_names([change.display]))
        for values in (before, change.values, read):
            who |= data_subject_of(values, region, contact_id=contact_id)
        yield who


def _contact_id(row: sqlite3.Row) -> str:
    details, change = _fields(row["details"]), _fields(row["change"])
    return str(details.get("contact_id") or change.get("contact_id") or "")


def backups(path: Path) -> list[Path]:
    """The copies of the file that were made before its tables changed."""
    return sorted(path.parent.glob(f"{path.name}.v*"))


def compact(path: Path) -> bool:
    """Rewrites the file, so that no erased value stays in it; False where it is in use."""
    if not path.is_file():
        return True
    with closing(sqlite3.connect(path, timeout=COMPACT_SECONDS, isolation_level=None)) as db:
        try:
            db.execute("vacuum")
        except sqlite3.OperationalError:
            return False
    return empty_log(path, COMPACT_SECONDS)
