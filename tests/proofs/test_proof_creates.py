"""The long run of two requests for each of 250 people: see ``benchmarks/creates.py``."""

from pathlib import Path

import pytest

from benchmarks import creates
from benchmarks.report import table


@pytest.mark.proof
@pytest.mark.timeout(1_500)
@pytest.mark.parametrize("lag", creates.LAGS)
def test_every_person_exists_once(tmp_path: Path, lag: float) -> None:
    """Whatever the lag and the faults, all 250 people exist once each, and nobody was doubled without being asked."""
    figures = creates.measure(tmp_path, lags=[lag])
    print(table(figures))
    assert all(figure.met for figure in figures)
