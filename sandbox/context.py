"""Everything one running sandbox consists of."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox import DEMO_TOKEN
from sandbox.faults import Faults
from sandbox.limits import Limits
from sandbox.state.portal import Portal

KEPT_REQUESTS = 5_000


@dataclass
class Entry:
    """One request: `status` is None where no answer was given, `ms` is the server's time, `fault` what was planned."""

    seq: int
    method: str
    path: str
    status: int | None = None
    ms: float | None = None
    fault: dict[str, Any] | None = None


class RequestLog:
    """The requests of this process, oldest first; only the latest are kept."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT_REQUESTS)
        self._seq = 0

    @contextmanager
    def noting(self, method: str, path: str) -> Iterator[Entry]:
        """Note a request, and at the end of the block how long it took; the block fills in the rest."""
        self._seq += 1
        entry = Entry(self._seq, method, path)
        self._entries.append(entry)
        started = time.perf_counter()
        try:
            yield entry
        finally:
            entry.ms = round((time.perf_counter() - started) * 1000, 3)

    def entries(self) -> list[dict[str, Any]]:
        """Copies of the notes."""
        return [asdict(entry) for entry in self._entries]

    def clear(self) -> None:
        """Forget all notes; numbering goes on."""
        self._entries.clear()


@dataclass
class Sandbox:
    """The account, who may enter, and what is planned to go wrong."""

    portal: Portal
    token: str = DEMO_TOKEN
    private: bool = False  # whether the control API needs the token as well
    scopes: frozenset[str] | None = None
    limits: Limits = field(default_factory=Limits)
    faults: Faults = field(default_factory=Faults)
    requests: RequestLog = field(default_factory=RequestLog)

    def allows(self, scopes: tuple[str, ...]) -> bool:
        """Whether the token has one of the scopes; without a list of scopes it has all."""
        return self.scopes is None or not scopes or not self.scopes.isdisjoint(scopes)
