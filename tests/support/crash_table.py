"""The crash table: kills the assistant at every step of every kind of change, and checks what follows."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path
from queue import Queue
from typing import Any

from support.children import ROOT, Sandbox, clean_environment, running_sandbox
from support.crash import BETWEEN, STEPS
from support.crash_seen import Case, Seen, ledger_faults, table

__all__ = ["FULL", "Case", "Pace", "Seen", "cases", "nurseries", "run", "sample", "table"]

UPDATE, WITH_EMAIL, WITHOUT = "update", "create with email", "create without email"
UNDO_UPDATE, UNDO_STAGE, UNDO_CREATE = "undo of update", "undo of a stage", "undo of create"
CHANGES = (UPDATE, WITH_EMAIL, WITHOUT, UNDO_UPDATE, UNDO_STAGE, UNDO_CREATE)
EMAIL, PHONE = "per.testesen@nordlys.example", "telefon 22 33 11 44"
TRUE_ENDS = {"applied", "already_so"}
TURNS = 6  # processes after the crash; each opens the conversation anew
numbers = count(1)
Json = dict[str, Any]


@dataclass(frozen=True)
class Pace:
    """How slow HubSpot is, in seconds: its search, and a call that outlives its sender; ``hurry``: the assistant waits
    less too.
    """

    lag: float = 1.2
    late: float = 0.5
    hurry: bool = True


FULL = Pace(lag=30.0, late=4.0, hurry=False)


def cases() -> list[Case]:
    """Every step of every kind of change, and with a lagging search where the change is found by search."""
    found = [Case(change, step) for change in CHANGES for step in STEPS]
    found.append(Case(UNDO_STAGE, BETWEEN))
    return [*found, *(Case(WITHOUT, step, lags=True) for step in STEPS[STEPS.index("after claim") :])]


def sample() -> list[Case]:
    """Every step once, of each kind of change in turn, and a call under way while the search lags."""
    every = [Case(change, step) for change, step in zip(cycle(CHANGES), STEPS, strict=False)]
    return [*every, Case(UNDO_STAGE, BETWEEN), Case(WITHOUT, "during the call", lags=True)]


class Nursery:
    """A sandbox, and a process that forks the processes to kill and those that continue."""

    def __init__(self, sandbox: Sandbox, parent: subprocess.Popen[str], folder: Path, pace: Pace) -> None:
        self.sandbox, self._parent, self._folder, self._pace = sandbox, parent, folder, pace

    def order(self, do: str, talking: Json, *, times: int = 1, **order: Any) -> list[Json | None]:
        """The results of the children; None for one that was killed."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        whole = {**order, "do": do, "talking": talking, "count": times, "hurry": self._pace.hurry}
        self._parent.stdin.write(json.dumps(whole) + "\n")
        self._parent.stdin.flush()
        answer = json.loads(self._parent.stdout.readline() or '{"error": "the parent of the children is gone"}')
        assert "results" in answer, answer
        return list(answer["results"])

    def run(self, case: Case, *, at_once: int = 1) -> Seen:
        """Kill a process at the step, continue as a person would, and check the result."""
        number, seen = next(numbers), Seen(case)
        say, effect = self._ask(case.change)
        talking = {"url": self.sandbox.url, "folder": str(self._folder / f"{number}"), "thread": f"t{number}"}
        self.sandbox.control("POST", "lag", {"seconds": self._pace.lag if case.lags else 0})
        if case.step == "during the call":
            self._late(case.change)
        killed = self.order("until_killed", talking, say=say, step=case.step)
        if killed != [None]:
            seen.wrong.append("the process was not killed")
        self._go_on(seen, talking, number, say, effect, at_once)
        seen.writes = self._count(effect)
        if seen.writes != 1:
            seen.wrong.append(f"{seen.writes} writes")
        seen.wrong += ledger_faults(Path(talking["folder"]) / "ledger.db", seen.outcomes)
        return seen

    def _go_on(self, seen: Seen, talking: Json, number: int, say: list[str], effect: Json, at_once: int) -> None:
        ends = TRUE_ENDS | ({"gone"} if seen.case.change == UNDO_CREATE else set())
        for turn in range(TURNS):
            results = self.order("going_on", talking, times=at_once, say=say, web=(turn + number) % 2 == 0)
            written = self._count(effect)
            for result in results:
                assert result is not None, "killed though nobody asked for it"
                seen.outcomes += result["outcomes"]
                seen.told += result["told"]
                seen.opened = max(seen.opened, result["seconds"])
                if seen.statuses and seen.statuses[-1] in ends and not written:
                    seen.wrong.append("told as done, and not done")
            last = results[-1] or {}
            if last["twins"]:
                # whoever sees the contact on a card need not approve; the next start settles the claim
                self.order("going_on", talking, say=say, web=True)
                seen.outcomes.append(("", "shown as a look-alike"))
                return
            if seen.statuses[-1:] and seen.statuses[-1] in ends and not last["waits"]:
                return
            time.sleep(1.0 if self._pace.hurry else 20.0)
        seen.wrong.append("no report of what became of it")

    def _late(self, change: str) -> None:
        create, patch = {"method": "POST", "path_matches": "/contacts$"}, {"method": "PATCH"}
        match = {
            WITH_EMAIL: create,
            WITHOUT: create,
            UPDATE: patch,
            # the change that is undone is a PATCH as well
            UNDO_UPDATE: {**patch, "nth": 2},
            UNDO_STAGE: {**patch, "nth": 2},
            UNDO_CREATE: {"method": "DELETE", "path_contains": "/contacts/"},
        }
        self.sandbox.fail(match=match[change], delay=self._pace.late)

    def _ask(self, change: str) -> tuple[list[str], Json]:
        """The words that ask for this change, and how to recognise its writes; the sandbox holds nobody else."""
        self.sandbox.control("POST", "reset", {"seed": "none"})
        self.sandbox.control("DELETE", "writes")
        create = f"opret Per Testesen, {PHONE if change == WITHOUT else EMAIL}"
        if change in (WITH_EMAIL, WITHOUT):
            return [create], {"method": "POST", "properties": {"firstname": "Per"}}
        if change == UNDO_CREATE:
            return [create, "undo"], {"method": "DELETE", "properties": {}}
        self.sandbox.create(email=EMAIL, firstname="Ida", lastname="Prøvesen", jobtitle="Chef", lifecyclestage="lead")
        if change == UNDO_STAGE:
            say = [f"ret livscyklusfase på {EMAIL} til customer", "undo"]
            return say, {"method": "PATCH", "properties": {"lifecyclestage": "lead"}}
        say = [f"ret stilling på {EMAIL} til CFO"]
        if change == UPDATE:
            return say, {"method": "PATCH", "properties": {"jobtitle": "CFO"}}
        return [*say, "undo"], {"method": "PATCH", "properties": {"jobtitle": "Chef"}}

    def _count(self, effect: Json) -> int:
        return sum(
            write["method"] == effect["method"] and effect["properties"].items() <= write["properties"].items()
            for write in self.sandbox.writes()
        )


@contextmanager
def nurseries(folder: Path, number: int, pace: Pace) -> Iterator[list[Nursery]]:
    """This many nurseries."""
    command = [sys.executable, "-m", "support.crash"]
    environment = clean_environment(PYTHONPATH=f"{ROOT}:{ROOT / 'tests'}")
    with ExitStack() as stack:
        made = []
        for each in range(number):
            sandbox = stack.enter_context(running_sandbox("--db", ":memory:", "--seed", "none"))
            parent = stack.enter_context(
                subprocess.Popen(
                    command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
                )
            )  # the end of its stdin, which the context closes, ends it
            made.append(Nursery(sandbox, parent, folder / f"n{each}", pace))
        yield made


def run(made: Sequence[Nursery], wanted: Sequence[Case]) -> list[Seen]:
    """Every case, in each nursery one at a time."""
    free: Queue[Nursery] = Queue()
    for nursery in made:
        free.put(nursery)

    def one(case: Case) -> Seen:
        nursery = free.get()
        try:
            return nursery.run(case)
        finally:
            free.put(nursery)

    with ThreadPoolExecutor(len(made)) as pool:
        return list(pool.map(one, wanted))
