"""Measures how soon a person in the chat is greeted, and answered after pressing a button of the greeting.

Our chat is measured beside two bare Chainlit apps with three buttons: one without, one with a history and a user. Each
runs in a process of its own. They take turns, so that other load on the machine affects all of them.
"""

import asyncio
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median, quantiles
from uuid import uuid4

from benchmarks.report import Figure
from support.children import ROOT, Sandbox, clean_environment
from support.tabs import Server, Tab, our_chat, serving, visitor

ALONE, FEW, MANY = 1, 50, 200
LONE_ROUNDS, ROUNDS = 15, 3  # rounds of one person, and of many at once
BARE, HISTORY, OURS = "a bare Chainlit app", "the same with a history and a user", "ours"


async def crowd(server: Server, size: int, seed: int) -> tuple[list[float], list[float]]:
    """Seconds to the greeting of this many users who connect at once, and to the answer when all press at once."""
    async with visitor(server) as tab:
        people = [tab() for _ in range(size)]
        greetings = await asyncio.gather(*(each.greeted() for each in people))
        await asyncio.sleep(1)
        moments = random.Random(seed)  # the same for every server

        async def at(moment: float, each: Tab) -> float:
            await asyncio.sleep(moment)
            return await each.answered()

        spread = 1.0 if size > 1 else 0.0
        answers = await asyncio.gather(*(at(moments.uniform(0, spread), each) for each in people))
        return list(greetings), list(answers)


Seconds = dict[str, dict[int, tuple[list[float], list[float]]]]


async def measured(servers: Sequence[Server], sizes: Mapping[int, int]) -> Seconds:
    """The greetings and answers of each server for each size of crowd, over this many rounds."""
    seconds: Seconds = {server.name: {size: ([], []) for size in sizes} for server in servers}
    for server in servers:
        await crowd(server, ALONE, 0)  # warms it up
    for size, rounds in sizes.items():
        for number in range(rounds):
            for server in servers:
                greetings, answers = await crowd(server, size, number)
                seconds[server.name][size][0].extend(greetings)
                seconds[server.name][size][1].extend(answers)
    return seconds


def measure(sandbox: Sandbox, folder: Path) -> list[Figure]:
    """The figures of one run."""
    with servers(sandbox, folder) as running:
        seconds = asyncio.run(measured(running, {ALONE: LONE_ROUNDS, FEW: ROUNDS, MANY: ROUNDS}))
    return list(_figures(seconds))


def _figures(seconds: Seconds) -> Iterator[Figure]:
    greeted, answered = 0, 1

    def ms(name: str, size: int, what: int, at: Callable[[list[float]], float] = median) -> float:
        return 1000 * at(seconds[name][size][what])

    for size, words in ((ALONE, "one person presses a button"), (FEW, f"{FEW} within a second"), (MANY, f"{MANY}")):
        for name in (BARE, HISTORY):
            yield Figure(f"{words}, answered: {name}", ms(name, size, answered), None, "ms")
        alike = [ms(HISTORY, size, answered, at) for at in (median, worst)]
        own = [ms(OURS, size, answered, at) for at in (median, worst)]
        if size == ALONE:
            yield Figure(f"{words}, answered: {OURS}", own[0], 2 * alike[0], "ms")
        elif size == FEW:
            yield Figure(f"{words}, answered: {OURS}", own[0], max(150, 5 * alike[0]), "ms")
            yield Figure(f"{words}, answered: {OURS}, 95th percentile", own[1], max(400, 5 * alike[1]), "ms")
        else:
            yield Figure(f"{words}, answered: {OURS}", own[0], None, "ms")
    for name in (BARE, HISTORY):
        yield Figure(f"{MANY} connect at once, greeted: {name}", ms(name, MANY, greeted), None, "ms")
    own_greeting = ms(OURS, MANY, greeted)
    yield Figure(f"{MANY} connect at once, greeted: {OURS}", own_greeting, 2 * ms(HISTORY, MANY, greeted), "ms")


def worst(values: Sequence[float]) -> float:
    """The 95th percentile."""
    return quantiles(values, n=20, method="inclusive")[-1]


@contextmanager
def servers(sandbox: Sandbox, folder: Path) -> Iterator[list[Server]]:
    """The three chats, each in a process of its own over files of its own."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(_bare(BARE, folder / "bare", None)),
            stack.enter_context(_bare(HISTORY, folder / "history", folder / "history" / "chat.db")),
            stack.enter_context(our_chat(folder / "ours", **sandbox.environment(folder / "ours" / "var"))),
        ]


@contextmanager
def _bare(name: str, folder: Path, history: Path | None) -> Iterator[Server]:
    folder.mkdir(parents=True)
    more = {"CHAINLIT_APP_ROOT": str(folder), "PYTHONPATH": str(ROOT), "TRACELOOP_TELEMETRY": "false"}
    if history is not None:
        more |= {"BARE_CHAT_HISTORY": str(history), "CHAINLIT_AUTH_SECRET": uuid4().hex}
    app = str(ROOT / "benchmarks" / "bare_chat.py")
    command = [sys.executable, "-m", "chainlit", "run", app, "--headless"]
    sign_in = None if history is None else ("POST", "/auth/header")
    with serving(name, command, folder, clean_environment(**more), sign_in) as server:
        yield server
