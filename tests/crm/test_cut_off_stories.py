"""Stories of writes that were cut off, beside the table in ``test_cut_off``."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from crm.domain import errors
from crm.domain.actor import Actor
from crm.write import reconcile, timing
from crm.write.precondition import check_precondition
from crm.write.reconcile import settle_open
from support.children import Sandbox
from support.undoing import ANNA, BY, Undoing

pytestmark = pytest.mark.usefixtures("hurry")


async def test_a_write_is_not_given_up_while_its_call_may_be_late(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until a late call must have arrived, a write that does not show is unknown, and not told as lost."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO")
    await person.cut_off(crm, change, arrives=False)
    monkeypatch.setattr(timing, "LATE_SECONDS", 30.0)
    assert await person.looked_twice() == 1
    monkeypatch.setattr(timing, "LATE_SECONDS", 0.3)
    assert await settle_open(person.portal) == 0


async def test_a_stage_that_was_left_cleared_is_completed_once(person: Undoing, crm: Sandbox) -> None:
    """Two who settle an undo that was cut between its calls at the same moment complete it by one call in all."""
    contact = crm.create(**ANNA, lifecyclestage="lead", jobtitle="Sælger")
    await person.update(contact, lifecyclestage="customer", jobtitle="CFO")
    change = await person.undone_in_half(crm)
    crm.set(contact, jobtitle="Partner")  # somebody else's, and none of the undo's business
    await asyncio.sleep(0.4)
    crm.fail(match={"method": "PATCH"}, delay=0.3, times=None)
    await asyncio.gather(*(reconcile.settled(person.portal, change) for _ in range(3)))
    crm.control("DELETE", "faults")
    assert (await reconcile.settled(person.portal, change)).status == "applied"
    assert crm.get(contact, "lifecyclestage")["lifecyclestage"] == "lead"
    assert crm.get(contact, "jobtitle")["jobtitle"] == "Partner"
    assert len([w for w in crm.writes() if w["properties"] == {"lifecyclestage": "lead"}]) == 1


async def test_who_writes_reports_with_hubspots_names_of_the_calls(person: Undoing, crm: Sandbox) -> None:
    """Whoever looks while a write is under way leaves the record to the one who writes, with the correlation id."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO")
    crm.fail(match={"method": "GET", "path_contains": "/contacts/", "nth": 2}, delay=0.8)  # the reading back
    writing = asyncio.create_task(person.apply(change))
    await asyncio.sleep(0.5)
    assert crm.get(contact, "jobtitle")["jobtitle"] == "CFO"
    assert (await reconcile.settled(person.portal, change)).status == "unknown"
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


async def test_a_creation_that_gave_way_brings_its_fresh_card_again(person: Undoing, crm: Sandbox) -> None:
    """Whoever approves a creation again that gave way to a look-alike gets the card with the look-alike once more."""
    change = await person.proposed_create(firstname="Anna", lastname="Ek", phone="22331144")
    assert await person.portal.ledger.claim(change, Actor(**BY), per_hour=60)
    twin = crm.create(firstname="Anna", lastname="Ek", phone="+4522331144")
    fresh = await check_precondition(person.portal, change, Actor(**BY))
    assert fresh is not None and fresh.status == "stale"
    await person.portal.ledger.finish(fresh)
    again = await person.apply(change)
    assert again.status == "stale" and again.fresh is not None
    assert [t.contact_id for t in again.fresh.twins] == [twin]
    assert again.fresh.id != change.id


async def test_what_gave_way_may_be_free_by_now(person: Undoing, crm: Sandbox) -> None:
    """A change that gave way and could be made by now waits again as a new one, which is written when approved."""
    change = await person.proposed_create(firstname="Anna", lastname="Ek")
    await person.recorded(change, "stale")
    again = await person.apply(change)
    assert (again.status, again.change) == ("stale", change) and again.fresh is not None
    assert (again.fresh.values, crm.writes()) == (change.values, [])
    assert again.fresh.id != change.id
    assert (await person.apply(change)).fresh == again.fresh  # whoever asks is offered the same one
    assert (await person.apply(again.fresh)).status == "applied"


