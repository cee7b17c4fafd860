"""Every operation of the gateway crossed with every fault, once and for good: the table is printed with ``-s``."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest

from crm.domain import errors
from crm.hubspot.gateway import Gateway
from crm.hubspot.retries import Patience
from support.children import SANDBOX_TOKEN, running_sandbox
from support.crossing import OPERATIONS, Operation, Scene
from support.patience import patiently

SANDBOXES = 6
# only the delay and the trickle are to last longer than an attempt may: on a busy machine every answer takes its time
PATIENCE = Patience(attempts=2, first_pause=0.01, longest_pause=0.05, locked_pause=0.02)
SHORT = replace(PATIENCE, call=patiently(4), attempt=patiently(0.6))
DELAY = patiently(0.9)
LONGEST = patiently(5.5)


@dataclass(frozen=True)
class Fault:
    """A plan for the sandbox, the error that it becomes for good, and whether HubSpot then surely did nothing.

    ``final``: it is not tried again, so that once is as bad as for good.
    """

    name: str
    plan: dict[str, Any]
    error: type[errors.CrmError] = errors.CrmDown
    nothing_done: bool = False
    final: bool = False

    @property
    def late(self) -> bool:
        """Whether the answer comes after any attempt is over."""
        return bool({"delay", "trickle"} & self.plan.keys())


def limit(policy: str, message: str) -> dict[str, Any]:
    body = {"status": "error", "message": message, "category": "RATE_LIMITS", "policyName": policy}
    return {"status": 429, "body": {name: value for name, value in body.items() if value}}


SCOPES = {"context": {"requiredGranularScopes": ["crm.objects.contacts.read"]}}
JSON, HTML = "application/json", "text/html"
FAULTS = [
    Fault("429 secondly", limit("", "You have reached your secondly limit."), errors.RateLimited, True),
    Fault("429 rolling", limit("TEN_SECONDLY_ROLLING", "…"), errors.RateLimited, True),
    Fault("429 daily", limit("DAILY", "You have reached your daily limit."), errors.DailyLimit, True, True),
    Fault("401", {"status": 401}, errors.BadToken, True, True),
    Fault("403", {"status": 403, "body": {"errors": [SCOPES]}}, errors.MissingScope, True, True),
    Fault("404 html", {"status": 404, "html": True}),
    Fault("423", {"status": 423}, errors.Locked, True),
    Fault("477", {"status": 477, "headers": {"Retry-After": "0"}}, errors.Migrating, True),
    Fault("477 long", {"status": 477, "headers": {"Retry-After": "7200"}}, errors.Migrating, True, True),
    Fault("500", {"status": 500}),
    Fault("502 html", {"status": 502, "html": True}),
    Fault("503 retry-after", {"status": 503, "headers": {"Retry-After": "0"}}),
    Fault("504", {"status": 504, "html": True}),
    Fault("524 html", {"status": 524, "html": True}),
    Fault("dropped before", {"drop": "before"}, errors.Unreachable),
    Fault("dropped after", {"drop": "after"}, errors.Unreachable),
    Fault("truncated", {"truncate": True}, errors.Unreachable),
    Fault("trickle", {"trickle": 4}, errors.Unreachable),
    Fault("delay", {"delay": DELAY}, errors.Unreachable),
    Fault("200 html", {"status": 200, "html": True}),
    Fault("200 empty", {"status": 200, "body": "", "headers": {"Content-Type": JSON}}),
    Fault("200 empty record", {"status": 200, "body": {}}),
    Fault("wrong type", {"headers": {"Content-Type": HTML}}),
    Fault("garbage json", {"status": 200, "body": '{"id": "1", "prop'}),
]


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[list[str]]:
    """Several sandboxes: plans are a sandbox's own, and cells shall not wait for each other."""
    with ExitStack() as stack:
        yield [stack.enter_context(running_sandbox("--seed", "none")).url for _ in range(SANDBOXES)]


