"""Undos of a stage, which are two calls: HubSpot refuses one, or somebody meets them halfway."""

import asyncio

import pytest

from crm.domain import errors
from crm.domain.change import Change
from crm.domain.ledger_entry import LedgerEntry
from crm.hubspot import gateway
from crm.hubspot.retries import Patience
from crm.write import reconcile
from support.children import Sandbox
from support.undoing import ANNA, Opened, Undoing, until

pytestmark = pytest.mark.usefixtures("hurry")


async def half(person: Undoing, crm: Sandbox) -> tuple[str, Change]:
    """A contact whose stage was half taken back, long enough ago to be completed, and that undo."""
    contact = crm.create(**ANNA, lifecyclestage="lead")
    await person.update(contact, lifecyclestage="customer")
    change = await person.undone_in_half(crm)
    await asyncio.sleep(0.4)
    return contact, change


async def test_a_stage_that_can_neither_be_set_nor_put_back(person: Undoing, crm: Sandbox) -> None:
    """Where HubSpot refuses the old stage and then fails, the outcome is unknown, and is completed when it is well."""
    contact = crm.create(**ANNA, lifecyclestage="lead", jobtitle="Chef")
    await person.update(contact, lifecyclestage="customer", jobtitle="CFO")
    change = await person.proposed()
    crm.fail(match={"method": "PATCH", "nth": 2}, status=400, body={"category": "VALIDATION_ERROR", "message": "no"})
    crm.fail(match={"method": "PATCH", "nth": 2}, status=503)  # of those that the first plan lets pass
    outcome = await person.apply(change)
    assert (outcome.status, outcome.change) == ("unknown", change)
    assert (crm.get(contact, "lifecyclestage")["lifecyclestage"] or "") == ""
    assert await person.looked_twice() == 0
    recorded = await person.record(change)
    assert (recorded.status, len(recorded.correlation_ids)) == ("applied", 1)
    assert crm.get(contact, "lifecyclestage")["lifecyclestage"] == "lead"


async def test_a_stage_that_was_none_goes_back_by_one_call(person: Undoing, crm: Sandbox) -> None:
    """Where the contact had no stage before, clearing it is the whole undo."""
    contact = crm.create(**ANNA, lifecyclestage="lead")
    crm.set(contact, lifecyclestage="")
    await person.update(contact, lifecyclestage="customer")
    written = len(crm.writes())
    assert (await person.undo()).status == "applied"
    assert [write["properties"] for write in crm.writes()[written:]] == [{"lifecyclestage": ""}]


@pytest.mark.parametrize(("call", "theirs"), [(1, "evangelist"), (2, "subscriber")])
async def test_a_stage_that_somebody_set_meanwhile_is_told(
    person: Undoing, crm: Sandbox, call: int, theirs: str
) -> None:
    """A stage that somebody sets right before either call of an undo is written over, and told."""
    contact = crm.create(**ANNA, lifecyclestage="lead")
    await person.update(contact, lifecyclestage="customer")
    change, written = await person.proposed(), len(crm.writes())
    crm.fail(match={"method": "PATCH", "nth": call}, delay=0.6)
    undoing = asyncio.create_task(person.apply(change))
    await until(lambda: len(crm.writes()) == written + call - 1)
    await until(lambda: crm.under_way("PATCH"))
    crm.set(contact, lifecyclestage=theirs)
    outcome = await undoing
    assert (outcome.status, outcome.overwritten) == ("applied", {"lifecyclestage": theirs})


async def test_a_stage_that_is_refused_while_it_is_completed(person: Undoing, crm: Sandbox) -> None:
    """Where HubSpot refuses the old stage when a cut-off undo is completed, the present one stands again."""
    contact = crm.create(**ANNA, lifecyclestage="lead", jobtitle="Chef")
    await person.update(contact, lifecyclestage="customer", jobtitle="CFO")
    change = await person.undone_in_half(crm)
    await asyncio.sleep(0.4)
    crm.fail(match={"method": "PATCH"}, status=400, body={"category": "VALIDATION_ERROR", "message": "no"})
    assert (await reconcile.settled(person.portal, change)).status == "partly"
    recorded = await person.record(change)
    assert (recorded.unchanged, recorded.correlation_ids) == (("lifecyclestage",), ())
    assert crm.get(contact, "lifecyclestage")["lifecyclestage"] == "customer"


