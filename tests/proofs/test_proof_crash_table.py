"""The crash table, every step of every change at least 20 times: see ``support/crash_table.py``."""

import os
import time
from pathlib import Path

import pytest

from support.crash_table import FULL, Case, Pace, Seen, cases, nurseries, run, table

ROUNDS = int(os.environ.get("CRASH_ROUNDS") or 20)


def check(folder: Path, wanted: list[Case], *, workers: int, pace: Pace) -> None:
    began = time.monotonic()
    with nurseries(folder, workers, pace) as made:
        found = run(made, wanted)
    print(f"{len(found)} processes killed in {time.monotonic() - began:.0f} s")
    report(found)


def report(found: list[Seen]) -> None:
    """The table, all that is wrong, and the verdict."""
    print(table(found))
    wrong = [seen for seen in found if seen.wrong]
    for seen in wrong:
        print(f"WRONG {seen.case}: {seen.wrong} {seen.statuses}", *seen.told, sep="\n    ")
    assert [f"{seen.case}: {seen.wrong}" for seen in wrong] == []


@pytest.mark.proof
@pytest.mark.timeout(3_600)
def test_killed_at_every_step_many_times(tmp_path: Path) -> None:
    """Every step of every change, 20 times: one effect each, and a true report."""
    check(tmp_path, cases() * ROUNDS, workers=4, pace=Pace())


@pytest.mark.proof
@pytest.mark.timeout(1_800)
def test_killed_at_every_step_at_hubspots_pace(tmp_path: Path) -> None:
    """With a search that lags 30 seconds, late calls, and the assistant's own patience: the same, once each."""
    check(tmp_path, cases(), workers=16, pace=FULL)


@pytest.mark.proof
@pytest.mark.timeout(1_800)
def test_two_processes_go_on_at_once_many_times(tmp_path: Path) -> None:
    """Two processes that open the same conversation at the same moment, after a crash at any step: one effect."""
    with nurseries(tmp_path, 1, Pace()) as (nursery,):
        found = [nursery.run(case, at_once=2) for case in cases()]
    report(found)
