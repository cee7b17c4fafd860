"""Planned failures: which requests they hit and what becomes of those."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.errors import bad_request

DROPS = (None, "before", "after")
MATCH = {"method", "path_contains", "path_matches", "nth"}
ACTS = {"status", "body", "headers", "html", "handled", "delay", "drop", "truncate", "trickle"}
MAX_DELAY = 3_600.0
FRAMING = ("content-length", "transfer-encoding", "connection")
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE = re.compile(r"[ -~]*")


@dataclass(frozen=True)
class Fault:
    """What becomes of one request; `plan` is the text of it for the log of requests."""

    plan: dict[str, Any]
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    html: str | None = None
    handled: bool = False
    delay: float = 0.0
    drop: str | None = None
    truncate: bool = False
    trickle: int = 0

    @property
    def answers(self) -> bool:
        """Whether the fault gives an answer of its own."""
        return self.status is not None or self.body is not None or self.html is not None


@dataclass
class Plan:
    """Which requests are hit: the `nth` that matches and those after it, `times` of them (None: for good).

    With a `rate`, each matching request is hit or spared by chance. What happens to the first, the second and so on
    hangs on the seed alone, so that the same requests in the same order meet the same failures.
    """

    faults: Sequence[Fault]
    method: str | None = None
    path_contains: str = ""
    path_matches: re.Pattern[str] | None = None
    nth: int = 1
    times: int | None = 1
    rate: float | None = None
    seed: int = 0
    seen: int = 0

    def take(self, method: str, path: str) -> Fault | None:
        """The failure for this request, or None where it is not hit."""
        if self.method not in (None, method) or self.path_contains not in path:
            return None
        if self.path_matches is not None and not self.path_matches.search(path):
            return None
        self.seen += 1
        if self.seen < self.nth or self.times == 0:
            return None
        if self.rate is not None:
            chance = random.Random(f"{self.seed}:{self.seen}")
            return chance.choice(self.faults) if chance.random() < self.rate else None
        if self.times is not None:
            self.times -= 1
        return self.faults[0]


class Faults:
    """The planned failures in the order they were made; the first that hits a request is used."""

    def __init__(self) -> None:
        self._planned: list[Plan] = []

    def add(self, plan: dict[str, Any]) -> None:
        """Plan a failure; 400 for a plan that cannot be read."""
        self._planned.append(_plan(plan))

    def clear(self) -> None:
        """Forget all plans."""
        self._planned.clear()

    def __len__(self) -> int:
        return len(self._planned)

    def take(self, method: str, path: str) -> Fault | None:
        """The failure for this request, used up once."""
        for plan in self._planned:
            fault = plan.take(method, path)
            if fault is not None:
                if plan.times == 0:
                    self._planned.remove(plan)
                return fault
        return None


def _plan(plan: dict[str, Any]) -> Plan:
    match = plan.get("match") or {}
    chance = plan.get("random")
    _require_known(match, MATCH)
    _require_known(plan, {"match", "random"} if chance is not None else {"match", "times"} | ACTS)
    nth, method, pattern = match.get("nth", 1), match.get("method"), match.get("path_matches")
    if not _positive(nth):
        raise bad_request("nth is a positive number.")
    try:
        matches = re.compile(pattern) if pattern else None
    except re.error as error:
        raise bad_request(f"path_matches is not a regular expression: {error}.") from error
    where = Plan(
        faults=(),
        method=method.upper() if method else None,
        path_contains=str(match.get("path_contains", "")),
        path_matches=matches,
        nth=nth,
    )
    if chance is not None:
        return _by_chance(where, chance)
    where.times = plan.get("times", 1)
    if where.times is not None and not _positive(where.times):
        raise bad_request("times is a positive number or null.")
    where.faults = (_fault({name: value for name, value in plan.items() if name in ACTS}),)
    return where


def _by_chance(plan: Plan, chance: dict[str, Any]) -> Plan:
    _require_known(chance, {"seed", "rate", "faults"})
    faults, rate, seed = chance.get("faults"), chance.get("rate"), chance.get("seed", 0)
    if not isinstance(faults, list) or not faults or not isinstance(rate, int | float) or not 0 <= rate <= 1:
        raise bad_request("random needs a rate between 0 and 1 and a list of faults.")
    if not isinstance(seed, int):
        raise bad_request("seed is a whole number.")
    for fault in faults:
        _require_known(fault, ACTS)
    plan.faults, plan.times, plan.rate, plan.seed = [_fault(fault) for fault in faults], None, rate, seed
    return plan


def _check_plan(plan: dict[str, Any]) -> None:
    """400 for what a fault cannot do."""
    status, drop, html, trickle = plan.get("status"), plan.get("drop"), plan.get("html"), plan.get("trickle")
    if drop not in DROPS:
        raise bad_request('drop is "before" or "after".')
    if status is not None and (not _positive(status) or not 200 <= status <= 599):
        raise bad_request("status is between 200 and 599.")
    if not 0 <= float(plan.get("delay") or 0) <= MAX_DELAY:
        raise bad_request(f"delay is at most {MAX_DELAY:.0f} seconds.")
    if trickle is not None and not _positive(trickle):
        raise bad_request("trickle is a positive number of bytes per second.")
    if html is not None and not isinstance(html, str | bool):
        raise bad_request("html is a text, or true for an error page.")
    for name, value in (plan.get("headers") or {}).items():
        _check_header(str(name), str(value))


def _check_header(name: str, value: str) -> None:
    if name.lower() in FRAMING or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
        raise bad_request(f"The header {name} cannot be sent.")


def _fault(plan: dict[str, Any]) -> Fault:
    _check_plan(plan)
    status, drop, html, trickle = plan.get("status"), plan.get("drop"), plan.get("html"), plan.get("trickle")
    delay = float(plan.get("delay") or 0)
    headers = {str(name): str(value) for name, value in (plan.get("headers") or {}).items()}
    return Fault(
        plan=plan,
        status=status,
        body=plan.get("body"),
        headers=headers,
        html="" if html is True else html or None,
        handled=bool(plan.get("handled")),
        delay=delay,
        drop=drop,
        truncate=bool(plan.get("truncate")),
        trickle=trickle or 0,
    )


def _require_known(given: dict[str, Any], known: set[str]) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        raise bad_request(f"A fault has no {', '.join(unknown)}.")


def _positive(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
