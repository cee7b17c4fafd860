"""Writes that are cut off, raced or edited: one effect, and a report that is true."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crm.write import timing
from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.openai_wire import ToolCall, calls
from support.stopping import stopped_during, until
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
UPDATE = f"ret stilling på {METTE} til CFO"
SLOW_PATCH = {"match": {"method": "PATCH"}, "delay": 1.5}


async def cut_off(talk: Talk, crm: Sandbox) -> None:
    """Approves an update and stops the run while HubSpot is carrying it out."""
    await talk.say(UPDATE)
    crm.fail(**SLOW_PATCH)
    await stopped_during(crm, "PATCH", talk.decide("approve"))


@pytest.mark.parametrize("words", ["nej", "hvad kan du?", "ja"])
async def test_a_write_that_was_cut_off_is_told_before_anything_else(talk: Talk, crm: Sandbox, words: str) -> None:
    """Whatever is written next, the assistant first finds out and says what became of the write."""
    await cut_off(talk, crm)
    reply = await talk.say(words)
    assert reply.startswith("Mette Hansen er opdateret")
    assert "intet er skrevet" not in reply
    assert len(crm.writes()) == 1
    assert (await talk.values())["card"] is None


async def test_a_button_after_a_write_that_was_cut_off(talk: Talk, crm: Sandbox) -> None:
    """A button pressed next is answered too, after the report of the write."""
    await cut_off(talk, crm)
    await talk.press("create")
    told, instruction = talk.replies
    assert "er opdateret" in told
    assert "opretter" in instruction
    assert len(crm.writes()) == 1


async def test_opening_again_after_a_write_that_was_cut_off(talk: Talk, crm: Sandbox) -> None:
    """An empty input, as at a restart, settles the write and shows no card to approve again."""
    await cut_off(talk, crm)
    assert "er opdateret" in await talk.open()
    assert talk.card is None
    assert len(crm.writes()) == 1


async def test_an_edit_does_not_overwrite_what_somebody_else_wrote(talk: Talk, crm: Sandbox) -> None:
    """Where the record changed since the card, an edit brings a fresh card with the new value before it."""
    await talk.say(UPDATE)
    assert talk.card is not None
    crm.set(talk.card["changes"][0]["contact_id"], jobtitle="Partner")
    await talk.decide("edit", values={"jobtitle": "COO"})
    assert talk.rows == {"jobtitle": ("Partner", "COO")}
    assert [w["properties"] for w in crm.writes()] == [{"jobtitle": "Partner"}]


async def test_a_refusal_is_reported_the_same_way_twice(opener: Any, crm: Sandbox) -> None:
    """Who approves a change that HubSpot refused already is told the same reason."""
    async with opener() as graph:
        talk, other = Talk(graph), Talk(graph)
        await talk.say(UPDATE)
        crm.control("POST", "scopes", {"scopes": ["crm.objects.contacts.read"]})
        card = (await talk.values())["card"]
        await talk.decide("approve")
        await graph.aupdate_state(talk.config, {"card": card}, as_node="tools")
        other.card = {"id": card["id"], "changes": card["changes"]}
        await other.open()
        reply = await other.decide("approve")
        assert "crm.objects.contacts.write" in reply
        assert "kan ikke bekræfte" not in reply


async def test_who_waits_does_not_spoil_the_record(
    opener: Any, crm: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An approval that gives up waiting for a slow one leaves the ledger to the one that writes."""
    monkeypatch.setattr(timing, "REPORT_SECONDS", 0.2)  # a test must not wait for half a minute
    async with opener() as one, opener() as two:
        first, second = Talk(one), Talk(two)
        await first.say(UPDATE)
        second.card = first.card
        crm.fail(match={"method": "PATCH"}, delay=2.0)
        slow = asyncio.create_task(first.decide("approve"))
        await until(lambda: crm.under_way("PATCH"))
        waited = await second.decide("approve")
        assert "er opdateret" in await slow
        assert "kan ikke bekræfte" in waited or "er opdateret" in waited
        rows = await asyncio.to_thread(recorded, tmp_path)
        assert rows == ["applied"]
        assert len(crm.writes()) == 1


def recorded(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "ledger.db")) as db:
        return [outcome for (outcome,) in db.execute("select outcome from changes")]


