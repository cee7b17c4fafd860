"""Undo and the list of changes as a user has them in the chat, with the guided model and with a language model."""

import json
import re
from typing import Any

import pytest
from langgraph.errors import is_invalid_resume

from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.openai_wire import ToolCall, calls, says
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
UPDATE = f"ret stilling på {METTE} til CFO"
CREATE = "Opret Per Testesen, per@nordlys.example"


def title(crm: Sandbox) -> str:
    found = crm.find(METTE)
    assert found is not None
    return str(crm.get(found["id"], "jobtitle")["jobtitle"])


async def last_outcome(talk: Talk) -> dict[str, Any]:
    (outcome,) = (await talk.values())["messages"][-1].additional_kwargs["outcomes"]
    return dict(outcome)


@pytest.mark.parametrize("words", ["fortryd", "fortryd det", "undo", "annullér den sidste ændring", "jeg fortryder"])
async def test_the_last_change_goes_back(talk: Talk, crm: Sandbox, words: str) -> None:
    """However it is said, the undo is a card with before and after, and is written after the yes."""
    await talk.say(UPDATE)
    await talk.say("ja")
    await talk.say(words)
    assert talk.card is not None
    assert (talk.card["changes"][0]["action"], talk.card["changes"][0]["acknowledge"]) == ("undo", [])
    assert talk.rows == {"jobtitle": ("CFO", "Salgschef")}
    assert title(crm) == "CFO"
    assert "er fortrudt: Stilling er nu Salgschef (før CFO)" in await talk.say("ja")
    assert title(crm) == "Salgschef"


async def test_the_undo_of_a_creation_in_words(talk: Talk, crm: Sandbox) -> None:
    """Taking back a creation says that the contact is archived, and the contact is no longer talked about."""
    await talk.say(CREATE)
    await talk.say("ja")
    await talk.say("fortryd oprettelsen")
    assert talk.card is not None
    assert "arkiveres" in talk.card["changes"][0]["title"]
    assert "90 dage" in await talk.say("ja")
    assert crm.find("per@nordlys.example") is None
    assert (await talk.values())["desk"]["focus"] is None
    assert "gendannes i HubSpot" in await talk.say("fortryd")


@pytest.mark.parametrize("words", ["fortryd", "fortryd det", "jeg fortryder", "undo", "fortryd ændringen"])
async def test_with_a_card_waiting_the_card_is_meant(talk: Talk, crm: Sandbox, words: str) -> None:
    """While a card waits, an undo in words rejects that card and touches nothing that was written before."""
    await talk.say(UPDATE)
    await talk.say("ja")
    await talk.say("ret hendes stilling til CEO")
    assert talk.card is not None
    assert re.search("annulleret, og intet er skrevet|cancelled, and nothing was written", await talk.say(words))
    assert talk.card is None
    assert title(crm) == "CFO"


async def test_with_a_question_open_it_is_let_go(talk: Talk, crm: Sandbox) -> None:
    """While something is asked for, an undo means that, and not what was written before."""
    await talk.say(UPDATE)
    await talk.say("ja")
    await talk.say("opret en kontakt med telefon 22 11 33 44")
    assert "Helt fint" in await talk.say("fortryd")
    assert talk.card is None


async def test_other_words_put_an_undo_aside(talk: Talk, crm: Sandbox) -> None:
    """Words that are no answer withdraw the card of an undo, and leave no draft that a later yes could write."""
    await talk.say(CREATE)
    await talk.say("ja")
    await talk.say("fortryd")
    await talk.say("hvad kan du?")
    assert (await talk.values())["desk"]["draft"] is None
    written = len(crm.writes())
    await talk.say("ja")
    await talk.say("ret telefonen til 22 33 44 55")
    assert talk.rows == {"phone": (None, "+4522334455")}
    assert len(crm.writes()) == written


async def test_an_undo_cannot_be_edited(talk: Talk, crm: Sandbox) -> None:
    """An edit of an undo's card is refused, as archiving a contact with other values would be no undo."""
    await talk.say(CREATE)
    await talk.say("ja")
    await talk.say("fortryd")
    written = len(crm.writes())
    with pytest.raises(Exception) as refused:  # langgraph re-raises what the model raised
        await talk.decide("edit", values={"firstname": "Bo"})
    assert is_invalid_resume(refused.value)
    assert len(crm.writes()) == written


