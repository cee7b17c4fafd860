"""What another version of the assistant left behind: cards that wait, and files; and starts with something open."""

import asyncio
import socket
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from langgraph.errors import InvalidUpdateError
from langgraph.types import Command

from cli.audit import main as audit
from crm.changes.propose import update_change
from crm.domain.actor import Actor
from crm.domain.change import Change
from crm.domain.contact import Contact
from crm.store.engine import Database
from crm.store.ledger import Ledger
from crm.write import timing
from graph import nodes, open_assistant, state
from settings import Settings, SettingsError
from support.children import Sandbox
from support.patience import patiently
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
UPDATE = f"ret stilling på {METTE} til CFO"


async def test_a_card_that_nobody_was_shown_is_not_written(talk: Talk, crm: Sandbox) -> None:
    """A state that is put together by hand, with a change and its approval, writes nothing: no card showed it."""
    await talk.say(UPDATE)
    card = (await talk.values())["card"]
    rows = [{**card["changes"][0]["rows"][0], "after": "Forged"}]
    forged = {**card, "changes": [{**card["changes"][0], "rows": rows}]}
    decisions = {card["changes"][0]["id"]: {"decision": "approve", "acknowledge": []}}
    for fake in (forged, {**forged, "id": "forged"}):
        other = Talk(talk.graph, thread=str(fake["id"]))
        await other.open()
        given: Any = Command(goto="apply", update={"card": fake, "decisions": decisions})
        with suppress(InvalidUpdateError):  # langgraph starts another node beside it
            await talk.graph.ainvoke(given, other.config)
    assert crm.writes() == []


async def opened(talk: Talk) -> str:
    return await talk.open()


async def approved(talk: Talk) -> str:
    return await talk.decide("approve")


async def agreed(talk: Talk) -> str:
    return await talk.say("ja")


async def answered(talk: Talk) -> str:
    return await talk.answer({"text": f"find {METTE}"})


async def asked(talk: Talk) -> str:
    return await talk.say(f"find {METTE}")


async def pressed(talk: Talk) -> str:
    return await talk.press("search")


