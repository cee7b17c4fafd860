"""Writes that were cut off, and what somebody else did to the contact before anybody looked."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from crm.domain import errors
from crm.write import executor, settle
from crm.write.restart import settle_open
from support.children import Sandbox
from support.undoing import ANNA, Undoing

pytestmark = pytest.mark.usefixtures("hurry")


async def test_an_update_that_somebody_wrote_over_since_is_known(person: Undoing, crm: Sandbox) -> None:
    """A write that took effect before it was cut off, and was written over since, is told with what stands now."""
    contact = crm.create(**ANNA, jobtitle="Sælger", city="Vejle")
    change = await person.proposed_update(contact, jobtitle="CFO", city="Aarhus")
    await person.cut_off(crm, change, arrives=True)
    crm.set(contact, jobtitle="Partner")
    assert await settle_open(person.portal) == 0
    recorded = await person.record(change)
    assert (recorded.status, recorded.replaced, recorded.unchanged) == ("applied", {"jobtitle": "Partner"}, ())
    assert len([w for w in crm.writes() if w["properties"].get("city") == "Aarhus"]) == 1


async def test_a_value_that_somebody_set_back_since_is_known(person: Undoing, crm: Sandbox) -> None:
    """A write that somebody took back by hand before anybody looked took effect, and is told so."""
    contact = crm.create(**ANNA, jobtitle="Sælger")
    change = await person.proposed_update(contact, jobtitle="CFO")
    await person.cut_off(crm, change, arrives=True)
    crm.set(contact, jobtitle="Sælger")
    assert await settle_open(person.portal) == 0
    recorded = await person.record(change)
    assert (recorded.status, recorded.replaced) == ("applied", {"jobtitle": "Sælger"})


async def test_an_update_that_never_arrived_is_known_though_the_contact_changed(person: Undoing, crm: Sandbox) -> None:
    """A write that was lost is told as not done, also where somebody changed the very field in the meantime."""
    contact = crm.create(**ANNA, jobtitle="Sælger")
    change = await person.proposed_update(contact, jobtitle="CFO")
    await person.cut_off(crm, change, arrives=False)
    crm.set(contact, jobtitle="Partner")
    assert await person.looked_twice() == 0
    recorded = await person.record(change)
    assert recorded.status == "refused" and isinstance(recorded.error, errors.CutOff)


async def test_the_same_value_from_before_the_card_is_no_proof(person: Undoing, crm: Sandbox) -> None:
    """That the field held the value once, before the card was made, does not pass for the write that was lost."""
    contact = crm.create(**ANNA, jobtitle="CFO")
    crm.set(contact, jobtitle="Sælger")
    change = await person.proposed_update(contact, jobtitle="CFO")
    await person.cut_off(crm, change, arrives=False)
    assert await person.looked_twice() == 0
    assert (await person.record(change)).status == "refused"


@pytest.mark.parametrize("theirs", ["Partner", ""])
async def test_another_value_by_a_program_is_no_proof(person: Undoing, crm: Sandbox, theirs: str) -> None:
    """That an integration wrote something else, or cleared the field, does not pass for the write that was lost."""
    contact = crm.create(**ANNA, jobtitle="Sælger")
    change = await person.proposed_update(contact, jobtitle="CFO")
    await person.cut_off(crm, change, arrives=False)
    crm.late(contact, jobtitle=theirs)
    assert await person.looked_twice() == 0
    assert (await person.record(change)).status == "refused"


async def test_a_write_is_not_given_up_while_its_call_may_be_late(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until a late call must have arrived, a write that does not show is unknown, and not told as lost."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO")
    await person.cut_off(crm, change, arrives=False)
    monkeypatch.setattr(settle, "LATE_SECONDS", 30.0)
    assert await person.looked_twice() == 1
    monkeypatch.setattr(settle, "LATE_SECONDS", 0.3)
    assert await settle_open(person.portal) == 0


async def test_a_stage_that_was_left_cleared_is_completed_once(person: Undoing, crm: Sandbox) -> None:
    """Two who settle an undo that was cut between its calls at the same moment complete it by one call in all."""
    contact = crm.create(**ANNA, lifecyclestage="lead", jobtitle="Sælger")
    await person.update(contact, lifecyclestage="customer", jobtitle="CFO")
    change = await person.undone_in_half(crm)
    crm.set(contact, jobtitle="Partner")  # somebody else's, and none of the undo's business
    await asyncio.sleep(0.4)
    crm.fail(match={"method": "PATCH"}, delay=0.3, times=None)
    await asyncio.gather(*(executor.settled(person.portal, change) for _ in range(3)))
    crm.control("DELETE", "faults")
    assert (await executor.settled(person.portal, change)).status == "applied"
    assert crm.get(contact, "lifecyclestage")["lifecyclestage"] == "lead"
    assert crm.get(contact, "jobtitle")["jobtitle"] == "Partner"
    assert len([w for w in crm.writes() if w["properties"] == {"lifecyclestage": "lead"}]) == 1


@pytest.mark.parametrize("author", ["CRM_UI/userId:7", "INTEGRATION"])
async def test_a_stage_that_somebody_else_cleared_is_not_completed(person: Undoing, crm: Sandbox, author: str) -> None:
    """Where the undo itself never arrived, a stage that somebody cleared meanwhile is left as it is."""
    contact = crm.create(**ANNA, lifecyclestage="lead", jobtitle="Sælger")
    await person.update(contact, lifecyclestage="customer", jobtitle="CFO")
    change = await person.proposed()
    await person.cut_off(crm, change, arrives=False)
    crm.late(contact, author=author, lifecyclestage="")
    assert await person.looked_twice() == 0
    assert (await person.record(change)).status == "refused"
    assert (crm.get(contact, "lifecyclestage")["lifecyclestage"] or "") == ""


async def test_an_archiving_that_never_arrived_is_known_though_the_contact_changed(
    person: Undoing, crm: Sandbox
) -> None:
    """The undo of a creation whose call was lost is told as not done, also where somebody changed the contact."""
    made = await person.create(**ANNA)
    change = await person.proposed()
    await person.cut_off(crm, change, arrives=False)
    assert made.contact is not None
    crm.set(made.contact.id, firstname="Anne")
    assert await person.looked_twice() == 0
    assert (await person.record(change)).status == "refused"


async def test_who_writes_reports_with_hubspots_names_of_the_calls(person: Undoing, crm: Sandbox) -> None:
    """Whoever looks while a write is under way leaves the record to the one who writes, with the correlation id."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO")
    crm.fail(match={"method": "GET", "path_contains": "/contacts/", "nth": 2}, delay=0.8)  # the reading back
    writing = asyncio.create_task(person.apply(change))
    await asyncio.sleep(0.5)
    assert crm.get(contact, "jobtitle")["jobtitle"] == "CFO"
    assert (await executor.settled(person.portal, change)).status == "unknown"
    assert (await writing).status == "applied"
    assert len((await person.record(change)).correlation_ids) == 1


