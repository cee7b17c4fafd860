"""The sandbox against a simple model of it, over random sequences of operations: the short run."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from support.children import Sandbox, running_sandbox
from support.sandbox_machine import Machine

SHORT = settings(
    max_examples=10,
    stateful_step_count=100,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def empty() -> Iterator[Sandbox]:
    """A sandbox of its own, because its clock is moved."""
    with running_sandbox("--db", ":memory:", "--seed", "none") as sandbox:
        yield sandbox


@pytest.mark.timeout(420)  # where they disagree, hypothesis looks for a shorter sequence for up to five minutes
def test_the_sandbox_agrees_with_its_model(empty: Sandbox) -> None:
    """Over random operations no acknowledged write is lost, no email is held twice, and pages are complete."""

    class Bound(Machine):
        sandbox = empty

    run_state_machine_as_test(Bound, settings=SHORT)
