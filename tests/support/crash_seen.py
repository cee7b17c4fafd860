"""Compares what the user was told after a crash with the ledger, and prints the table of all cases."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from crm.domain.outcome import DONE
from crm.store.audit import verify
from crm.store.engine import connect_to_read
from crm.store.tables import changes

DENIALS = {"refused", "stale", "unavailable", "read_only"}  # of a change: it was not written


@dataclass(frozen=True)
class Case:
    """One crash: the change, the step, and whether HubSpot's search lags."""

    change: str
    step: str
    lags: bool = False

    def __str__(self) -> str:
        return f"{self.change}{' (search lags)' if self.lags else ''}: {self.step}"


@dataclass
class Seen:
    """The result of a case: the statuses told, in order, the writes of its kind, and all faults."""

    case: Case
    outcomes: list[tuple[str, str]] = field(default_factory=list)  # change id and status
    told: list[str] = field(default_factory=list)
    writes: int = 0
    opened: float = 0.0  # the longest that somebody waited for the conversation to open
    wrong: list[str] = field(default_factory=list)

    @property
    def statuses(self) -> list[str]:
        return [status for _, status in self.outcomes]


def ledger_faults(path: Path, told: Sequence[tuple[str, str]]) -> list[str]:
    """The faults in the trail, the claims and the locks, and every status that contradicts the ledger."""
    with closing(connect_to_read(path)) as db:
        broken = verify(db).broken
        left = list(path.with_name(f"{path.name}.claims").glob("*"))
        rows = db.execute(select(changes.c.change_id, changes.c.outcome)).all()
        settled = sum(row.outcome in (None, "unknown") for row in rows)
        known = {row.change_id: row.outcome in DONE for row in rows}
    untrue = [
        status
        for change_id, status in told
        if status in DENIALS | {*DONE} and (status in DONE) != known.get(change_id, False)
    ]
    faults = [f"told as {status}, which is not so" for status in untrue]
    faults += [f"the audit trail is broken at line {broken}"] if broken else []
    return [*faults, *(["a claim is open"] if settled else []), *(["a lock is left"] if left and not settled else [])]


def table(found: Sequence[Seen]) -> str:
    """The table: change and step, how often, what was told (in order), the writes, the longest wait."""
    rows = []
    for case in dict.fromkeys(seen.case for seen in found):
        same = [seen for seen in found if seen.case == case]
        told = " | ".join(sorted({", ".join(seen.statuses) for seen in same}))
        writes = ", ".join(sorted({str(seen.writes) for seen in same}))
        wait = max(seen.opened for seen in same)
        rows.append(f"{case!s:58} {len(same):3} times  writes {writes}  {wait:5.1f} s  {told}")
    return "\n".join(rows)
