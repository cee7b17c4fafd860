"""Migrations of the ledger's file: forwards, whole or not at all, with a copy kept, and never by an older version."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from crm.domain.actor import Actor
from crm.domain.change import Change, Row
from crm.store import migrations
from crm.store.engine import Database, NewerDatabase, UnusableDatabase, opened
from crm.store.ledger import Ledger
from crm.store.tables import METADATA
from support.children import ROOT, clean_environment

SECOND = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "2", "1"


def upgrade() -> None:
    op.add_column("changes", sa.Column("team", sa.String(), nullable=False, server_default="none"))
    op.create_table("teams", sa.Column("name", sa.String(), primary_key=True))
"""
BY = Actor("anna", "c1")
CHANGE = Change(
    id="a", action="update", contact_id="7", display="x", rows=(Row(property="city", before=None, after="Ribe"),)
)


@pytest.fixture
def second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Makes the assistant one of a later version, with a second revision of the tables; the folder with it."""
    folder = tmp_path / "later"
    folder.mkdir()
    (folder / "second.py").write_text(SECOND)
    monkeypatch.setattr(migrations, "FOLDERS", (*migrations.FOLDERS, folder))
    monkeypatch.setattr(migrations, "HEAD", "2")
    return folder


@pytest.fixture
async def old(tmp_path: Path) -> Path:
    """A ledger of this version, with one claimed change."""
    path = tmp_path / "ledger.db"
    database = Database(path)
    ledger = Ledger(database)
    assert await ledger.claim(CHANGE, BY, per_hour=60)
    ledger.abandon(CHANGE)
    database.close()
    return path


def version(path: Path) -> str:
    with closing(sqlite3.connect(path)) as db:
        return str(db.execute("select version_num from alembic_version").fetchone()[0])


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as db:
        return {name for (name,) in db.execute("select name from sqlite_master where type = 'table'")}


def test_the_revisions_make_the_tables(tmp_path: Path) -> None:
    """A new file has the tables that the code works with, at the newest revision, and keeps no copy of nothing."""
    with closing(opened(tmp_path / "ledger.db")) as db:
        assert compare_metadata(MigrationContext.configure(db), METADATA) == []
    assert version(tmp_path / "ledger.db") == migrations.HEAD
    assert ScriptDirectory.from_config(migrations._config()).get_current_head() == migrations.HEAD
    assert list(tmp_path.glob("ledger.db.v*")) == []


async def test_a_file_is_brought_up_to_date(old: Path, request: pytest.FixtureRequest) -> None:
    """The tables of a later version hold what an earlier one wrote, and a private copy of that is kept."""
    request.getfixturevalue("second")
    database = Database(old)
    entry = await Ledger(database).entry(CHANGE)
    assert entry is not None and entry.change == CHANGE
    database.close()
    kept = old.with_name("ledger.db.v1")
    assert (version(old), version(kept), "teams" in tables(old), "teams" in tables(kept)) == ("2", "1", True, False)
    assert kept.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(kept)) as db:
        assert db.execute("select count(*) from changes").fetchone() == (1,)


async def test_an_old_copy_gives_way_to_a_new_one(old: Path, request: pytest.FixtureRequest) -> None:
    """What somebody left in its place, or a start that died while copying, is no copy, and does not stand for one."""
    request.getfixturevalue("second")
    old.with_name("ledger.db.v1").write_text("a copy that somebody left behind")
    old.with_name("ledger.db.v1.part").write_text("half")
    await Database(old).open()
    assert version(old.with_name("ledger.db.v1")) == "1"
    assert not old.with_name("ledger.db.v1.part").exists()


async def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    """A file of a newer version is refused with a sentence that names it, and nothing in it is changed."""
    path = tmp_path / "ledger.db"
    await Database(path).open()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("update alembic_version set version_num = '99'")
    with pytest.raises(NewerDatabase, match=r"ledger\.db was written by a newer version of the assistant\."):
        await Database(path).open()
    assert version(path) == "99"


async def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    """A file that is no database is refused with a sentence that names it and says what to do."""
    path = tmp_path / "ledger.db"
    path.write_text("no database at all, and long enough to be looked at as one " * 20)
    with pytest.raises(UnusableDatabase, match=r"ledger\.db cannot be used: .* Run make doctor"):
        await Database(path).open()


LATER = """
import os, signal, sys, time
from pathlib import Path
from sqlalchemy import Engine, event
from crm.store import engine, migrations
path, at, folder, kill = sys.argv[1:]
if folder:
    migrations.FOLDERS, migrations.HEAD = (*migrations.FOLDERS, Path(folder)), "2"
