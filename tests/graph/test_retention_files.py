"""What has expired is gone from the disk while the assistant runs on, also from the logs beside its files."""

import asyncio
import sqlite3
import time
import warnings
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crm.store.engine import empty_log
from graph import retention
from support.aged import age, holds, rows
from support.children import Sandbox
from support.patience import patiently
from support.talk import Talk
from ui import chats

METTE = "mette.hansen@nordlys.example"
UPDATE = f"ret stilling på {METTE} til Salgsdirektør"

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what Chainlit imports warns of itself
    from ui.history import SCHEMA


async def test_expired_values_leave_the_logs(
    opener: Any, crm: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an assistant that runs on, expired values are in none of the files, however many turns there were before."""
    monkeypatch.setattr(retention, "DAY", 0.2)  # a test cannot wait for a day
    async with opener() as graph:
        talk = Talk(graph)
        await talk.say(UPDATE)
        await talk.decide("approve")
        await talk.say("hej")
        assert holds(tmp_path, "Salgsdirektør")
        age(tmp_path, 91)
        ends = time.monotonic() + patiently(20)
        while left := holds(tmp_path, "Salgsdirektør"):
            assert time.monotonic() < ends, left
            await asyncio.sleep(0.05)
        assert rows(tmp_path, "select count(*) from trail where kind != 'erased'") == [(4,)]
        assert await Talk(graph, "another").say("hej")


async def test_a_busy_file_is_done_the_next_time(
    opener: Any, crm: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever reads a file keeps its log from being emptied: no error, and it is done once they are done."""
    monkeypatch.setattr(retention, "DAY", 0.2)  # a test cannot wait for a day
    async with opener() as graph:
        talk = Talk(graph)
        await talk.say(UPDATE)
        await talk.decide("approve")
        age(tmp_path, 91)
        with closing(sqlite3.connect(tmp_path / "ledger.db")) as reader:
            reader.execute("begin")
            assert reader.execute("select count(*) from personal").fetchone()[0] > 0
            ends = time.monotonic() + patiently(20)
            while rows(tmp_path, "select count(*) from personal") != [(0,)]:
                assert time.monotonic() < ends
                await asyncio.sleep(0.05)
            assert "ledger.db-wal" in holds(tmp_path, "Salgsdirektør")
            assert await Talk(graph, "another").say("hej")
        ends = time.monotonic() + patiently(20)
        while left := holds(tmp_path, "Salgsdirektør"):
            assert time.monotonic() < ends, left
            await asyncio.sleep(0.05)
    assert "could not be erased" not in caplog.text


def test_the_chats_history_leaves_the_log(tmp_path: Path) -> None:
    """A conversation that is deleted while the web chat has its file open is gone from file and log."""
    file = tmp_path / "chat.db"
    with closing(sqlite3.connect(file)) as running:
        running.execute("pragma journal_mode = wal")
        for statement in SCHEMA:
            running.execute(statement)
        running.execute('insert into threads (id, "userIdentifier", name) values (?, ?, ?)', ("a", "local", UPDATE))
        running.commit()
        assert holds(tmp_path, "Salgsdirektør") == ["chat.db-wal"]
        chats.delete(file, ["a"])
        assert holds(tmp_path, "Salgsdirektør") == []


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """There is nothing to empty where there is no file."""
    assert empty_log(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []
