"""Processes that are killed (SIGKILL) between a card and its reply, and processes that continue afterwards.

They are forked from a process that has loaded the libraries and nothing else: they share no thread, event loop or
connection. A process is killed at a step by wrapping functions of the product in that process alone.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import alembic.command  # noqa: F401  # before the children are forked, as they would each import it
from langgraph.errors import is_invalid_resume
from langgraph.types import Command

import graph.build
import graph.models  # noqa: F401  # before the children are forked, as they would each import it
from crm.hubspot.gateway import Gateway
from crm.store.ledger import Ledger
from crm.write import timing
from graph import nodes, open_assistant
from graph.checkpoint import TurnSaver
from graph.memory import split
from guided import detect_language
from settings import Settings
from support.children import SANDBOX_TOKEN
from support.forks import run_in_children
from support.talk import Talk

STEPS = (
    "answer not kept",
    "before decide",
    "after decide",
    "before claim",
    "after claim",
    "before the call",
    "during the call",
    "after the call",
    "before verify",
    "before finish",
    "after finish",
    "after the checkpoint",
)
BETWEEN = "between the calls"  # of an undo that moves a stage back
CALLS = ("create", "update", "archive")
IN_FLIGHT = 0.25  # seconds from the start of a call to the end of its process
Json = dict[str, Any]


def die() -> NoReturn:
    """Kill this process, which is as close to a power cut as a process can get."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def arm(step: str) -> None:
    """Kill this process when it reaches this step."""
    if step == "answer not kept":
        setattr(nodes, "Command", lambda **given: die() if given["goto"] == "apply" else Command(**given))  # noqa: B010
    elif step in ("before decide", "before claim", "before finish"):
        _wrap(Ledger, step.split()[1])
    elif step in ("after decide", "after claim", "after finish"):
        _wrap(Ledger, step.split()[1], after=True)
    elif step == "before verify":
        _wrap(Gateway, "get", when=lambda given: bool(given.get("history")))
    elif step == "after the checkpoint":
        _after_the_checkpoint()
    else:
        _at_the_call(step)


def _at_the_call(step: str) -> None:
    calls = [0]

    def second(given: Json) -> bool:
        calls[0] += 1
        return calls[0] == 2

    for name in CALLS:
        if step == "during the call":
            _wrap(Gateway, name, late=True)
        else:
            _wrap(Gateway, name, after=step == "after the call", when=second if step == BETWEEN else None)


def _after_the_checkpoint() -> None:
    finish, aput = Ledger.finish, TurnSaver.aput
    finished: list[bool] = []

    async def finishing(*args: Any, **given: Any) -> None:
        await finish(*args, **given)
        finished.append(True)

    async def putting(*args: Any, **given: Any) -> Any:
        saved = await aput(*args, **given)
        return die() if finished else saved

    Ledger.finish = finishing  # type: ignore[method-assign]  # this process is the test's own
    TurnSaver.aput = putting  # type: ignore[method-assign]


def _wrap(
    owner: type, name: str, *, after: bool = False, late: bool = False, when: Callable[[Json], bool] | None = None
) -> None:
    original = getattr(owner, name)

    async def wrapped(*args: Any, **given: Any) -> Any:
        if when is not None and not when(given):
            return await original(*args, **given)
        if late:
            asyncio.get_running_loop().call_later(IN_FLIGHT, die)
        elif not after:
            die()
        result = await original(*args, **given)
        return die() if after else result

    setattr(owner, name, wrapped)


def hurry() -> None:
    """Shorten the waits for HubSpot's slowness, as the sandbox of a short test is faster."""
    timing.LATE_SECONDS = 1.0
    timing.INDEX_SECONDS = 2.0
    timing.FIRST_PASSES = (1.5, 2.0)
    timing.CONFLICT_PAUSES = (0.1, 0.2, 0.3)  # type: ignore[assignment]


@asynccontextmanager
async def conversation(url: str, folder: Path, thread: str) -> AsyncIterator[Talk]:
    """The conversation in an assistant inside this process."""
    settings = Settings(
        _env_file=None, hubspot_access_token=SANDBOX_TOKEN, hubspot_api_url=url, database_url=f"sqlite:///{folder}"
    )
    async with open_assistant(settings) as graph:
        yield Talk(graph, thread)


async def until_killed(say: list[str], step: str, talking: Json) -> None:
    """Send everything, approve each card, and be killed at the step after the last card."""
    async with conversation(talking["url"], Path(talking["folder"]), talking["thread"]) as talk:
        await talk.open()
        for text in say:
            if talk.card is not None:
                await talk.decide("approve")
            if text == "undo":
                await talk.press("undo", change_id=talk.outcomes[-1]["change_id"])
            else:
                await talk.say(text)
        assert talk.card is not None, talk.replies
        arm(step)
        await talk.decide("approve")


async def going_on(say: list[str], talking: Json, *, web: bool) -> Json:
    """Open the conversation as a person does after a crash, approve what waits, and ask again where it is unknown.

    A card that shows the very person as a look-alike is not approved, because its reader sees that the contact exists.
    ``web``: open it as the web chat does, else as a Python user. Returns the statuses told, the sentences, whether a
    card waits, its look-alikes, and the seconds until the conversation was open.
    """
    began = asyncio.get_running_loop().time()
    async with conversation(talking["url"], Path(talking["folder"]), talking["thread"]) as talk:
        state = await talk.graph.aget_state(talk.config)
        earlier, turn = split(state.values.get("messages") or [])
        # what was said of a write, and that nobody may have seen, is told by the conversation as it stands
        talk.known = {m.id for m in (*earlier, *turn) if m in earlier or not m.additional_kwargs.get("outcomes")}
        opened = await (talk.go_on() if web and state.next and not state.interrupts else talk.open())
        seconds = asyncio.get_running_loop().time() - began
        told = [opened]
        if talk.card is None and talk.statuses[-1:] == ["unknown"]:
            told.append(await talk.say(say[-1]))
        if talk.card is not None and not _twins(talk):
            try:
                told.append(await talk.decide("approve"))
            except Exception as refused:  # another process has dealt with the card, or made a fresh one
                if not is_invalid_resume(refused):
                    raise
                told.append(refused.__notes__[0])
        return {
            "outcomes": [(outcome["change_id"], outcome["status"]) for outcome in talk.outcomes], "told": told,
            "waits": talk.card is not None, "twins": _twins(talk), "seconds": seconds,
        }  # fmt: skip


def _twins(talk: Talk) -> list[str]:
    return [twin["contact_id"] for change in (talk.card or {"changes": []})["changes"] for twin in change["twins"]]


ORDERS: dict[str, Callable[..., Any]] = {"until_killed": until_killed, "going_on": going_on}


def serve() -> None:
    """Read orders from stdin, one JSON a line; run each in child processes and answer in a line."""
    Gateway(token="none", api_url="http://127.0.0.1").close()  # no connection and no thread: it loads libraries
    detect_language("ja")
    for line in sys.stdin:
        order = json.loads(line)
        if order.pop("hurry"):
            hurry()
        count, work = order.pop("count"), ORDERS[order.pop("do")]
        try:
            answer: Json = {"results": run_in_children(partial(work, **order), count)}
        except RuntimeError as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve()
