"""Values in the export and the list of the audit trail: harmless, readable, and to be read back."""

import csv
import io
import re

import pytest

from cli.audit_formats import neutral, visible, write_csv
from crm.store.audit import Event


@pytest.mark.parametrize("cell", ["=1", " =1", "\t=1", "+1", "-1", "@x", "＝1", "'x", "\tx", "\rx", "\nx", "\u00a0=1"])
def test_what_begins_like_a_formula_gets_an_apostrophe(cell: str) -> None:
    """Every beginning that a spreadsheet may compute is made text, and can be read back."""
    assert neutral(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "x", "1", "x=1", " x", "mette@nordlys.example"])
def test_ordinary_cells_stay(cell: str) -> None:
    """A cell that no spreadsheet computes stays as it is."""
    assert neutral(cell) == cell


HOSTILE = [
    *("hej;=HYPERLINK(0)", "x;=cmd|' /C calc'!A0;y", "x\t=1", "x\n=1", "x\r\n +1", 'x;"=1"', "x; @y", "\n=1", "x;;-1"),
    *("x;＝1", "=1;=2\n=3", "x\t\t=1", 'x;" =1', "x;\u00a0=1"),
]
TRICKY = [
    "'",
    "''",
    "x;'y",
    "x;''=1",
    "\t'x",
    "'\t'x",
    "\t\t'x",
    "x\n'",
    ";'",
    ";=",
    "\t;'=1",
    "x;y",
    "a\tb\nc",
    "x=1;y=2",
]


def read_back(cell: str) -> str:
    """What docs/privacy.md says: one apostrophe less at each place where a cell may begin for a spreadsheet."""
    return re.sub(r"(?:\A|(?<=[;\r\n])|(?<=[\s\S]\t)(?<!\A'\t))'", "", cell)


@pytest.mark.parametrize("cell", HOSTILE)
def test_no_part_of_a_cell_is_a_formula(cell: str) -> None:
    """Wherever a cell is parted by a semicolon, a tab or a line break, no part begins like a formula."""
    parts = re.split(r"[;\t\r\n]", neutral(cell))
    assert not [part for part in parts if part.strip(' "\u00a0').startswith(("=", "+", "-", "@", "＝"))]


@pytest.mark.parametrize("cell", [*HOSTILE, *TRICKY, "=1", "\t=1", "\0=1", "\tx", "'x"])
def test_every_cell_can_be_read_back(cell: str) -> None:
    """One apostrophe less at each place gives the value back, whatever stood there."""
    assert read_back(neutral(cell)) == cell


def test_the_words_of_a_line_are_harmless_and_whole() -> None:
    """What the user wrote stands in the export without a formula, and comes back from it."""
    out = io.StringIO()
    words = "x;=cmd|' /C calc'!A0;y\n=1"
    given = {"user": "u", "conversation": "c", "change_id": "1", "digest": "d", "action": "update"}
    write_csv([Event(kind="proposed", personal={"words": words}, **given)], out)
    (row,) = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    assert row["words"] == "x;'=cmd|' /C calc'!A0;y\n'=1"
    assert read_back(row["words"]) == words


def test_visible_keeps_what_can_be_seen() -> None:
    """Letters, accents and emoji are shown as they are."""
    assert visible("Ærø 李 😀 “x”") == "Ærø 李 😀 “x”"
