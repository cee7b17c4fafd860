"""The approval card: what it refuses, what it withdraws, and that each change is written once."""

import asyncio

import pytest
from langgraph.errors import is_invalid_resume
from langgraph.types import Command

from support.children import Sandbox
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
UPDATE = f"ret stilling på {METTE} til CFO"


def wrong_answers(card: dict) -> dict[str, object]:
    change = card["changes"][0]["id"]
    good = {change: {"decision": "approve"}}
    return {
        "another card": {"approval_id": "another", "decisions": good},
        "no decision": {"approval_id": card["id"], "decisions": {}},
        "an unknown change": {"approval_id": card["id"], "decisions": {**good, "x": {"decision": "approve"}}},
        "an unknown decision": {"approval_id": card["id"], "decisions": {change: {"decision": "go"}}},
        "an edit without values": {"approval_id": card["id"], "decisions": {change: {"decision": "edit"}}},
        "a contact that is no twin": {
            "approval_id": card["id"],
            "decisions": {change: {"decision": "use_existing", "contact_id": "1"}},
        },
        "text and decisions": {"approval_id": card["id"], "decisions": good, "text": "ja"},
        "more than is asked": {"approval_id": card["id"], "decisions": good, "after": {"email": "evil@x.example"}},
        "no object": "ja",
        "nothing": {},
    }


async def test_wrong_answers_are_refused_and_the_card_stays(talk: Talk, crm: Sandbox) -> None:
    """A malformed answer, or one for another card, is refused before it is saved; the card can still be approved."""
    await talk.say(UPDATE)
    assert talk.card is not None
    for name, answer in wrong_answers(talk.card).items():
        with pytest.raises(Exception) as refused:  # langgraph re-raises what the model raised
            await talk.graph.ainvoke(Command(resume=answer), talk.config)
        assert is_invalid_resume(refused.value), name
    assert crm.writes() == []
    await talk.decide("approve")
    assert len(crm.writes()) == 1


async def test_an_answer_where_nothing_waits_does_nothing(talk: Talk, crm: Sandbox) -> None:
    """A second answer to a card that is used up changes nothing."""
    await talk.say(UPDATE)
    card = talk.card
    await talk.decide("approve")
    talk.card = card
    assert await talk.decide("approve") == ""
    assert len(crm.writes()) == 1


async def test_five_approvals_at_once_write_once(talk: Talk, crm: Sandbox) -> None:
    """Five simultaneous approvals of one card change HubSpot once, and all say that it is done."""
    await talk.say("Opret Per Testesen, per@nordlys.example")
    assert talk.card is not None
    answer = {
        "approval_id": talk.card["id"],
        "decisions": {talk.card["changes"][0]["id"]: {"decision": "approve"}},
    }
    results = await asyncio.gather(*(talk.graph.ainvoke(Command(resume=answer), talk.config) for _ in range(5)))
    assert len(crm.writes()) == 1
    assert all("er oprettet" in out["messages"][-1].text for out in results)


async def test_two_processes_approve_once(opener, crm: Sandbox) -> None:
    """Two assistants over the same files that resume the same conversation write once."""
    async with opener() as one, opener() as other:
        first, second = Talk(one), Talk(other)
        await first.say("Opret Per Testesen, per@nordlys.example")
        second.card = first.card
        await asyncio.gather(first.decide("approve"), second.decide("approve"))
        assert len(crm.writes()) == 1


async def test_a_card_outlives_a_restart(opener, crm: Sandbox) -> None:
    """A card that waits when the assistant closes is there when it opens again, and is written once."""
    async with opener() as graph:
        before = Talk(graph)
        await before.say(UPDATE)
    async with opener() as graph:
        after = Talk(graph)
        waiting = (await graph.aget_state(after.config)).interrupts
        after.card = waiting[0].value
        assert after.card == before.card
        assert "opdateret" in await after.decide("approve")
    assert len(crm.writes()) == 1


async def test_opening_a_conversation_with_a_card_shows_the_card(talk: Talk) -> None:
    """An empty input to a conversation whose card waits brings the same card back."""
    await talk.say(UPDATE)
    card = talk.card
    await talk.open()
    assert talk.card == card


async def test_a_button_withdraws_the_card(talk: Talk, crm: Sandbox) -> None:
    """A button pressed while a card waits withdraws it and says so; a later yes does not write it."""
    await talk.say(UPDATE)
    reply = await talk.press("create")
    assert "lagt væk" in reply
    await talk.say("ja")
    assert crm.writes() == []


async def test_a_yes_as_text_answer_counts_as_in_the_chat(talk: Talk, crm: Sandbox) -> None:
    """The answer {"text": "ja"} approves the whole card, and {"text": other words} withdraws it."""
    await talk.say(UPDATE)
    reply = await talk.answer({"text": "nej, Salgsdirektør"})
    assert "lagt væk" in reply
    assert talk.rows["jobtitle"][1] == "Salgsdirektør"
    assert "opdateret" in await talk.answer({"text": "ja"})
    assert len(crm.writes()) == 1


