"""``make erase``: a person is erased from all that is kept, and what could not be erased is said."""

import json
import sqlite3
import subprocess
import sys
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crm.store.audit import verify
from crm.store.engine import connect_to_read
from graph import open_assistant
from settings import Settings
from support.children import ROOT, Sandbox, clean_environment
from support.patience import patiently
from support.talk import Talk

METTE, LARS = "mette.hansen@nordlys.example", "lars.erased@nordlys.example"
UPDATE = f"ret stilling på {METTE} til Salgsdirektør"

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what Chainlit imports warns of itself
    from ui.history import SCHEMA

Erase = Callable[..., tuple[int, str]]


def test_it_is_a_command(live: dict[str, str]) -> None:
    """``python -m cli.erase`` runs by itself and ends with the status."""
    command = [sys.executable, "-m", "cli.erase", "--email", "nobody@nordlys.example"]
    environment = clean_environment(**live, LC_ALL="C")
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=patiently(60), check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Samtaler: 0" in done.stdout


def chat(folder: Path, **threads: str) -> None:
    """Puts conversations into the web chat's history: id -> what was said."""
    with closing(sqlite3.connect(folder / "chat.db")) as db:
        for statement in SCHEMA:
            db.execute(statement)
        for thread, said in threads.items():
            db.execute('insert into threads (id, "userIdentifier", name) values (?, ?, ?)', (thread, "local", "x"))
            step = (f"{thread}-1", "n", "user_message", thread, False, said)
            db.execute(
                'insert into steps (id, name, type, "threadId", streaming, output) values (?, ?, ?, ?, ?, ?)', step
            )
        db.commit()


async def conversations(settings: Settings) -> None:
    """Mette is changed in one conversation, Lars is created in another, and a card about Mette waits in a third."""
    async with open_assistant(settings) as graph:
        mette, lars, card = (Talk(graph, f"local:{name}") for name in ("mette", "lars", "card"))
        await mette.say(UPDATE)
        await mette.decide("approve")
        await lars.say(f"opret Lars Erased, {LARS}, stilling: Hemmelig")
        assert "er oprettet" in await lars.decide("approve")
        await card.say(f"ret by på {METTE} til Hemmelby")


def holding(folder: Path, *texts: str) -> dict[str, list[str]]:
    """The files in which the bytes of each text stand."""
    files = [path for path in folder.iterdir() if path.is_file()]
    return {text: sorted(f.name for f in files if text.encode() in f.read_bytes()) for text in texts}


def read(folder: Path, query: str, file: str = "ledger.db") -> list[Any]:
    with closing(sqlite3.connect(folder / file)) as db:
        return db.execute(query).fetchall()


@pytest.mark.parametrize("option", ["contact", "email", "phone"])
async def test_a_person_is_erased_from_everything(
    erase: Erase, settings: Settings, crm: Sandbox, folder: Path, option: str
) -> None:
    """By id, email or phone: values, words, conversations and the waiting card are gone from the disk; others stay."""
    contact = str(crm.find(METTE)["id"])  # type: ignore[index]
    crm.set(contact, phone="+4522998877")
    await conversations(settings)
    chat(folder, mette=f"ret stilling på {METTE}", lars=f"opret {LARS}", named="hvem er Mette Hansen?", none="hej")
    given = {"contact": contact, "email": METTE.upper(), "phone": "22 99 88 77"}[option]
    status, said = erase(f"--{option}", given)
    assert status == 0, said
    assert not any(holding(folder, METTE, "Salgsdirektør", "Hemmelby", "22998877").values())
    assert holding(folder, LARS)[LARS] == ["chat.db", "conversations.db", "ledger.db"]
    assert {row[0] for row in read(folder, "select id from threads", "chat.db")} == {"lars", "none"}
    assert read(folder, "select distinct thread_id from checkpoints", "conversations.db") == [("local:lars",)]
    with closing(connect_to_read(folder / "ledger.db")) as db:
        verdict = verify(db)
    assert (verdict.broken, verdict.erased) == (None, 3)
    assert "3 lines were erased" in said
    assert "of 1 were erased" in said
    assert "3 that mentioned the person were deleted" in said
    assert "contact in HubSpot itself" in said
    assert crm.find(METTE) is not None


async def test_nothing_is_written_twice_and_undo_says_why(erase: Erase, settings: Settings, crm: Sandbox) -> None:
    """After the erasure the change is still known as done: its undo says that it cannot, and nothing is written."""
    async with open_assistant(settings) as graph:
        talk = Talk(graph, "local:a")
        await talk.say(UPDATE)
        assert talk.card is not None
        change_id = talk.card["changes"][0]["id"]
        await talk.decide("approve")
    assert erase("--email", METTE)[0] == 0
    async with open_assistant(settings) as graph:
        assert "ikke længere fortryde" in await Talk(graph, "local:b").press("undo", change_id=change_id)
    assert len(crm.writes()) == 1


async def test_an_unsettled_change_is_left_and_told(
    erase: Erase, settings: Settings, crm: Sandbox, folder: Path
) -> None:
    """Values that tell whether something was written stay until that is known; the command says so, with status 1."""
    await conversations(settings)
    with closing(sqlite3.connect(folder / "ledger.db")) as db:
        db.execute("update changes set outcome = null, finished_at = null where change like '%Salgsdir%'")
        db.commit()
    status, said = erase("--email", METTE)
    assert status == 1
    assert "NOT erased: a change whose outcome is not known" in said
    assert "Salgsdirektør" in read(folder, "select change from changes")[0][0]


