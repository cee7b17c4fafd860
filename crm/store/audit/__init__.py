"""The audit trail: what was proposed, decided, claimed and written, append-only, each line sealed by the one before.

A line's hash covers the hash of the line before and everything in it, so a line that is changed, taken out or put in
breaks the chain. Personal values stand outside, under a random salt, and only their hash is in the chain: they can be
erased, and the chain still holds. What looks like a token is struck out before a line is kept.

Cutting off the newest lines is not seen by the chain alone: ``verify`` gives the head, which can be kept elsewhere.
"""

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from crm.store.audit.personal import read, struck, text

Kind = Literal["proposed", "decided", "claimed", "outcome"]
START = "0" * 64
# in the order in which they are sealed
SEALED = (
    *("seq", "at", "kind", "user", "conversation", "card_id", "change_id", "digest", "action", "contact_id"),
    *("outcome", "correlation_ids", "personal_hash"),
)


@dataclass(frozen=True)
class Event:
    """One line. ``outcome`` is the decision of a ``decided`` line, and the status of an ``outcome`` line.

    ``personal`` holds values, words and names (None: none were kept, or they were erased); ``correlation_ids`` are
    HubSpot's names for the calls that wrote.
    """

    kind: Kind
    user: str
    conversation: str
    change_id: str
    digest: str
    action: str
    card_id: str = ""
    contact_id: str = ""
    outcome: str = ""
    correlation_ids: tuple[str, ...] = ()
    personal: Mapping[str, Any] | None = None
    seq: int = 0
    at: str = ""
    hash: str = field(default="", compare=False)


@dataclass(frozen=True)
class Verdict:
    """Whether the chain holds: its lines, the hash of the last, the first that does not fit, erased personal parts."""

    lines: int
    head: str
    broken: int | None
    erased: int


def append(db: sqlite3.Connection, event: Event) -> None:
    """Adds a line; the caller holds a transaction that is open for writing."""
    last = db.execute("select seq, hash from trail order by seq desc limit 1").fetchone()
    seq = last["seq"] + 1 if last else 1
    personal_id, personal_hash = _keep(db, event, seq)
    line: dict[str, Any] = {
        **{name: getattr(event, name) for name in SEALED if hasattr(event, name)},
        "seq": seq,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "correlation_ids": " ".join(event.correlation_ids),
        "personal_hash": personal_hash,
        "personal_id": personal_id,
        "previous": last["hash"] if last else START,
    }
    line["hash"] = _seal(line)
    names = ", ".join(line)
    db.execute(f"insert into trail ({names}) values ({', '.join('?' * len(line))})", tuple(line.values()))  # noqa: S608


def _keep(db: sqlite3.Connection, event: Event, seq: int) -> tuple[int | None, str]:
    if not event.personal:
        return None, ""
    salt, data = secrets.token_hex(16), json.dumps(struck(event.personal), sort_keys=True)
    # the line's own number: SQLite's next one is that of the newest values once they are erased, and a line that lost
    # its values would come by somebody else's. It is higher only where lines were cut off the trail
    highest = db.execute("select coalesce(max(id), 0) from personal").fetchone()[0]
    personal_id = max(seq, highest + 1)
    db.execute(
        "insert into personal (id, contact_id, made_at, salt, data) values (?, ?, ?, ?, ?)",
        (personal_id, event.contact_id, datetime.now(UTC).isoformat(timespec="milliseconds"), salt, data),
    )
    return personal_id, _salted(salt, data)


def _salted(salt: str, data: str) -> str:
    return hashlib.sha256(f"{salt}{data}".encode()).hexdigest()


def _seal(line: Mapping[str, Any]) -> str:
    sealed = [line["previous"], *(line[name] for name in SEALED)]
    return hashlib.sha256(json.dumps(sealed, ensure_ascii=False).encode()).hexdigest()


def _sealed(line: Mapping[str, Any]) -> str | None:
    """The seal of a line as it is read; None where something in it is no text any more, and cannot be sealed."""
    try:
        return _seal(line)
    except TypeError:
        return None


def events(db: sqlite3.Connection, *, since: str = "", until: str = "9", **where: str) -> Iterator[Event]:
    """The lines from one moment (ISO 8601, UTC) to another, oldest first, whose columns have these values."""
    tests = "".join(f" and trail.{name} = ?" for name in where)  # names are given by code
    rows = db.execute(
        "select trail.*, personal.data from trail left join personal on personal.id = personal_id"  # noqa: S608
        f" where at >= ? and at < ?{tests} order by seq",
        (since, until, *where.values()),
    )
    names = [name for name in SEALED if name not in ("correlation_ids", "personal_hash")]
    for row in rows:
        told: dict[str, Any] = {name: row[name] if name == "seq" else text(row[name]) for name in names}
        yield Event(
            **told,
            correlation_ids=tuple(text(row["correlation_ids"]).split()),
            personal=read(row["data"]),
            hash=text(row["hash"]),
        )


def verify(db: sqlite3.Connection) -> Verdict:
    """Goes over the whole chain, and over every personal part that is still there."""
    previous, lines, erased, broken = START, 0, 0, None
    rows = db.execute(
        "select trail.*, personal.salt, personal.data from trail"
        " left join personal on personal.id = personal_id order by seq"
    )
    for row in rows:
        lines += 1
        gone = bool(row["personal_hash"]) and row["data"] is None
        erased += gone
        fits = row["seq"] == lines and row["previous"] == previous and row["hash"] == _sealed(row)
        if row["data"] is not None:  # values that were put beside a line that never had any do not fit either
            fits = fits and _salted(row["salt"], row["data"]) == row["personal_hash"]
        if not fits and broken is None:
            broken = row["seq"]
        previous = row["hash"]
    return Verdict(lines, previous, broken, erased)
