"""The steps around messages: the user's bubble, the run below it, and the saved copies of both."""
# mypy: allow-untyped-calls
# (many of Chainlit's methods state no types)

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import chainlit as cl
from chainlit.data import get_data_layer
from chainlit.step import StepDict
from langchain_core.messages import BaseMessage

from crm.domain import id_from, new_id

_tasks: set[asyncio.Task[None]] = set()


def background(work: Coroutine[Any, Any, None]) -> None:
    """Run ``work`` as a task that is kept until it ends; Python may collect a task that nobody refers to."""
    task = asyncio.create_task(work)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


@asynccontextmanager
async def bubble(text: str) -> AsyncIterator[None]:
    """Show a line as the user's, with what it leads to below it."""
    user = cl.context.session.user
    message = await cl.Message(text, type="user_message", author=user.identifier if user else "").send()
    async with run(message.id):
        yield


@asynccontextmanager
async def run(parent_id: str | None = None) -> AsyncIterator[None]:
    """Show a run below ``parent_id``: what is sent inside the block stands in it, in order."""
    failure: BaseException | None = None
    # the name is one that Chainlit's page knows
    async with cl.Step(name="on_message", type="run", parent_id=parent_id):
        try:
            yield
        except BaseException as error:
            # the step would send its text to the browser
            failure = error
    if failure is not None:
        raise failure


def id_of(message: BaseMessage) -> str:
    """The page's id for a message of the graph, by which a resumed conversation finds it again."""
    return id_from(cl.context.session.thread_id, message.id or new_id())


def message_of(message: BaseMessage) -> cl.Message:
    """A message of the graph as the page shows it; its metadata say whether it is a receipt."""
    kind = message.additional_kwargs.get("kind")
    return cl.Message(message.text, id=id_of(message), metadata={"kind": kind} if kind else {})


async def saved(step_id: str) -> StepDict | None:
    """A message in the form in which it is stored."""
    layer = get_data_layer()
    step: StepDict | None = await layer.get_step(step_id) if layer else None
    if step is not None:
        # SQLite gives the JSON back as text
        metadata: Any = step["metadata"]
        step["metadata"] = json.loads(metadata) if isinstance(metadata, str) else metadata or {}
    return step
