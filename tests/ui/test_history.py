"""The tables of the conversations, against what this version of Chainlit writes."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import get_type_hints

import pytest
from chainlit.element import ElementDict
from chainlit.step import StepDict
from chainlit.types import Feedback

from ui.history import History


async def forget(keys: Iterable[str]) -> None:
    raise AssertionError("nothing is deleted here")


@pytest.mark.parametrize(
    ("table", "fields", "not_written"),
    [
        # feedback has a table of its own; a path is of the moment
        ("steps", set(StepDict.__annotations__), {"feedback"}),
        ("elements", set(ElementDict.__annotations__), {"path"}),
        ("feedbacks", set(get_type_hints(Feedback)), set()),
    ],
)
async def test_every_field_has_a_column(tmp_path: Path, table: str, fields: set[str], not_written: set[str]) -> None:
    """A field without a column would be lost with no more than a line in the log."""
    history = History(tmp_path / "chat.db", forget)
    await history.create_tables()
    await history.create_tables()
    await history.close()
    with sqlite3.connect(tmp_path / "chat.db") as connection:
        columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    connection.close()
    assert fields - not_written <= columns


async def test_a_failed_statement_logs_no_values(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What is written about people does not reach the log by way of an error."""
    history = History(tmp_path / "chat.db", forget)
    await history.execute_sql("INSERT INTO nowhere VALUES (:email)", {"email": "mette@nordlys.example"})
    await history.close()
    assert "nowhere" in caplog.text
    assert "mette@nordlys.example" not in caplog.text
