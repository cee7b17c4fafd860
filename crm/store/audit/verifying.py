"""Verifies the audit trail: the chain, the personal values beside it, and the ledger's rows."""

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
    """The result of ``verify``: the number of lines, the last hash, and how many lines had their values erased.

    ``broken``: the number of the first line that does not fit; None where all fit, 0 for a ledger row without a line.
    ``why``: ``line`` was changed, moved, removed or inserted; its ``values`` were deleted and no line says that they
    were erased; or the ``ledger`` has another change or outcome than the line, or none.
    """

    lines: int
    head: str
    broken: int | None
    erased: int
    why: Why = "line"


@dataclass
class _Claim:
    """The trail's lines about a claimed change: that of the claim, and that of the outcome."""

    claimed: Row
    outcome: Row | None = None


@dataclass
class _Walk:
    """What was found while going along the trail."""

    previous: str = START
    lines: int = 0
    faults: list[tuple[int, Why]] = field(default_factory=list)
    missing: set[int] = field(default_factory=set)  # lines without the values that they had
    erased: set[int] = field(default_factory=set)  # lines that an erasure names
    claims: dict[str, _Claim] = field(default_factory=dict)

    def pass_by(self, row: Row) -> None:
        """Check the next line and remember what it says."""
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
    """Check the whole chain, all personal values that are still there, and every claimed change."""
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
    """Whether the line has the hash that it was written with, and its values are gone or unchanged."""
    try:
        if sealed(row) != row["hash"]:
            return False
        if row["data"] is None:
            return True
        return bool(row["values_of"] == row["contact_id"] and salted(row["salt"], row["data"]) == row["personal_hash"])
    except TypeError:
        return False


def _differing(row: Row, claim: _Claim, erased: set[int]) -> list[int]:
    """The numbers of the lines that contradict the ledger's row of the change."""
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