async def test_a_twin_needs_more_than_a_yes(talk: Talk, crm: Sandbox) -> None:
    """A new contact that looks like an existing one is not created by a plain yes, only by acknowledging it."""
    await talk.say("Opret Mette Hansen, en.anden.mette@nordlys.example")
    assert talk.card is not None
    change = talk.card["changes"][0]
    assert change["acknowledge"] == ["create_despite_twins"]
    assert {"samme navn", "navn, der ligner"} == {twin["why"] for twin in change["twins"]}
    reply = await talk.say("ja")
    assert "ikke nok" in reply
    assert crm.writes() == []
    with pytest.raises(Exception) as refused:  # langgraph re-raises what the model raised
        await talk.decide("approve")
    assert is_invalid_resume(refused.value)
    assert "oprettet" in await talk.decide("approve", acknowledge=["create_despite_twins"])
    assert len(crm.writes()) == 1


async def test_use_existing_brings_the_update_of_that_contact(talk: Talk, crm: Sandbox) -> None:
    """Choosing the existing contact never writes at once: a fresh card shows its update."""
    await talk.say("Opret Mette Hansen, stilling: CFO")
    assert talk.card is not None
    twin = talk.card["changes"][0]["twins"][0]
    await talk.decide("use_existing", contact_id=twin["contact_id"])
    assert crm.writes() == []
    assert talk.card["changes"][0]["contact_id"] == twin["contact_id"]
    assert talk.rows["jobtitle"][1] == "CFO"
    said = [m for m in (await talk.values())["messages"] if m.type == "ai" and not m.tool_calls]
    assert all(message.text for message in said) and talk.replies == []  # the card says it all


async def test_an_edit_is_checked_and_written(talk: Talk, crm: Sandbox) -> None:
    """Edited values are normalised and written; an edit that is not valid is refused and the card stays."""
    await talk.say(f"ret telefon på {METTE} til 22 33 44 55")
    reply = await talk.decide("edit", values={"phone": "ikke et nummer"})
    assert "gyldigt telefonnummer" in reply
    assert crm.writes() == []
    await talk.decide("edit", values={"phone": "22 33 44 57"})
    assert [w["properties"] for w in crm.writes()] == [{"phone": "+4522334457"}]


async def test_a_contact_that_changed_meanwhile_brings_a_fresh_card(talk: Talk, crm: Sandbox) -> None:
    """Nothing is written where the field has changed since the card was shown; the fresh card shows it."""
    await talk.say(UPDATE)
    assert talk.card is not None
    crm.set(talk.card["changes"][0]["contact_id"], jobtitle="Partner")
    before = len(crm.writes())
    reply = await talk.decide("approve")
    assert "ændret, siden" in reply
    assert len(crm.writes()) == before
    assert talk.rows == {"jobtitle": ("Partner", "CFO")}


async def test_a_contact_that_appeared_meanwhile_is_not_doubled(talk: Talk, crm: Sandbox) -> None:
    """A create whose email appeared since becomes a card to update that contact."""
    await talk.say("Opret Per Testesen, per@nordlys.example")
    existing = crm.create(email="per@nordlys.example")
    await talk.decide("approve")
    assert talk.card is not None
    assert talk.card["changes"][0]["contact_id"] == existing
    assert len(crm.writes()) == 1


async def test_a_contact_that_was_deleted_meanwhile_is_said_to_be_gone(talk: Talk, crm: Sandbox) -> None:
    """An update of a contact that no longer exists says so."""
    await talk.say(UPDATE)
    assert talk.card is not None
    crm.archive(talk.card["changes"][0]["contact_id"])
    assert "findes ikke længere" in await talk.decide("approve")


async def test_a_card_can_be_approved_again_when_hubspot_is_back(talk: Talk, crm: Sandbox) -> None:
    """An approval while HubSpot is down writes nothing, says so, and the card waits for another."""
    await talk.say(UPDATE)
    crm.fail(status=503, times=None)
    reply = await talk.decide("approve")
    assert "ikke skrevet" in reply
    crm.control("DELETE", "faults")
    assert "opdateret" in await talk.decide("approve")
    assert len(crm.writes()) == 1


async def test_a_write_whose_answer_is_lost_is_found_in_the_crm(talk: Talk, crm: Sandbox) -> None:
    """A create that took effect while its answer was lost is reported as done, and not written again."""
    await talk.say("Opret Per Testesen, per@nordlys.example")
    crm.fail(match={"method": "POST", "path_contains": "/objects/contacts"}, drop="after")
    assert "oprettet" in await talk.decide("approve")
    assert len(crm.writes()) == 1


async def test_a_silent_no_op_is_told(talk: Talk, crm: Sandbox) -> None:
    """A lifecycle stage that HubSpot does not move backwards is reported as not changed."""
    contact = crm.create(email="kunde@nordlys.example", lifecyclestage="customer")
    await talk.say("ret livscyklusfase på kunde@nordlys.example til lead")
    reply = await talk.say("ja")
    assert "blev ikke ændret" in reply
    assert crm.get(contact, "lifecyclestage")["lifecyclestage"] == "customer"