def upgraded(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on the assistant is of another version; that version itself is not here to be run."""
    monkeypatch.setattr(state, "VERSION", state.VERSION + 1)
    monkeypatch.setattr(nodes, "VERSION", nodes.VERSION + 1)


@pytest.mark.parametrize(
    ("go_on", "more"),
    [
        (opened, ""),
        (approved, ""),
        (agreed, ""),
        (answered, ""),
        (asked, "Mette Hansen"),
        (pressed, "vi søger efter"),
    ],
)
async def test_a_card_of_another_version_is_withdrawn(
    opener: Any,
    crm: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    go_on: Callable[[Talk], Awaitable[str]],
    more: str,
) -> None:
    """Whatever the user does with a card from before an upgrade, it is withdrawn for good with a sentence, and the
    conversation goes on."""
    async with opener() as graph:
        before = Talk(graph)
        await before.say(UPDATE)
    upgraded(monkeypatch)
    async with opener() as graph:
        after = Talk(graph)
        after.card = before.card
        reply = await go_on(after)
        assert "fra en anden version af assistenten" in reply and "intet er skrevet" in reply
        assert more in reply
        values = await after.values()
        assert after.card is None and values["card"] is None and values["version"] == state.VERSION
        assert "1. **Mette Hansen**" in await after.say(f"find {METTE}")
    assert crm.writes() == []
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as db:
        card = (before.card["id"],)
        assert db.execute("select how from cards where card_id = ? and ended > ''", card).fetchall() == [("withdrawn",)]
        lines = "select kind, outcome, action, contact_id != '' from trail where card_id = ?"
        told = [("proposed", "", "update", 1), ("decided", "withdrawn", "update", 1)]
        assert db.execute(lines, card).fetchall() == told
    assert audit(["verify", "--file", str(tmp_path / "ledger.db")]) == 0


async def test_an_answered_card_of_another_version_is_not_said_to_be_unwritten(
    talk: Talk, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the write of such a card was cut off, the assistant does not know, and says so."""
    await talk.say(UPDATE)
    card = (await talk.values())["card"]
    decisions = {card["changes"][0]["id"]: {"decision": "approve"}}
    await talk.graph.aupdate_state(talk.config, {"card": card, "decisions": decisions}, as_node="tools")
    upgraded(monkeypatch)
    reply = await talk.open()
    assert "kan ikke bekræfte" in reply and "intet er skrevet" not in reply
    assert (await talk.values())["decisions"] is None


async def test_what_another_version_remembered_is_set_aside(
    talk: Talk, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list from before an upgrade is set aside with a sentence, once; the words that come with it are answered."""
    await talk.say("find Nordlys")
    upgraded(monkeypatch)
    reply = await talk.say("2")
    assert "anden version af assistenten" in reply
    assert "anden version" not in await talk.say(f"find {METTE}")
    assert (await talk.values())["desk"]["shown"][0]["email"] == METTE


async def test_a_card_that_cannot_be_read_is_withdrawn(talk: Talk, crm: Sandbox) -> None:
    """A card of this version whose content is damaged is withdrawn in the same way, and does not stop the chat."""
    await talk.say(UPDATE)
    card = (await talk.values())["card"]
    damaged = {**card, "changes": [{**change, "rows": 7} for change in card["changes"]]}
    await talk.graph.aupdate_state(talk.config, {"card": damaged}, as_node="tools")
    assert "fra en anden version af assistenten" in await talk.open()
    assert "1. **Mette Hansen**" in await talk.say(f"find {METTE}")
    assert crm.writes() == []


async def test_a_newer_database_ends_the_start(settings: Settings, tmp_path: Path) -> None:
    """An assistant that is older than its files says so in a sentence, and does not start."""
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as db, db:
        db.execute("create table alembic_version (version_num text)")
        db.execute("insert into alembic_version values ('99')")
    with pytest.raises(SettingsError, match="newer version of the assistant"):
        async with open_assistant(settings):
            pass


async def test_what_an_earlier_version_kept_is_moved_aside(
    opener: Any, crm: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Over the files of a version before 0.1.0 the assistant starts anew, and says where those are."""
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as db, db:
        db.execute("create table changes (digest text primary key)")
    (tmp_path / "conversations.db").write_text("of another form")
    async with opener(language="en") as graph:
        await Talk(graph).say(UPDATE)
    moved = {path.name: path.parent for path in tmp_path.rglob("*.db") if path.parent != tmp_path}  # noqa: ASYNC240
    assert moved.keys() == {"conversations.db", "ledger.db"}
    assert f"They are in {moved['ledger.db']} now" in caplog.text


async def test_an_undo_card_still_waits_when_the_conversation_is_opened(talk: Talk, crm: Sandbox) -> None:
    """Opening a conversation whose undo waits shows the card again; the button's own word is no answer to it."""
    await talk.say(UPDATE)
    await talk.decide("approve")
    await talk.press("undo", change_id=talk.outcomes[-1]["change_id"])
    card = talk.card
    assert card is not None
    await talk.open()
    assert talk.card == card
    assert "er fortrudt" in await talk.decide("approve")
    assert len(crm.writes()) == 2


async def test_a_stage_that_was_cleared_and_not_set_is_set_later(
    talk: Talk, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where HubSpot fails between the two calls of an undo, nothing is claimed, and the second call is made later."""
    monkeypatch.setattr(timing, "LATE_SECONDS", 0.5)  # a test must not wait as long as a person would
    monkeypatch.setattr(timing, "LATE_SECONDS", 0.5)
    contact = crm.create(email="kunde@nordlys.example", lifecyclestage="lead")
    await talk.say("ret livscyklusfase på kunde@nordlys.example til customer")
    await talk.decide("approve")
    await talk.press("undo", change_id=talk.outcomes[-1]["change_id"])
    card = (await talk.values())["card"]
    crm.fail(match={"method": "PATCH", "nth": 2}, status=503, times=3)
    assert "kan ikke bekræfte" in await talk.decide("approve")
    assert crm.get(contact, "lifecyclestage")["lifecyclestage"] in ("", None)
    await asyncio.sleep(0.6)
    await talk.graph.aupdate_state(talk.config, {"card": card}, as_node="tools")
    await talk.open()
    assert "er fortrudt" in await talk.decide("approve")
    assert crm.get(contact, "lifecyclestage")["lifecyclestage"] == "lead"


async def left_open(path: Path, count: int) -> None:
    file = Database(path)
    for number in range(count):
        contact = Contact(str(number + 1), {"jobtitle": "Chef"}, "", "")
        await cut_off(Ledger(file), update_change(contact, {"jobtitle": "CFO"}, {}))
    file.close()


async def cut_off(ledger: Ledger, change: Change) -> None:
    """A claim as a crash leaves it."""
    assert await ledger.claim(change, Actor("local", "t"), per_hour=60)
    ledger.abandon(change)


async def test_what_was_cut_off_is_recorded_at_the_next_start(opener: Any, crm: Sandbox, tmp_path: Path) -> None:
    """A write that took effect before a crash stands in the ledger as applied once the assistant is open again."""
    contact = crm.create(email="ida@nordlys.example", jobtitle="Chef")
    file = Database(tmp_path / "ledger.db")
    seen = datetime.now(UTC).isoformat()
    change = update_change(Contact(contact, {"jobtitle": "Chef"}, seen, ""), {"jobtitle": "CFO"}, {})
    await cut_off(Ledger(file), change)
    crm.late(contact, jobtitle="CFO")
    async with opener():
        entry = await Ledger(file).entry(change)
        assert entry is not None and entry.outcome is not None
        assert entry.status == "applied"
    file.close()
    assert len(crm.writes()) == 2


@pytest.mark.parametrize("silent", [True, False])
async def test_a_start_does_not_wait_for_hubspot(settings: Settings, tmp_path: Path, silent: bool) -> None:
    """With 20 writes left open and a HubSpot that is down, or that never answers, the assistant opens in seconds."""
    await left_open(tmp_path / "ledger.db", 20)
    # a listener that accepts nothing: connections stand, and no answer comes
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        if not silent:
            listener.close()
        began = time.monotonic()
        async with open_assistant(settings.model_copy(update={"hubspot_api_url": f"http://127.0.0.1:{port}"})) as graph:
            assert "HubSpot" in await Talk(graph).open()
            assert time.monotonic() - began < patiently(5)
