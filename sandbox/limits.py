"""HubSpot's rate limits: what they allow, and the headers that tell of them."""

import time
from collections import deque

DAILY = 250_000
WINDOW_SECONDS = 10.0
WINDOW_MAX = 100
SEARCH_SECONDS = 1.0
SEARCH_MAX = 5
SECONDLY = 10


class Limits:
    """Counts the calls of this process; refuses only when `enforced`."""

    def __init__(self, enforced: bool = False) -> None:
        self.enforced = enforced
        self._calls: deque[float] = deque(maxlen=WINDOW_MAX)
        self._searches: deque[float] = deque(maxlen=SEARCH_MAX)
        self._today = 0

    def take(self, search: bool) -> bool:
        """Count one call; False when it is over a limit."""
        now = time.monotonic()
        calls, span, most = (
            (self._searches, SEARCH_SECONDS, SEARCH_MAX) if search else (self._calls, WINDOW_SECONDS, WINDOW_MAX)
        )
        while calls and calls[0] <= now - span:
            calls.popleft()
        if self.enforced and len(calls) >= most:
            return False
        calls.append(now)
        self._today += 1
        return True

    def headers(self, search: bool) -> dict[str, str]:
        """The rate headers of an answer: a search carries only the daily ones (recorded)."""
        prefix = "X-HubSpot-RateLimit-"
        headers = {prefix + "Daily": str(DAILY), prefix + "Daily-Remaining": str(max(0, DAILY - self._today))}
        if search:
            return headers
        now = time.monotonic()
        recent = sum(moment > now - 1.0 for moment in self._calls)
        return headers | {
            prefix + "Interval-Milliseconds": str(int(WINDOW_SECONDS * 1000)),
            prefix + "Max": str(WINDOW_MAX),
            prefix + "Remaining": str(max(0, WINDOW_MAX - len(self._calls))),
            prefix + "Secondly": str(SECONDLY),
            prefix + "Secondly-Remaining": str(max(0, SECONDLY - recent)),
        }
