"""Upgrades of the ledger's file: forwards, whole or not at all, with a copy kept, and never by an older version."""

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from crm.domain.actor import Actor
from crm.domain.change import Change, Row
from crm.store import engine
from crm.store.audit import verify
from crm.store.engine import Database, NewerDatabase, UnusableDatabase
from crm.store.ledger import Ledger
from crm.store.migrations import MIGRATIONS
from support.children import ROOT, clean_environment

NOW = len(MIGRATIONS)
# a row as version 1 wrote it, and the digest that it computed
CHANGE = (
    '{"id":"c1","action":"update","contact_id":"7","display":"Mette Hansen","url":"https://x.example/7","rows":'
    '[{"property":"jobtitle","before":"Chef","after":"CFO","source":"user"}],"twins":[]}'
)
DIGEST = "58b938453ff1c950416c4143678e6305e25454acaa5bbf40f6b1b43e644efc26"
FIRST = """
create table if not exists changes (
    digest text primary key,
    change_id text not null,
    conversation text not null,
    user text not null,
    change text not null,
    claimed_at text not null,
    outcome text,
    details text,
    finished_at text
)
"""
DETAILS = '{"outcome": "applied", "contact_id": "7", "unchanged": [], "code": null, "params": {}}'


def first_version(path: Path) -> None:
    """A file as version 1 left it: one change that was applied, and one that was cut off."""
    at = "2026-11-01T10:00:00.000+00:00"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(FIRST)
        db.execute(
            "insert into changes values (?, 'c1', 't', 'local', ?, ?, 'applied', ?, ?)",
            (DIGEST, CHANGE, at, DETAILS, at),
        )
        db.execute(
            "insert into changes values ('d2', 'c2', 't', 'local', ?, ?, null, null, null)",
            (CHANGE.replace("c1", "c2"), at),
        )


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("pragma user_version").fetchone()[0])


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as db:
        return {name for (name,) in db.execute("select name from sqlite_master where type = 'table'")}


async def migrated(path: Path) -> None:
    file = Database(path)
    try:
        await file.open()
    finally:
        file.close()


async def test_a_file_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    """What version 1 recorded is still known by its digest, what it left open is found, and a copy is kept."""
    path = tmp_path / "ledger.db"
    first_version(path)
    file = Database(path)
    ledger = Ledger(file)
    change = Change.model_validate_json(CHANGE)
    entry = await ledger.entry(change)
    assert entry is not None and entry.outcome is not None
    assert (entry.status, entry.change) == ("applied", change)
    assert [e.change.id for e in await ledger.unsettled() if e.change] == ["c2"]
    assert not await ledger.claim(change, Actor("local", "t"), per_hour=60)
    file.close()
    kept = tmp_path / "ledger.db.v1"
    assert (version(path), version(kept), tables(kept)) == (NOW, 0, {"changes"})
    assert kept.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(kept)) as db:
        assert db.execute("select count(*) from changes").fetchone() == (2,)


