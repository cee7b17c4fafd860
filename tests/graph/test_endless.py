"""A model whose answer never ends: the turn does, in time and with little memory, and the guided model answers."""

import asyncio
import re
import time
from pathlib import Path
from typing import Any, get_args

import pytest

from graph import models, transport
from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.openai_wire import Endless, Reply
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
SECONDS = 1.5
LATE = 5.0  # seconds after it; a stream that nobody ends goes on for 20
MEGABYTES = 150


class Peak:
    """The most memory that this process held since the object was made."""

    def __init__(self) -> None:
        Path("/proc/self/clear_refs").write_text("5")
        self._before = self._most()

    @property
    def megabytes(self) -> float:
        return self._most() - self._before

    def _most(self) -> float:
        found = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
        assert found
        return int(found[1]) / 1e3


async def asked(opener: Any, server: FakeOpenAI) -> tuple[str, float, float]:
    """Search in a new conversation; the reply, the seconds until it came, and the megabytes that it took."""
    async with opener(openai_base_url=server.base_url, turn_seconds=SECONDS) as graph:
        talk = Talk(graph)
        await talk.open()
        peak = Peak()
        started = time.monotonic()
        reply = await talk.say(f"find {METTE}")
        return reply, time.monotonic() - started, peak.megabytes


@pytest.mark.parametrize("kind", get_args(Endless))
async def test_an_endless_answer_is_ended_in_time(opener: Any, server: FakeOpenAI, crm: Sandbox, kind: Endless) -> None:
    """Whatever an answer goes on with for ever, the guided model answers at the deadline, and the memory is bounded."""
    server.script = lambda request: Reply(endless=kind)
    reply, took, megabytes = await asked(opener, server)
    assert took < SECONDS + LATE
    assert megabytes < MEGABYTES
    assert reply.count("regelbaserede model") == 1
    assert "1. **Mette Hansen**" in reply


@pytest.mark.parametrize("kind", get_args(Endless))
async def test_a_long_answer_is_ended_before_the_deadline(
    opener: Any, server: FakeOpenAI, crm: Sandbox, kind: Endless, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chunks, characters, calls and bytes are bounded each: no kind of answer goes on until the deadline."""
    # smaller bounds, as 32 MB of chunks take their time: what counts towards which of them is real
    for module, name in ((models, "CHUNKS"), (models, "CHARACTERS"), (transport, "BYTES")):
        monkeypatch.setattr(module, name, getattr(module, name) // 100)
    server.script = lambda request: Reply(endless=kind)
    reply, took, _ = await asked(opener, server)
    assert took < SECONDS + LATE
    assert "regelbaserede model" in reply
    assert "1. **Mette Hansen**" in reply


async def test_an_endless_error_is_ended(opener: Any, server: FakeOpenAI, crm: Sandbox) -> None:
    """The text of a provider's error is bounded, too."""
    server.script = lambda request: Reply(status=400, endless="one line")
    reply, took, megabytes = await asked(opener, server)
    assert took < SECONDS + LATE
    assert megabytes < MEGABYTES
    assert "regelbaserede model" in reply


async def test_a_fast_stream_can_be_stopped(opener: Any, server: FakeOpenAI) -> None:
    """Stop ends the turn while chunks come as fast as they are read."""
    server.script = lambda request: Reply(endless="empty")
    async with opener(openai_base_url=server.base_url) as graph:
        turn = asyncio.create_task(Talk(graph).say("hej"))
        while not server.requests:  # noqa: ASYNC110  # the server is a thread of its own
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        turn.cancel()
        stopped = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await turn
    assert time.monotonic() - stopped < LATE
