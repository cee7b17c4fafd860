"""A trail that somebody or something damaged: the first broken line is named, and the rest can be read."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cli.audit import main
from crm.store.audit import Event, append
from crm.store.engine import opened, transaction

ROWS = [{"property": "phone", "before": None, "after": "+4522334455", "source": "user"}]
COLUMNS = ("at", "kind", "user", "conversation", "card_id", "change_id", "digest", "action", "contact_id", "outcome")
COLUMNS += ("correlation_ids", "personal_hash", "previous", "hash")
MADE_OF = {
    "a blob": "cast({} as blob)",
    "another blob": "x'ff00'",
    "a number": "17.5",
    "no UTF-8": "cast(x'ff41' as text)",
}
DATA = ["no json", "{", "[1]", "17", "null", '"x"', '{"rows": 1}', '{"rows": [1]}', '{"rows": [{}]}', '{"after": [1]}']
DATA += ['{"overwritten": "x"}', '{"replaced": "x"}', '{"words": {"a": 1}}', '{"display": 1}', "[" * 100_000]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A ledger with a trail of three lines."""
    path = tmp_path / "ledger.db"
    with closing(opened(path)) as db, transaction(db):
        for number in range(1, 4):
            personal = {"display": f"Person {number}", "rows": ROWS, "words": "ret telefonen"}
            given = {"user": "u", "conversation": "u:c", "change_id": f"change-{number}", "digest": f"d{number}"}
            append(db, Event(kind="proposed", action="update", contact_id="5", personal=personal, **given))
    return path


def damage(file: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(file)) as db:
        db.execute(statement, values)
        db.commit()


def listed(file: Path, capfd: pytest.CaptureFixture[str]) -> list[str]:
    """What every format of the list prints, masked and not."""
    texts = []
    for kind in ("text", "csv", "jsonl"):
        for mask in ([], ["--mask"]):
            assert main(["list", "--format", kind, *mask, "--file", str(file)]) == 0
            texts.append(capfd.readouterr().out)
    return texts


@pytest.mark.parametrize("how", MADE_OF)
@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_of_another_type(file: Path, column: str, how: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A column that was made a blob, a number or no text at all breaks its line, and the list still has all lines."""
    damage(file, f"update trail set {column} = {MADE_OF[how].format(column)} where seq = 2")
    assert main(["verify", "--file", str(file)]) == 1
    assert capfd.readouterr().out.startswith("BROKEN: line 2 ")
    assert all("change-3" in text for text in listed(file, capfd))


@pytest.mark.parametrize("how", MADE_OF)
@pytest.mark.parametrize("column", ["salt", "data"])
def test_values_of_another_type(file: Path, column: str, how: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A salt or values that were made another type break their line, and the list still has all lines."""
    damage(file, f"update personal set {column} = {MADE_OF[how].format(column)} where id = 2")
    assert main(["verify", "--file", str(file)]) == 1
    assert capfd.readouterr().out.startswith("BROKEN: line 2 ")
    assert all("change-3" in text for text in listed(file, capfd))


@pytest.mark.parametrize("data", DATA, ids=range(len(DATA)))
def test_values_that_cannot_be_read(file: Path, data: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Values that are no JSON, or of another shape, are told as damaged, and masked where asked for."""
    damage(file, "update personal set data = ? where id = 2", data)
    assert main(["verify", "--file", str(file)]) == 1
    assert capfd.readouterr().out.startswith("BROKEN: line 2 ")
    texts = listed(file, capfd)
    assert all("change-3" in text for text in texts)
    assert "damaged: “" in texts[0]
    assert "damaged: “***”" in texts[1]
