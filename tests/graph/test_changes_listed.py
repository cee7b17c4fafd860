"""The list of changes: the day, what was erased of it, and what was taken back wholly or in part."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm.privacy.data_subject import DataSubject
from crm.privacy.retention import erase
from crm.store.engine import Database
from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.openai_wire import ToolCall, calls, says
from support.talk import Talk

METTE, OTHER = "mette.hansen@nordlys.example", "mh@fjordbyg.example"
UPDATE = f"ret stilling på {METTE} til CFO"


async def test_a_list_of_several_days_names_each(talk: Talk) -> None:
    """What was written today stands under its date where more than a day is asked for, and else not."""
    await talk.say(UPDATE)
    await talk.say("ja")
    today = str(datetime.now(ZoneInfo("Europe/Copenhagen")).day)
    for words in ("hvad har du ændret siden i går?", "hvad har du ændret denne uge?"):
        first = (await talk.say(words)).splitlines()[0]
        assert not first.startswith("- kl."), words
        assert today in first
    assert (await talk.say("hvad har du ændret i dag?")).startswith("- kl.")


async def erased(folder: Path, crm: Sandbox, email: str) -> None:
    """Erases whoever has this address from the ledger."""
    database = Database(folder / "ledger.db")
    await erase(database, DataSubject(ids=frozenset({str((crm.find(email) or {})["id"])})))
    database.close()


@pytest.mark.parametrize(
    ("language", "asked", "one", "more", "nothing"),
    [
        ("da", "hvad har du ændret i dag?", "Værdierne i en ændring er slettet", "i 2 ændringer", "ikke ændret noget"),
        ("en", "what did you change today?", "The values of one change", "of 2 changes", "not changed anything"),
    ],
)
async def test_what_was_erased_is_counted(
    talk: Talk, crm: Sandbox, tmp_path: Path, language: str, asked: str, one: str, more: str, nothing: str
) -> None:
    """Nobody is told that nothing was changed where the values of what was changed were erased: it is counted."""
    for words in (UPDATE, f"ret by på {OTHER} til Ribe"):
        await talk.say(words)
        await talk.say("ja")
    reader = Talk(talk.graph, "reader", language=language)
    await erased(tmp_path, crm, METTE)
    listed = await reader.say(asked)
    assert "Ribe" in listed and one in listed
    await erased(tmp_path, crm, OTHER)
    listed = await reader.say(asked)
    assert more in listed and nothing not in listed


async def test_a_language_model_is_told_of_what_was_erased(
    opener: Any, server: FakeOpenAI, crm: Sandbox, tmp_path: Path
) -> None:
    """A language model is not told of no changes either, where their values were erased."""
    async with opener() as graph:
        talk = Talk(graph)
        await talk.say(UPDATE)
        await talk.say("ja")
    await erased(tmp_path, crm, METTE)
    async with opener(openai_base_url=server.base_url) as graph:
        server.script = [calls(ToolCall("list_changes", {})), says("Se ovenfor.")]
        await Talk(graph, "model").say("hvad er ændret?")
        assert server.requests[-1].last["content"] == "1 whose values were erased"


async def test_what_is_taken_back_wholly_in_the_end(talk: Talk, crm: Sandbox) -> None:
    """A change that was undone in part, then stood again, and then was undone wholly, is listed as undone."""
    await talk.say(f"ret {METTE}: stilling CFO, by Ribe")
    await talk.say("ja")
    contact, change = (crm.find(METTE) or {})["id"], talk.outcomes[-1]["change_id"]
    crm.set(contact, jobtitle="Formand")
    await talk.say("fortryd")
    await talk.say("ja")
    crm.set(contact, jobtitle="CFO")
    for which in (talk.outcomes[-1]["change_id"], change):
        await talk.press("undo", change_id=which)
        await talk.say("ja")
    listed = (await talk.say("hvad har du ændret i dag?")).splitlines()
    assert "(fortrudt)" in listed[0]
    assert not any("delvist" in line for line in listed)


async def test_a_list_without_a_way_back(opener: Any) -> None:
    """Where the assistant may only read, the list of changes does not say how to take one back."""
    for read_only in (False, True):
        async with opener(read_only=read_only) as graph:
            talk = Talk(graph, f"read only: {read_only}")
            if not read_only:
                await talk.say(UPDATE)
                await talk.say("ja")
            listed = await talk.say("hvad har du ændret i dag?")
        assert "CFO" in listed
        assert ("fortryd" in listed) == (not read_only)
