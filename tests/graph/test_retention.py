"""Personal data is kept for so many days; what must not be lost for it is kept all the same."""

import os
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crm.store.audit import verify
from crm.store.engine import connect_to_read
from graph import retention
from support.aged import age, holds, rows
from support.children import Sandbox
from support.patience import patiently
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
UPDATE = f"ret stilling på {METTE} til Salgsdirektør"


def verified(folder: Path) -> bool:
    with closing(connect_to_read(folder / "ledger.db")) as db:
        return verify(db).broken is None


async def applied(opener: Any) -> str:
    """Makes and approves an update; the change's id."""
    async with opener() as graph:
        talk = Talk(graph)
        await talk.say(UPDATE)
        assert talk.card is not None
        await talk.decide("approve")
        return str(talk.card["changes"][0]["id"]) if talk.card else ""


async def test_what_is_old_goes_at_the_start(opener: Any, crm: Sandbox, tmp_path: Path) -> None:
    """After the days that the setting says, conversation, values and words are gone from the disk; the chain holds."""
    await applied(opener)
    assert set(holds(tmp_path, "Salgsdirektør")) <= {"ledger.db", "ledger.db-wal", "conversations.db"}
    age(tmp_path, 31)
    async with opener(retention_days=30):
        pass
    assert holds(tmp_path, "Salgsdirektør") == []
    assert rows(tmp_path, "select count(*) from checkpoints", "conversations.db") == [(0,)]
    kinds = [kind for (kind,) in rows(tmp_path, "select kind from trail")]
    assert kinds == ["proposed", "decided", "claimed", "outcome", "erased"]
    assert verified(tmp_path)


@pytest.mark.parametrize(("days", "setting"), [(29, 30), (4_000, 0)])
async def test_what_is_young_stays(opener: Any, crm: Sandbox, tmp_path: Path, days: int, setting: int) -> None:
    """Before that time nothing goes, and with 0 days nothing ever does: the change can be undone."""
    await applied(opener)
    age(tmp_path, days)
    async with opener(retention_days=setting) as graph:
        talk = Talk(graph)
        await talk.press("undo", change_id=rows(tmp_path, "select change_id from changes")[0][0])
        assert talk.rows == {"jobtitle": ("Salgsdirektør", "Salgschef")}


async def test_an_undo_after_erasure_says_so(opener: Any, crm: Sandbox, tmp_path: Path) -> None:
    """A change whose values were erased cannot be undone, and the reason is said; nothing is written."""
    await applied(opener)
    age(tmp_path, 91)
    async with opener() as graph:
        talk = Talk(graph)
        change_id = rows(tmp_path, "select change_id from changes")[0][0]
        assert "kan jeg ikke længere fortryde" in await talk.press("undo", change_id=change_id)
        assert talk.card is None
    assert len(crm.writes()) == 1


async def test_what_was_written_is_not_written_again(opener: Any, crm: Sandbox, tmp_path: Path) -> None:
    """A card that comes back from a copy of the conversation is known by its digest after its values are gone."""
    async with opener() as graph:
        talk = Talk(graph)
        await talk.say(UPDATE)
        card, waiting = talk.card, (await talk.values())["card"]
        await talk.decide("approve")
    age(tmp_path, 91)
    crm.set(rows(tmp_path, "select contact_id from trail")[0][0], jobtitle="Salgschef")
    async with opener() as graph:
        again = Talk(graph, "restored")
        await again.open()
        await graph.aupdate_state(again.config, {"card": waiting}, as_node="tools")
        await again.open()
        again.card = card
        await again.decide("approve")
    assert [w["properties"] for w in crm.writes()] == [{"jobtitle": "Salgsdirektør"}, {"jobtitle": "Salgschef"}]


@pytest.mark.parametrize("settled", [True, False])
async def test_an_unsettled_change_stays_for_a_day(opener: Any, crm: Sandbox, tmp_path: Path, settled: bool) -> None:
    """The values of a change whose outcome is not known stay for a day, and then go as all others do."""
    async with opener() as graph:
        talk = Talk(graph)
        await talk.say(UPDATE)
        crm.fail(match={"method": "PATCH"}, drop="after")
        crm.fail(match={"method": "GET", "nth": 2}, status=500, times=None)
        assert "kan ikke bekræfte" in await talk.decide("approve")
    assert rows(tmp_path, "select outcome from changes") == [("unknown",)]
    async with opener(retention_days=1):
        pass
    assert "Salgsdirektør" in rows(tmp_path, "select change from changes")[0][0]
    assert rows(tmp_path, "select count(*) from personal") == [(1,)]
    if settled:
        crm.control("DELETE", "faults")
        async with opener(retention_days=0):
            pass
    assert rows(tmp_path, "select outcome from changes") == [("applied" if settled else "unknown",)]
    age(tmp_path, 400)
    async with opener(retention_days=1):
        pass
    assert rows(tmp_path, "select change from changes") == [("",)]
    assert verified(tmp_path)


async def test_it_goes_daily_as_well(
    opener: Any, crm: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An assistant that runs on and on erases what has grown old meanwhile."""
    monkeypatch.setattr(retention, "DAY", 0.05)  # a test cannot wait for a day
    async with opener() as graph:
        await Talk(graph).say(UPDATE)
        age(tmp_path, 91)
        ends = time.monotonic() + patiently(30)
        left = [
            ("select count(*) from personal", "ledger.db"),
            ("select count(*) from checkpoints where thread_id = 'test'", "conversations.db"),
        ]
        while [rows(tmp_path, *kept) for kept in left] != [[(0,)], [(0,)]]:
            assert time.monotonic() < ends
            await Talk(graph, "another").say("hej")


async def test_backups_and_counts_go_too(opener: Any, tmp_path: Path) -> None:
    """Old copies from before an update, and old counts of what was used, are deleted."""
    async with opener():
        pass
    old, new = tmp_path / "ledger.db.v1", tmp_path / "ledger.db.v2"
    for path in (old, new):
        path.write_bytes(b"x")
    os.utime(old, (time.time() - 91 * 86_400,) * 2)
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as db:
        db.execute("insert into usage values ('a', '2020-01-01', 1, 1), ('a', '9999-01-01', 1, 1)")
        db.commit()
    async with opener():
        pass
    assert [path.exists() for path in (old, new)] == [False, True]
    assert rows(tmp_path, "select day from usage") == [("9999-01-01",)]


async def test_what_was_moved_aside_goes_too(opener: Any, tmp_path: Path) -> None:
    """The folder of an earlier version's files is deleted when its day is longer ago than values are kept."""
    today = datetime.now(UTC).date()
    names = [f"old-{today - timedelta(days=days)}" for days in (91, 89)] + ["old-fashioned"]
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "ledger.db").write_text("x")
    async with opener():
        pass
    assert [(tmp_path / name).exists() for name in names] == [False, True, True]


async def test_a_start_does_not_fail_for_it(
    opener: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where erasing fails, the assistant starts all the same, and logs no more than what kind of error it was."""

    async def broken(*_: object) -> None:
        raise sqlite3.OperationalError("mette@nordlys.example")

    monkeypatch.setattr(retention, "expire", broken)  # no file fails on demand
    async with opener() as graph:
        assert await Talk(graph).open()
    assert "OperationalError" in caplog.text
    assert "mette" not in caplog.text
