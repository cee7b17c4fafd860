"""A disk that is full, or a file that is damaged, while the assistant runs: a typed error, and no write twice."""

from pathlib import Path
from typing import Any

import pytest

from crm.domain import errors
from crm.store.ledger import Ledger
from graph.usage import Usage
from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.full_disk import no_room
from support.openai_wire import says
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
UPDATE = f"ret stilling på {METTE} til Salgsdirektør"


async def test_a_full_disk_stops_a_turn(talk: Talk, crm: Sandbox) -> None:
    """Where nothing can be kept nothing is written in HubSpot; with room again the card still waits."""
    await talk.say(UPDATE)
    with no_room(), pytest.raises(errors.StoreError):
        await talk.decide("approve")
    assert crm.writes() == []
    await talk.open()
    assert "er opdateret" in await talk.decide("approve")
    assert len(crm.writes()) == 1


def fills_up_at(monkeypatch: pytest.MonkeyPatch, of: type, method: str) -> None:
    """The disk is full from this call on to its end; no real disk fills up at a chosen moment."""
    original = getattr(of, method)

    async def without_room(*given: Any, **how: Any) -> Any:
        with no_room():
            return await original(*given, **how)

    monkeypatch.setattr(of, method, without_room)


@pytest.mark.parametrize(
    ("method", "written"), [("propose", 0), ("decide", 0), ("claim", 0), ("finish", 1), ("note", 0)]
)
async def test_a_disk_that_fills_up(
    talk: Talk, crm: Sandbox, monkeypatch: pytest.MonkeyPatch, method: str, written: int
) -> None:
    """Whatever of a change cannot be kept, the trouble is never told as HubSpot's refusal. Once there is room the
    change is made, and only once.
    """
    if method == "propose":
        fills_up_at(monkeypatch, Ledger, method)
        with pytest.raises(errors.StoreError):
            await talk.say(UPDATE)
        monkeypatch.undo()
    await talk.say(UPDATE)
    if method == "note":  # what was not claimed, as somebody else has changed it meanwhile
        crm.set(str((crm.find(METTE) or {})["id"]), jobtitle="Formand")
    others = len(crm.writes())
    if method != "propose":
        fills_up_at(monkeypatch, Ledger, method)
        with pytest.raises(errors.StoreError):
            await talk.decide("approve")
        monkeypatch.undo()
    assert len(crm.writes()) == others + written
    told = await talk.open()
    if talk.card:
        told += await talk.decide("approve")
    assert "er opdateret" in told
    assert len(crm.writes()) == others + 1


async def test_an_answer_that_could_not_be_counted(
    opener: Any, server: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A language model's answer reaches the user even where its tokens could not be added."""
    fills_up_at(monkeypatch, Usage, "spent")
    async with opener(openai_base_url=server.base_url) as graph:
        server.script = [says("Goddag, hvem leder du efter?")]
        assert "hvem leder du efter" in await Talk(graph).say("hej med dig")


async def test_a_ledger_that_is_overwritten(talk: Talk, crm: Sandbox, tmp_path: Path) -> None:
    """A ledger that somebody overwrites while it is open is told by its kind, and nothing is written in HubSpot."""
    await talk.say(UPDATE)
    for name in ("ledger.db", "ledger.db-wal"):
        (tmp_path / name).write_bytes(b"garbage, and a lot of it " * 20_000)
    with pytest.raises(errors.StoreBroken):
        await talk.decide("approve")
    assert crm.writes() == []
