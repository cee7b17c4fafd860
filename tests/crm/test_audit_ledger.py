"""The audit trail against the ledger: what the ledger keeps of a change cannot be altered unseen."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crm.domain import errors
from crm.domain.actor import Actor
from crm.domain.change import Change, Row
from crm.domain.contact import Contact
from crm.domain.outcome import Outcome
from crm.privacy.data_subject import DataSubject
from crm.privacy.retention import erase, expire
from crm.store.audit import Verdict, verify
from crm.store.engine import Database
from crm.store.ledger import Ledger

BY = Actor("anna", "c1", "card-1")


def change(name: str, **more: Any) -> Change:
    rows = (Row(property="city", before="Vejle", after="Ribe"),)
    given = {"id": name, "action": "update", "contact_id": name, "display": "x", "rows": rows, "salt": "s", **more}
    return Change(**given)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "ledger.db")
    yield made
    made.close()


@pytest.fixture
async def file(database: Database) -> Path:
    """A ledger: 1 applied (lines 1, 2), 2 noted, claimed and applied (3 to 5), 3 left open (6), 4 undoes 1 (7, 8)."""
    ledger = Ledger(database)

    async def claimed(each: Change) -> None:
        assert await ledger.claim(each, BY, per_hour=100)

    async def applied(each: Change) -> None:
        await ledger.finish(Outcome("applied", each, Contact(str(each.contact_id), {"city": "Ribe"}), author="me"))

    await claimed(change("1"))
    await applied(change("1"))
    await ledger.note(Outcome("unavailable", change("2"), error=errors.CrmDown()), BY)
    await claimed(change("2"))
    await applied(change("2"))
    await claimed(change("3"))
    ledger.abandon(change("3"))
    await claimed(change("4", action="undo", contact_id="1", undoes="1"))
    await applied(change("4", action="undo", contact_id="1", undoes="1"))
    return database.path


async def verdict(database: Database) -> Verdict:
    return await database.do(verify)


async def test_what_nobody_touched_fits(database: Database, file: Path) -> None:
    """Open, finished and tried changes fit their lines, also what was noted of a change that was claimed later."""
    ledger = Ledger(database)
    assert (await verdict(database)).broken is None
    await ledger.finish(Outcome("unknown", change("3")))
    judged = await ledger.by_id("3")
    assert judged is not None and await ledger.take_over(change("3"), judged)
    await ledger.let_go(change("3"))
    assert (await verdict(database)).broken is None
    await ledger.finish(Outcome("refused", change("3"), error=errors.CutOff()))
    await ledger.finish(Outcome("applied", change("3")))  # it turned out to have been written
    assert (await verdict(database)).broken is None


ALTERED = {
    "the change": ("update changes set change = replace(change, 'Ribe', 'Rise') where change_id = '1'", 1),
    "the digest": ("update changes set digest = 'x' where change_id = '1'", 1),
    "a change that is no JSON": ("update changes set change = '{' where change_id = '2'", 4),
    "values that were deleted": ("update changes set change = '', details = '{}' where change_id = '1'", 1),
    "a deleted row": ("delete from changes where change_id = '3'", 6),
    "the user": ("update changes set user = 'bo' where change_id = '2'", 4),
    "the outcome": ("update changes set outcome = 'refused' where change_id = '1'", 2),
    "an outcome of an open one": ("update changes set outcome = 'applied' where change_id = '3'", 6),
    "an outcome that was taken away": ("update changes set outcome = null where change_id = '2'", 5),
    "the details": ("update changes set details = replace(details, 'Ribe', 'Rise') where change_id = '2'", 5),
    "details of an open one": ("update changes set details = '{}' where change_id = '3'", 6),
    "details that were deleted": ("update changes set details = null where change_id = '2'", 5),
    "the contact": ("update changes set contact_id = '9' where change_id = '1'", 2),
    "who wrote": ("update changes set author = 'somebody' where change_id = '1'", 2),
    "what it undoes": ("update changes set undoes = '2' where change_id = '4'", 7),
    "that it archives": ("update changes set archives = 1 where change_id = '4'", 7),
    "that it leaves something": ("update changes set leaves = 1 where change_id = '4'", 7),
}


@pytest.mark.parametrize("how", ALTERED)
async def test_what_the_ledger_keeps_cannot_be_altered_unseen(database: Database, file: Path, how: str) -> None:
    """Whatever is altered of a change or its outcome, verification names the line that says otherwise."""
    statement, line = ALTERED[how]
    with closing(sqlite3.connect(file)) as db, db:
        assert db.execute(statement).rowcount == 1
    found = await verdict(database)
    assert (found.broken, found.why) == (line, "ledger")


async def test_a_change_that_no_line_is_about(database: Database, file: Path) -> None:
    """A row that was put into the ledger is told, though no line can be named."""
    copied = (
        "insert into changes select 99, 'd', 'c', conversation, user, action, contact_id, undoes, archives, leaves,"
    )
    copied += " change, claimed_at, outcome, code, author, details, finished_at from changes where change_id = '1'"
    with closing(sqlite3.connect(file)) as db, db:
        db.execute(copied)
    found = await verdict(database)
    assert (found.broken, found.why) == (0, "ledger")


async def erased(database: Database) -> None:
    assert (await erase(database, DataSubject(ids=frozenset({"1"})))).claims == 2


async def expired(database: Database) -> None:
    old = "2020-01-01T00:00:00.000+00:00"
    await database.do(lambda db: db.exec_driver_sql("update changes set finished_at = ?, claimed_at = ?", (old, old)))
    assert (await expire(database, 90)).claims == 4


@pytest.mark.parametrize("go", [erased, expired])
async def test_a_lawful_erasure_fits(database: Database, file: Path, go: Any) -> None:
    """What was erased from the ledger fits, for good; its outcome and its contact still cannot be altered."""
    await go(database)
    assert (await verdict(database)).broken is None
    for column in ("outcome = 'refused'", "contact_id = '9'"):
        with closing(sqlite3.connect(file)) as db:
            db.execute(f"update changes set {column} where change_id = '1'")
            db.commit()
        assert (await verdict(database)).broken == 2
