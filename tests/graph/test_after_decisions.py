"""What a decision leaves behind: the trail of edits, the contacts that were shown, and what is asked next."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crm.audit import events
from crm.changes import id_from
from support.children import Sandbox
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
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as db:
        db.row_factory = sqlite3.Row
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
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.6):
            await talk.decide("edit", values={"jobtitle": "Partner"})
    await asyncio.sleep(1)
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