async def test_one_id_is_written_once_whatever_was_read(person: Undoing, crm: Sandbox) -> None:
    """Of two readings of one edit, made before and after somebody touched the contact, one is written and both told."""
    contact = crm.create(**ANNA)
    first = await person.proposed_update(contact, jobtitle="CFO")
    crm.set(contact, city="Vejle")
    second = (await person.proposed_update(contact, jobtitle="CFO")).model_copy(update={"id": first.id})
    assert first.digest != second.digest
    outcomes = await asyncio.gather(person.apply(first), person.apply(second))
    assert [outcome.status for outcome in outcomes] == ["applied", "applied"]
    assert len([w for w in crm.writes() if "jobtitle" in w["properties"]]) == 1


async def test_the_limit_holds_for_changes_at_the_same_moment(opened: Any, crm: Sandbox) -> None:
    """Of five changes that are approved at once, no more are made than the hour's limit allows."""
    async with opened(changes_per_hour=2) as person:
        people = [crm.create(email=f"p{n}@nordlys.example") for n in range(5)]
        changes = [await person.proposed_update(contact, jobtitle="CFO") for contact in people]
        outcomes = await asyncio.gather(*(person.apply(change) for change in changes))
        assert sorted(outcome.status for outcome in outcomes) == ["applied"] * 2 + ["unavailable"] * 3
        assert len([w for w in crm.writes() if "jobtitle" in w["properties"]]) == 2
        assert (await person.apply(changes[[o.status for o in outcomes].index("applied")])).status == "applied"


