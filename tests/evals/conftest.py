"""A sandbox for the tasks of the tests, and agents whose model is a script."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel

from evals.baseline import baseline_over
from evals.crm import Crm
from evals.runner import Run, assistant_over, play
from evals.tasks import Task
from graph.models import open_model
from support.children import running_sandbox
from support.fake_openai import FakeOpenAI

FOLDER = Path(__file__).parent


@pytest.fixture(scope="session")
def eval_crm() -> Iterator[Crm]:
    """One sandbox for all tasks; each of them empties it."""
    with running_sandbox("--seed", "none", "--search-lag", "0") as sandbox:
        yield Crm(sandbox)


@pytest.fixture
def server(fake_model: FakeOpenAI) -> FakeOpenAI:
    """An OpenAI-compatible server whose script the test writes."""
    return fake_model


@pytest.fixture
async def model(server: FakeOpenAI) -> AsyncIterator[BaseChatModel]:
    """The model behind that server."""
    async with open_model(model="scripted", api_key=None, base_url=server.base_url) as opened:
        yield opened


@pytest.fixture
def plain(eval_crm: Crm, server: FakeOpenAI, model: BaseChatModel) -> Callable[..., Any]:
    """Plays a task with the plain agent, whose model follows the script."""

    async def played(task: Task, *script: Any) -> Run:
        server.play(script)
        return await play(task, eval_crm, baseline_over(eval_crm.sandbox.url, model))

    return played


@pytest.fixture
def gated(eval_crm: Crm, server: FakeOpenAI, model: BaseChatModel) -> Callable[..., Any]:
    """Plays a task with the assistant, whose model follows the script."""

    async def played(task: Task, *script: Any) -> Run:
        server.play(script)
        return await play(task, eval_crm, assistant_over(eval_crm, model))

    return played
