"""The long run of undos among random changes and edits: see ``tests/support/round_trip.py``."""

import asyncio
import os
import secrets
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings

from support.children import running_sandbox
from support.round_trip import opened_world, run
from support.stories import stories

STORIES = 1_500


@pytest.mark.proof
@pytest.mark.timeout(2_400)
def test_undos_do_what_their_cards_say_at_length(tmp_path: Path) -> None:
    """Over 1,500 random stories every undo did exactly what its card said; the seed and the counts are printed."""
    number = int(os.environ.get("UNDO_SEED") or secrets.randbits(32))
    print(f"{STORIES} stories; again with UNDO_SEED={number}")
    with running_sandbox("--db", ":memory:", "--seed", "none") as crm, asyncio.Runner() as runner:
        opening = opened_world(crm, tmp_path)
        world = runner.run(opening.__aenter__())

        @seed(number)
        @settings(max_examples=STORIES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(story=stories)
        def tell(story: Any) -> None:
            run(runner, world, story)

        tell()
        runner.run(opening.__aexit__(None, None, None))
        for what, times in world.seen.most_common():
            print(f"{times:>7,}  {what}")
    seen = [world.seen[what] for what in ("update", "create", "restored", "archived", "kept", "taken")]
    assert min(seen) > STORIES // 300