async def test_words_as_an_answer_are_treated_as_a_message(opener: Any, crm: Sandbox) -> None:
    """A text answer that is empty or too long is refused like a message, and the card still waits."""
    async with opener() as graph:
        talk = Talk(graph)
        await talk.say(UPDATE)
        card = talk.card
        for text in ("   ", "a" * 8_001):
            await talk.answer({"text": text})
            assert talk.card == card
        for n in range(20):
            await talk.answer({"text": f"nej, Direktør {n}"})
        assert len((await talk.values())["messages"]) < 25
        assert crm.writes() == []


async def test_buttons_do_not_fill_the_state(talk: Talk) -> None:
    """Any number of presses leaves a bounded history."""
    for _ in range(30):
        await talk.press("create")
    assert len((await talk.values())["messages"]) <= 16


async def test_one_contact_changed_twice_in_a_turn_is_one_change(opener: Any, server: FakeOpenAI) -> None:
    """Two proposals for one contact become one change on the card; the later value wins."""
    async with opener(openai_base_url=server.base_url) as graph:
        twice = [ToolCall("update_contact", {"contact": METTE, "properties": {"city": city}}) for city in "AB"]
        server.play([calls(*twice)])
        talk = Talk(graph)
        await talk.say(f"ret by på {METTE} til A B")
        assert talk.rows["city"][1] == "B"


async def test_a_new_contact_in_two_halves_is_compared_as_a_whole(
    opener: Any, server: FakeOpenAI, crm: Sandbox
) -> None:
    """A creation that a model splits over two calls shows the look-alike of the whole, and a yes does not write it."""
    there = crm.create(firstname="Zoltan", lastname="Kvistgaard", email="z@nordlys.example")
    email = "q1@nordlys.example"
    halves = [{"email": email, "firstname": "Zoltan"}, {"email": email, "lastname": "Kvistgaard"}]
    async with opener(openai_base_url=server.base_url) as graph:
        server.play([calls(*(ToolCall("create_contact", {"properties": half}) for half in halves))])
        talk = Talk(graph)
        await talk.say(f"opret Zoltan Kvistgaard {email}")
        assert talk.card is not None
        (change,) = talk.card["changes"]
        assert ([twin["contact_id"] for twin in change["twins"]], change["acknowledge"]) == (
            [there],
            ["create_despite_twins"],
        )
        assert "ikke nok" in await talk.say("ja")
        assert len(crm.writes()) == 1


async def test_the_owner_api_or_the_account_api_may_fail(talk: Talk, crm: Sandbox) -> None:
    """Without owners or account details searching still works."""
    crm.fail(match={"path_contains": "/owners"}, status=500, times=None)
    crm.fail(match={"path_contains": "/account-info"}, status=500, times=None)
    assert "1. **Mette Hansen**" in await talk.say(f"find {METTE}")


async def test_the_question_of_two_numbers_is_for_one_contact(talk: Talk, crm: Sandbox) -> None:
    """An answer about one contact's numbers does not settle the question for another."""
    await talk.say("ret telefon på mh@fjordbyg.example til 22 33 44 56")
    crm.create(email="kun.mobil@nordlys.example", firstname="Kim", mobilephone="+4520001111")
    assert "Mener du" in await talk.say("ret telefon på kun.mobil@nordlys.example til 22 33 44 57")
    assert talk.card is None


async def test_an_option_is_chosen_after_a_wrong_one(talk: Talk, crm: Sandbox) -> None:
    """After the options were listed, one of them is understood as the answer."""
    await talk.say(f"ret livscyklusfase på {METTE} til Superhelt")
    await talk.say("Evangelist")
    assert talk.rows["lifecyclestage"][1] == "evangelist"


async def test_the_nearest_field_is_accepted_with_a_yes(talk: Talk) -> None:
    """A yes to the suggested field proposes the change of that field."""
    await talk.say("find mette.hansen@nordlys.example")
    reply = await talk.say(f"ret jobtitelll på {METTE} til CFO")
    if talk.card is None:
        assert "Mener du" in reply
        await talk.say("ja")
    assert talk.rows["jobtitle"][1] == "CFO"


async def test_an_answered_question_is_not_asked_again(talk: Talk, crm: Sandbox) -> None:
    """Who has said which number is meant, and then corrects another field, is not asked once more."""
    await talk.say("ret telefon på mh@fjordbyg.example til 22 33 44 56 og stilling til Chef")
    await talk.say("telefon")
    assert talk.rows["phone"] == (None, "+4522334456")
    await talk.say("nej, stillingen skal være Direktør")
    assert talk.rows["phone"] == (None, "+4522334456")
    assert talk.rows["jobtitle"][1] == "Direktør"
