"""Values in the export and the list of the audit trail: harmless, readable, and to be read back."""

import pytest

from crm.audit.telling import neutral, visible


@pytest.mark.parametrize("cell", ["=1", " =1", "\t=1", "+1", "-1", "@x", "＝1", "'x", "\tx", "\rx", "\nx", "\u00a0=1"])
def test_what_begins_like_a_formula_gets_an_apostrophe(cell: str) -> None:
    """Every beginning that a spreadsheet may compute is made text, and can be read back."""
    assert neutral(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "x", "1", "x=1", " x", "mette@nordlys.example"])
def test_ordinary_cells_stay(cell: str) -> None:
    """A cell that no spreadsheet computes stays as it is."""
    assert neutral(cell) == cell


def test_visible_keeps_what_can_be_seen() -> None:
    """Letters, accents and emoji are shown as they are."""
    assert visible("Ærø 李 😀 “x”") == "Ærø 李 😀 “x”"
