"""Creations that were cut off, and changes that gave way to what was written in the meantime."""

import asyncio
from typing import Any

import pytest

from crm.domain import errors
from crm.domain.actor import Actor
from crm.write import executor, settle
from crm.write.restart import settle_open
from support.children import Sandbox
from support.undoing import ANNA, BY, Undoing

pytestmark = pytest.mark.usefixtures("hurry")


async def test_a_creation_that_gave_way_brings_its_fresh_card_again(person: Undoing, crm: Sandbox) -> None:
    """Whoever approves a creation again that gave way to a look-alike gets the card with the look-alike once more."""
    change = await person.proposed_create(firstname="Anna", lastname="Ek", phone="22331144")
    assert await person.portal.ledger.claim(change, Actor(**BY), per_hour=60)
    twin = crm.create(firstname="Anna", lastname="Ek", phone="+4522331144")
    fresh = await executor.recheck(person.portal, change, Actor(**BY))
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


async def test_a_creation_without_email_is_found_with_all_that_it_wrote(person: Undoing, crm: Sandbox) -> None:
    """A creation that took effect before it was cut off is found by name and number, and all its values are checked."""
    change = await person.proposed_create(firstname="Anna", lastname="Ek", phone="22331144", city="Ribe")
    await person.cut_off(crm, change, arrives=True)
    assert await settle_open(person.portal) == 0
    recorded = await person.record(change)
    assert (recorded.status, recorded.unchanged) == ("applied", ())
    assert recorded.contact_id == crm.writes()[-1]["objectId"]


async def test_a_look_alike_on_the_card_is_not_taken_for_the_creation(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A contact of the same name and number that the card showed is not what a lost creation made."""
    crm.late(None, firstname="Anna", lastname="Ek", phone="+4522331144")
    change = await person.proposed_create(firstname="Anna", lastname="Ek", phone="22331144")
    assert len(change.twins) == 1
    await person.cut_off(crm, change, arrives=False)
    assert await person.looked_twice() == 1  # nobody can tell until the search must have caught up
    monkeypatch.setattr(settle, "INDEX_SECONDS", 0.3)
    assert await settle_open(person.portal) == 0
    assert (await person.record(change)).status == "refused"


@pytest.mark.parametrize("values", [ANNA, {"firstname": "Anna", "lastname": "Ek"}])
async def test_a_creation_that_never_arrived_is_told_as_lost(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch, values: dict[str, str]
) -> None:
    """Where nobody is there once HubSpot would show it, the creation is told as not made, and can be approved again."""
    monkeypatch.setattr(settle, "INDEX_SECONDS", 0.3)
    change = await person.proposed_create(**values)
    await person.cut_off(crm, change, arrives=False)
    assert await person.looked_twice() == 0
    again = await person.apply(change)
    assert (again.status, type(again.error), again.change) == ("refused", errors.CutOff, change)
    assert crm.writes() == []


async def test_of_two_that_fit_none_is_taken_for_the_creation(person: Undoing, crm: Sandbox) -> None:
    """Where two contacts made since then fit, nobody can tell which one is ours, and none is told as it."""
    change = await person.proposed_create(firstname="Anna", lastname="Ek", phone="22331144")
    await person.cut_off(crm, change, arrives=True)
    crm.late(None, firstname="Anna", lastname="Ek", phone="+4522331144")  # of another program's, for all we know
    assert await person.looked_twice() == 1


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
    body = answered(there, {**ANNA, "createdate": "2026-01-01T10:00:00Z", "hs_object_source": "INTEGRATION"})
    crm.fail(match={"method": "GET", "path_contains": f"/contacts/{there}"}, status=200, body=body, times=None)
    assert await person.looked_twice() == 0
    assert (await person.record(change)).status == "already_so"


def answered(contact: str, now: dict[str, str]) -> dict[str, Any]:
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


async def test_a_creation_that_a_colleague_corrected_since_is_ours(person: Undoing, crm: Sandbox) -> None:
    """A creation that took effect is known by the values that it began with, and what was corrected is told."""
    change = await person.proposed_create(firstname="Anna", lastname="Ek", phone="22331144")
    await person.cut_off(crm, change, arrives=True)
    made = crm.writes()[-1]["objectId"]
    crm.set(made, lastname="Ek-Holm", phone="+4522331155")
    assert await settle_open(person.portal) == 0
    recorded = await person.record(change)
    assert (recorded.status, recorded.contact_id, recorded.unchanged) == ("applied", made, ())
    assert recorded.replaced == {"lastname": "Ek-Holm", "phone": "+4522331155"}


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


async def test_a_creation_is_found_in_a_crowd(person: Undoing, crm: Sandbox) -> None:
    """Among many contacts that an import made in the same minutes, ours is found by its name as long as it has it."""
    change = await person.proposed_create(firstname="Anna", lastname="Ek", phone="22331144")
    await person.cut_off(crm, change, arrives=True)
    made = crm.writes()[-1]["objectId"]
    for number in range(12):
        crm.late(None, firstname=f"Bo {number}", lastname="Dal")
    assert await settle_open(person.portal) == 0
    assert (await person.record(change)).contact_id == made


async def test_a_crowd_of_the_same_name_leaves_a_doubt(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where more contacts of that name were made than can be looked at, nobody claims one, and nothing is denied."""
    change = await person.proposed_create(firstname="Anna", lastname="Ek", phone="22331144")
    await person.cut_off(crm, change, arrives=False)
    for _ in range(12):
        crm.late(None, **change.values)
    monkeypatch.setattr(settle, "INDEX_SECONDS", 0.3)
    assert await person.looked_twice() == 1


async def test_what_a_person_made_is_no_candidate(person: Undoing, crm: Sandbox) -> None:
    """Contacts that people made in HubSpot's pages do not count as a crowd, and are not taken for ours."""
    change = await person.proposed_create(firstname="Anna", lastname="Ek", phone="22331144")
    await person.cut_off(crm, change, arrives=True)
    made = crm.writes()[-1]["objectId"]
    for _ in range(12):
        crm.create(**change.values)
    assert await settle_open(person.portal) == 0
    assert (await person.record(change)).contact_id == made


async def test_more_than_a_search_brings_leaves_a_doubt(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where more contacts were made in those minutes than one search brings, ours may be among those not seen."""
    monkeypatch.setattr(settle, "INDEX_SECONDS", 0.3)
    change = await person.proposed_create(firstname="Anna", lastname="Ek", phone="22331144")
    await person.cut_off(crm, change, arrives=False)
    crm.fail(match={"path_matches": "/search$"}, status=200, body={"total": 500, "results": []}, times=None)
    assert await person.looked_twice() == 1
