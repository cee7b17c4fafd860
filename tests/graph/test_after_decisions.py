"""What a decision leaves behind: the trail of edits, the contacts that were shown, and what is asked next."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from langgraph.types import Command

from crm.domain.change import id_from
from crm.store.audit import events
from crm.store.engine import connect_to_read
from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.licences import unapproved
from support.openai_wire import ToolCall, calls, says
from support.stopping import stopped_during, until
from support.talk import Talk

METTE, MIKKEL = "mette.hansen@nordlys.example", "mh@fjordbyg.example"
UPDATE = f"ret stilling på {METTE} til CFO"
APPROVE, REJECT = {"decision": "approve"}, {"decision": "reject"}


async def test_what_was_rejected_is_told_with_its_contact(several: Talk, crm: Sandbox) -> None:
    """The outcome of a change that nobody wanted names the contact that it was of."""
    assert several.card is not None
    ids = [change["contact_id"] for change in several.card["changes"]]
    await several.decide_each(REJECT, REJECT, REJECT)
    assert [(o["status"], o["contact_id"]) for o in several.outcomes] == [("rejected", i) for i in ids]
    assert ids[0] == (crm.find(METTE) or {})["id"]


async def test_two_edits_of_one_card_are_two_changes(several: Talk, crm: Sandbox, tmp_path: Path) -> None:
    """Each of several edits on one card is applied, noted as decided, and has an id of its own that never changes."""
    assert several.card is not None
    ids = [id_from(several.card["id"], change["id"]) for change in several.card["changes"][:2]]
    edit = {"decision": "edit", "values": {"jobtitle": "Partner"}}
    await several.decide_each(edit, edit, REJECT)
    assert [write["properties"] for write in crm.writes()] == [{"jobtitle": "Partner"}] * 2
    with closing(connect_to_read(tmp_path / "ledger.db")) as db:
        lines = [(e.kind, e.change_id, e.outcome, e.personal) for e in events(db)]
    noted = [(kind, change_id, outcome) for kind, change_id, outcome, _ in lines if change_id in ids]
    assert [line for line in noted if line[0] in ("proposed", "decided")] == [
        (kind, change_id, outcome) for change_id in ids for kind, outcome in (("proposed", ""), ("decided", "approve"))
    ]
    assert [p["words"] for kind, change_id, _, p in lines if kind == "proposed" and change_id in ids] == ["", ""]


async def test_an_edit_that_was_cut_off_is_told(talk: Talk, crm: Sandbox) -> None:
    """An edit whose run was stopped while HubSpot wrote it is told as done, and is written once."""
    await talk.say(UPDATE)
    crm.fail(match={"method": "PATCH"}, delay=1)
    await stopped_during(crm, "PATCH", talk.decide("edit", values={"jobtitle": "Partner"}))
    await until(lambda: not crm.under_way("PATCH"))
    assert "er opdateret: Stilling er nu Partner" in await talk.go_on()
    assert [write["properties"] for write in crm.writes()] == [{"jobtitle": "Partner"}]


async def test_a_list_stays_to_choose_from(talk: Talk, crm: Sandbox) -> None:
    """A contact that was changed stays among those that were shown; one that was archived does not."""
    made = crm.create(firstname="Per", lastname="Testesen", email="per.testesen@nordlys.example")
    crm.create(firstname="Pia", lastname="Testesen", email="pia.testesen@nordlys.example")
    await talk.say("find testesen")
    await talk.say("ret stilling på per.testesen@nordlys.example til CFO")
    await talk.say("ja")
    assert made in [contact["id"] for contact in (await talk.values())["desk"]["shown"]]


@pytest.mark.parametrize(("status", "category"), [(400, "VALIDATION_ERROR"), (403, "BANNED")])
async def test_what_is_asked_after_a_refusal(talk: Talk, crm: Sandbox, status: int, category: str) -> None:
    """Only a value that HubSpot does not accept is asked for again, with its name; of an undo nothing is."""
    body = {"status": "error", "category": category, "message": "no", "correlationId": "x"}
    body |= {"errors": [{"message": "no", "context": {"propertyName": ["jobtitle"]}}]}
    await talk.say(UPDATE)
    crm.fail(match={"method": "PATCH"}, status=status, body=body)
    await talk.say("ja")
    desk = (await talk.values())["desk"]
    asked = desk["question"] and (desk["question"]["code"], desk["question"]["params"]["property"])
    assert asked == (("crm_invalid", "jobtitle") if status == 400 else None)
    assert bool(desk["draft"]) == (status == 400)
    await talk.say(f"ret by på {METTE} til Ribe")
    await talk.say("ja")
    await talk.say("fortryd")
    crm.fail(match={"method": "PATCH"}, status=status, body=body)
    await talk.say("ja")
    assert not (await talk.values())["desk"]["draft"]


@pytest.mark.parametrize("given", [APPROVE, {"decision": "edit", "values": {"jobtitle": "Formand"}}])
async def test_a_no_after_an_approval_that_was_not_begun(
    talk: Talk, crm: Sandbox, tmp_path: Path, given: dict[str, Any]
) -> None:
    """A no after an approval or an edit that was cut off before it was noted is the decision: nothing is written."""
    await talk.say(UPDATE)
    card = talk.card
    assert card is not None
    answer = {"approval_id": card["id"], "decisions": {card["changes"][0]["id"]: given}}
    await talk.graph.ainvoke(Command(resume=answer), talk.config, interrupt_before=["apply"])
    assert "er annulleret, og intet er skrevet" in await talk.say("nej")
    assert crm.writes() == []
    assert (await talk.values())["card"] is None
    with closing(connect_to_read(tmp_path / "ledger.db")) as db:
        trail = list(events(db))
    assert [(e.kind, e.outcome) for e in trail] == [("proposed", ""), ("decided", "reject")]
    assert unapproved(trail) == []


async def test_an_edit_of_a_contact_that_is_called_otherwise_by_now(talk: Talk, crm: Sandbox) -> None:
    """Where the contact has another name than the card says, an edit brings a fresh card, as an approval does."""
    await talk.say(UPDATE)
    crm.set((crm.find(METTE) or {})["id"], firstname="Per", lastname="Ulriksen")
    written = len(crm.writes())
    await talk.decide("edit", values={"jobtitle": "Formand"})
    assert len(crm.writes()) == written
    assert talk.card is not None
    assert "Per Ulriksen" in talk.card["changes"][0]["title"]
    said = [message for message in (await talk.values())["messages"] if message.type == "ai"]
    assert all(message.text or message.tool_calls for message in said)
    await talk.say("ja")
    assert crm.writes()[-1]["properties"] == {"jobtitle": "Formand"}


async def test_an_edit_brings_no_default_that_nobody_saw(opener: Any, crm: Sandbox) -> None:
    """A default that was configured after the card is shown on a fresh card before an edit writes it."""
    async with opener() as graph:
        talk = Talk(graph)
        await talk.say("opret Per Testesen, per.testesen@nordlys.example")
    async with opener(new_contact="lifecyclestage=customer") as graph:
        talk.graph = graph
        await talk.decide("edit", values={"jobtitle": "CFO"})
        assert crm.writes() == []
        assert talk.card is not None
        assert {row["property"]: row["source"] for row in talk.card["changes"][0]["rows"]}[
            "lifecyclestage"
        ] == "default"
        await talk.say("ja")
    assert crm.writes()[-1]["properties"]["lifecyclestage"] == "customer"


async def test_the_words_of_another_user_are_not_the_owners(opener: Any, server: FakeOpenAI, crm: Sandbox) -> None:
    """What somebody else wrote in the conversation, and was refused, is no word of the one whose cards these are."""

    def update(**properties: str) -> Any:
        return calls(ToolCall("update_contact", {"contact": METTE, "properties": properties}))

    async with opener(openai_base_url=server.base_url) as graph:
        anna, bo = Talk(graph, user="anna"), Talk(graph, user="bo")
        server.play([update(jobtitle="CFO"), update(phone="99 88 77 66")])
        await anna.say(f"ret {METTE} til CFO")
        await bo.say("sæt telefonen til 99 88 77 66")
        await anna.say("vent lidt, ret noget andet")
        assert anna.card is not None
        assert [row["source"] for row in anna.card["changes"][0]["rows"]] == ["unknown"]
        await anna.say("nej")
        server.play([says("Det har jeg læst."), update(mobilephone="99 88 77 55"), update(mobilephone="99 88 77 55")])
        await bo.say("hendes mobil er 99 88 77 55")
        await anna.say("ret nu hendes mobil")
        assert [row["source"] for row in anna.card["changes"][0]["rows"]] == ["unknown"]
        await anna.say("hendes mobil er 99 88 77 55")
        assert [row["source"] for row in anna.card["changes"][0]["rows"]] == ["user"]


async def test_the_one_that_was_refused_is_what_is_asked_about(several: Talk, crm: Sandbox) -> None:
    """Of several changes the next words are about the one whose value HubSpot did not accept, and not the last one."""
    body = {"status": "error", "category": "VALIDATION_ERROR", "message": "no", "correlationId": "x"}
    crm.fail(match={"method": "PATCH"}, status=400, body=body)
    await several.decide_each(APPROVE, APPROVE, APPROVE)
    assert several.statuses == ["refused", "applied", "applied"]
    assert [p.split()[0] for p in several.replies[-1].split("\n\n")] == ["HubSpot", "Mette", "Kontakten"]
    desk = (await several.values())["desk"]
    assert desk["question"]["code"] == "crm_invalid"
    assert desk["draft"]["contact_id"] == (crm.find(METTE) or {})["id"]


@pytest.mark.parametrize("words", ["fortryd Mettes stilling", "fortryd stillingen på Mette Hansen"])
async def test_the_field_of_somebody_goes_back(talk: Talk, crm: Sandbox, words: str) -> None:
    """An undo by a contact and a field is of the last change of that field, whatever was written after it."""
    await talk.say(UPDATE)
    await talk.say("ja")
    await talk.say(f"ret by på {METTE} til Vejle")
    await talk.say("ja")
    await talk.say(words)
    assert talk.rows == {"jobtitle": ("CFO", "Salgschef")}
