"""Processes that are killed between a card and the reply: one effect, and a report that is true."""

from pathlib import Path

import pytest

from support.crash import BETWEEN
from support.crash_table import UNDO_STAGE, WITHOUT, Case, Pace, nurseries, run, sample, table


def test_killed_at_every_step(tmp_path: Path) -> None:
    """Wherever the process is killed, the next one finds the truth in the CRM: one effect, and a true report."""
    found = run(tmp_path, sample(), workers=4, pace=Pace())
    print(table(found))
    assert [f"{seen.case}: {seen.wrong} {seen.told}" for seen in found if seen.wrong] == []


@pytest.mark.parametrize(
    ("change", "step"),
    [(UNDO_STAGE, BETWEEN), (WITHOUT, "answer not kept")],
)
def test_two_processes_go_on_at_once(tmp_path: Path, change: str, step: str) -> None:
    """Two processes that open the same conversation after a crash, at the same moment, come to one effect."""
    with nurseries(tmp_path, 1, Pace()) as (nursery,):
        seen = nursery.run(Case(change, step), at_once=2)
    assert (seen.wrong, seen.writes) == ([], 1), seen.told