async def test_who_comes_second_to_complete_an_undo_leaves_it(person: Undoing, crm: Sandbox) -> None:
    """While somebody completes a cut-off undo, and while that may be on its way, it is not known yet to others."""
    contact, change = await half(person, crm)
    judged = await person.portal.ledger.entry(change)
    assert judged and await person.portal.ledger.take_over(change, judged)
    outcome = await reconcile.settled(person.portal, change)
    assert (outcome.status, outcome.change) == ("unknown", change)
    assert (crm.get(contact, "lifecyclestage")["lifecyclestage"] or "") == ""
    await person.portal.ledger.let_go(change)
    assert (await reconcile.settled(person.portal, change)).status == "unknown"
    await asyncio.sleep(0.4)
    assert (await reconcile.settled(person.portal, change)).status == "applied"


async def test_who_looked_before_another_completed_an_undo(person: Undoing, crm: Sandbox) -> None:
    """A second one who comes late to complete an undo looks again, and leaves what was written since."""
    contact, change = await half(person, crm)
    take_over, late = person.portal.ledger.take_over, asyncio.Event()

    async def slow(change: Change, judged: LedgerEntry) -> bool:
        await late.wait()
        return await take_over(change, judged)

    person.portal.ledger.take_over = slow  # type: ignore[method-assign]  # a busy machine: no fault of HubSpot's brings it
    second = asyncio.create_task(reconcile.settled(person.portal, change))
    await asyncio.sleep(0.3)
    for stage in ("lead", "", "subscriber"):
        crm.set(contact, lifecyclestage=stage)
    written = len(crm.writes())
    late.set()
    await second
    assert len(crm.writes()) == written
    assert crm.get(contact, "lifecyclestage")["lifecyclestage"] == "subscriber"


async def test_who_judged_an_undo_before_another_tried_waits(person: Undoing, crm: Sandbox) -> None:
    """A call for the second half that may still be on its way is not made once more by who looked before it."""
    contact, change = await half(person, crm)
    judged = await person.portal.ledger.entry(change)
    crm.fail(match={"method": "PATCH"}, status=503, times=3)
    assert judged and (await reconcile.settled(person.portal, change)).status == "unknown"
    crm.control("DELETE", "faults")
    assert await reconcile.complete(person.portal, change, judged) is None  # as who looked before would go on
    assert (crm.get(contact, "lifecyclestage")["lifecyclestage"] or "") == ""


async def test_a_file_that_is_in_use_keeps_nobody_from_an_undo(person: Undoing, crm: Sandbox) -> None:
    """Where the file cannot be written when an undo was tried again, the next one can try, in the same process."""
    _, change = await half(person, crm)
    let_go, ledger = person.portal.ledger.let_go, person.portal.ledger

    async def in_use(change: Change) -> None:
        raise errors.StoreBusy

    ledger.let_go = in_use  # type: ignore[method-assign]  # another program that keeps the file: half a minute in truth
    crm.fail(match={"method": "PATCH"}, status=503, times=3)
    with pytest.raises(errors.StoreBusy):
        await reconcile.settled(person.portal, change)
    ledger.let_go = let_go  # type: ignore[method-assign]
    crm.control("DELETE", "faults")
    await asyncio.sleep(0.4)
    assert (await reconcile.settled(person.portal, change)).status == "applied"


