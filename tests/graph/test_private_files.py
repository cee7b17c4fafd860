"""Whatever is kept is for its owner only, wherever the folder came from."""

import os
import subprocess
import sys
import warnings
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from crm.store.engine import connect, transaction
from graph import open_assistant
from settings import Settings
from support.talk import Talk

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what Chainlit imports warns of itself
    from ui.history import History

OPEN = {"sandbox.port"}  # the number of a port


async def forget(keys: Iterable[str]) -> None:
    """Nothing is deleted here."""


async def test_no_other_account_may_read_a_file(tmp_path: Path) -> None:
    """In a folder made by plain ``mkdir``, conversations, ledger, chat and sandbox are private, with their logs."""
    folder = tmp_path / "plain"
    before = os.umask(0)
    try:
        folder.mkdir()
        async with open_assistant(Settings(_env_file=None, database_url=f"sqlite:///{folder}")) as graph:
            talk = Talk(graph)
            await talk.say("ret stilling på mette.hansen@nordlys.example til Salgsdirektør")
            await talk.decide("approve")
            history = History(folder / "chat.db", forget)
            await history.create_tables()
            await history.close()
            modes = {path: path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}
    finally:
        os.umask(before)
    assert {"conversations.db", "ledger.db", "chat.db", "sandbox.db", "ledger.db-wal"} <= {path.name for path in modes}
    assert {path.name for path, mode in modes.items() if mode & 0o077} <= OPEN


def test_a_database_in_use_keeps_its_locks(tmp_path: Path) -> None:
    """What is written after the file was opened once more is seen by another process that opened and closed it."""
    file = tmp_path / "x.db"

    def seen_by_another() -> str:
        asking = f"import sqlite3; db = sqlite3.connect({str(file)!r}); print(db.execute('select * from t').fetchall())"
        asked = subprocess.run(
            [sys.executable, "-c", f"{asking}; db.close()"], capture_output=True, text=True, check=True
        )
        return asked.stdout.strip()

    with closing(connect(file)) as db:
        with db.begin():
            db.exec_driver_sql("pragma journal_mode = wal")
        with transaction(db):
            db.exec_driver_sql("create table t (n)")
        connect(file).close()
        assert seen_by_another() == "[]"
        with transaction(db):
            db.exec_driver_sql("insert into t values (1)")
        assert seen_by_another() == "[(1,)]"
