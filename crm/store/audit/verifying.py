"""Whether the audit trail is as it was written: the chain, the values beside it, and the ledger's copies."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import ValidationError
from sqlalchemy import Connection, select

from crm.domain import Change, outcome_from
from crm.store.audit.personal import text
from crm.store.audit.trail import START, details_hash, numbers_of, salted, sealed
from crm.store.tables import asked, changes, concluded, personal, trail

Why = Literal["line", "values", "ledger"]
Row = Mapping[Any, Any]


@dataclass(frozen=True)
class Verdict:
    """Whether the trail holds: its lines, the hash of the last, how many lines' values were erased.

    ``broken``: the first line that does not fit (0: none is about what was found). ``why``: the ``line`` itself was
    changed, moved, taken out or put in; its ``values`` were deleted, and no line says that they were erased; the
    ``ledger`` has another change or outcome than the line, or none.
    """

    lines: int
    head: str
    broken: int | None
    erased: int
    why: Why = "line"


@dataclass
class _Claim:
    """What the trail says of a claimed change: the line of the claim, and that of what became of it."""

    claimed: Row
    outcome: Row | None = None


@dataclass
class _Walk:
    """What one walk along the trail has found."""

    previous: str = START
    lines: int = 0
    faults: list[tuple[int, Why]] = field(default_factory=list)
    missing: set[int] = field(default_factory=set)  # lines without the values that they had
    erased: set[int] = field(default_factory=set)  # lines that an erasure names
    claims: dict[str, _Claim] = field(default_factory=dict)

    def pass_by(self, row: Row) -> None:
        """Takes in the next line."""
        self.lines += 1
        if row["seq"] != self.lines or row["previous"] != self.previous or not _fits(row):
            self.faults.append((row["seq"], "line"))
        self.previous = row["hash"]
        if row["personal_hash"] and row["data"] is None:
            self.missing.add(row["seq"])
        if row["kind"] == "erased":
            self.erased |= {number for number in numbers_of(row["lines"]) if number < self.lines}
        change_id = text(row["change_id"])
        if row["kind"] == "claimed":
            self.claims[change_id] = _Claim(row)
        elif row["details_hash"] and change_id in self.claims:
            self.claims[change_id].outcome = row


def verify(db: Connection) -> Verdict:
    """Goes over the whole chain, every personal part that is still there, and every claimed change."""
    walk = _Walk()
    beside = (personal.c.salt, personal.c.data, personal.c.contact_id.label("values_of"))
    lines = select(trail, *beside).join_from(trail, personal, personal.c.id == trail.c.personal_id, isouter=True)
    for row in db.execute(lines.order_by(trail.c.seq)).mappings():
        walk.pass_by(row)
    faults: list[tuple[int, Why]] = [*walk.faults, *((number, "values") for number in walk.missing - walk.erased)]
    for row in db.execute(select(changes).order_by(changes.c.seq)).mappings():
        claim = walk.claims.pop(text(row["change_id"]), None)
        if claim is None:
            faults.append((0, "ledger"))
        else:
            faults += [(number, "ledger") for number in _differing(row, claim, walk.erased)]
    faults += [(claim.claimed["seq"], "ledger") for claim in walk.claims.values()]  # the ledger's copy is gone
    if not faults:
        return Verdict(walk.lines, walk.previous, None, len(walk.missing))
    broken, why = min(faults, key=lambda fault: (fault[0] == 0, fault[0]))
    return Verdict(walk.lines, walk.previous, broken, len(walk.missing), why)


def _fits(row: Row) -> bool:
    """Whether a line is what its hash was made of, with no values or its own."""
    try:
        if sealed(row) != row["hash"]:
            return False
        if row["data"] is None:
            return True
        return bool(row["values_of"] == row["contact_id"] and salted(row["salt"], row["data"]) == row["personal_hash"])
    except TypeError:
        return False


def _differing(row: Row, claim: _Claim, erased: set[int]) -> list[int]:
    """The lines that say something else of a change than the ledger's copy of it."""
    line, outcome, change = claim.claimed, claim.outcome, _change(row["change"])
    found = []
    if not _is_claim(row, line, change, gone=line["seq"] in erased and not row["change"]):
        found.append(line["seq"])
    if outcome is None:
        if row["outcome"] not in (None, "unknown") or row["details"]:
            found.append(line["seq"])
    elif not _is_outcome(row, outcome, change, gone=outcome["seq"] in erased and not row["change"]):
        found.append(outcome["seq"])
    return found


def _is_claim(row: Row, line: Row, change: Change | None, *, gone: bool) -> bool:
    if any(row[name] != line[name] for name in ("digest", "user", "conversation", "action")):
        return False
    return gone or (change is not None and row["digest"] == change.digest and _has(row, asked(change)))


def _is_outcome(row: Row, line: Row, change: Change | None, *, gone: bool) -> bool:
    if row["outcome"] != line["outcome"] or text(row["contact_id"]) != line["contact_id"]:
        return False
    if gone or change is None:
        return gone
    details = text(row["details"])
    if line["details_hash"] != details_hash(change.salt, details):
        return False
    return _has(row, concluded(outcome_from(row["outcome"], change, json.loads(details))))


def _has(row: Row, columns: Row) -> bool:
    return all(row[name] == value for name, value in columns.items())


def _change(kept: Any) -> Change | None:
    try:
        return Change.model_validate_json(kept) if kept else None
    except (ValidationError, TypeError):
        return None