if kill:
    @event.listens_for(Engine, "after_cursor_execute")
    def die(connection, cursor, statement, *rest):
        if kill in statement:
            os.kill(os.getpid(), signal.SIGKILL)
time.sleep(max(0.0, float(at) - time.time()))
engine.opened(Path(path)).close()
"""


def children(count: int, path: Path, *, at: float = 0.0, folder: Path | None = None, kill: str = "") -> list[int]:
    """How so many processes end that open the file at once; ``kill``: each dies after such a statement."""
    command = [sys.executable, "-c", LATER, str(path), str(at), str(folder or ""), kill]
    started = [subprocess.Popen(command, cwd=ROOT, env=clean_environment()) for _ in range(count)]
    return [child.wait(100) for child in started]


@pytest.mark.parametrize("upgrades", [True, False])
async def test_processes_that_migrate_at_once(old: Path, second: Path, upgrades: bool) -> None:
    """Four processes that start over the same file at the same moment all come up, on one migration and one copy."""
    if not upgrades:
        for part in old.parent.glob("ledger.db*"):
            part.unlink() if part.is_file() else None
    assert children(4, old, at=time.time() + 4, folder=second if upgrades else None) == [0] * 4
    assert version(old) == ("2" if upgrades else "1")
    assert [kept.name for kept in old.parent.glob("*.v*")] == ["ledger.db.v1"] * upgrades


@pytest.mark.parametrize("statement", ["ALTER TABLE", "CREATE TABLE teams", "UPDATE alembic_version"])
async def test_a_migration_that_is_cut_off(old: Path, second: Path, statement: str) -> None:
    """Killed in the middle of a migration, the file is still the old one, and the next start migrates it."""
    assert children(1, old, folder=second, kill=statement) == [-signal.SIGKILL]
    assert (version(old), "teams" in tables(old)) == ("1", False)
    await Database(old).open()
    assert (version(old), "teams" in tables(old)) == ("2", True)


def test_a_first_start_that_is_cut_off(tmp_path: Path) -> None:
    """Killed while the tables are made, nothing of them is there, and the next start makes them."""
    path = tmp_path / "ledger.db"
    assert children(1, path, kill="CREATE TABLE trail") == [-signal.SIGKILL]
    assert tables(path) == set()
    opened(path).close()
    assert version(path) == "1"


def test_a_start_costs_little(old: Path) -> None:
    """A start with nothing to migrate does not even load what migrates."""
    script = (
        "import sys; from pathlib import Path; from crm.store.engine import opened; opened(Path(sys.argv[1])).close()"
    )
    script += "; sys.exit('alembic' in sys.modules)"
    command = [sys.executable, "-c", script, str(old)]
    assert subprocess.run(command, cwd=ROOT, env=clean_environment(), timeout=100, check=False).returncode == 0


async def test_a_change_that_cannot_be_read_keeps_nobody(tmp_path: Path) -> None:
    """A claim that is damaged, or whose values were erased, is listed without them; the others are settled."""
    file = Database(tmp_path / "ledger.db")
    ledger = Ledger(file)
    changes = [CHANGE.model_copy(update={"id": name}) for name in "abc"]
    for change in changes:
        assert await ledger.claim(change, BY, per_hour=60)
    damage = ("update changes set change = '' where change_id = 'a'",)
    damage += ("update changes set change = '{\"id\": 1}' where change_id = 'b'",)
    for statement in damage:
        await file.do(lambda db, statement=statement: db.exec_driver_sql(statement) and None)
    assert [entry.change for entry in await ledger.unsettled()] == [None, None, changes[2]]
    file.close()


def test_files_are_private_in_any_folder(tmp_path: Path) -> None:
    """In a folder that everybody may look into, the database, its logs and an older one are readable to nobody else."""
    folder = tmp_path / "plain"
    before = os.umask(0)
    try:
        folder.mkdir()
        (folder / "ledger.db").touch()  # made by somebody else's hand
        with closing(opened(folder / "ledger.db")):
            modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    finally:
        os.umask(before)
    assert modes == {"ledger.db": 0o600, "ledger.db-wal": 0o600, "ledger.db-shm": 0o600}
