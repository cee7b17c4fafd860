"""The trail goes on after values of it were erased: what one line lost, no other line's values stand in for."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

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

    def write(db: Connection) -> None:
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
    older = "update personal set made_at = '2020' where contact_id = '2'"
    await database.do(lambda db: db.exec_driver_sql(older) and None)
    await expire(database, 90)


@pytest.mark.parametrize("go", [erased, expired])
async def test_lines_after_an_erasure(database: Database, go: Callable[[Database], Awaitable[None]]) -> None:
    """The chain holds with new lines after the newest values were erased, and the line that lost them shows nothing."""
    await add(database, "1", ERASED)
    await go(database)
    await add(database, "3")
    assert await broken(database) is None
    assert await named(database) == {"1": "Person 1", ERASED: None, "3": "Person 3"}


async def test_an_erasure_is_a_line(database: Database) -> None:
    """What was erased is said by a line: why, and of which lines; where there is nothing to erase there is none."""
    await add(database, "1", ERASED, ERASED, "3", ERASED)
    await erased(database)
    await erased(database)
    *_, line = await database.do(lambda db: list(events(db)))
    assert (line.kind, line.action, line.lines, line.user, line.personal) == ("erased", "requested", "3 5 9", "", None)
    assert (line.seq, await broken(database)) == (11, None)
    await database.do(lambda db: db.exec_driver_sql("update personal set made_at = '2020'") and None)
    await expire(database, 90)
    *_, line = await database.do(lambda db: list(events(db)))
    assert (line.action, line.lines) == ("expired", "1 7")


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
    await database.do(lambda db: db.exec_driver_sql("delete from trail where seq > 1") and None)
    await add(database, "3", "4")
    assert await broken(database) is None
    assert await named(database) == {"1": "Person 1", "3": "Person 3", "4": "Person 4"}
