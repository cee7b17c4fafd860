"""Planned failures: which requests they hit and what becomes of those."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.errors import bad_request

DROPS = (None, "before", "after")


@dataclass
class Fault:
    """One planned failure; `times` counts down, None means for good."""

    method: str | None = None
    path_contains: str = ""
    times: int | None = 1
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    html: str | None = None
    delay: float = 0.0
    drop: str | None = None
    truncate: bool = False

    @property
    def answers(self) -> bool:
        """Whether the fault gives an answer of its own, so that the request is not handled."""
        return self.status is not None or self.body is not None or self.html is not None


class Faults:
    """The planned failures in the order they were made; the first that matches is used."""

    def __init__(self) -> None:
        self._planned: list[Fault] = []

    def add(self, plan: dict[str, Any]) -> None:
        """Plan a failure; 400 for a plan that cannot be read."""
        self._planned.append(_read(plan))

    def clear(self) -> None:
        """Forget all plans."""
        self._planned.clear()

    def __len__(self) -> int:
        return len(self._planned)

    def take(self, method: str, path: str) -> Fault | None:
        """The failure for this request, used up once."""
        for fault in self._planned:
            if fault.method in (None, method) and fault.path_contains in path:
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._planned.remove(fault)
                return fault
        return None


def _read(plan: dict[str, Any]) -> Fault:
    known = {"match", "times", "status", "body", "headers", "html", "delay", "drop", "truncate"}
    match = plan.get("match") or {}
    unknown = sorted((set(plan) - known) | (set(match) - {"method", "path_contains"}))
    if unknown:
        raise bad_request(f"A fault has no {', '.join(unknown)}.")
    times, drop, html = plan.get("times", 1), plan.get("drop"), plan.get("html")
    if drop not in DROPS or not (times is None or (isinstance(times, int) and times > 0)):
        raise bad_request('drop is "before" or "after"; times is a positive number or null.')
    method = match.get("method")
    return Fault(
        method=method.upper() if method else None,
        path_contains=match.get("path_contains", ""),
        times=times,
        status=plan.get("status"),
        body=plan.get("body"),
        headers={str(name): str(value) for name, value in (plan.get("headers") or {}).items()},
        html="" if html is True else html or None,
        delay=float(plan.get("delay") or 0),
        drop=drop,
        truncate=bool(plan.get("truncate")),
    )
