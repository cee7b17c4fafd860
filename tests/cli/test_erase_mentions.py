"""``make erase``: what mentions the person in lines and changes about others is told, and erased where asked for."""

import re
import shlex
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from crm.store.audit import verify
from crm.store.engine import connect_to_read
from support.aged import holds, rows
from support.children import Sandbox

METTE, OTHER = "mette.hansen@nordlys.example", "mh@fjordbyg.example"
Erase = Callable[..., tuple[int, str]]
Write = Callable[..., Awaitable[None]]


def chain_holds(folder: Path) -> bool:
    with closing(connect_to_read(folder / "ledger.db")) as db:
        return verify(db).broken is None


@pytest.mark.parametrize(
    ("order", "mention"),
    [
        (f"ret adresse på {OTHER} til c/o Grethe Unik Sørensen", "Grethe Unik Sørensen"),
        (f"ret mobil på {OTHER} til 22 99 88 77", "22998877"),
    ],
)
async def test_a_mention_is_told_and_erased_on_demand(
    erase: Erase, write: Write, crm: Sandbox, folder: Path, order: str, mention: str
) -> None:
    """A line and a change about another that hold the name or number end with status 1; with --mentions they go."""
    about = {"firstname": "Grethe Unik", "lastname": "Sørensen", "phone": "+4522998877"}
    contact = crm.create(email="grethe@nordlys.example", **about)
    await write(order, f"ret by på {METTE} til Hemmelby")
    status, said = erase("--contact", contact)
    assert (status, "NOT erased: 2 lines of the audit trail and one change" in said) == (1, True), said
    assert "--mentions" in said
    assert mention in rows(folder, "select group_concat(change) from changes")[0][0]
    status, said = erase("--contact", contact, "--mentions")
    assert (status, "NOT erased" in said) == (0, False), said
    assert holds(folder, mention) == []
    assert "ledger.db" in holds(folder, "Hemmelby")
    assert chain_holds(folder)
    assert erase("--contact", contact)[0] == 0


async def test_what_is_said_to_be_run_again_knows_the_person(
    erase: Erase, write: Write, crm: Sandbox, folder: Path
) -> None:
    """Where HubSpot has no such contact any more, the options that are named still find every mention."""
    await write("opret Grethe Uniksen, grethe@nordlys.example, 22 99 88 77")
    contact = str(crm.find("grethe@nordlys.example")["id"])  # type: ignore[index]
    await write(f"ret adresse på {OTHER} til c/o Grethe Uniksen", f"ret telefon på {METTE} til 22 99 88 77")
    crm.archive(contact)
    status, said = erase("--contact", contact)
    (again,) = re.findall(r"again with (--mentions.*?) to erase", said)
    assert status == 1
    assert erase("--contact", contact, *shlex.split(again))[0] == 0
    assert holds(folder, "Grethe") == []
    assert holds(folder, "22998877") == []


async def test_an_unsettled_change_that_mentions_the_person(
    erase: Erase, write: Write, crm: Sandbox, folder: Path
) -> None:
    """A change about another whose outcome is not known keeps its values with --mentions too, and is told."""
    contact = crm.create(email="grethe@nordlys.example", firstname="Grethe", lastname="Uniksen")
    await write(f"ret adresse på {OTHER} til c/o Grethe Uniksen")
    with closing(sqlite3.connect(folder / "ledger.db")) as db:
        db.execute("update changes set outcome = null, finished_at = null")
        db.commit()
    for more in ([], ["--mentions"]):
        status, said = erase("--contact", contact, *more)
        assert (status, "NOT erased: a change whose outcome is not known" in said) == (1, True), said
    assert "Grethe Uniksen" in rows(folder, "select change from changes")[0][0]


async def test_damaged_values_are_searched_and_erased(erase: Erase, write: Write, crm: Sandbox, folder: Path) -> None:
    """Values that are no JSON any more are searched as the text that they are, and erased with the rest."""
    contact = str(crm.find(METTE)["id"])  # type: ignore[index]
    await write(f"ret by på {OTHER} til Hemmelby")
    with closing(sqlite3.connect(folder / "ledger.db")) as db:
        db.execute("update personal set data = ? where id = 1", (f"{{damaged {METTE}",))
        db.execute("update changes set details = ?", (f"{{damaged {METTE}",))
        db.commit()
    status, said = erase("--contact", contact)
    assert (status, "1 were erased" in said) == (0, True), said
    assert holds(folder, METTE) == []
