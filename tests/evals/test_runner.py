"""The runner with the guided model: the tests' own tasks are played as people would, and all of them succeed."""

from pathlib import Path

import pytest

from evals.crm import OWNER, Crm
from evals.runner import assistant_over, play
from evals.tasks import Task, load_tasks

OWN = {task.id: task for task in load_tasks(Path(__file__).parent)}


@pytest.mark.parametrize("name", OWN)
async def test_the_own_tasks_succeed(eval_crm: Crm, name: str) -> None:
    """Words, buttons, numbers, decisions and acknowledgements do what the task's author meant."""
    run = await play(OWN[name], eval_crm, assistant_over(eval_crm))
    assert run.verdict.failures == []
    assert run.guided == run.model_calls > 0


async def test_every_task_has_a_clean_crm(eval_crm: Crm) -> None:
    """Nothing of a task is left for the next one: neither contacts, nor owners, nor what the chat remembers."""
    created = OWN["da-create"]
    for _ in range(2):
        assert (await play(created, eval_crm, assistant_over(eval_crm))).verdict.failures == []
    ids = eval_crm.prepare(OWN["da-find"])
    assert eval_crm.contacts().keys() == set(ids.values())
    assert eval_crm.contacts()[ids["mette"]][OWNER] == eval_crm.owner("Bo Lund")
    eval_crm.prepare(created)
    owners = eval_crm.sandbox.http.get("/crm/v3/owners/").json()["results"]
    assert "Bo" not in {owner["firstName"] for owner in owners}


async def test_a_step_waits_for_its_question(eval_crm: Crm) -> None:
    """A step with ``when_asked`` is left out where the last reply asks nothing of the kind."""
    given = OWN["da-create"].model_dump()
    asked = {"say": "nej, glem det", "when_asked": "hvilken farve"}
    changed = Task.model_validate(given | {"step": [given["step"][0], asked, given["step"][1]]})
    run = await play(changed, eval_crm, assistant_over(eval_crm))
    assert run.verdict.failures == []
    assert [did for did, _ in run.talk] == [OWN["da-create"].said[0], "[approve]"]
