"""HubSpot's rate limits: what they allow, the headers that tell of them, and how near to them a client runs.

Ten seconds rolling for everything but search, one second for searches, and a day for both together (documented).
Whether HubSpot counts a refused call is not verified: by default it counts nowhere, and a switch counts it.
"""

from collections import deque
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.errors import HubSpotError, bad_request, rate_limited
from sandbox.state.clock import Clock

WINDOW_MS = 10_000
SEARCH_MS = 1_000
PREFIX = "X-HubSpot-RateLimit-"


@dataclass
class Sizes:
    """What is allowed; None lifts that one limit."""

    enforced: bool = False
    window_max: int | None = 100
    search_max: int | None = 5
    daily_max: int | None = 250_000
    count_rejected: bool = False


class Window:
    """The calls of the last so many milliseconds, and the most there ever were."""

    def __init__(self, span_ms: int) -> None:
        self._span_ms = span_ms
        self._calls: deque[int] = deque()
        self.admitted = 0
        self.rejected = 0
        self.highest = 0

    def size(self, now: int, span_ms: int | None = None) -> int:
        """How many calls were counted lately."""
        while self._calls and self._calls[0] <= now - self._span_ms:
            self._calls.popleft()
        return len(self._calls) if span_ms is None else sum(moment > now - span_ms for moment in self._calls)

    def admit(self, now: int) -> None:
        """Count a call."""
        self.admitted += 1
        self._calls.append(now)
        self.highest = max(self.highest, self.size(now))

    def reject(self, now: int, counted: bool) -> None:
        """Note a refused call; where such calls count, it keeps the window full."""
        self.rejected += 1
        if counted:
            self._calls.append(now)


class Limits:
    """Counts the calls of this process; refuses only when `enforced`."""

    def __init__(self, enforced: bool = False, clock: Clock | None = None, zone: str = "UTC") -> None:
        self.sizes = Sizes(enforced)
        self._clock = clock or Clock()
        self._zone = _zone(zone)
        self.forget()

    @property
    def enforced(self) -> bool:
        """Whether a call over a limit is refused."""
        return self.sizes.enforced

    def forget(self) -> None:
        """Start all counters anew, as if nothing had been called."""
        self._window = Window(WINDOW_MS)
        self._searches = Window(SEARCH_MS)
        self._today = 0
        self._over_daily = 0
        self._day: date | None = None

    def set(self, wanted: dict[str, Any]) -> None:
        """Change some of the sizes; 400 for an unknown or impossible one, and then nothing is changed."""
        names = {field.name for field in fields(Sizes)}
        for name, value in wanted.items():
            flag = name in ("enforced", "count_rejected")
            if name not in names or not (isinstance(value, bool) if flag else _size(value)):
                raise bad_request(f"{name}: a rate limit is true or false, or a positive number or null.")
        for name, value in wanted.items():
            setattr(self.sizes, name, value)

    def take(self, search: bool) -> HubSpotError | None:
        """Count one call; the refusal where it is over a limit. The daily limit comes first."""
        now, sizes = self._now(), self.sizes
        window, most = (self._searches, sizes.search_max) if search else (self._window, sizes.window_max)
        if sizes.enforced and sizes.daily_max is not None and self._today >= sizes.daily_max:
            self._over_daily += 1
            self._today += sizes.count_rejected
            return rate_limited(search, daily=True)
        if sizes.enforced and most is not None and window.size(now) >= most:
            window.reject(now, sizes.count_rejected)
            self._today += sizes.count_rejected
            return rate_limited(search)
        window.admit(now)
        self._today += 1
        return None

    def headers(self, search: bool) -> dict[str, str]:
        """The rate headers of an answer: a search carries only the daily ones (recorded)."""
        now, sizes = self._now(), self.sizes
        headers = {}
        if sizes.daily_max is not None:
            headers = {"Daily": sizes.daily_max, "Daily-Remaining": max(0, sizes.daily_max - self._today)}
        if not search and sizes.window_max is not None:
            secondly = max(1, sizes.window_max // 10)
            headers |= {
                "Interval-Milliseconds": WINDOW_MS,
                "Max": sizes.window_max,
                "Remaining": max(0, sizes.window_max - self._window.size(now)),
                "Secondly": secondly,
                "Secondly-Remaining": max(0, secondly - self._window.size(now, 1_000)),
            }
        return {PREFIX + name: str(value) for name, value in headers.items()}

    def body(self) -> dict[str, Any]:
        """The sizes, and what was counted since the start or since the counters were forgotten."""
        return {
            **asdict(self.sizes),
            "calls": self._window.admitted,
            "searches": self._searches.admitted,
            "rejected": {
                "window": self._window.rejected,
                "search": self._searches.rejected,
                "daily": self._over_daily,
            },
            "highest": {"window": self._window.highest, "search": self._searches.highest},
            "today": self._today,
        }

    def _now(self) -> int:
        """The time; where the account's midnight has passed, the day's count starts anew."""
        now = self._clock.now()
        day = datetime.fromtimestamp(now / 1000, self._zone).date()
        if day != self._day:
            self._day, self._today = day, 0
        return now


def _size(value: Any) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:  # a machine without time zone data
        return UTC if name == "UTC" else timezone(timedelta(hours=1))
