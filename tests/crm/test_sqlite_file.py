"""One file in one thread: order, transactions of several, and what is written behind the answer."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crm.domain import errors
from crm.store.sqlite_file import MOST, SqliteFile


def tables(connection: sqlite3.Connection) -> None:
    connection.execute("create table if not exists said (number integer primary key)")


def saying(number: int) -> Any:
    return lambda db: db.execute("insert into said values (?)", (number,)).rowcount


def said(db: sqlite3.Connection) -> list[int]:
    return [row[0] for row in db.execute("select number from said order by number")]


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[SqliteFile]:
    """A file with one table of numbers."""
    made = SqliteFile(tmp_path / "said.db", tables)
    yield made
    await made.close()


async def test_a_read_sees_what_was_given_before_it(file: SqliteFile) -> None:
    """Work is done in the order it was given, that for which nobody waits among the rest."""
    await file.later(saying(1))
    assert await file.do(said, reads=True) == [1]
    found = await asyncio.gather(file.do(saying(2)), file.do(said, reads=True), file.do(saying(3)))
    assert found == [1, [1, 2], 1]


async def test_work_that_fails_takes_nothing_with_it(file: SqliteFile, caplog: pytest.LogCaptureFixture) -> None:
    """Of several that share a transaction, one that fails leaves nothing, and the others hold."""

    def half(db: sqlite3.Connection) -> None:
        saying(10)(db)
        saying(1)(db)

    await file.do(saying(1))
    await file.later(half)
    given = [file.do(work) for work in (saying(2), half, saying(3))]
    results = await asyncio.gather(*given, return_exceptions=True)
    assert [type(result) for result in results] == [int, sqlite3.IntegrityError, int]
    assert await file.do(said, reads=True) == [1, 2, 3]
    assert caplog.text.count("could not be saved") == 1, "of the one that nobody waits for, the log tells"


async def test_closing_writes_what_is_on_its_way(file: SqliteFile, tmp_path: Path) -> None:
    """Nothing that was given before the file is closed is lost, nor what follows from it."""
    for number in range(MOST * 2):
        await file.later(saying(number))

    async def then() -> None:
        await file.do(saying(-2))
        await file.later(saying(-1))

    following = asyncio.create_task(then())
    await asyncio.sleep(0)
    await file.close()
    await following
    with closing(sqlite3.connect(tmp_path / "said.db")) as db:
        assert said(db) == [-2, -1, *range(MOST * 2)]


async def test_work_alone_finds_no_transaction(file: SqliteFile) -> None:
    """Work that takes a connection of its own may write: ours holds no lock, and what was given before is there."""

    def own(path: Path) -> list[int]:
        with closing(sqlite3.connect(path, timeout=0)) as db:
            db.execute("insert into said values (2)")
            db.commit()
            return said(db)

    waiting = asyncio.gather(file.do(saying(1)), file.alone(own), file.do(said, reads=True))
    assert await waiting == [1, [1, 2], [1, 2]]


async def test_whoever_gives_up_does_not_undo_it(file: SqliteFile) -> None:
    """Work whose giver is cancelled is done all the same, and hinders nobody."""
    given = asyncio.create_task(file.do(saying(1)))
    await asyncio.sleep(0)
    given.cancel()
    assert await file.do(said, reads=True) == [1]


async def test_two_processes_take_turns(file: SqliteFile, tmp_path: Path) -> None:
    """Where somebody else writes to the file, work waits for them and is done then."""
    await file.do(saying(1))
    with closing(sqlite3.connect(tmp_path / "said.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        other.execute("insert into said values (2)")
        given = asyncio.create_task(file.do(saying(3)))
        await asyncio.sleep(0.1)
        assert not given.done()
        other.execute("commit")
        assert await given == 1
    assert await file.do(said, reads=True) == [1, 2, 3]


async def test_a_file_that_cannot_be_used_fails_each_work_and_can_be_closed(tmp_path: Path) -> None:
    """Where the file is no database, whoever gives work is told at once, and the end of the process is not held up."""
    (tmp_path / "said.db").write_bytes(b"no database" * 500)
    file = SqliteFile(tmp_path / "said.db", tables)
    for _ in range(2):
        with pytest.raises(errors.StoreBroken):
            await file.do(said, reads=True)
    await file.later(saying(1))
    await file.close()


async def test_a_folder_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    """Only a file that others use is waited for."""
    file = SqliteFile(tmp_path / "nowhere" / "said.db", tables)
    async with asyncio.timeout(10):
        with pytest.raises(errors.StoreError):
            await file.do(said, reads=True)
    await file.close()
