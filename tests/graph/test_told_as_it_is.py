"""What is said before and after a write is so: whose contact it is, what is open, what a yes and a no came to."""

from pathlib import Path
from typing import Any

import pytest

from support.aged import rows
from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.openai_wire import ToolCall, calls
from support.stopping import stopped_during
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
UPDATE = f"ret stilling på {METTE} til CFO"


async def cut_off_before_its_claim(talk: Talk, crm: Sandbox, decision: str = "approve", **more: Any) -> str:
    """Decides on an update and stops the run while the contact is looked at for the last time; the contact's id."""
    await talk.say(UPDATE)
    assert talk.card is not None
    contact = str(talk.card["changes"][0]["contact_id"])
    crm.fail(match={"method": "GET", "path_contains": f"/contacts/{contact}"}, delay=2)
    await stopped_during(crm, "GET", talk.decide(decision, **more))
    crm.control("DELETE", "faults")
    return contact


@pytest.mark.parametrize("which", ["Nordlys", "Fjordbyg"])
async def test_a_card_tells_namesakes_apart(opener: Any, server: FakeOpenAI, crm: Sandbox, which: str) -> None:
    """Whichever of two namesakes the model means, the card names the one that will be changed."""
    ids = {
        company: crm.create(firstname="Karin", lastname="Holm", email=f"karin@{company}.example", company=company)
        for company in ("Nordlys", "Fjordbyg")
    }
    server.script = [calls(ToolCall("update_contact", {"contact": ids[which], "properties": {"jobtitle": "CFO"}}))]
    async with opener(openai_base_url=server.base_url) as graph:
        talk = Talk(graph)
        await talk.say("gør Karin Holm til CFO")
        assert talk.card is not None
        assert f"Karin Holm (karin@{which.lower()}.example · {which})" in talk.card["changes"][0]["title"]


@pytest.mark.parametrize("words", ["opret den", "gem", "create it", "save it", "yeah right", "ja ja"])
async def test_a_yes_to_something_else_takes_nothing_back(talk: Talk, crm: Sandbox, words: str) -> None:
    """Words that name another action than the card's, or are not meant, approve nothing."""
    await talk.say("opret Per Testesen, per.testesen@nordlys.example")
    await talk.say("opret den")
    await talk.say("fortryd")
    assert talk.card is not None
    await talk.say(words)
    assert crm.find("per.testesen@nordlys.example") is not None


async def test_what_is_not_confirmed_is_listed(talk: Talk, crm: Sandbox) -> None:
    """Nobody is told that nothing was changed while it is not known whether something was."""
    await talk.say(UPDATE)
    assert talk.card is not None
    contact = talk.card["changes"][0]["contact_id"]
    crm.fail(match={"method": "PATCH"}, drop="after")
    crm.fail(match={"method": "GET", "path_contains": f"/contacts/{contact}", "nth": 2}, status=503, times=None)
    assert "kan ikke bekræfte" in await talk.decide("approve")
    listed = await talk.say("hvad har du ændret i dag?")
    assert "Mette Hansen" in listed and "ikke ændret noget" not in listed
    crm.control("DELETE", "faults")
    assert "ved jeg endnu ikke" not in await talk.say("hvad har du ændret i dag?")


async def test_yesterday_is_not_today(talk: Talk) -> None:
    """Who asks for yesterday's changes is not shown today's."""
    await talk.say(UPDATE)
    await talk.say("ja")
    assert "Jeg har ikke ændret noget" in await talk.say("hvad har du ændret i går?")
    assert "CFO" in await talk.say("hvad har du ændret siden i går?")


async def test_a_partial_undo_is_listed_as_one(talk: Talk, crm: Sandbox) -> None:
    """Where an undo left a field to somebody else, the result and the list say so."""
    await talk.say(f"ret {METTE}: stilling CFO, by Ribe")
    await talk.say("ja")
    crm.set((crm.find(METTE) or {})["id"], city="Vejle")
    await talk.say("fortryd")
    assert "By" in await talk.say("ja")
    assert "(delvist fortrudt)" in await talk.say("hvad har du ændret i dag?")


