"""Plays tasks: one at a time, each on a clean CRM with a chat that remembers nothing, by a scripted user."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel

from evals.chats import Chat, assistant
from evals.crm import Crm
from evals.judge import Failure, Heard, State, Verdict, judge
from evals.tasks import Step, Task, matches

MOST_SECONDS = 300.0  # of a conversation
Opener = Callable[[Task], AbstractAsyncContextManager[Chat]]


@dataclass(frozen=True)
class Run:
    """A task that was played. ``guided``: the model calls that the guided model answered; ``talk``: what the user did,
    and what was said and shown upon it.
    """

    task: Task
    verdict: Verdict
    seconds: float
    model_calls: int = 0
    guided: int = 0
    crm_calls: int = 0
    tokens: int = 0
    talk: Sequence[tuple[str, str]] = ()


def assistant_over(crm: Crm, model: BaseChatModel | None = None, *, gate: bool = True) -> Opener:
    """Opens the assistant for a task."""

    @asynccontextmanager
    async def opened(task: Task) -> AsyncIterator[Chat]:
        async with assistant(crm.sandbox.url, task.language, model=model, gate=gate) as chat:
            yield chat

    return opened


async def play_all(
    tasks: Sequence[Task], crm: Crm, opener: Opener, repeat: int = 1, tell: Callable[[Run], None] | None = None
) -> list[Run]:
    """Play every task ``repeat`` times; ``tell`` is told of each run."""
    runs = []
    for task in tasks:
        for _ in range(repeat):
            runs.append(await play(task, crm, opener))
            if tell:
                tell(runs[-1])
    return runs


async def play(task: Task, crm: Crm, opener: Opener) -> Run:
    """Play a task once, and judge it."""
    started = time.monotonic()
    ids = crm.prepare(task)
    before = crm.contacts()
    crm.sandbox.forget()  # what was read here is no call of the chat's
    problem: list[Failure] = []
    async with opener(task) as chat:
        user = _User(chat)
        try:
            async with asyncio.timeout(MOST_SECONDS):
                await user.converse(task.step)
        except Exception as error:  # whatever breaks a conversation is a failure of its task, and the next one goes on
            problem = [Failure("error", f"{type(error).__name__}: {error}"[:300])]
        crm_calls = crm.calls()
    heard = Heard(
        told="\n".join(user.told),
        said=user.said,
        approved=chat.approved,
        writes=crm.sandbox.writes(),
        model_calls=chat.meter.calls,
        crm_calls=crm_calls,
        tokens=chat.meter.tokens,
    )
    verdict = judge(task, crm, State(ids, before, crm.contacts()), heard)
    return Run(
        task=task,
        verdict=Verdict([*problem, *verdict.failures]),
        seconds=time.monotonic() - started,
        model_calls=heard.model_calls,
        guided=chat.meter.guided,
        crm_calls=heard.crm_calls,
        tokens=heard.tokens,
        talk=user.talk,
    )


class _User:
    """The scripted user. ``told``: what was said and shown since the last words or button; ``said``: all words."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._last = ""
        self.told: list[str] = []
        self.said: list[str] = []
        self.talk: list[tuple[str, str]] = []

    async def converse(self, steps: Sequence[Step]) -> None:
        """Take every step whose time has come."""
        self._last = await self._chat.open()
        for step in steps:
            if step.when_asked and not matches(step.when_asked, self._last):
                continue
            if step.decide and not self._chat.waits:
                continue
            if not step.decide:
                self.told = []
            self._last = await self._act(step)
            self.told.append(self._last)
            self.talk.append((step.say or f"[{step.press or step.decide}]", self._last))

    async def _act(self, step: Step) -> str:
        if step.say:
            self.said.append(step.say)
            return await self._chat.say(step.say)
        if step.press:
            return await self._chat.press(step.press)
        assert step.decide
        return await self._chat.decide(step.decide)
