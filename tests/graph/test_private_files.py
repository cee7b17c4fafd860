"""Whatever is kept is for its owner only, wherever the folder came from."""

import os
import warnings
from pathlib import Path

from graph import open_assistant
from settings import Settings
from support.talk import Talk

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what Chainlit imports warns of itself
    from ui.history import History

OPEN = {"sandbox.port"}  # the number of a port


async def forget(user: str, thread_id: str) -> None:
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
