"""HubSpot's rate limits, kept on our side: who may send a call now, first come, first served.

HubSpot counts what arrived in the last ten seconds (searches: in the last second), we only know when a call was sent
and answered. A call therefore holds its place until a whole window after its answer, so that delays in the network
cannot bring too many calls together.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from math import inf

from crm.domain import NoTurn

MARGIN = 0.02  # seconds on top of a window: clocks differ
ARRIVES = 0.5  # a call has arrived so many seconds after it was sent, though its answer may take longer
LONGEST_PAUSE = 10.0  # though HubSpot names a longer one
HEADER = "X-HubSpot-RateLimit-"


class Place:
    """One call that counts towards a limit; whoever sends it says when that begins, from any thread."""

    def __init__(self, window: float) -> None:
        self.given = time.monotonic()
        self.until = inf
        self.over = False
        self._window = window + MARGIN

    def sent(self) -> None:
        """The call is on its way now."""
        self.until = time.monotonic() + ARRIVES + self._window

    def answered(self) -> None:
        """The call is over (said once or more often, from any thread); one never sent counts for nothing."""
        now, self.over = time.monotonic(), True
        self.until = now if self.until == inf else min(self.until, now + self._window)


class Lane:
    """One limit: so many calls in so many seconds, by this process."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most, self.seconds = most, seconds
        self.first_pause, self.most_pause = 1.0, 2.5  # seconds after a 429 that names none
        self._places: list[Place] = []
        self._turn = asyncio.Lock()  # hands over in the order of arrival
        self._freed = asyncio.Event()
        self._paused_until = -inf
        self._refusals = 0

    @asynccontextmanager
    async def place(self, wait: float) -> AsyncIterator[Place]:
        """A place in the lane for the length of one call. Raises NoTurn after ``wait`` seconds without one."""
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
            # after a refusal one call tries first, and the others follow when it was let in
            full = full or (self._refusals > 0 and not all(place.over for place in self._places))
            if not full and now >= self._paused_until:
                self._places.append(place := Place(self.seconds))
                return place
            # one whose call is not sent yet has no end, but tells when it has
            free = min(*(place.until for place in self._places), now + ARRIVES) if full else now
            self._freed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(max(free, self._paused_until) - now + 0.001):
                    await self._freed.wait()

    def refused(self, place: Place, seconds: float = 0.0) -> None:
        """A 429 came all the same, as another program shares the limit: everybody pauses, longer each time."""
        now = time.monotonic()
        if place.given < self._paused_until:
            return  # sent before the pause began: the same event once more
        self._refusals += 1
        pause = min(seconds, LONGEST_PAUSE) or min(self.first_pause * self._refusals, self.most_pause)
        self._paused_until = now + pause


class RateLimiter:
    """The lanes of one account: 5 searches a second, and 100 other calls in ten until told otherwise (documented)."""

    def __init__(self, *, searches: int = 5, others: int = 100) -> None:
        self.search = Lane(searches, 1.0)
        self.other = Lane(others, 10.0)

    def learn(self, headers: Mapping[str, str]) -> None:
        """Takes over the limit that an answer names (recorded; a search's answer names none)."""
        try:
            most = int(headers.get(HEADER + "Max", ""))
            seconds = int(headers.get(HEADER + "Interval-Milliseconds", "")) / 1000
        except ValueError:
            return
        if 0 < most <= 10_000 and 0 < seconds <= 60:
            self.other.most, self.other.seconds = most, seconds
