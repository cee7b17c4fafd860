"""A question that is asked beside a card that waits: a plain yes may answer either, and writes nothing by itself."""

from typing import Any

import pytest

from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.openai_wire import ToolCall, calls, says
from support.talk import Talk

METTE, MIKKEL = "mette.hansen@nordlys.example", "mh@fjordbyg.example"
ASKS = "Et »ja« kan betyde flere ting"


@pytest.mark.parametrize("values", [{"email": METTE}, {"phone": "hest"}])
async def test_a_yes_after_an_edit_that_failed_writes_nothing(talk: Talk, crm: Sandbox, values: dict[str, str]) -> None:
    """The question why an edit came to nothing is not answered by writing the card as it was before the edit."""
    await talk.say(f"ret stilling på {MIKKEL} til Formand")
    reply = await talk.decide("edit", values=values)
    assert "Kortet er som før, og intet af det er skrevet." in reply
    assert ASKS in await talk.say("ja")
    assert talk.rows["jobtitle"][1] == "Formand"
    assert crm.writes() == []
    assert "er opdateret" in await talk.say("ja")  # the question now is whether the card is to be done
    assert [write["properties"] for write in crm.writes()] == [{"jobtitle": "Formand"}]


async def test_a_no_after_an_edit_that_failed_is_a_no(talk: Talk, crm: Sandbox) -> None:
    """A no rejects the card, whatever else was asked."""
    await talk.say(f"ret stilling på {MIKKEL} til Formand")
    await talk.decide("edit", values={"email": METTE})
    assert "intet er skrevet" in await talk.say("nej")
    assert (talk.card, crm.writes()) == (None, [])


async def test_the_button_says_what_is_meant(talk: Talk, crm: Sandbox) -> None:
    """Approving the card itself is no answer to the question beside it."""
    await talk.say(f"ret stilling på {MIKKEL} til Formand")
    await talk.decide("edit", values={"email": METTE})
    await talk.decide("approve")
    assert [write["properties"] for write in crm.writes()] == [{"jobtitle": "Formand"}]


async def test_a_yes_to_a_question_of_the_same_turn_writes_nothing(
    opener: Any, server: FakeOpenAI, crm: Sandbox
) -> None:
    """Where a model's calls bring a card and a question, a yes creates nobody, and a second yes the one on the card."""
    new = {"firstname": "Bo", "lastname": "Testesen", "email": "bo.testesen@nordlys.example"}
    both = [ToolCall("create_contact", {"properties": p}) for p in ({"email": METTE, "firstname": "Mette"}, new)]
    server.script = [calls(*both), says("Hm.")]
    async with opener(openai_base_url=server.base_url) as graph:
        talk = Talk(graph)
        reply = await talk.say(f"opret Mette, {METTE}, og Bo Testesen, {new['email']}")
        assert "Skal jeg opdatere den i stedet?" in reply
        assert ASKS in await talk.say("ja")
        assert crm.writes() == []
        await talk.say("ja")
        assert [write["method"] for write in crm.writes()] == ["POST"]


async def test_what_hubspot_asks_for_is_not_answered_by_a_yes(several: Talk, crm: Sandbox) -> None:
    """Where of several changes one is asked about again and another waits on, a yes does not write that one."""
    body = {"status": "error", "category": "VALIDATION_ERROR", "message": "no", "correlationId": "x"}
    body |= {"errors": [{"message": "no", "context": {"propertyName": ["jobtitle"]}}]}
    crm.fail(match={"method": "PATCH"}, status=400, body=body)
    crm.fail(match={"method": "PATCH"}, status=401, body={"category": "INVALID_AUTHENTICATION"})
    approve = {"decision": "approve"}
    reply = await several.decide_each(approve, approve, {"decision": "reject"})
    assert "Hvad skal der stå i stedet?" in reply
    written = len(crm.writes())
    assert ASKS in await several.say("ja")
    assert len(crm.writes()) == written


async def test_an_edit_that_brings_news_says_so(talk: Talk, crm: Sandbox) -> None:
    """An edit that is shown once more, as the contact is different by now, says why nothing was written."""
    await talk.say(f"ret stilling på {MIKKEL} til Formand")
    assert talk.card
    crm.set(talk.card["changes"][0]["contact_id"], jobtitle="Partner")
    reply = await talk.decide("edit", values={"jobtitle": "Direktør"})
    assert "noget, som du ikke har set, så intet af det er skrevet" in reply
    assert talk.rows == {"jobtitle": ("Partner", "Direktør")}


async def test_what_was_done_is_told_beside_an_edit_that_brings_news(several: Talk, crm: Sandbox) -> None:
    """Of several changes the one that was written is told as such, though an edit of the next waits once more."""
    assert several.card
    crm.set(several.card["changes"][1]["contact_id"], jobtitle="Partner")
    edit = {"decision": "edit", "values": {"jobtitle": "Direktør"}}
    reply = await several.decide_each({"decision": "approve"}, edit, {"decision": "reject"})
    assert "er opdateret" in reply and "noget, som du ikke har set" in reply and "annulleret" in reply
    assert several.rows == {"jobtitle": ("Partner", "Direktør")}


async def test_a_yes_to_the_card_of_the_undo_button_takes_back(talk: Talk, crm: Sandbox) -> None:
    """Nothing else is asked beside the card that the button brings, so that a plain yes is for it."""
    await talk.say(f"ret stilling på {MIKKEL} til Formand")
    await talk.decide("approve")
    await talk.press("undo", change_id=talk.outcomes[-1]["change_id"])
    assert talk.rows["jobtitle"][0] == "Formand"
    await talk.say("ja")
    assert talk.statuses == ["applied", "applied"]
    assert len(crm.writes()) == 2


async def test_an_edit_of_a_contact_that_is_gone_ends_the_card(talk: Talk, crm: Sandbox) -> None:
    """An edit of a contact that was archived meanwhile is told like an approval, and no card waits on."""
    await talk.say(f"find {METTE}")
    await talk.say(f"ret stilling på {MIKKEL} til Formand")
    assert talk.card
    crm.archive(talk.card["changes"][0]["contact_id"])
    written = len(crm.writes())
    assert "findes ikke længere i HubSpot" in await talk.decide("edit", values={"jobtitle": "Direktør"})
    assert (talk.card, talk.statuses, len(crm.writes())) == (None, ["gone"], written)
    assert [contact["email"] for contact in (await talk.values())["desk"]["shown"]] == [METTE]


async def test_a_shown_contact_that_is_gone_is_no_number(talk: Talk, crm: Sandbox) -> None:
    """Of a contact that was shown and is archived by now it is said that it is gone, and no yes creates it anew."""
    await talk.say(f"find {MIKKEL}")
    crm.archive((crm.find(MIKKEL) or {})["id"])
    written = len(crm.writes())
    assert "findes ikke længere i HubSpot" in await talk.say("ret hans stilling til Formand")
    await talk.say("ja")
    assert (talk.card, len(crm.writes())) == (None, written)