async def test_an_old_copy_gives_way_to_a_new_one(tmp_path: Path) -> None:
    """Who went back to the earlier version, and comes again, has a copy of what was written in the meantime."""
    path, kept = tmp_path / "ledger.db", tmp_path / "ledger.db.v1"
    first_version(path)
    await migrated(path)
    kept.replace(path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("update changes set outcome = 'applied' where change_id = 'c2'")
    kept.write_text("a copy that somebody left behind")
    await migrated(path)
    with closing(sqlite3.connect(kept)) as db:
        assert db.execute("select count(*) from changes where outcome = 'applied'").fetchone() == (2,)


async def test_a_new_file_has_no_copy(tmp_path: Path) -> None:
    """A first start makes the tables of today, and keeps no copy of nothing."""
    await migrated(tmp_path / "ledger.db")
    assert version(tmp_path / "ledger.db") == NOW
    assert not (tmp_path / "ledger.db.v0").exists()


async def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    """A file of a newer version is refused with a sentence that names it, and nothing in it is changed."""
    path = tmp_path / "ledger.db"
    await migrated(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"pragma user_version = {NOW + 1}")
    with pytest.raises(NewerDatabase, match=r"ledger\.db was written by a newer version of the assistant\."):
        await migrated(path)
    assert version(path) == NOW + 1


async def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    """A file that is no database is refused with a sentence that names it and says what to do."""
    path = tmp_path / "ledger.db"
    path.write_text("no database at all, and long enough to be looked at as one " * 20)
    with pytest.raises(UnusableDatabase, match=r"ledger\.db cannot be used: .* Run make doctor"):
        await migrated(path)


OPEN = """
import sys, time
from pathlib import Path
from crm import database
time.sleep(max(0.0, float(sys.argv[2]) - time.time()))
database.opened(Path(sys.argv[1])).close()
"""
KILLED = """
import os, signal, sqlite3, sys
from pathlib import Path
from crm import database
connect = sqlite3.connect
def traced(*args, **given):
    connection = connect(*args, **given)
    connection.set_trace_callback(lambda sql: os.kill(os.getpid(), signal.SIGKILL) if sys.argv[2] in sql else None)
    return connection
sqlite3.connect = traced
database.opened(Path(sys.argv[1]))
"""


def children(script: str, count: int, *arguments: str) -> list[int]:
    """How so many processes end that run the script at once."""
    command = [sys.executable, "-c", script, *arguments]
    started = [subprocess.Popen(command, cwd=ROOT, env=clean_environment()) for _ in range(count)]
    return [child.wait(60) for child in started]


@pytest.mark.parametrize("old", [True, False])
def test_processes_that_migrate_at_once(tmp_path: Path, old: bool) -> None:
    """Four processes that start over the same file at the same moment all come up, on one migration and one copy."""
    for number in range(4):
        path = tmp_path / f"{number}" / "ledger.db"
        path.parent.mkdir()
        if old:
            first_version(path)
        assert children(OPEN, 4, str(path), str(time.time() + 0.6)) == [0] * 4
        assert version(path) == NOW
        assert [(kept.name, tables(kept)) for kept in path.parent.glob("*.v*")] == [("ledger.db.v1", {"changes"})] * old


@pytest.mark.parametrize("statement", ["create table cards", "create index trail_by_change", "pragma user_version = "])
def test_a_migration_that_is_cut_off(tmp_path: Path, statement: str) -> None:
    """Killed in the middle of a migration, the file is still the old one, and the next start migrates it."""
    path = tmp_path / "ledger.db"
    first_version(path)
    assert children(KILLED, 1, str(path), statement) == [-signal.SIGKILL]
    assert (version(path), tables(path)) == (0, {"changes"})
    with closing(engine.opened(path)) as db:
        assert verify(db).broken is None
    assert version(path) == NOW


async def test_a_copy_that_was_cut_off_is_made_again(tmp_path: Path) -> None:
    """What a start that died while copying left behind is no copy, and does not stand in for one."""
    path = tmp_path / "ledger.db"
    first_version(path)
    (tmp_path / "ledger.db.v1.part").write_text("half")
    await migrated(path)
    assert tables(tmp_path / "ledger.db.v1") == {"changes"}
    assert not (tmp_path / "ledger.db.v1.part").exists()


async def test_a_change_that_cannot_be_read_keeps_nobody(tmp_path: Path) -> None:
    """A claim of another version, or one whose values were erased, is listed without them; the others are settled."""
    path = tmp_path / "ledger.db"
    file = Database(path)
    ledger = Ledger(file)
    changes = [
        Change(
            id=id_, action="update", contact_id="7", display="x", rows=(Row(property="city", before=None, after=id_),)
        )
        for id_ in "abc"
    ]
    for change in changes:
        assert await ledger.claim(change, Actor("local", "t"), per_hour=60)
    await file.do(lambda db: db.execute("update changes set change = '' where change_id = 'a'") and None)
    await file.do(lambda db: db.execute("update changes set change = '{\"id\": 1}' where change_id = 'b'") and None)
    assert [entry.change for entry in await ledger.unsettled()] == [None, None, changes[2]]
    file.close()