async def test_the_button_of_a_result(talk: Talk, crm: Sandbox) -> None:
    """The result names its change and whether it can be taken back; the button with that name brings the card."""
    await talk.say(UPDATE)
    await talk.say("ja")
    outcome = await last_outcome(talk)
    assert (outcome["undo"], outcome["name"]) == (True, "Mette Hansen")
    await talk.press("undo", change_id=outcome["change_id"])
    assert talk.rows == {"jobtitle": ("CFO", "Salgschef")}
    await talk.decide("approve")
    assert (await last_outcome(talk))["undoes"] == outcome["change_id"]
    assert "allerede fortrudt" in await talk.press("undo", change_id=outcome["change_id"])


async def test_what_hubspot_did_not_take_has_no_button(talk: Talk, crm: Sandbox) -> None:
    """A change of which HubSpot took nothing offers no undo, and is not in the list of changes."""
    crm.create(email="kunde@nordlys.example", lifecyclestage="customer")
    await talk.say("ret livscyklusfase på kunde@nordlys.example til lead")
    await talk.say("ja")
    assert (await last_outcome(talk))["undo"] is False
    assert "ikke ændret noget" in await talk.say("hvad har du ændret i dag?")
    assert "ingen ændring at fortryde" in await talk.say("fortryd")


async def test_a_field_that_somebody_changed_is_named_on_the_card(talk: Talk, crm: Sandbox) -> None:
    """The card says which field stays as somebody else changed it."""
    await talk.say(f"ret stilling på {METTE} til CFO og by til Vejle")
    await talk.say("ja")
    found = crm.find(METTE)
    assert found is not None
    crm.set(found["id"], city="Odense")
    await talk.say("fortryd")
    assert talk.card is not None
    assert talk.rows == {"jobtitle": ("CFO", "Salgschef")}
    assert talk.card["changes"][0]["warnings"] == ["»By« er ændret siden og bliver stående."]


async def test_a_note_that_somebody_added_is_named_by_its_word(talk: Talk, crm: Sandbox) -> None:
    """Where a new contact was touched since, the sentence names what by its label."""
    await talk.say(CREATE)
    await talk.say("ja")
    made = crm.find("per@nordlys.example")
    assert made is not None
    crm.set(made["id"], jobtitle="CFO")
    assert "siden (Stilling), så jeg fortryder ikke" in await talk.say("fortryd")
    assert talk.card is None


async def test_read_only_offers_no_undo(opener: Any, crm: Sandbox) -> None:
    """In read-only mode neither words nor the button bring an undo, and the list of changes still can be read."""
    async with opener() as graph:
        talk = Talk(graph)
        await talk.say(UPDATE)
        await talk.say("ja")
        change_id = (await last_outcome(talk))["change_id"]
    async with opener(read_only=True) as graph:
        talk = Talk(graph)
        assert "kun at læse" in await talk.say("fortryd")
        assert "kun at læse" in await talk.press("undo", change_id=change_id)
        assert talk.card is None
        assert "ændrede Mette Hansen" in await talk.say("hvad har du ændret i dag?")


async def test_hubspot_is_down(talk: Talk, crm: Sandbox) -> None:
    """Without HubSpot an undo says so, and brings its card when HubSpot is back."""
    await talk.say(UPDATE)
    await talk.say("ja")
    crm.fail(status=503, times=None)
    assert "HubSpot svarer ikke" in await talk.say("fortryd")
    assert talk.card is None
    crm.control("DELETE", "faults")
    await talk.say("fortryd")
    assert talk.rows == {"jobtitle": ("CFO", "Salgschef")}


async def test_the_changes_of_today(talk: Talk, crm: Sandbox) -> None:
    """The list says when, what and whose, with what was taken back, and only what was written."""
    await talk.say(UPDATE)
    await talk.say("ja")
    await talk.say(CREATE)
    await talk.say("ja")
    await talk.say("fortryd")
    await talk.say("ja")
    await talk.say("ret hendes stilling til COO")
    await talk.say("nej")
    listed = (await talk.say("hvad har du ændret i dag?")).splitlines()
    assert [line.partition(": ")[2].partition(" [")[0] for line in listed if line.startswith("- kl. ")] == [
        "ændrede Mette Hansen: Stilling: Salgschef → CFO",
        "oprettede Per Testesen (fortrudt)",
        "fortrød oprettelsen af Per Testesen",
    ]


