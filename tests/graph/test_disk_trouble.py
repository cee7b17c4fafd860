"""A disk that is full, or a file that is damaged, while the assistant runs: a typed error, and no write twice."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from crm.domain import errors
from crm.store.ledger import Ledger
from support.children import Sandbox
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
UPDATE = f"ret stilling på {METTE} til Salgsdirektør"


@contextmanager
def no_room() -> Iterator[None]:
    """As if the disk were full: no file of this process can grow."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_full_disk_stops_a_turn(talk: Talk, crm: Sandbox) -> None:
    """Where nothing can be kept nothing is written in HubSpot; with room again the card still waits."""
    await talk.say(UPDATE)
    with no_room(), pytest.raises(errors.StoreError):
        await talk.decide("approve")
    assert crm.writes() == []
    await talk.open()
    assert "er opdateret" in await talk.decide("approve")
    assert len(crm.writes()) == 1


async def test_a_disk_that_is_full_after_the_write(talk: Talk, crm: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write whose outcome could not be kept is found in HubSpot, told as done, and not made again."""
    finish = Ledger.finish

    async def without_room(*given: Any) -> None:
        with no_room():
            await finish(*given)

    await talk.say(UPDATE)
    monkeypatch.setattr(Ledger, "finish", without_room)  # no disk fills up at that very moment
    with pytest.raises(errors.StoreError):
        await talk.decide("approve")
    monkeypatch.undo()
    assert "er opdateret" in await talk.open()
    assert len(crm.writes()) == 1


async def test_a_ledger_that_is_overwritten(talk: Talk, crm: Sandbox, tmp_path: Path) -> None:
    """A ledger that somebody overwrites while it is open is told by its kind, and nothing is written in HubSpot."""
    await talk.say(UPDATE)
    for name in ("ledger.db", "ledger.db-wal"):
        (tmp_path / name).write_bytes(b"garbage, and a lot of it " * 20_000)
    with pytest.raises(errors.StoreBroken):
        await talk.decide("approve")
    assert crm.writes() == []