# the suite takes every other cell, and every fourth of the second version, which differs in the addresses of the calls
@pytest.mark.parametrize(
    ("version", "every"),
    [("v3", 2), ("2026-09", 4), *(pytest.param(version, 1, marks=pytest.mark.proof) for version in ("v3", "2026-09"))],
)
async def test_every_operation_survives_every_fault_or_says_what_is_wrong(
    sandboxes: list[str], version: str, every: int
) -> None:
    """Each cell ends in time with the right result or error, with no write doubled and none acknowledged and lost."""
    cells = [(o, f, times) for times in (1, None) for f in FAULTS for o in OPERATIONS][::every]
    shown: dict[tuple[str, str, int | None], str] = {}
    wrong: list[str] = []

    async def work(url: str) -> None:
        scene, patient, short = Scene(url), opened(url, version, PATIENCE), opened(url, version, SHORT)
        try:
            while cells:
                operation, fault, times = cells.pop()
                gateway = short if fault.late else patient
                shown[operation.name, fault.name, times], problem = await cell(scene, gateway, operation, fault, times)
                if problem:
                    wrong.append(f"{operation.name} x {fault.name}, {'once' if times else 'for good'}: {problem}")
        finally:
            patient.close()
            short.close()
            await scene.http.aclose()

    await asyncio.gather(*(work(url) for url in sandboxes))
    print(table(version, shown))
    assert not wrong, "\n".join(sorted(wrong))


def opened(url: str, version: str, patience: Patience) -> Gateway:
    gateway = Gateway(token=SANDBOX_TOKEN, api_url=url, api_version=version, patience=patience)
    # a thousand cells are not to wait for a limit that the sandbox only tells of
    gateway.rate_limiter.learn = lambda headers: None
    for lane in (gateway.rate_limiter.other, gateway.rate_limiter.search):
        lane.most, lane.first_pause, lane.most_pause = 10_000, 0.02, 0.04
    return gateway


async def cell(
    scene: Scene, gateway: Gateway, operation: Operation, fault: Fault, times: int | None
) -> tuple[str, str]:
    """What is shown of the cell, and what is wrong with it."""
    await scene.set_up()
    if "delay" in fault.plan:
        await scene.control("DELETE", "requests")
    await scene.control("POST", "faults", {"match": operation.match, "times": times, **fault.plan})
    started = time.monotonic()
    error: errors.CrmError | None = None
    result: Any = None
    try:
        result = await operation.run(gateway, scene)
    except errors.CrmError as raised:
        error = raised
    seconds = time.monotonic() - started
    await scene.control("DELETE", "faults")
    if "delay" in fault.plan:
        await scene.quiet()
    writes = len(await scene.writes())
    if seconds > LONGEST:
        return "slow", f"took {seconds:.1f} s"
    if writes > operation.writes:
        return "double", f"{writes} writes"
    if error is None:
        problem = "" if await operation.right(result, scene) and writes == operation.writes else "a wrong result"
        return "ok", problem or ("" if must_succeed(operation, fault, times) else "no error")
    sure = not isinstance(error, errors.Unavailable) or error.nothing_done
    text = error.code.removeprefix("crm_") + ("" if sure else "?")
    if sure and writes:
        return text, "says that nothing was done, and something was"
    if must_succeed(operation, fault, times):
        return text, f"{error.code} though a second try is allowed"
    if not isinstance(error, fault.error) or sure != fault.nothing_done:
        return text, f"{type(error).__name__}, nothing_done {sure}"
    return text, ""


def must_succeed(operation: Operation, fault: Fault, times: int | None) -> bool:
    """Once, and it may be tried again; a fault that leaves the answer as it is must not be noticed."""
    again = not operation.once or fault.nothing_done
    return harmless(operation, fault) or (times == 1 and again and not fault.final)


def harmless(operation: Operation, fault: Fault) -> bool:
    """An archive is answered by a 204 without a body: nothing in it can be cut, slowed or of a wrong type."""
    return operation.name == "archive" and fault.name in ("wrong type", "truncated", "trickle")


def table(version: str, shown: dict[tuple[str, str, int | None], str]) -> str:
    """The table as text: a column for each operation, once / for good; ``?`` where the outcome is unknown."""
    names = [operation.name for operation in OPERATIONS]
    rows = [["fault", *names]]
    for fault in FAULTS:
        cells = [
            f"{shown.get((name, fault.name, 1), '')} / {shown.get((name, fault.name, None), '')}" for name in names
        ]
        rows.append([fault.name, *cells])
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join([f"\n{version}: {len(OPERATIONS)} operations x {len(FAULTS)} faults, once / for good", *lines])