async def test_the_changes_in_english(talk: Talk, crm: Sandbox) -> None:
    """The list is in the language of the question."""
    await talk.say(UPDATE)
    await talk.say("ja")
    assert "changed Mette Hansen: Job title: Salgschef → CFO" in await talk.say("what did you change today?")
    assert "I have not changed" not in await talk.say("what have you changed this week?")


async def test_a_long_list_of_changes_is_bounded(talk: Talk, crm: Sandbox) -> None:
    """Of more than twenty changes the latest twenty are shown, and how many there are in all."""
    contact = crm.create(email="mange@nordlys.example", firstname="Mange")
    for n in range(22):
        await talk.say(f"ret stilling på mange@nordlys.example til Chef {n}")
        await talk.say("ja")
    listed = await talk.say("vis mine ændringer")
    assert "De seneste 20 af 22 ændringer:" in listed
    assert listed.count("\n- ") == 20
    assert ("→ Chef 21" in listed, "→ Chef 1 " in listed) == (True, False)
    assert crm.get(contact, "jobtitle")["jobtitle"] == "Chef 21"


async def test_a_change_of_an_earlier_conversation_by_name(opener: Any, crm: Sandbox) -> None:
    """In a new conversation, after a restart, the last change is not guessed, and the one that is named is found."""
    async with opener() as graph:
        talk = Talk(graph, "one")
        await talk.say(UPDATE)
        await talk.say("ja")
    async with opener() as graph:
        talk = Talk(graph, "two")
        assert "hvad har du ændret" in await talk.say("fortryd")
        await talk.say("fortryd ændringen af Mette Hansen")
        assert talk.rows == {"jobtitle": ("CFO", "Salgschef")}
        stranger = Talk(graph, "three", user="another")
        assert "ingen ændring" in await stranger.say("fortryd ændringen af Mette Hansen")
        assert "ikke ændret noget" in await stranger.say("hvad har du ændret i dag?")


async def test_a_language_model_lists_and_undoes(opener: Any, server: FakeOpenAI, crm: Sandbox) -> None:
    """A language model gets the ids of the changes, and names one to take it back; two undos of one are one."""
    async with opener(openai_base_url=server.base_url) as graph:
        talk = Talk(graph)
        update = {"contact": METTE, "properties": {"jobtitle": "CFO"}}
        server.script = [calls(ToolCall("update_contact", update)), calls(ToolCall("list_changes", {})), says("Her.")]
        await talk.say("gør Mette til CFO")
        await talk.say("ja")
        assert "ændrede Mette Hansen" in await talk.say("hvad er ændret?")
        change_id, action, name = server.requests[-1].last["content"].split("|")
        assert (action, name) == ("update", "Mette Hansen")
        twice = [ToolCall("undo_change", {"change_id": change_id}, id=f"c{n}") for n in range(2)]
        server.play([calls(*twice)])
        await talk.say("tag den tilbage")
        assert talk.rows == {"jobtitle": ("CFO", "Salgschef")}
        await talk.say("ja")
        assert json.dumps(crm.writes()[-1]["properties"]) == json.dumps({"jobtitle": "Salgschef"})


async def test_a_language_model_names_a_contact_and_a_field(opener: Any, server: FakeOpenAI, crm: Sandbox) -> None:
    """A language model takes back the last change of a contact's field; an action that does not exist is refused."""
    async with opener(openai_base_url=server.base_url) as graph:
        talk = Talk(graph)
        for properties in ({"jobtitle": "CFO"}, {"city": "Vejle"}):
            server.play([calls(ToolCall("update_contact", {"contact": METTE, "properties": properties}))])
            await talk.say(f"ret Mette: {', '.join(properties.values())}")
            await talk.say("ja")
        unknown = ToolCall("undo_change", {"contact": "Mette Hansen", "action": "rename"})
        known = ToolCall("undo_change", {"contact": "Mette Hansen", "field": "stilling", "action": "update"})
        server.play([calls(unknown), calls(known)])
        await talk.say("tag stillingen tilbage")
        assert talk.rows == {"jobtitle": ("CFO", "Salgschef")}