async def test_a_stage_that_hubspot_refuses_is_put_back(person: Undoing, crm: Sandbox) -> None:
    """Where HubSpot refuses the old stage, the present one stands again, the rest is undone, and both are told."""
    contact = crm.create(**ANNA, lifecyclestage="lead", jobtitle="Chef")
    await person.update(contact, lifecyclestage="customer", jobtitle="CFO")
    crm.fail(match={"method": "PATCH", "nth": 2}, status=400, body={"category": "VALIDATION_ERROR", "message": "no"})
    outcome = await person.undo()
    assert (outcome.status, outcome.unchanged) == ("partly", ("lifecyclestage",))
    now = crm.get(contact, "lifecyclestage", "jobtitle")
    assert (now["lifecyclestage"], now["jobtitle"]) == ("customer", "Chef")


@pytest.mark.parametrize("theirs", ["opportunity", "subscriber"])  # HubSpot itself keeps only the first
async def test_a_second_call_is_not_made_over_somebodys_stage(person: Undoing, crm: Sandbox, theirs: str) -> None:
    """Where somebody sets the stage while the second call is in doubt, theirs stays, and is told."""
    contact = crm.create(**ANNA, lifecyclestage="lead")
    await person.update(contact, lifecyclestage="customer")
    change = await person.proposed()
    crm.fail(match={"method": "PATCH", "nth": 2}, delay=0.6, status=503)
    applying = asyncio.create_task(person.apply(change))
    await until(lambda: sum(request["method"] == "PATCH" for request in crm.requests()) == 3)
    crm.set(contact, lifecyclestage=theirs)
    outcome = await applying
    assert (outcome.status, crm.get(contact, "lifecyclestage")["lifecyclestage"]) == ("partly", theirs)


@pytest.mark.parametrize("drop", ["before", "after"])
async def test_a_second_call_whose_answer_is_lost_is_looked_for(person: Undoing, crm: Sandbox, drop: str) -> None:
    """Where the connection breaks at the second call of a stage, the stage is set all the same, by one write."""
    contact = crm.create(**ANNA, lifecyclestage="lead")
    await person.update(contact, lifecyclestage="customer")
    change = await person.proposed()
    crm.fail(match={"method": "PATCH", "nth": 2}, drop=drop)
    assert (await person.apply(change)).status == "applied"
    assert crm.get(contact, "lifecyclestage")["lifecyclestage"] == "lead"
    assert sum(write["properties"] == {"lifecyclestage": "lead"} for write in crm.writes()) == 1


async def test_a_second_call_of_which_nothing_can_be_seen_is_in_doubt(person: Undoing, crm: Sandbox) -> None:
    """Where HubSpot fails at the second call and at the look for it, the outcome is unknown, and completed later."""
    contact = crm.create(**ANNA, lifecyclestage="lead")
    await person.update(contact, lifecyclestage="customer")
    change = await person.proposed()
    crm.fail(match={"method": "PATCH", "nth": 2}, status=503)
    crm.fail(match={"method": "GET", "path_contains": f"/contacts/{contact}", "nth": 2}, status=401, times=None)
    assert (await person.apply(change)).status == "unknown"
    crm.control("DELETE", "faults")
    assert (crm.get(contact, "lifecyclestage")["lifecyclestage"] or "") == ""
    assert await person.looked_twice() == 0
    assert crm.get(contact, "lifecyclestage")["lifecyclestage"] == "lead"


async def test_a_second_call_that_may_be_late_is_not_made_again(
    opened: Opened, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no answer to the second call came in time, it is waited for, and the stage is set by one write."""
    monkeypatch.setattr(gateway, "Patience", lambda: Patience(attempt=0.4))
    contact = crm.create(**ANNA, lifecyclestage="lead")
    async with opened() as person:
        await person.update(contact, lifecyclestage="customer")
        change = await person.proposed()
        crm.fail(match={"method": "PATCH", "nth": 2}, delay=1)
        assert (await person.apply(change)).status == "unknown"
        await asyncio.sleep(1)
        assert await person.looked_twice() == 0
        assert (await person.record(change)).status == "applied"
    assert sum(write["properties"] == {"lifecyclestage": "lead"} for write in crm.writes()) == 1
