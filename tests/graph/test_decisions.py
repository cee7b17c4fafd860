"""What a person decides on a card, change by change, and what is told of it."""

from typing import Any

from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.openai_wire import ToolCall, calls
from support.talk import Talk

METTE, MIKKEL = "mette.hansen@nordlys.example", "mh@fjordbyg.example"
UPDATE = f"ret stilling på {METTE} til CFO"
APPROVE, REJECT = {"decision": "approve"}, {"decision": "reject"}


async def steps(talk: Talk, decision: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps that a run shows while it applies the card."""
    from langgraph.types import Command

    assert talk.card is not None
    decisions = {c["id"]: decision for c in talk.card["changes"]}
    given = Command(resume={"approval_id": talk.card["id"], "decisions": decisions})
    return [part["step"] async for part in talk.graph.astream(given, talk.config, stream_mode="custom")]


async def test_each_change_has_its_own_decision(several: Talk, crm: Sandbox) -> None:
    """Of three changes one is approved, one rejected and one edited: each is told, and no other is written."""
    assert several.card is not None
    ids = [change["id"] for change in several.card["changes"]]
    reply = await several.decide_each(APPROVE, REJECT, {"decision": "edit", "values": {"firstname": "Peter"}})
    told = reply.split("\n\n")
    assert [("er opdateret" in told[0]), ("annulleret" in told[1]), ("Peter er oprettet" in told[2])] == [True] * 3
    assert [w["properties"] for w in crm.writes()] == [
        {"jobtitle": "CFO"},
        {"firstname": "Peter", "email": "per@nordlys.example"},
    ]
    assert several.statuses == ["applied", "rejected", "applied"]
    first, second, third = several.outcomes
    assert (first["change_id"], first["undo"], first["name"]) == (ids[0], True, "Mette Hansen")
    assert (second["change_id"], second["contact_id"]) == (ids[1], several.outcomes[1]["contact_id"])
    assert third["change_id"] not in ids and third["contact_id"] == crm.writes()[-1]["objectId"]
    assert several.card is None


async def test_what_failed_of_several_is_told_beside_what_did_not(several: Talk, crm: Sandbox) -> None:
    """Where HubSpot refuses one of three changes and is out of reach for another, each is told so, and waits or not."""
    body = {"status": "error", "category": "VALIDATION_ERROR", "message": "no", "correlationId": "x"}
    crm.fail(match={"method": "PATCH"}, status=400, body=body)
    crm.fail(match={"method": "POST", "path_matches": "/contacts$"}, status=401, times=1)
    reply = await several.decide_each(APPROVE, APPROVE, APPROVE)
    assert several.statuses == ["refused", "applied", "refused"]
    assert "er opdateret" in reply
    assert several.card is not None  # nobody refused the creation itself: it can be approved again
    assert [change["action"] for change in several.card["changes"]] == ["create"]
    assert "er oprettet" in await several.decide("approve")
    assert len(crm.writes()) == 2


async def test_the_next_words_are_about_what_was_refused(several: Talk, crm: Sandbox) -> None:
    """Where HubSpot refuses the first of several changes, what the user says next is the value for that one."""
    body = {"status": "error", "category": "VALIDATION_ERROR", "message": "no", "correlationId": "x"}
    crm.fail(match={"method": "PATCH"}, status=400, body=body)
    await several.decide_each(APPROVE, APPROVE, REJECT)
    desk = (await several.values())["desk"]
    mette = crm.find(METTE)
    assert mette is not None
    assert (desk["draft"]["contact_id"], desk["question"]["code"]) == (mette["id"], "crm_invalid")


async def test_an_edit_that_changes_nothing_leaves_the_card(talk: Talk, crm: Sandbox) -> None:
    """An edit to the value that the contact has says so, and the card as it was still waits."""
    await talk.say(UPDATE)
    assert talk.card is not None
    title = talk.rows["jobtitle"][0]
    reply = await talk.decide("edit", values={"jobtitle": title})
    assert str(title) in reply or "allerede" in reply
    assert (talk.rows, talk.outcomes, crm.writes()) == ({"jobtitle": (title, "CFO")}, [], [])


async def test_edits_that_change_nothing_do_not_fill_the_state(talk: Talk) -> None:
    """Any number of decisions on a card that waits on leaves a bounded history."""
    await talk.say(UPDATE)
    title = talk.rows["jobtitle"][0]
    for _ in range(20):
        await talk.decide("edit", values={"jobtitle": title})
    assert len((await talk.values())["messages"]) <= 16


async def test_an_existing_contact_that_lacks_nothing_is_told_and_in_focus(talk: Talk, crm: Sandbox) -> None:
    """Choosing a contact that has every value already ends the card, and the next words are about that contact."""
    there = crm.create(firstname="Per", lastname="Testesen", phone="+4522331144")
    await talk.say("opret Per Testesen, 22 33 11 44")
    await talk.decide("use_existing", contact_id=there)
    assert talk.card is None
    assert [(o["status"], o["contact_id"]) for o in talk.outcomes] == [("already_so", there)]
    desk = (await talk.values())["desk"]
    assert (desk["focus"], desk["draft"], desk["question"]) == ({"id": there, "name": "Per Testesen"}, None, None)
    await talk.say("ret hans stilling til CFO")
    assert talk.card is not None
    assert [change["contact_id"] for change in talk.card["changes"]] == [there]


async def test_an_existing_contact_that_cannot_be_read_leaves_the_card(talk: Talk, crm: Sandbox) -> None:
    """Where HubSpot does not give the chosen contact, that is said, and the card still waits."""
    there = crm.create(firstname="Per", lastname="Testesen", phone="+4522331144")
    await talk.say("opret Per Testesen, 22 33 11 44, CFO")
    assert talk.card is not None
    before = [change["id"] for change in talk.card["changes"]]
    crm.fail(match={"method": "GET", "path_contains": f"/contacts/{there}"}, status=401, times=None)
    reply = await talk.decide("use_existing", contact_id=there)
    assert reply
    assert talk.card is not None
    assert [change["id"] for change in talk.card["changes"]] == before
    assert talk.outcomes == []


async def test_the_number_of_a_chosen_contact_is_not_asked_about(talk: Talk, crm: Sandbox) -> None:
    """Who chooses an existing contact that has a mobile number only gets its card with the number that was given."""
    there = crm.create(firstname="Per", lastname="Testesen", mobilephone="+4522331144")
    await talk.say("opret Per Testesen, telefon 22 33 11 45, CFO")
    await talk.decide("use_existing", contact_id=there)
    assert talk.rows == {"phone": (None, "+4522331145"), "jobtitle": (None, "CFO")}


async def test_the_number_of_an_edited_contact_is_not_asked_about(talk: Talk, crm: Sandbox) -> None:
    """An edit of the phone number on a card is written though the contact has a mobile number only."""
    crm.create(firstname="Per", email="per@nordlys.example", mobilephone="+4522331144")
    await talk.say("ret stilling på per@nordlys.example til CFO")
    await talk.decide("edit", values={"phone": "22 33 11 45"})
    assert crm.writes()[-1]["properties"] == {"jobtitle": "CFO", "phone": "+4522331145"}


async def test_a_rejected_draft_is_forgotten(talk: Talk) -> None:
    """After a no nothing of the change is left to be added to."""
    await talk.say(UPDATE)
    await talk.decide("reject")
    values = await talk.values()
    assert (values["desk"]["draft"], values["desk"]["question"], values["card"]) == (None, None, None)
    assert values["decisions"] is None


async def test_what_is_written_is_the_contact_talked_about_next(talk: Talk) -> None:
    """After an update its contact is in focus."""
    await talk.say(UPDATE)
    await talk.decide("approve")
    focus = (await talk.values())["desk"]["focus"]
    assert focus == {"id": talk.outcomes[0]["contact_id"], "name": "Mette Hansen"}


async def test_a_step_is_shown_while_it_is_written(talk: Talk) -> None:
    """The chat is told that a change is being written, and that it is done, under the change's id."""
    await talk.say(UPDATE)
    assert talk.card is not None
    (change,) = talk.card["changes"]
    shown = await steps(talk, APPROVE)
    assert [(step["id"], step["done"]) for step in shown] == [(change["id"], False), (change["id"], True)]
    assert all(step["text"] for step in shown)


async def test_an_edit_keeps_where_the_other_values_come_from(opener: Any, server: FakeOpenAI, crm: Sandbox) -> None:
    """A value that nobody said stays so through an edit of another field, and is acknowledged by itself."""
    made_up = {"contact": METTE, "properties": {"jobtitle": "CFO", "city": "Ribe"}}
    async with opener(openai_base_url=server.base_url) as graph:
        server.play([calls(ToolCall("update_contact", made_up))])
        talk = Talk(graph)
        await talk.say(f"{METTE} er CFO")
        assert talk.card is not None
        assert talk.card["changes"][0]["acknowledge"] == ["unknown:city"]
        await talk.decide("edit", values={"jobtitle": "COO"})
        assert crm.writes() == []
        assert talk.card is not None
        rows = {row["property"]: row["source"] for row in talk.card["changes"][0]["rows"]}
        assert rows == {"jobtitle": "user", "city": "unknown"}
        await talk.decide("edit", values={"city": "Vejle"})  # now it is the user's own
        assert [w["properties"] for w in crm.writes()] == [{"jobtitle": "COO", "city": "Vejle"}]


async def test_an_edit_that_acknowledges_is_written(opener: Any, server: FakeOpenAI, crm: Sandbox) -> None:
    """An edit of one field that acknowledges the one that nobody said is written at once."""
    made_up = {"contact": METTE, "properties": {"jobtitle": "CFO", "city": "Ribe"}}
    async with opener(openai_base_url=server.base_url) as graph:
        server.play([calls(ToolCall("update_contact", made_up))])
        talk = Talk(graph)
        await talk.say(f"{METTE} er CFO")
        await talk.decide("edit", values={"jobtitle": "COO"}, acknowledge=["unknown:city"])
        assert [w["properties"] for w in crm.writes()] == [{"jobtitle": "COO", "city": "Ribe"}]


async def test_an_edit_that_brings_up_a_look_alike_is_shown_first(talk: Talk, crm: Sandbox) -> None:
    """An edited name that is somebody's brings a fresh card with that contact, and nothing is written before."""
    there = crm.create(firstname="Gert", lastname="Grummesen", phone="+4571717171")
    await talk.say("opret Per Testesen, 71 71 71 70")
    await talk.decide("edit", values={"firstname": "Gert", "lastname": "Grummesen", "phone": "71717171"})
    assert len(crm.writes()) == 1  # the test's own
    assert talk.card is not None
    assert [twin["contact_id"] for twin in talk.card["changes"][0]["twins"]] == [there]


async def test_another_look_alike_than_the_acknowledged_is_shown_first(talk: Talk, crm: Sandbox) -> None:
    """Who acknowledges the look-alike on the card, and edits the person into another's, sees that one before."""
    crm.create(firstname="Gert", lastname="Grummesen", phone="+4571717171")
    other = crm.create(firstname="Zoltan", lastname="Kvistgaard", phone="+4581818181")
    await talk.say("opret Gert Grummesen, 71 71 71 71")
    zoltan = {"firstname": "Zoltan", "lastname": "Kvistgaard", "phone": "81818181"}
    await talk.decide("edit", values=zoltan, acknowledge=["create_despite_twins"])
    assert len(crm.writes()) == 2  # the test's own
    assert talk.card is not None
    assert [twin["contact_id"] for twin in talk.card["changes"][0]["twins"]] == [other]


async def test_an_edit_with_a_look_alike_that_was_shown_is_written(talk: Talk, crm: Sandbox) -> None:
    """A look-alike that the card showed, and that the edit acknowledges, is no news."""
    crm.create(firstname="Gert", lastname="Grummesen", phone="+4571717171")
    await talk.say("opret Gert Grummesen, 71 71 71 71")
    await talk.decide("edit", values={"jobtitle": "CFO"}, acknowledge=["create_despite_twins"])
    assert crm.writes()[-1]["properties"] == {
        "firstname": "Gert", "lastname": "Grummesen", "phone": "+4571717171", "jobtitle": "CFO",
    }  # fmt: skip


async def test_an_edit_of_a_field_that_was_not_on_the_card(talk: Talk, crm: Sandbox) -> None:
    """A field that an edit adds, and that holds a value, is shown with that value before it is written over."""
    crm.set(crm.find(METTE)["id"], city="Ribe")  # type: ignore[index]  # of the demo's contacts
    await talk.say(UPDATE)
    await talk.decide("edit", values={"city": "Vejle"})
    assert len(crm.writes()) == 1
    assert talk.rows["city"] == ("Ribe", "Vejle")
    await talk.decide("approve")
    assert crm.writes()[-1]["properties"] == {"jobtitle": "CFO", "city": "Vejle"}
