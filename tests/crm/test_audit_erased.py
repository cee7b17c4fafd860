"""The trail goes on after values of it were erased: what one line lost, no other line's values stand in for."""

import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crm.privacy.data_subject import DataSubject
from crm.privacy.retention import erase, expire
from crm.store.audit import Event, append, events, verify
from crm.store.engine import Database

ERASED = "2"  # the contact of the latest line when values are erased


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A ledger's file with lines about three contacts, the latest of them about the one that is erased."""
    made = Database(tmp_path / "ledger.db")
    yield made
    made.close()


async def add(database: Database, *contacts: str) -> None:
    """A line with values about each of these contacts, and one without behind it."""

    def write(db: sqlite3.Connection) -> None:
        for contact in contacts:
            given = {"user": "u", "conversation": "c", "change_id": f"of-{contact}", "digest": "d", "action": "update"}
            append(db, Event(kind="proposed", contact_id=contact, personal={"display": f"Person {contact}"}, **given))
            append(db, Event(kind="decided", **given))

    await database.do(write)


async def named(database: Database) -> dict[str, str | None]:
    """Contact -> the name that its line shows; None where it shows nothing."""
    lines = await database.do(lambda db: list(events(db, kind="proposed")))
    return {line.contact_id: line.personal and line.personal["display"] for line in lines}


async def broken(database: Database) -> int | None:
    return (await database.do(verify)).broken


async def erased(database: Database) -> None:
    await erase(database, DataSubject(ids=frozenset({ERASED})))


async def expired(database: Database) -> None:
    await database.do(lambda db: db.execute("update personal set made_at = '2020' where contact_id = '2'") and None)
    await expire(database, 90)


@pytest.mark.parametrize("go", [erased, expired])
async def test_lines_after_an_erasure(database: Database, go: Callable[[Database], Awaitable[None]]) -> None:
    """The chain holds with new lines after the newest values were erased, and the line that lost them shows nothing."""
    await add(database, "1", ERASED)
    await go(database)
    await add(database, "3")
    assert await broken(database) is None
    assert await named(database) == {"1": "Person 1", ERASED: None, "3": "Person 3"}


async def test_erasing_once_more_takes_nothing_of_others(database: Database) -> None:
    """Who was erased can be erased again, and everybody else's values stay."""
    await add(database, "1", ERASED)
    await erased(database)
    await add(database, "3")
    assert (await erase(database, DataSubject(ids=frozenset({ERASED})))).lines == 0
    assert await named(database) == {"1": "Person 1", ERASED: None, "3": "Person 3"}


async def test_a_trail_that_was_cut_off_goes_on(database: Database) -> None:
    """Where lines were cut off and their values left behind, new lines come by numbers of their own."""
    await add(database, "1", "2")
    await database.do(lambda db: db.execute("delete from trail where seq > 1") and None)
    await add(database, "3", "4")
    assert await broken(database) is None
    assert await named(database) == {"1": "Person 1", "3": "Person 3", "4": "Person 4"}


def mixed_up(path: Path) -> None:
    """Makes the file what version 2 left after an erasure: new values have taken the number of those erased."""
    with closing(sqlite3.connect(path)) as db, db:
        (old,) = db.execute("select seq from trail where contact_id = '2'").fetchone()
        db.execute("delete from personal where contact_id = '2'")
        db.execute("update personal set id = ? where contact_id = '3'", (old,))
        db.execute("update trail set personal_id = ? where contact_id in ('2', '3')", (old,))
        db.execute("pragma user_version = 2")


async def test_a_file_that_was_mixed_up_is_mended(database: Database) -> None:
    """A file in which a line that was erased had come by another's values is put right as it is opened."""
    await add(database, "1", ERASED, "3", "4")
    database.close()
    mixed_up(database.path)
    with closing(sqlite3.connect(database.path)) as db:
        db.row_factory = sqlite3.Row
        assert verify(db).broken == 3
    assert await broken(database) is None
    assert await named(database) == {"1": "Person 1", ERASED: None, "3": "Person 3", "4": "Person 4"}
    await erased(database)
    await add(database, "5")
    assert await broken(database) is None
    assert (await named(database))["3"] == "Person 3"


async def test_mending_hides_no_tampering(database: Database) -> None:
    """Values that somebody changed in a file of that version still break their line after it was mended."""
    await add(database, "1", ERASED, "3")
    database.close()
    mixed_up(database.path)
    with closing(sqlite3.connect(database.path)) as db, db:
        db.execute("update personal set data = replace(data, 'Person 3', 'Person 9')")
    assert await broken(database) == 5
