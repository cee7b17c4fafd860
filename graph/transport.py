"""Limits each answer of a model's provider to a number of bytes and seconds, whoever reads it.

These limits also cover answers that yield no chunk to ``graph.models``: a line without an end, chunks that the
libraries skip, the text of an error.
"""

import time
from collections.abc import AsyncIterator

import httpx2
from openai import DefaultAsyncHttpxClient

BYTES = 32_000_000  # of one answer; some 250 of them hold a token of a stream


class TooLong(Exception):
    """An answer did not end within its limits of bytes or seconds."""


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, seconds: float) -> None:
        self._stream, self._ends, self._left = stream, time.monotonic() + seconds, BYTES

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            self._left -= len(part)
            if self._left < 0 or time.monotonic() > self._ends:
                raise TooLong
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


def bounded_client(seconds: float) -> httpx2.AsyncClient:
    """A client of the provider's library whose answers take at most ``seconds`` seconds."""

    async def bound(response: httpx2.Response) -> None:
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Bounded(response.stream, seconds)

    return DefaultAsyncHttpxClient(event_hooks={"response": [bound]})
