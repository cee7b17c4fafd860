"""A conversation that is deleted in the chat is gone from the disk at once, while the chat runs on."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import closing
from pathlib import Path

import pytest

from crm.domain import StoreError
from crm.store.engine import empty_log
from support.aged import holds
from support.full_disk import no_room
from ui.history import History

INSERT = "insert into steps (id, name, type, \"threadId\", streaming, output) values (:id, 'n', 't', :thread, 0, :said)"
NAMED = "insert into threads (id, \"userIdentifier\", name) values (:id, 'local', :name)"
SECRET, OTHER = "Hemmelig Mette 22334455", "Lars bliver"


async def forget(keys: Iterable[str]) -> None:
    """There is no graph here that remembers anything."""


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    """Two conversations in a file that stays open."""
    made = History(tmp_path / "chat.db", forget)
    await made.create_tables()
    for thread, said in (("a", SECRET), ("b", OTHER)):
        await made.execute_sql(NAMED, {"id": thread, "name": said})
        await made.execute_sql(INSERT, {"id": thread, "thread": thread, "said": said})
    yield made
    await made.close()


async def test_a_deleted_conversation_is_in_no_file(history: History, tmp_path: Path) -> None:
    """Neither the file nor its log holds what was said in the conversation; the others are whole."""
    assert "chat.db-wal" in holds(tmp_path, SECRET)
    await history.delete_thread("a")
    assert holds(tmp_path, SECRET) == []
    with closing(sqlite3.connect(tmp_path / "chat.db")) as db:
        assert db.execute("select output from steps").fetchall() == [(OTHER,)]


async def test_what_was_replaced_before_is_gone_too(history: History, tmp_path: Path) -> None:
    """A long message that was written anew since leaves nothing in the file's free pages either."""
    for said in (f"{SECRET} " * 1_000, "x"):
        await history.execute_sql("update steps set output = :said where id = 'a'", {"said": said})
        assert empty_log(tmp_path / "chat.db")
    await history.delete_thread("a")
    assert holds(tmp_path, SECRET) == []


async def test_a_conversation_that_could_not_be_deleted(history: History, tmp_path: Path) -> None:
    """Where the disk has no room, the deletion fails and the conversation can go on; with room it is deleted."""
    with no_room(), pytest.raises(StoreError):
        await history.delete_thread("a")
    assert "a" not in history.deleted
    await history.delete_thread("a")
    assert holds(tmp_path, SECRET) == []


async def test_a_file_that_is_being_read_holds_nobody_up(history: History, tmp_path: Path) -> None:
    """Where somebody reads the file the deletion ends, the chat goes on meanwhile, and the next one empties the log."""
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    with closing(sqlite3.connect(tmp_path / "chat.db")) as reader:
        reader.execute("begin")
        assert reader.execute("select count(*) from steps").fetchone() == (2,)
        await history.delete_thread("a")
    assert ticks > 5
    ticking.cancel()
    await history.delete_thread("b")
    assert holds(tmp_path, SECRET) == []
