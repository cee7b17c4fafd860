"""A change gives way to one that was claimed before it: it waits, looks again, and goes ahead, or says why not."""

import asyncio

import pytest

from crm.domain import errors
from crm.domain.actor import Actor
from crm.domain.change import Change
from crm.domain.outcome import Outcome
from crm.write import timing
from support.children import Sandbox
from support.undoing import ANNA, Undoing, rows, until

pytestmark = pytest.mark.usefixtures("hurry")
ZOLTAN = {"firstname": "Zoltan", "lastname": "Brzezinski"}
WAIT = (0.1, 0.2, 0.4, 0.8)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox answers at once, so nobody need be waited for as long as at HubSpot's pace."""
    monkeypatch.setattr(timing, "CONFLICT_PAUSES", WAIT)
    monkeypatch.setattr(timing, "INDEX_SECONDS", 0.1)


async def claimed(person: Undoing, change: Change) -> Change:
    """A change that another user's run has claimed, and is at work on."""
    assert await person.portal.ledger.claim(change, Actor("bo", "c2"), per_hour=60)
    return change


async def at_once(person: Undoing, change: Change, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """What becomes of a change that waits for nobody."""
    monkeypatch.setattr(timing, "CONFLICT_PAUSES", (60.0,))
    async with asyncio.timeout(10):
        return await person.apply(change)


async def test_a_creation_waits_for_the_same_persons(person: Undoing, crm: Sandbox) -> None:
    """Where another's creation of the same person is written meanwhile, a fresh card shows who is there by now."""
    first, second = await person.proposed_create(**ZOLTAN), await person.proposed_create(**ZOLTAN)
    await claimed(person, first)
    waiting = asyncio.create_task(person.apply(second))
    await asyncio.sleep(0.15)
    crm.late(None, **ZOLTAN)
    there = crm.writes()[-1]["objectId"]
    contact = await person.portal.gateway.get(there, ("firstname", "lastname"))
    await person.portal.ledger.finish(Outcome("applied", first, contact))
    outcome = await waiting
    assert (outcome.status, outcome.change) == ("stale", second)
    assert outcome.fresh is not None and [twin.contact_id for twin in outcome.fresh.twins] == [there]
    assert len(crm.writes()) == 1


async def test_a_creation_that_was_cut_off_is_settled_by_who_waits(person: Undoing, crm: Sandbox) -> None:
    """Where another's creation of the same person never arrived, that is recorded, and the person is created once."""
    first, second = await person.proposed_create(**ZOLTAN), await person.proposed_create(**ZOLTAN)
    person.portal.ledger.abandon(await claimed(person, first))
    outcome = await person.apply(second)
    assert (outcome.status, outcome.change) == ("applied", second)
    recorded = await person.record(first)
    assert recorded.status == "refused" and isinstance(recorded.error, errors.CutOff)
    assert len(crm.writes()) == 1


async def test_a_creation_that_nobody_knows_of_holds_up_the_same_persons(person: Undoing, crm: Sandbox) -> None:
    """While another's creation of the same person is under way for longer than is waited, this one is not made."""
    first, second = await person.proposed_create(**ZOLTAN), await person.proposed_create(**ZOLTAN)
    await claimed(person, first)
    outcome = await person.apply(second)
    assert (outcome.status, outcome.change) == ("refused", second)
    assert isinstance(outcome.error, errors.StillOpen) and outcome.error.params == {"name": "Zoltan Brzezinski"}
    first_known = await person.portal.ledger.entry(first)
    assert first_known is not None and first_known.outcome is None
    assert crm.writes() == []


async def test_nobody_waits_for_another_persons_creation(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A creation of somebody else, and an update of anybody, hold up no creation."""
    await claimed(person, await person.proposed_create(firstname="Ulla", lastname="Kvist"))
    await claimed(person, await person.proposed_update(crm.create(**ZOLTAN, email="zb@nordlys.example"), city="Ribe"))
    outcome = await at_once(person, await person.proposed_create(**ANNA), monkeypatch)
    assert outcome.status == "applied"


async def test_nobody_waits_for_another_contacts_update(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update of another contact, a creation, and what is unknown by now hold up no update."""
    contact, other = crm.create(**ANNA), crm.create(**ZOLTAN)
    await claimed(person, await person.proposed_update(other, city="Ribe"))
    await claimed(person, await person.proposed_create(firstname="Ulla", lastname="Kvist"))
    await person.recorded(await person.proposed_update(contact, city="Vejle"), "unknown")
    outcome = await at_once(person, await person.proposed_update(contact, jobtitle="CFO"), monkeypatch)
    assert outcome.status == "applied"


@pytest.mark.parametrize("finished", [True, False])
async def test_an_update_waits_for_one_of_its_contact(person: Undoing, crm: Sandbox, finished: bool) -> None:
    """What another's update wrote by then, as far as it shows, is on a fresh card; also where it is not at its end."""
    contact = crm.create(**ANNA, jobtitle="Chef")
    first = await claimed(person, await person.proposed_update(contact, jobtitle="Partner"))
    second = await person.proposed_update(contact, jobtitle="CFO")
    waiting = asyncio.create_task(person.apply(second))
    await asyncio.sleep(0.15)
    crm.late(contact, jobtitle="Partner")
    if finished:
        await person.portal.ledger.finish(Outcome("applied", first))
    outcome = await waiting
    assert (outcome.status, outcome.change) == ("stale", second)
    assert outcome.fresh is not None and rows(outcome.fresh) == {"jobtitle": ("Partner", "CFO")}


async def test_a_second_look_that_fails_writes_nothing(person: Undoing, crm: Sandbox) -> None:
    """Where HubSpot cannot be asked again after the wait, the change is refused with that reason, and not sent."""
    contact = crm.create(**ANNA)
    await claimed(person, await person.proposed_update(contact, city="Ribe"))
    change = await person.proposed_update(contact, jobtitle="CFO")
    waiting = asyncio.create_task(person.apply(change))
    await asyncio.sleep(0.2)
    crm.fail(match={"method": "GET", "path_contains": f"/contacts/{contact}"}, status=401, times=None)
    outcome = await waiting
    assert (outcome.status, outcome.change, outcome.sent) == ("refused", change, "no")
    assert isinstance(outcome.error, errors.BadToken)
    assert not any(request["method"] == "PATCH" for request in crm.requests())


@pytest.mark.parametrize("finished", [True, False])
async def test_an_undo_waits_for_an_update_of_its_contact(person: Undoing, crm: Sandbox, finished: bool) -> None:
    """An undo looks again after another's update, which may have written nothing that it takes back, and is made."""
    contact = crm.create(**ANNA, jobtitle="Chef")
    await person.update(contact, jobtitle="CFO")
    undo = await person.proposed()
    other = await claimed(person, await person.proposed_update(contact, city="Ribe"))
    waiting = asyncio.create_task(person.apply(undo))
    await asyncio.sleep(0.15)
    if finished:
        await person.portal.ledger.finish(Outcome("refused", other, error=errors.CutOff()))
    assert (await waiting).status == "applied"
    assert crm.get(contact, "jobtitle")["jobtitle"] == "Chef"


@pytest.mark.parametrize("slow", [False, True])
async def test_two_runs_of_one_undo_are_shown_the_same(person: Undoing, crm: Sandbox, slow: bool) -> None:
    """Where the one run gives way to another's update, so does the other run, whenever it looked."""
    contact = crm.create(**ANNA, jobtitle="Chef", city="Vejle")
    await person.update(contact, jobtitle="CFO", city="Ribe")
    undo = await person.proposed()
    other = await claimed(person, await person.proposed_update(contact, city="Odense"))
    if slow:
        crm.fail(match={"method": "GET", "path_contains": f"/contacts/{contact}"}, delay=1.5)
        crm.forget()
    runs = [asyncio.create_task(person.apply(undo))]
    if slow:
        await until(lambda: any(contact in request["path"] for request in crm.requests()))
    runs.append(asyncio.create_task(person.apply(undo)))
    await asyncio.sleep(0.2)
    crm.late(contact, city="Odense")
    await person.portal.ledger.finish(Outcome("applied", other))
    for outcome in await asyncio.gather(*runs):
        assert outcome.status == "stale" and outcome.fresh is not None
        assert rows(outcome.fresh) == {"jobtitle": ("CFO", "Chef")}


async def test_one_whose_values_are_erased_holds_up_nobody(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a claimed change whose values were erased nobody can tell what it is about, and nobody waits for it."""
    contact = crm.create(**ANNA)
    changes = [await person.proposed_create(**ZOLTAN), await person.proposed_update(contact, city="Ribe")]
    for change in changes:
        await claimed(person, change)
    await person.portal.ledger.database.do(lambda db: db.exec_driver_sql("update changes set change = ''"))
    for again in (await person.proposed_create(**ZOLTAN), await person.proposed_update(contact, jobtitle="CFO")):
        assert (await at_once(person, again, monkeypatch)).status == "applied"