async def test_a_stopped_run_leaves_its_change_to_others_at_once(person: Undoing, crm: Sandbox) -> None:
    """After a run was stopped in its call nobody waits for it: the next one to ask is told as soon as it shows."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO")
    await person.cut_off(crm, change, arrives=True)
    async with asyncio.timeout(3):
        assert (await person.apply(change)).status == "applied"
    assert len([w for w in crm.writes() if "jobtitle" in w["properties"]]) == 1


def answered(contact: str, now: dict[str, str], past: dict[str, list[str]]) -> dict[str, Any]:
    """HubSpot's answer with these values, and with a history that holds nothing from before today."""
    at = datetime.now(UTC).isoformat()
    versions = {name: [{"value": v, "timestamp": at, "sourceType": "CRM_UI"} for v in past[name]] for name in past}
    return {"id": contact, "properties": now, "propertiesWithHistory": versions, "createdAt": at, "updatedAt": at}


@pytest.mark.parametrize(
    ("past", "unknown"),
    [
        ({"jobtitle": ["Partner"], "city": ["Odense"]}, 1),  # both had a value, of which the history says nothing
        ({"jobtitle": ["Partner"]}, 1),
        ({}, 1),
    ],
)
async def test_a_history_that_does_not_reach_back_proves_nothing(
    person: Undoing, crm: Sandbox, past: dict[str, list[str]], unknown: int
) -> None:
    """Where the history ends before the card was made, a write that does not show is unknown, and not told as lost."""
    contact = crm.create(**ANNA, jobtitle="Chef", city="Vejle")
    change = await person.proposed_update(contact, jobtitle="CFO", city="Ribe")
    await person.cut_off(crm, change, arrives=False)
    body = answered(contact, {"jobtitle": "Partner", "city": "Odense"}, past)
    crm.fail(match={"method": "GET", "path_contains": f"/contacts/{contact}"}, status=200, body=body, times=None)
    assert await person.looked_twice() == unknown


async def test_a_field_that_never_had_a_value_has_no_history(person: Undoing, crm: Sandbox) -> None:
    """Where the fields were empty, a history without our values tells that the write was lost."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO", city="Ribe")
    await person.cut_off(crm, change, arrives=False)
    body = answered(contact, {"jobtitle": "Partner"}, {"jobtitle": ["Partner"]})
    crm.fail(match={"method": "GET", "path_contains": f"/contacts/{contact}"}, status=200, body=body, times=None)
    assert await person.looked_twice() == 0
    assert (await person.record(change)).status == "refused"


async def test_a_part_that_shows_tells_of_the_whole(person: Undoing, crm: Sandbox) -> None:
    """Where HubSpot took one value and left a stage as it was, the write arrived, and the stage is told as left."""
    contact = crm.create(**ANNA, jobtitle="Chef", lifecyclestage="customer")
    change = await person.proposed_update(contact, lifecyclestage="lead", jobtitle="CFO")
    await person.cut_off(crm, change, arrives=True)
    assert await settle_open(person.portal) == 0
    recorded = await person.record(change)
    assert (recorded.status, recorded.unchanged) == ("partly", ("lifecyclestage",))
