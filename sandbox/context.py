"""Everything one running sandbox consists of."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox import DEMO_TOKEN
from sandbox.faults import Faults
from sandbox.limits import Limits
from sandbox.state.portal import Portal

KEPT_REQUESTS = 5_000


class RequestLog:
    """The requests of this process, oldest first; only the latest are kept."""

    def __init__(self) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT_REQUESTS)
        self._seq = 0

    def begin(self, method: str, path: str) -> Callable[[int | None], None]:
        """Note a request; call the result with its status once that is known (None: no answer was given)."""
        self._seq += 1
        entry: dict[str, Any] = {"seq": self._seq, "method": method, "path": path, "status": None}
        self._entries.append(entry)

        def end(status: int | None) -> None:
            entry["status"] = status

        return end

    def entries(self) -> list[dict[str, Any]]:
        """Copies of the notes."""
        return [dict(entry) for entry in self._entries]

    def clear(self) -> None:
        """Forget all notes; numbering goes on."""
        self._entries.clear()


@dataclass
class Sandbox:
    """The account, who may enter, and what is planned to go wrong."""

    portal: Portal
    token: str = DEMO_TOKEN
    scopes: frozenset[str] | None = None
    limits: Limits = field(default_factory=Limits)
    faults: Faults = field(default_factory=Faults)
    requests: RequestLog = field(default_factory=RequestLog)

    def allows(self, scopes: tuple[str, ...]) -> bool:
        """Whether the token has one of the scopes; without a list of scopes it has all."""
        return self.scopes is None or not scopes or not self.scopes.isdisjoint(scopes)
