"""All tasks with the guided model: see ``evals/README.md``."""

import pytest

from evals.crm import open_crm
from evals.report import Result, by_kind, failed
from evals.runner import assistant_over, play_all
from evals.tasks import load_tasks


@pytest.mark.proof
@pytest.mark.timeout(1_500)
async def test_the_guided_model_meets_its_targets() -> None:
    """95 % of the tasks in scope, the sealed ones within 10 points of that, and no harm in any task."""
    tasks = load_tasks()
    with open_crm() as crm:
        crm.check(tasks)
        result = Result("the guided model", await play_all(tasks, crm, assistant_over(crm)))
    print(f"\n{by_kind(result)}\n\n{failed(result)}")
    assert [target for target, met in result.targets() if not met] == []
