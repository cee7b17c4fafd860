"""10,000 random conversations between an adversarial model and an adversarial user: see ``support/adversary.py``.

The seed is printed, and taken from ADVERSARY_SEED where that is set; ADVERSARY_CONVERSATIONS sets how many.
"""

import multiprocessing
import os
import re
import secrets
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from support.adversary import BATCH, Report, battles

CONVERSATIONS, PROCESSES = 10_000, 2


@pytest.mark.proof
@pytest.mark.timeout(2_400)
def test_hostile_conversations_write_nothing_unapproved(tmp_path: Path) -> None:
    """In 10,000 conversations nothing is written without an approval or twice, and each conversation can go on."""
    seed = int(os.environ.get("ADVERSARY_SEED") or secrets.randbelow(10**9))
    count = int(os.environ.get("ADVERSARY_CONVERSATIONS") or CONVERSATIONS)
    starts, began, report = list(range(0, count, BATCH)), time.monotonic(), Report()
    print(f"\nadversary: seed {seed}")
    # fresh processes: a forked one would inherit the threads of this one
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        shares = [starts[n::PROCESSES] for n in range(PROCESSES)]
        for found in pool.map(battles, [tmp_path] * PROCESSES, [seed] * PROCESSES, shares):
            report.add(found)
    seconds = time.monotonic() - began
    print(f"adversary: {report.conversations} conversations in {seconds:.0f} s, {len(report.wrong)} violations")
    print("\n".join(f"{count:>8,} {name}" for name, count in sorted(report.counts.items())))
    kinds = Counter(re.sub(r"[\d{].*", "", wrong.splitlines()[0]) for wrong in report.wrong)
    print(kinds, *report.wrong[:20], sep="\n")
    assert not report.wrong
    assert report.conversations >= count
    assert report.counts["writes"] >= count / 3