@pytest.mark.parametrize("broken", ["conversations.db", "chat.db"])
async def test_a_broken_file_keeps_nothing_else_from_being_erased(
    erase: Erase, settings: Settings, folder: Path, broken: str
) -> None:
    """A file that cannot be used is named once, with status 1, and the person is erased from the others."""
    await conversations(settings)
    chat(folder, mette=f"ret stilling på {METTE}")
    (folder / broken).write_bytes(b"not a database, but long enough to be taken for one" * 50)
    status, said = erase("--email", METTE)
    assert (status, said.count(f"{folder / broken}")) == (1, 1), said
    assert not any(holding(folder, METTE, "Salgsdirektør", "Hemmelby").values())


async def test_who_is_not_in_hubspot_is_erased_here(
    erase: Erase, settings: Settings, crm: Sandbox, folder: Path
) -> None:
    """A contact that was deleted in HubSpot is found by what is kept here; that HubSpot has none is said."""
    await conversations(settings)
    contact = str(crm.find(LARS)["id"])  # type: ignore[index]
    crm.archive(contact)
    status, said = erase("--contact", contact)
    assert (status, "no such contact" in said) == (0, True), said
    assert holding(folder, LARS, "Hemmelig") == {LARS: [], "Hemmelig": []}
    assert holding(folder, METTE)[METTE] != []


async def test_hubspot_need_not_answer(erase: Erase, settings: Settings, crm: Sandbox, folder: Path) -> None:
    """Where HubSpot cannot be asked, what is known here is erased, and that it was not asked is said."""
    await conversations(settings)
    status, said = erase("--email", LARS, HUBSPOT_API_URL="http://127.0.0.1:9")
    assert (status, "HubSpot could not be asked" in said) == (0, True), said
    assert holding(folder, LARS)[LARS] == []


async def test_several_contacts_are_not_guessed_among(
    erase: Erase, settings: Settings, crm: Sandbox, folder: Path
) -> None:
    """A number that several contacts share erases nothing: their ids are listed to choose from."""
    await conversations(settings)
    ids = [crm.create(email=f"s{n}@nordlys.example", firstname="Same", phone="+4522998800") for n in range(2)]
    status, said = erase("--phone", "22 99 88 00")
    assert status == 2
    assert all(contact in said for contact in ids)
    assert read(folder, "select count(*) from personal where data = ''") == [(0,)]


async def test_a_colleague_with_the_same_number_stays(
    erase: Erase, settings: Settings, crm: Sandbox, folder: Path
) -> None:
    """The audit of somebody else who shares a number with the person is not erased, and told to be there still."""
    one, _ = (crm.create(email=f"s{n}@nordlys.example", firstname="Same", phone="+4522998800") for n in range(2))
    async with open_assistant(settings) as graph:
        talk = Talk(graph, "local:two")
        await talk.say("ret telefon på s1@nordlys.example til 22 99 88 01")
        await talk.decide("approve")
    status, said = erase("--contact", one)
    assert (status, "NOT erased: one line" in said) == (1, True), said
    assert "+4522998801" in read(folder, "select group_concat(data) from personal")[0][0]


async def test_an_old_copy_is_told(erase: Erase, settings: Settings, folder: Path) -> None:
    """A copy from before an update is named with what to do about it."""
    await conversations(settings)
    (folder / "ledger.db.v1").write_bytes(b"x")
    status, said = erase("--email", METTE)
    assert (status, "ledger.db.v1" in said) == (1, True)


def test_what_was_moved_aside_is_told(erase: Erase, folder: Path) -> None:
    """The folder of an earlier version is named where any file in it mentions the person, or cannot be read."""
    aside = folder / "old-2026-11-01"
    aside.mkdir()
    chat(aside, a=f"ret stilling på {LARS}")
    assert erase("--email", METTE)[0] == 0
    status, said = erase("--email", LARS)
    assert (status, f"NOT erased: {aside}" in said) == (1, True), said
    (aside / "ledger.db").write_text("no database, but long enough to be taken for one " * 50)
    assert f"NOT erased: {aside}" in erase("--email", METTE)[1]


def test_a_file_that_is_in_use_is_told(erase: Erase, folder: Path) -> None:
    """Where a reader keeps the erased bytes on the disk, the command says which file and what to do."""
    chat(folder, a=METTE)
    with closing(sqlite3.connect(folder / "chat.db")) as reader:
        reader.execute("pragma journal_mode = wal")
        reader.execute("begin")
        reader.execute("select * from steps").fetchall()
        status, said = erase("--email", METTE)
    assert (status, "chat.db is in use" in said) == (1, True), said
    assert erase("--email", METTE)[0] == 0
    assert holding(folder, METTE)[METTE] == []


@pytest.mark.parametrize("arguments", [[], ["--contact", "me"], ["--email", "no"], ["--phone", "x"]])
def test_nobody_in_particular(erase: Erase, arguments: list[str]) -> None:
    """Without an id, an address or a number nothing is done."""
    assert erase(*arguments)[0] == 2


def test_json_ids_of_lists_are_mentions(erase: Erase, crm: Sandbox, folder: Path) -> None:
    """A conversation that holds no more of the person than the id in a list's buttons is deleted too."""
    contact = str(crm.find(METTE)["id"])  # type: ignore[index]
    chat(folder, a="liste")
    with closing(sqlite3.connect(folder / "chat.db")) as db:
        db.execute("update steps set metadata = ?", (json.dumps({"offer": "contacts", "ids": [contact]}),))
        db.commit()
    assert "Conversations: 1 " in erase("--contact", contact)[1]
