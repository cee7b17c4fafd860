"""Changes whose outcome is not known: they are settled while the assistant runs, and are never passed over."""

import asyncio
from typing import Any

import pytest

from crm.domain import errors
from crm.domain.actor import Actor
from crm.domain.change import Change
from crm.domain.outcome import Outcome
from crm.portal import Portal
from crm.write import executor, timing
from crm.write.reconcile import keep_settled, settle_for, settle_open
from support.children import Sandbox
from support.undoing import ANNA, BY, ELSEWHERE, Undoing, refused, rows

pytestmark = pytest.mark.usefixtures("hurry")


async def in_doubt(person: Undoing, crm: Sandbox, change: Change) -> None:
    """Applies a change whose answer is lost, and which then cannot be read back."""
    crm.fail(match={"method": "DELETE" if change.archives else "PATCH"}, drop="after")
    crm.fail(match={"method": "GET", "nth": 2}, status=503, times=None)
    assert (await person.apply(change)).status == "unknown"
    crm.control("DELETE", "faults")


async def test_what_is_in_doubt_is_not_passed_over_by_an_undo(person: Undoing, crm: Sandbox) -> None:
    """Until it is known whether the last change was written, its undo says so, and takes back no earlier one."""
    contact = crm.create(**ANNA, jobtitle="Chef")
    earlier = (await person.update(contact, city="Ribe")).change
    change = await person.proposed_update(contact, jobtitle="CFO")
    await in_doubt(person, crm, change)
    assert (await person.proposed(earlier.id)).undoes == earlier.id  # which was asked for by itself
    assert (await refused(person, errors.UndoOpen)).params == {"name": "Anna Ek"}
    await refused(person, errors.UndoOpen, change.id)
    await refused(person, errors.UndoOpen, change.id, by=ELSEWHERE)
    await refused(person, errors.UndoUnknown, by=ELSEWHERE)
    for asked in (
        {"contact": "Anna"},
        {"action": "update", "contact": "Anna"},
        {"field": "jobtitle"},
        {"contact": "Annas", "field": "stilling"},
        {"action": "update"},
    ):
        await refused(person, errors.UndoOpen, **asked)
    await refused(person, errors.UndoOpen, contact="Anna", by=ELSEWHERE)
    await refused(person, errors.UndoUnknown, action="update", by=ELSEWHERE)
    for asked in ({"field": "city"}, {"contact": "Annas", "field": "by"}):  # the one in doubt is of another field
        assert (await person.proposed(**asked)).undoes == earlier.id
    await refused(person, errors.UndoNotFound, contact="Bo")
    await settle_for(person.portal, "anna")
    assert rows(await person.proposed()) == {"jobtitle": ("CFO", "Chef")}


async def test_an_undo_that_is_in_doubt_is_not_laid_on_somebody_else(person: Undoing, crm: Sandbox) -> None:
    """While an undo is not known to be written, another one of the same change is refused as open, by name and id."""
    contact = crm.create(**ANNA, jobtitle="Chef")
    change = (await person.update(contact, jobtitle="CFO")).change
    await in_doubt(person, crm, await person.proposed())
    for asked in ({}, {"change_id": change.id}, {"contact": "Anna"}):
        await refused(person, errors.UndoOpen, **asked)
    await settle_for(person.portal, "anna")
    await refused(person, errors.UndoDone, change.id)


async def test_anothers_doubts_are_nobody_elses(person: Undoing, crm: Sandbox) -> None:
    """What is open of one user keeps another from nothing, and is not looked for on the other's behalf."""
    contact = crm.create(**ANNA, jobtitle="Chef")
    mine = crm.create(email="bo@nordlys.example")
    await person.apply(await person.proposed_update(mine, jobtitle="CFO"), user="bo", conversation="c2")
    await in_doubt(person, crm, await person.proposed_update(contact, jobtitle="CFO"))
    assert (await person.proposed(by=Actor("bo", "c2"))).contact_id == mine
    await settle_for(person.portal, "bo")
    assert len(await person.portal.ledger.unsettled()) == 1


