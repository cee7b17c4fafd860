"""Keeps to HubSpot's rate limits: calls are sent in the order in which they were asked for.

HubSpot counts the calls that arrived in the last ten seconds (searches: in the last second), but we only know when a
call was sent and answered. A call therefore holds its place for a whole window after its answer, so that network delays
cannot make too many calls arrive together.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from math import inf

from crm.domain import NoTurn

MARGIN = 0.02  # seconds on top of a window: clocks differ
ARRIVES = 0.5  # seconds after which a call that was sent has arrived, even where its answer takes longer
LONGEST_PAUSE = 10.0  # seconds, even where HubSpot asks for more
HEADER = "X-HubSpot-RateLimit-"


class Place:
    """One call that counts towards a limit; its sender reports from any thread when it is sent and answered."""

    def __init__(self, window: float) -> None:
        self.given = time.monotonic()
        self.until = inf
        self.over = False
        self._window = window + MARGIN

    def sent(self) -> None:
        """Reports that the call is being sent."""
        self.until = time.monotonic() + ARRIVES + self._window

    def answered(self) -> None:
        """Reports that the call is over, perhaps more than once; a call that was never sent does not count."""
        now, self.over = time.monotonic(), True
        self.until = now if self.until == inf else min(self.until, now + self._window)


class Lane:
    """One limit of this process: at most ``most`` calls in ``seconds`` seconds."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most, self.seconds = most, seconds
        self.first_pause, self.most_pause = 1.0, 2.5  # seconds after a 429 that does not say how long
        self._places: list[Place] = []
        self._turn = asyncio.Lock()  # hands over in the order of arrival
        self._freed = asyncio.Event()
        self._paused_until = -inf
        self._refusals = 0

    @asynccontextmanager
    async def place(self, wait: float) -> AsyncIterator[Place]:
        """A place for the duration of one call. Raises NoTurn where none was free within ``wait`` seconds."""
        try:
            async with asyncio.timeout(wait), self._turn:
                place = await self._next()
        except TimeoutError:
            raise NoTurn() from None
        try:
            yield place
        finally:
            place.answered()
            if place.given >= self._paused_until:  # not refused
                self._refusals = 0
            self._freed.set()

    async def _next(self) -> Place:
        while True:
            now = time.monotonic()
            self._places = [place for place in self._places if place.until > now]
            full = len(self._places) >= self.most
            # after a 429 one call is sent first, and the others follow if it succeeds
            full = full or (self._refusals > 0 and not all(place.over for place in self._places))
            if not full and now >= self._paused_until:
                self._places.append(place := Place(self.seconds))
                return place
            # the place of a call that is not sent yet has no end; it wakes this loop when it gets one
            free = min(*(place.until for place in self._places), now + ARRIVES) if full else now
            self._freed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(max(free, self._paused_until) - now + 0.001):
                    await self._freed.wait()

    def refused(self, place: Place, seconds: float = 0.0) -> None:
        """Reports a 429, which comes where another program shares the limit: all calls pause, each time longer."""
        now = time.monotonic()
        if place.given < self._paused_until:
            return  # sent before the pause began: it was refused for the same reason
        self._refusals += 1
        pause = min(seconds, LONGEST_PAUSE) or min(self.first_pause * self._refusals, self.most_pause)
        self._paused_until = now + pause


class RateLimiter:
    """The limits of one account: 5 searches a second, 100 other calls in 10 seconds unless HubSpot says otherwise."""

    def __init__(self, *, searches: int = 5, others: int = 100) -> None:
        self.search = Lane(searches, 1.0)
        self.other = Lane(others, 10.0)

    def learn(self, headers: Mapping[str, str]) -> None:
        """Takes over the limit from the headers of a response (recorded; the response to a search has none)."""
        try:
            most = int(headers.get(HEADER + "Max", ""))
            seconds = int(headers.get(HEADER + "Interval-Milliseconds", "")) / 1000
        except ValueError:
            return
        if 0 < most <= 10_000 and 0 < seconds <= 60:
            self.other.most, self.other.seconds = most, seconds
