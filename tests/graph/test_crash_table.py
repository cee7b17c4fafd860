"""Processes that are killed between a card and the reply: one effect, and a report that is true."""

from collections.abc import Iterator

import pytest

from support.crash import BETWEEN
from support.crash_table import UNDO_STAGE, WITHOUT, Case, Nursery, Pace, nurseries, run, sample, table


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Nursery]]:
    """Two nurseries."""
    with nurseries(tmp_path_factory.mktemp("crash"), 2, Pace()) as made:
        yield made


def test_killed_at_every_step(two: list[Nursery]) -> None:
    """Wherever the process is killed, the next one finds the truth in the CRM: one effect, and a true report."""
    found = run(two, sample())
    print(table(found))
    assert [f"{seen.case}: {seen.wrong} {seen.told}" for seen in found if seen.wrong] == []


@pytest.mark.parametrize(
    ("change", "step"),
    [(UNDO_STAGE, BETWEEN), (WITHOUT, "answer not kept")],
)
def test_two_processes_go_on_at_once(two: list[Nursery], change: str, step: str) -> None:
    """Two processes that open the same conversation after a crash, at the same moment, come to one effect."""
    seen = two[0].run(Case(change, step), at_once=2)
    assert (seen.wrong, seen.writes) == ([], 1), seen.told