async def test_an_undo_after_a_search_that_found_nobody(talk: Talk, crm: Sandbox) -> None:
    """Once nothing is being collected, "fortryd" means the last change."""
    await talk.say(UPDATE)
    await talk.say("ja")
    await talk.say("find Nobody Nobodysen")
    await talk.say("fortryd")
    assert talk.card is not None and talk.card["changes"][0]["action"] == "undo"


async def test_what_is_collected_is_let_go_of_once(talk: Talk) -> None:
    """While something is being collected, "fortryd" lets go of that, and the next one means the last change."""
    await talk.say(UPDATE)
    await talk.say("ja")
    await talk.say("ret Nobody Nobodysens stilling til Chef")
    assert "Helt fint" in await talk.say("fortryd")
    assert talk.card is None
    await talk.say("fortryd")
    assert talk.card is not None and talk.card["changes"][0]["action"] == "undo"


@pytest.mark.parametrize("words", ["nej", "nej, stop, lad være"])
async def test_a_no_in_time_writes_nothing(talk: Talk, crm: Sandbox, words: str, tmp_path: Path) -> None:
    """A no after an approval that was cut off before anything was begun gives the change up, for good."""
    await cut_off_before_its_claim(talk, crm)
    assert "er annulleret, og intet er skrevet" in await talk.say(words)
    assert crm.writes() == []
    assert rows(tmp_path, "select outcome, code from changes") == [("refused", "write_cut_off")]
    assert "Jeg har ikke ændret noget" in await talk.say("hvad har du ændret i dag?")
    assert crm.writes() == []


async def test_a_no_gives_up_what_else_was_decided(several: Talk, crm: Sandbox) -> None:
    """Of a card with several decisions that was cut off before anything was begun, a no gives up all of it."""
    crm.fail(match={"method": "GET"}, delay=2)
    decided = several.decide_each({"decision": "approve"}, {"decision": "approve"}, {"decision": "reject"})
    await stopped_during(crm, "GET", decided)
    crm.control("DELETE", "faults")
    assert (await several.say("nej")).count("er annulleret") == 3
    assert crm.writes() == []


async def test_an_edit_that_was_cut_off_is_made(talk: Talk, crm: Sandbox) -> None:
    """An edit that was cut off before it was begun is made, and told, before a no is heard."""
    await cut_off_before_its_claim(talk, crm, "edit", values={"jobtitle": "Partner"})
    assert "er opdateret: Stilling er nu Partner" in await talk.say("nej")
    assert [write["properties"] for write in crm.writes()] == [{"jobtitle": "Partner"}]


async def test_words_after_a_change_that_looks_different_are_heard(talk: Talk, crm: Sandbox) -> None:
    """Where a cut-off change would come back as a fresh card, the user's new question is answered instead."""
    contact = await cut_off_before_its_claim(talk, crm)
    crm.set(contact, jobtitle="Partner")
    reply = await talk.say("find Torben Hansen")
    assert "lagt væk" in reply and "**Torben Hansen**" in reply
    assert talk.card is None and crm.get(contact, "jobtitle")["jobtitle"] == "Partner"


async def test_a_yes_after_a_change_that_looks_different_brings_its_card(talk: Talk, crm: Sandbox) -> None:
    """Where a cut-off change looks different by now, a plain yes is no approval of what was never shown."""
    contact = await cut_off_before_its_claim(talk, crm)
    crm.set(contact, jobtitle="Partner")
    await talk.say("ja")
    assert talk.card is not None and talk.rows == {"jobtitle": ("Partner", "CFO")}
    assert crm.get(contact, "jobtitle")["jobtitle"] == "Partner"


async def test_help_of_an_assistant_that_only_reads(opener: Any) -> None:
    """Where nothing may be written, the help offers nothing of the kind."""
    async with opener(read_only=True) as graph:
        talk = Talk(graph)
        for words in ("hjælp", "ja", "bla bla bla"):
            said = (await talk.say(words)).lower()
            assert not {"opret", "rette", "fortryd"} & set(said.replace("»", " ").split()), said
