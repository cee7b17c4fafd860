"""What a version from before 0.1.0 kept is moved aside, whole, and by one process."""

import re
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from crm.store.earlier import set_aside
from crm.store.engine import Database, UnusableDatabase
from support.children import ROOT, clean_environment

FILES = ("chat.db", "conversations.db", "ledger.db", "ledger.db.v1")
KEPT = ("sandbox.db", "chat.secret", "ledger.database")


def earlier(folder: Path) -> None:
    """A folder as such a version left it."""
    folder.mkdir(exist_ok=True)
    for name in (*FILES, *KEPT):
        with closing(sqlite3.connect(folder / name)) as db, db:
            db.execute("create table changes (digest text primary key, change text)")
            db.execute("insert into changes values ('d', ?)", (name,))
    (folder / "ledger.db.claims").mkdir()


def held(file: Path) -> str:
    with closing(sqlite3.connect(file)) as db:
        return str(db.execute("select change from changes").fetchone()[0])


def test_all_of_it_is_moved(tmp_path: Path) -> None:
    """Conversations, chat and ledger, with copies and locks, stand in a private folder of the day; the rest stays."""
    earlier(tmp_path)
    target = set_aside(tmp_path)
    assert target is not None and re.fullmatch(r"old-\d{4}-\d\d-\d\d", target.name)
    assert sorted(path.name for path in target.iterdir()) == sorted([*FILES, "ledger.db.claims"])
    assert [held(target / name) for name in FILES] == list(FILES)
    assert {path.stat().st_mode & 0o077 for path in (target, *target.iterdir()) if path.suffix != ".claims"} == {0}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*KEPT, target.name])
    assert set_aside(tmp_path) is None


def test_what_is_written_after_the_last_checkpoint_goes_along(tmp_path: Path) -> None:
    """Nothing is lost that stood in the log beside a file of a process that was killed."""
    script = "import os, sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('pragma journal_mode=wal');"
    script += "db.execute('create table changes (change text)'); db.execute(\"insert into changes values ('late')\");"
    script += "db.commit(); os._exit(0)"
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "ledger.db")], check=True, timeout=60)
    target = set_aside(tmp_path)
    assert target is not None and held(target / "ledger.db") == "late"


def test_a_second_time_on_a_day(tmp_path: Path) -> None:
    """Who puts such files back, and starts again, has both: nothing that was moved is overwritten."""
    earlier(tmp_path)
    first = set_aside(tmp_path)
    assert first is not None
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as db, db:
        db.execute("create table changes (change text)")
        db.execute("insert into changes values ('again')")
    second = set_aside(tmp_path)
    assert second is not None and second.name == f"{first.name}-2"
    assert (held(first / "ledger.db"), held(second / "ledger.db")) == ("ledger.db", "again")


def test_a_move_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    """The ledger goes last, and while it is there the rest is moved to the same folder."""
    earlier(tmp_path)
    target = set_aside(tmp_path)
    assert target is not None
    (target / "ledger.db").rename(tmp_path / "ledger.db")
    assert set_aside(tmp_path) == target
    assert [held(target / name) for name in FILES] == list(FILES)


@pytest.mark.parametrize("content", [None, b"", b"no database, but long enough to be taken for one " * 50])
async def test_what_is_of_this_version_stays(tmp_path: Path, content: bytes | None) -> None:
    """A folder that is new or empty, one of this version, and one with a damaged ledger are left as they are."""
    if content is not None:
        (tmp_path / "ledger.db").write_bytes(content)
    assert set_aside(tmp_path) is None
    if not content:
        database = Database(tmp_path / "ledger.db")
        await database.open()
        assert set_aside(tmp_path) is None
        database.close()
        assert set_aside(tmp_path) is None


async def test_a_ledger_of_before_is_not_opened(tmp_path: Path) -> None:
    """Who opens such a ledger without having it moved is told what to do, and nothing in it is changed."""
    earlier(tmp_path)
    with pytest.raises(UnusableDatabase, match=r"ledger\.db was made by a version before 0\.1\.0\."):
        await Database(tmp_path / "ledger.db").open()
    assert held(tmp_path / "ledger.db") == "ledger.db"


STARTING = """
import asyncio, sys, time
from pathlib import Path
from crm.store import Database, set_aside
folder = Path(sys.argv[1])
time.sleep(max(0.0, float(sys.argv[2]) - time.time()))
print(set_aside(folder) is not None)
asyncio.run(Database(folder / "ledger.db").open())
"""


def test_processes_that_start_at_once(tmp_path: Path) -> None:
    """Of four processes that start at the same moment one moves, and all come up over the new ledger."""
    earlier(tmp_path)
    command = [sys.executable, "-c", STARTING, str(tmp_path), str(time.time() + 5)]
    started = [
        subprocess.Popen(command, cwd=ROOT, env=clean_environment(), stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = sorted(child.communicate(timeout=100)[0].strip() for child in started)
    assert (said, [child.returncode for child in started]) == (["False"] * 3 + ["True"], [0] * 4)
    (target,) = tmp_path.glob("old-*")
    assert held(target / "ledger.db") == "ledger.db"