async def test_nobody_waits_long_for_what_cannot_be_settled(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before a list or an undo what is open is looked for, and a HubSpot that does not answer holds up nobody."""
    contact = crm.create(**ANNA)
    await in_doubt(person, crm, await person.proposed_update(contact, jobtitle="CFO"))
    monkeypatch.setattr(timing, "ASKED_SECONDS", 0.3)
    crm.fail(match={"method": "GET"}, delay=3, times=None)
    async with asyncio.timeout(1.5):
        await settle_for(person.portal, "anna")


async def test_a_running_assistant_settles_what_comes_up(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ends unknown while the assistant runs is found out by itself, again and again, and nobody need ask."""
    monkeypatch.setattr(timing, "FIRST_PASSES", (0.1,))
    monkeypatch.setattr(timing, "PASS_SECONDS", 0.3)
    keeping = asyncio.create_task(keep_settled(person.portal))
    contact = crm.create(**ANNA)
    for title in ("CFO", "CEO"):
        change = await person.proposed_update(contact, jobtitle=title)
        await in_doubt(person, crm, change)
        for _ in range(40):
            await asyncio.sleep(0.1)
            if not await person.portal.ledger.unsettled():
                break
        assert (await person.record(change)).status == "applied"
    keeping.cancel()


async def test_the_later_of_two_updates_waits_for_the_earlier(person: Undoing, crm: Sandbox) -> None:
    """Two approved changes of one field at the same moment are made one after the other, and neither unseen."""
    contact = crm.create(**ANNA, jobtitle="Chef")
    first = await person.proposed_update(contact, jobtitle="CFO")
    second = await person.proposed_update(contact, jobtitle="CEO")
    crm.fail(match={"method": "PATCH"}, delay=0.4)
    outcomes = await asyncio.gather(person.apply(first), person.apply(second))
    done, stale = sorted(outcomes, key=lambda outcome: outcome.status)
    assert (done.status, stale.status, done.overwritten) == ("applied", "stale", {})
    assert stale.fresh is not None
    written = done.change.values["jobtitle"]
    assert rows(stale.fresh)["jobtitle"][0] == written == crm.get(contact, "jobtitle")["jobtitle"]


async def test_an_update_does_not_wait_for_one_that_is_in_doubt(person: Undoing, crm: Sandbox) -> None:
    """A change of the contact whose outcome nobody knows, and nobody is at work on, holds up no other one."""
    contact = crm.create(**ANNA, jobtitle="Chef")
    await in_doubt(person, crm, await person.proposed_update(contact, jobtitle="CFO"))
    async with asyncio.timeout(4):
        assert (await person.update(contact, city="Ribe")).status == "applied"


async def test_two_undos_of_one_contact_are_made_one_by_one(person: Undoing, crm: Sandbox) -> None:
    """Of two cards that take the same change back at the same moment one writes, and the other says that it is done."""
    contact = crm.create(**ANNA, jobtitle="Chef")
    change = (await person.update(contact, jobtitle="CFO")).change
    one, two = await person.proposed(change.id), await person.proposed(change.id)
    crm.fail(match={"method": "PATCH"}, delay=0.4)
    outcomes = await asyncio.gather(person.apply(one), person.apply(two))
    assert sorted(outcome.status for outcome in outcomes) == ["applied", "refused"]
    assert {type(outcome.error) for outcome in outcomes if outcome.error} == {errors.UndoDone}
    assert len([write for write in crm.writes() if write["properties"] == {"jobtitle": "Chef"}]) == 1


async def test_the_way_back_is_open_at_the_limit(opened: Any, crm: Sandbox) -> None:
    """Who has used up the changes of the hour can still take one back."""
    async with opened(changes_per_hour=1) as person:
        contact = crm.create(**ANNA, jobtitle="Chef")
        await person.update(contact, jobtitle="CFO")
        full = await person.update(contact, city="Ribe")
        assert (full.status, type(full.error)) == ("unavailable", errors.TooManyChanges)
        assert (await person.undo()).status == "applied"


async def test_a_look_alike_that_came_while_the_card_waited(person: Undoing, crm: Sandbox) -> None:
    """A creation with an email is compared once more when it is approved."""
    change = await person.proposed_create(**ANNA, phone="22331144")
    twin = crm.create(firstname="Anna", lastname="Ek", phone="+4522331144")
    outcome = await person.apply(change)
    assert outcome.status == "stale" and outcome.fresh is not None
    assert [found.contact_id for found in outcome.fresh.twins] == [twin]
    assert (await person.apply(outcome.fresh)).status == "applied"


@pytest.mark.parametrize("crash", [True, False])
async def test_what_a_colleague_adds_before_we_look_is_the_colleagues(
    person: Undoing, crm: Sandbox, crash: bool
) -> None:
    """A value that somebody puts into a new contact before it was read back keeps the contact from being archived."""
    change = await person.proposed_create(**ANNA)
    if crash:
        await person.cut_off(crm, change, arrives=True)
        crm.set((crm.find(ANNA["email"]) or {})["id"], jobtitle="Partner")
        assert await settle_open(person.portal) == 0
    else:
        crm.fail(match={"method": "GET", "path_matches": r"/contacts/\d+$"}, delay=0.6)
        writing = asyncio.create_task(person.apply(change))
        await asyncio.sleep(0.4)
        crm.set((crm.find(ANNA["email"]) or {})["id"], jobtitle="Partner")
        assert (await writing).status == "applied"
    assert (await refused(person, errors.UndoTouched)).params["properties"] == ["jobtitle"]


async def test_a_claim_of_a_stopped_run_is_in_nobodys_way(person: Undoing, crm: Sandbox) -> None:
    """A run that is stopped at the very claim goes on all the same, and whoever asks next is told what came of it."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO")
    claim = person.portal.ledger.claim
    applying = asyncio.create_task(person.apply(change))
    for _ in range(200):
        await asyncio.sleep(0.002)
        if person.portal.writing:
            break
    applying.cancel()
    async with asyncio.timeout(5):
        assert (await person.apply(change)).status == "applied"
    assert not await claim(change, Actor(**BY), per_hour=100)
    assert len([write for write in crm.writes() if write["properties"] == {"jobtitle": "CFO"}]) == 1


async def test_what_was_cut_off_is_waited_for_by_name(person: Undoing, crm: Sandbox) -> None:
    """A creation that was cut off, of which nothing is recorded, is what its contact and its fields name."""
    await person.update(crm.create(**ANNA), jobtitle="CFO", city="Ribe")
    change = await person.proposed_create(firstname="Bo", lastname="Testesen", jobtitle="Chef")
    await person.cut_off(crm, change, arrives=False)
    for asked in (
        {"contact": "Bo Testesen"},
        {"action": "create", "contact": "Bo Testesen"},
        {"action": "create"},
        {"action": "create", "field": "jobtitle"},
    ):
        assert (await refused(person, errors.UndoOpen, **asked)).params == {"name": "Bo Testesen"}
    # a creation is of all the contact
    for asked in ({"field": "jobtitle"}, {"action": "update"}, {"contact": "Anna Ek"}, {"field": "city"}):
        assert (await person.proposed(**asked)).display == "Anna Ek"


async def test_a_rival_that_is_in_doubt_is_looked_for_again(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an own change that is in doubt wrote between the last look and the claim is shown, and not written over."""
    contact = crm.create(**ANNA, jobtitle="Chef")
    first, second = [await person.proposed_update(contact, jobtitle=title) for title in ("CFO", "COO")]
    looked = executor._kept_back

    async def then_written(portal: Portal, change: Change, actor: Actor) -> Outcome | None:
        kept_back = await looked(portal, change, actor)
        await in_doubt_by_now()
        return kept_back

    async def in_doubt_by_now() -> None:
        assert await person.portal.ledger.claim(first, Actor(**BY), per_hour=60)
        crm.late(contact, jobtitle="CFO")
        await person.portal.ledger.finish(Outcome("unknown", first))

    monkeypatch.setattr(executor, "_kept_back", then_written)  # a moment that no fault of HubSpot's brings
    outcome = await person.apply(second)
    assert (outcome.status, crm.get(contact, "jobtitle")["jobtitle"]) == ("stale", "CFO")
