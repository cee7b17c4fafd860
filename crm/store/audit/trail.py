"""The audit trail: what was proposed, decided, claimed and written. Lines are only appended, and sealed in a chain.

The hash of a line covers the hash of the line before it, so a line that is changed, removed or inserted breaks the
chain. Personal values stand in a table of their own, and the chain holds only their salted hash: they can be erased,
and the chain still verifies. An erasure appends a line that names the lines that lost their values. Values that are
missing without such a line were destroyed. What looks like a token is struck out before a line is written.

The trail also seals the ledger's rows of changes and outcomes, so nobody can change those unnoticed.

The chain cannot show that the newest lines were cut off. ``verify`` therefore returns the last hash (the head), which
an operator can keep elsewhere.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection, func, insert, select

from crm.store.audit.personal import read, struck, text
from crm.store.tables import personal, stamp, trail

Kind = Literal["proposed", "decided", "claimed", "outcome", "erased"]
START = "0" * 64
# in the order in which they are sealed
SEALED = (
    *("seq", "at", "kind", "user", "conversation", "card_id", "change_id", "digest", "action", "contact_id"),
    *("outcome", "correlation_ids", "lines", "details_hash", "personal_hash"),
)


@dataclass(frozen=True)
class Event:
    """One line. ``outcome`` is the decision of a ``decided`` line, and the status of an ``outcome`` line.

    ``personal`` holds values, words and names (None: there were none, or they were erased). ``correlation_ids`` are
    HubSpot's ids of the calls that wrote. ``lines`` of an ``erased`` line holds the numbers of the lines that lost
    their values (``3-5 9``), or whose row in the ledger did. ``details_hash`` of an ``outcome`` line seals the details
    in the ledger's row.
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
    lines: str = ""
    details_hash: str = ""
    personal: Mapping[str, Any] | None = None
    seq: int = 0
    at: str = ""
    hash: str = field(default="", compare=False)


def append(db: Connection, event: Event) -> None:
    """Append a line; the caller holds a transaction that is open for writing."""
    last = db.execute(select(trail.c.seq, trail.c.hash).order_by(trail.c.seq.desc()).limit(1)).first()
    seq = last.seq + 1 if last else 1
    at = stamp()
    personal_id, personal_hash = _keep(db, event, seq, at)
    line: dict[str, Any] = {
        **{name: getattr(event, name) for name in SEALED if hasattr(event, name)},
        "seq": seq,
        "at": at,
        "correlation_ids": " ".join(event.correlation_ids),
        "personal_hash": personal_hash,
        "personal_id": personal_id,
        "previous": last.hash if last else START,
    }
    db.execute(insert(trail).values(**line, hash=sealed(line)))


def _keep(db: Connection, event: Event, seq: int, at: str) -> tuple[int | None, str]:
    if not event.personal:
        return None, ""
    salt, data = secrets.token_hex(16), json.dumps(struck(event.personal), sort_keys=True)
    # the line's own number: one that another line's values had, which were erased, would bring it those of somebody
    # else. It is higher only where lines were cut off the trail
    highest = db.execute(select(func.coalesce(func.max(personal.c.id), 0))).scalar_one()
    personal_id = max(seq, highest + 1)
    kept = {"id": personal_id, "contact_id": event.contact_id, "made_at": at, "salt": salt, "data": data}
    db.execute(insert(personal).values(kept))
    return personal_id, salted(salt, data)


def salted(salt: str, data: str) -> str:
    """Hash values with their salt."""
    return hashlib.sha256(f"{salt}{data}".encode()).hexdigest()


def details_hash(salt: str, details: str) -> str:
    """Hash the details in the ledger's row of an outcome; the change's own salt keeps anybody from guessing them."""
    return salted(salt, f"details {details}")


def sealed(line: Mapping[Any, Any]) -> str:
    """Hash a line. Raises TypeError where a column no longer holds text."""
    parts = [line["previous"], *(line[name] for name in SEALED)]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def spans(numbers: Iterable[int]) -> str:
    """Write numbers as ranges, as a line holds them: ``3-5 9``."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def numbers_of(lines: Any) -> set[int]:
    """Read the numbers that ``spans`` wrote; none where the text is damaged."""
    try:
        runs = [[int(number) for number in run.split("-")] for run in text(lines).split()]
    except ValueError:
        return set()
    return {number for run in runs for number in range(run[0], run[-1] + 1)}


def events(db: Connection, *, since: str = "", until: str = "9", **where: str) -> Iterator[Event]:
    """Yield the lines of a time span (ISO 8601, UTC) with these values in their columns, oldest first."""
    lines = select(trail, personal.c.data).join_from(
        trail, personal, personal.c.id == trail.c.personal_id, isouter=True
    )
    tests = [trail.c[name] == value for name, value in where.items()]
    lines = lines.where(trail.c.at >= since, trail.c.at < until, *tests).order_by(trail.c.seq)
    names = [name for name in SEALED if name not in ("correlation_ids", "personal_hash")]
    for row in db.execute(lines).mappings():
        told: dict[str, Any] = {name: row[name] if name == "seq" else text(row[name]) for name in names}
        yield Event(
            **told,
            correlation_ids=tuple(text(row["correlation_ids"]).split()),
            personal=read(row["data"]),
            hash=text(row["hash"]),
        )
