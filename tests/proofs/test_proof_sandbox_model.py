"""The long run of the sandbox against its model: see ``tests/support/sandbox_machine.py``."""

import os
import secrets

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from support.children import running_sandbox
from support.sandbox_machine import Machine

EXAMPLES, STEPS = 2_000, 60


@pytest.mark.proof
@pytest.mark.timeout(2_400)
def test_the_sandbox_agrees_with_its_model_at_length() -> None:
    """Over 2,000 random sequences of operations the sandbox and its model agree; the seed is printed."""
    number = int(os.environ.get("MODEL_SEED") or secrets.randbits(32))
    print(f"{EXAMPLES} sequences of up to {STEPS} operations; again with MODEL_SEED={number}")
    long = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    with running_sandbox("--db", ":memory:", "--seed", "none") as running:

        class Bound(Machine):
            sandbox = running

        run_state_machine_as_test(seed(number)(Bound), settings=long)
