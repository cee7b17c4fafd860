"""Remembers which tests detected mutants, so that the next mutant of a function meets those tests first.

Only the order of the tests changes. Without it, most mutants would run dozens of tests before one detects them.
"""

from collections import Counter
from pathlib import Path

import pytest

from support.survivors import function_of

KEPT = Path("noticed.txt")  # in mutmut's own folder, where it runs the tests; short lines, added whole by each process


def soonest_first(mutant: str, items: list[pytest.Item]) -> None:
    """Sorts the tests by how often they noticed mutants of this one's function, and then of its module."""
    package, module = mutant.split(".")[:2]
    function = function_of(mutant)
    lines = KEPT.read_text("utf-8").splitlines() if KEPT.exists() else []
    seen = [line.split("\t", 1) for line in lines]
    of_function = Counter(test for name, test in seen if name == function)
    of_module = Counter(test for name, test in seen if name.startswith(f"{package}.{module}."))
    knows = {item: (module not in item.path.stem, item.path.parent.name != package) for item in items}
    items.sort(key=lambda item: (-of_function[item.nodeid], -of_module[item.nodeid], knows[item]))


def remember(mutant: str, test: str) -> None:
    """Keeps that this test noticed this mutant."""
    with KEPT.open("a", encoding="utf-8") as kept:
        kept.write(f"{function_of(mutant)}\t{test}\n")
