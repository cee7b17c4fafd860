"""An undo restores what its card says and nothing else, whatever others do: see ``tests/support/round_trip.py``."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from support.children import running_sandbox
from support.round_trip import World, opened_world, run
from support.stories import stories


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[asyncio.Runner, World]]:
    """A portal over a sandbox of the test's own, and the loop that it lives in."""
    with running_sandbox("--db", ":memory:", "--seed", "none") as crm, asyncio.Runner() as runner:
        opening = opened_world(crm, tmp_path)
        yield runner, runner.run(opening.__aenter__())
        runner.run(opening.__aexit__(None, None, None))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(story=stories)
def test_an_undo_does_what_its_card_says(world: tuple[asyncio.Runner, World], story: Any) -> None:
    """After random changes, edits and undos every contact is as the cards said, and all else is untouched."""
    run(*world, story)
