"""The same tasks under inspect-ai, for whoever wants its logs, epochs and viewer; see ``evals/README.md``.

The runner and the judge are those of ``make evals``. Sealed tasks are left out: a log shows everything.
"""

import asyncio
import os
from typing import Any

from inspect_ai import Task as InspectTask
from inspect_ai import task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageUser, ModelOutput
from inspect_ai.scorer import Score, Scorer, Target, accuracy, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver

from evals.chats import configured_model
from evals.crm import open_crm
from evals.runner import assistant_over, play
from evals.tasks import load_tasks
from settings import load_settings
from support.children import OURS


@task
def conversations(kind: str = "", subject: str = "guided") -> InspectTask:
    """All tasks that may be shown, or those of one kind; ``subject``: ``guided``, or ``model`` for the configured
    one.
    """
    tasks = {each.id: each for each in load_tasks() if not each.sealed and kind in ("", each.kind)}
    samples = [
        Sample(id=each.id, input=each.about, metadata={"kind": each.kind, "language": each.language})
        for each in tasks.values()
    ]
    return InspectTask(MemoryDataset(samples), solver=_played(tasks, subject == "model"), scorer=_judged())


@solver
def _played(tasks: dict[str, Any], with_model: bool) -> Solver:
    settings = load_settings()
    for name in [name for name in os.environ if name.startswith(OURS)]:
        del os.environ[name]

    one_at_a_time = asyncio.Lock()  # as ``make evals`` does

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        async with one_at_a_time, configured_model(settings if with_model else None) as model:
            with open_crm() as crm:
                run = await play(tasks[str(state.sample_id)], crm, assistant_over(crm, model))
        messages: list[ChatMessage] = []
        for did, heard in run.talk:
            messages += [ChatMessageUser(content=did), ChatMessageAssistant(content=heard)]
        state.messages = messages
        state.output = ModelOutput.from_content("assistant", run.talk[-1][1] if run.talk else "")
        state.metadata["failures"] = [f"{one.reason}: {one.detail}" for one in run.verdict.failures]
        state.metadata |= {"success": run.verdict.success, "tokens": run.tokens, "crm_calls": run.crm_calls}
        return state

    return solve


@scorer(metrics=[accuracy(), stderr()])
def _judged() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        return Score(value=float(state.metadata["success"]), explanation="\n".join(state.metadata["failures"]))

    return score