async def test_a_crm_that_is_down_brings_no_fresh_card_yet(person: Undoing, crm: Sandbox) -> None:
    """Where HubSpot cannot be asked for the fresh card, that is said, and the change can be approved later."""
    change = await person.proposed_create(**ANNA)
    await person.recorded(change, "stale")
    crm.fail(match={"path_contains": "/contacts"}, status=401, times=None)
    outcome = await person.apply(change)
    assert (outcome.status, type(outcome.error), outcome.change) == ("unavailable", errors.BadToken, change)


async def test_an_undo_that_came_to_nothing_is_looked_at_again_for_its_user(person: Undoing, crm: Sandbox) -> None:
    """An undo that was outdated when it was approved comes again with what is left to take back."""
    contact = crm.create(**ANNA, city="Vejle")
    await person.update(contact, jobtitle="CFO", city="Ribe")
    change = await person.proposed()
    await person.recorded(change, "stale")
    crm.set(contact, city="Odense")
    again = await person.apply(change)
    assert again.status == "stale" and again.fresh is not None
    assert (list(again.fresh.values), again.fresh.kept) == (["jobtitle"], ("city",))


async def test_a_look_alike_on_the_card_is_not_taken_for_the_creation(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A contact of the same name and number that the card showed is not what a lost creation made."""
    crm.late(None, firstname="Anna", lastname="Ek", phone="+4522331144")
    change = await person.proposed_create(firstname="Anna", lastname="Ek", phone="22331144")
    assert len(change.twins) == 1
    await person.cut_off(crm, change, arrives=False)
    assert await person.looked_twice() == 1  # nobody can tell until the search must have caught up
    monkeypatch.setattr(timing, "INDEX_SECONDS", 0.3)
    assert await settle_open(person.portal) == 0
    assert (await person.record(change)).status == "refused"


@pytest.mark.parametrize("values", [ANNA, {"firstname": "Anna", "lastname": "Ek"}])
async def test_a_creation_that_never_arrived_is_told_as_lost(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch, values: dict[str, str]
) -> None:
    """Where nobody is there once HubSpot would show it, the creation is told as not made, and can be approved again."""
    monkeypatch.setattr(timing, "INDEX_SECONDS", 0.3)
    change = await person.proposed_create(**values)
    await person.cut_off(crm, change, arrives=False)
    assert await person.looked_twice() == 0
    again = await person.apply(change)
    assert (again.status, type(again.error), again.change) == ("refused", errors.CutOff, change)
    assert crm.writes() == []


async def test_a_contact_with_other_values_is_not_taken_for_the_creation(person: Undoing, crm: Sandbox) -> None:
    """Somebody of the same email, created meanwhile with another name, is not ours, and its update is offered."""
    change = await person.proposed_create(**ANNA)
    await person.cut_off(crm, change, arrives=False)
    crm.late(None, email=ANNA["email"], firstname="Anne", lastname="Ek")
    assert await person.looked_twice() == 0
    assert (await person.record(change)).status == "stale"
    fresh = (await person.apply(change)).fresh
    assert fresh is not None and fresh.contact_id == (crm.find(ANNA["email"]) or {})["id"]
    assert fresh.values == {"firstname": "Anna"}


async def test_an_older_contact_is_not_taken_for_the_creation(person: Undoing, crm: Sandbox) -> None:
    """A contact that stood there long before, as its time of creation says, is not ours though it looks the same."""
    change = await person.proposed_create(**ANNA)
    await person.cut_off(crm, change, arrives=False)
    crm.late(None, **ANNA)
    there = (crm.find(ANNA["email"]) or {})["id"]
    body = answered_long_ago(there, {**ANNA, "createdate": "2026-01-01T10:00:00Z", "hs_object_source": "INTEGRATION"})
    crm.fail(match={"method": "GET", "path_contains": f"/contacts/{there}"}, status=200, body=body, times=None)
    assert await person.looked_twice() == 0
    assert (await person.record(change)).status == "already_so"


def answered_long_ago(contact: str, now: dict[str, str]) -> dict[str, Any]:
    """HubSpot's answer with these values, each of them the first that it had."""
    at = "2026-01-01T10:00:00Z"
    past = {name: [{"value": value, "timestamp": at, "sourceType": "INTEGRATION"}] for name, value in now.items()}
    return {"id": contact, "properties": now, "propertiesWithHistory": past, "createdAt": at, "updatedAt": at}


@pytest.mark.parametrize("values", [ANNA, {"firstname": "Anna", "lastname": "Ek", "phone": "22331144"}])
async def test_a_colleagues_contact_is_not_taken_for_the_creation(
    person: Undoing, crm: Sandbox, values: dict[str, str]
) -> None:
    """The same person, created by a colleague while our call was lost, is the colleague's, and no undo archives it."""
    change = await person.proposed_create(**values)
    await person.cut_off(crm, change, arrives=False)
    crm.create(**change.values)
    await person.looked_twice()
    with pytest.raises((errors.UndoUnknown, errors.UndoOpen)):
        await person.proposed()


async def test_another_programs_contact_is_in_doubt(person: Undoing, crm: Sandbox) -> None:
    """The same person, created by another integration than this one has been, may be ours and may not: unknown."""
    await person.create(email="bo@nordlys.example")  # from here on it is known as whom HubSpot notes us
    change = await person.proposed_create(**ANNA)
    await person.cut_off(crm, change, arrives=False)
    crm.late(None, author="INTEGRATION/999", **change.values)
    assert await person.looked_twice() == 1


async def test_an_update_of_an_open_claim_keeps_no_creation_waiting(person: Undoing, crm: Sandbox) -> None:
    """Only a creation that is open holds back another of a look-alike, not an update with such values."""
    other = crm.create(firstname="Bo")
    update = await person.proposed_update(other, firstname="Anna", lastname="Ek", phone="22331144")
    assert await person.portal.ledger.claim(update, Actor(**BY), per_hour=100)
    change = await person.proposed_create(firstname="Anna", lastname="Ek", phone="22331144")
    began = asyncio.get_running_loop().time()
    assert (await person.apply(change)).status == "applied"
    assert asyncio.get_running_loop().time() - began < 3


async def archived_while_looked_for(person: Undoing, crm: Sandbox, contact: str) -> int:
    """How many writes are unknown after a look in which somebody archives the contact once the search has found it."""
    search = person.portal.gateway.search

    async def then_archived(body: Any) -> Any:
        found = await search(body)
        crm.archive(contact)
        return found

    person.portal.gateway.search = then_archived  # type: ignore[method-assign]  # a moment that no fault of HubSpot's brings
    left = await settle_open(person.portal)
    person.portal.gateway.search = search  # type: ignore[method-assign]
    return left


async def test_another_contact_that_is_archived_meanwhile_says_nothing(person: Undoing, crm: Sandbox) -> None:
    """A creation that took effect is found, though another new contact is archived while it is looked for."""
    crm.late(None, firstname="Bo", lastname="Dam")
    other = crm.writes()[-1]["objectId"]
    change = await person.proposed_create(firstname="Anna", lastname="Ek", phone="22331144")
    await person.cut_off(crm, change, arrives=True)
    assert await archived_while_looked_for(person, crm, other) == 0
    assert (await person.record(change)).status == "applied"


async def test_a_creation_whose_contact_is_archived_meanwhile_is_not_known(person: Undoing, crm: Sandbox) -> None:
    """Where the contact that may be ours is archived while it is looked for, nothing is concluded from that look."""
    change = await person.proposed_create(firstname="Anna", lastname="Ek", phone="22331144")
    await person.cut_off(crm, change, arrives=True)
    ours = crm.writes()[-1]["objectId"]
    await asyncio.sleep(0.4)
    assert await archived_while_looked_for(person, crm, ours) == 1
    entry = await person.portal.ledger.entry(change)
    assert entry and (entry.outcome is None or entry.status == "unknown")
