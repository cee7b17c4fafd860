"""Runs a call of the official client: in a thread, within the rate limits, with retries where safe, with a timeout."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_random_exponential

from crm.domain import CrmDown, CrmError, RateLimited, Unavailable, Unreachable, errors
from crm.hubspot.error_mapping import typed
from crm.hubspot.rate_limiter import Lane, Place, RateLimiter
from crm.hubspot.transport import Seen, Transport

THREADS = 16
# a retry would fail in the same way
_FINAL = (errors.BadToken, errors.MissingScope, errors.DailyLimit, errors.NoTurn)

# what the client raises for a response that is not HubSpot's; RecursionError: too deeply nested brackets
_NOT_HUBSPOTS = (ValueError, TypeError, AttributeError, KeyError, RecursionError)
T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """Time limits in seconds: of a whole call with all its waits, of one attempt, and of the wait for a turn."""

    call: float = 30.0
    attempt: float = 15.0
    turn: float = 20.0
    attempts: int = 4
    first_pause: float = 0.25
    longest_pause: float = 4.0
    locked_pause: float = 2.0  # the shortest pause after a 423 (documented)


class Calls:
    """Runs the calls of one account. It raises only errors of ``crm.domain.errors``."""

    def __init__(self, transport: Transport, patience: Patience, rate_limiter: RateLimiter) -> None:
        self.rate_limiter = rate_limiter
        self._wire, self._patience = transport, patience
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="hubspot")
        self._backoff = wait_random_exponential(patience.first_pause, patience.longest_pause, min=patience.first_pause)

    def close(self) -> None:
        """Ends the threads; a running call ends with its own timeout."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def run(
        self, call: Callable[[], Any], read: Callable[[Any, Seen], T], *, repeat: bool = True, search: bool = False
    ) -> T:
        """The call's result, read by ``read``, which raises CrmDown where the result is not HubSpot's.

        ``repeat``: the call may be repeated even if it may have taken effect. A write is repeated only where HubSpot
        surely did nothing, so ``nothing_done`` of its error holds for all attempts.
        """
        ends = time.monotonic() + self._patience.call
        lane = self.rate_limiter.search if search else self.rate_limiter.other
        retrying = AsyncRetrying(
            retry=retry_if_exception(lambda error: _may_repeat(error, repeat)),
            wait=self._pause,
            stop=lambda state: state.attempt_number >= self._patience.attempts or _too_late(state, ends),
            reraise=True,
        )
        return await retrying(self._attempt, call, read, lane, ends)

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, RateLimited):
            return 0.0  # the rate limiter itself pauses all calls
        locked = self._patience.locked_pause if isinstance(error, errors.Locked) else 0.0
        asked = error.retry_after if isinstance(error, Unavailable) else 0.0
        return max(asked, locked, self._backoff(state))

    async def _attempt(self, call: Callable[[], Any], read: Callable[[Any, Seen], T], lane: Lane, ends: float) -> T:
        async with lane.place(min(self._patience.turn, ends - time.monotonic())) as place:
            seconds = min(self._patience.attempt, ends - time.monotonic())
            until = time.monotonic() + seconds  # absolute: a call that waits for a thread must not outlive its caller
            future: Future[tuple[T, Seen]] = self._threads.submit(self._send, call, read, place, until)
            try:
                async with asyncio.timeout(seconds):
                    result, seen = await asyncio.wrap_future(future)
            except TimeoutError:
                raise Unreachable(nothing_done=_undone(future), late=True) from None
            except RateLimited as error:
                lane.refused(place, error.retry_after)
                raise
        self.rate_limiter.learn(seen.headers)
        return result

    def _send(
        self, call: Callable[[], Any], read: Callable[[Any, Seen], T], place: Place, until: float
    ) -> tuple[T, Seen]:
        self._wire.begin(until)
        place.sent()
        try:
            result = call()
            seen = self._wire.seen
            if seen is None:
                raise CrmDown()
            return read(result, seen), seen
        except CrmError:
            raise
        except Exception as error:
            # each sub-package of the client has its own ApiException, which has a status
            if not hasattr(error, "status") and not isinstance(error, _NOT_HUBSPOTS):
                raise
            headers = self._wire.seen.headers if self._wire.seen else {}
            raise typed(getattr(error, "status", None), getattr(error, "body", None), headers) from None
        finally:
            place.answered()


def _undone(future: Future[Any]) -> bool:
    """Whether a call that timed out surely did nothing: it still waited for a thread, or ended before it was sent."""
    if future.cancel():
        return True
    error = future.exception() if future.done() else None
    return isinstance(error, Unavailable) and error.nothing_done


def _may_repeat(error: BaseException, repeat: bool) -> bool:
    return isinstance(error, Unavailable) and not isinstance(error, _FINAL) and (repeat or error.nothing_done)


def _too_late(state: RetryCallState, ends: float) -> bool:
    return time.monotonic() + state.upcoming_sleep >= ends
