"""A call whose answer is lost: it is looked for, and is not made again over what somebody else did since."""

import asyncio
import time
from collections.abc import Callable

import pytest

from crm import sending, writer
from crm.changes import Change
from support.children import Sandbox
from support.undoing import ANNA, Undoing

pytestmark = pytest.mark.usefixtures("hurry")
PATCH = {"method": "PATCH"}
LOST = [{"drop": "after"}, {"status": 502, "html": True, "handled": True}, {"status": 200, "body": {}, "handled": True}]


def ours(crm: Sandbox, **values: str) -> int:
    return sum(write["properties"] == values for write in crm.writes())


async def until(seen: Callable[[], bool]) -> None:
    """Waits until the CRM has seen something."""
    for _ in range(250):
        if await asyncio.to_thread(seen):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came")


@pytest.mark.parametrize("lost", LOST)
async def test_a_colleagues_edit_after_a_lost_answer_stays(
    person: Undoing, crm: Sandbox, lost: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the write took effect and somebody wrote over it at once, nothing is sent again, and theirs is told."""
    monkeypatch.setattr(sending, "PAUSES", (0.4,))
    contact = crm.create(**ANNA, jobtitle="Chef")
    change = await person.proposed_update(contact, jobtitle="CFO")
    crm.fail(match=PATCH, **lost)
    applying = asyncio.create_task(person.apply(change))
    await until(lambda: ours(crm, jobtitle="CFO") > 0)
    crm.set(contact, jobtitle="Partner")
    outcome = await applying
    assert (outcome.status, outcome.replaced, outcome.overwritten) == ("applied", {"jobtitle": "Partner"}, {})
    assert (ours(crm, jobtitle="CFO"), crm.get(contact, "jobtitle")["jobtitle"]) == (1, "Partner")


@pytest.mark.parametrize("lost", [{"drop": "before"}, {"status": 502, "html": True}])
async def test_a_call_that_did_not_arrive_is_made_again(
    person: Undoing, crm: Sandbox, lost: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the record stands as before, the call is made once more, and writes once."""
    monkeypatch.setattr(sending, "PAUSES", (0.0, 0.1))
    contact = crm.create(**ANNA, jobtitle="Chef")
    change = await person.proposed_update(contact, jobtitle="CFO")
    crm.fail(match=PATCH, **lost)
    assert (await person.apply(change)).status == "applied"
    assert ours(crm, jobtitle="CFO") == 1


async def test_a_call_that_did_not_arrive_is_not_made_over_somebodys_edit(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where somebody changed the field after a lost call, it is not made again, and is told once that is sure."""
    monkeypatch.setattr(sending, "PAUSES", (0.4,))
    contact = crm.create(**ANNA, jobtitle="Chef")
    change = await person.proposed_update(contact, jobtitle="CFO")
    crm.fail(match=PATCH, drop="before")
    applying = asyncio.create_task(person.apply(change))
    await asyncio.sleep(0.2)
    crm.set(contact, jobtitle="Partner")
    assert (await applying).status == "unknown"
    assert await person.looked_twice() == 0
    assert (await person.record(change)).outcome == "refused"
    assert (ours(crm, jobtitle="CFO"), crm.get(contact, "jobtitle")["jobtitle"]) == (0, "Partner")


async def test_the_same_value_by_a_colleague_is_theirs(person: Undoing, crm: Sandbox) -> None:
    """Where our call was lost and a colleague wrote the very value, it is so already, and is not ours to undo."""
    contact = crm.create(**ANNA, jobtitle="Chef")
    change = await person.proposed_update(contact, jobtitle="CFO")
    await person.cut_off(crm, change, arrives=False)
    crm.set(contact, jobtitle="CFO")
    assert await person.looked_twice() == 0
    assert (await person.record(change)).outcome == "already_so"


async def test_a_contact_that_was_restored_is_not_archived_again(person: Undoing, crm: Sandbox) -> None:
    """Where the answer to an archiving is lost and somebody restores the contact at once, it stays."""
    made = (await person.create(**ANNA)).contact
    change = await person.proposed()
    assert made is not None
    crm.fail(match={"method": "DELETE"}, drop="after")
    applying = asyncio.create_task(person.apply(change))
    await until(lambda: any(write["method"] == "DELETE" for write in crm.writes()))
    crm.control("POST", "restore", {"objectId": made.id})
    await applying
    assert sum(write["method"] == "DELETE" for write in crm.writes()) == 1
    assert crm.find(ANNA["email"]) is not None


async def test_a_contact_that_goes_right_after_the_write(person: Undoing, crm: Sandbox) -> None:
    """Where the contact is deleted between the write and its reading back, it is told that it was written."""
    contact = crm.create(**ANNA, jobtitle="Chef")
    change = await person.proposed_update(contact, jobtitle="CFO")
    crm.fail(match={"method": "GET", "path_contains": f"/contacts/{contact}", "nth": 2}, status=404, body={"x": 1})
    outcome = await person.apply(change)
    assert (outcome.status, outcome.sent, len(outcome.correlation_ids)) == ("gone", "yes", 1)
    again = await person.apply(change)
    assert (again.status, again.sent) == ("gone", "yes")


async def test_an_edit_in_the_instant_before_an_archiving_is_told(person: Undoing, crm: Sandbox) -> None:
    """What somebody writes between the last look and the archiving is told from the archived record."""
    made = (await person.create(**ANNA)).contact
    change = await person.proposed()
    assert made is not None
    crm.fail(match={"method": "DELETE"}, delay=0.6)
    applying = asyncio.create_task(person.apply(change))
    await until(lambda: any(request["method"] == "DELETE" for request in crm.requests()))
    crm.set(made.id, jobtitle="Partner", firstname="Anne")
    outcome = await applying
    assert (outcome.status, outcome.overwritten) == ("applied", {"jobtitle": "Partner", "firstname": "Anne"})


async def test_a_field_that_was_emptied_before_an_archiving_is_told(person: Undoing, crm: Sandbox) -> None:
    """What somebody clears between the last look and the archiving is told as empty, and what never was is not."""
    made = (await person.create(**ANNA, jobtitle="CFO", city="Ribe")).contact
    change = await person.proposed()
    assert made is not None
    crm.fail(match={"method": "DELETE"}, delay=0.6)
    applying = asyncio.create_task(person.apply(change))
    await until(lambda: any(request["method"] == "DELETE" for request in crm.requests()))
    crm.set(made.id, jobtitle="", city="")
    outcome = await applying
    assert (outcome.status, outcome.overwritten, outcome.change) == ("applied", {"jobtitle": "", "city": ""}, change)


async def test_an_archived_record_that_cannot_be_read(person: Undoing, crm: Sandbox) -> None:
    """Where HubSpot does not show the archived record, the archiving is told all the same."""
    made = (await person.create(**ANNA)).contact
    change = await person.proposed()
    assert made is not None
    crm.fail(match={"method": "GET", "path_contains": f"/contacts/{made.id}", "nth": 4}, status=401, times=None)
    outcome = await person.apply(change)
    assert (outcome.status, outcome.overwritten, outcome.change) == ("applied", {}, change)


async def test_an_archiving_that_did_nothing_is_not_told_as_done(person: Undoing, crm: Sandbox) -> None:
    """Where HubSpot says yes to an archiving and the contact is there all the same, nobody is told that it is away."""
    await person.create(**ANNA)
    change = await person.proposed()
    crm.fail(match={"method": "DELETE"}, status=204, body="")
    outcome = await person.apply(change)
    assert (outcome.status, outcome.change) == ("unknown", change)
    assert crm.find(ANNA["email"]) is not None


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
    assert (recorded.outcome, len(recorded.correlation_ids)) == ("applied", 1)
    assert crm.get(contact, "lifecyclestage")["lifecyclestage"] == "lead"


async def test_a_stage_that_is_refused_while_it_is_completed(person: Undoing, crm: Sandbox) -> None:
    """Where HubSpot refuses the old stage when a cut-off undo is completed, the present one stands again."""
    contact = crm.create(**ANNA, lifecyclestage="lead", jobtitle="Chef")
    await person.update(contact, lifecyclestage="customer", jobtitle="CFO")
    change = await person.proposed()
    crm.fail(match={"method": "PATCH", "nth": 2}, status=503)
    assert (await person.apply(change)).status == "unknown"
    await asyncio.sleep(0.4)
    crm.fail(match={"method": "PATCH"}, status=400, body={"category": "VALIDATION_ERROR", "message": "no"})
    assert (await writer.settled(person.portal, change)).status == "partly"
    recorded = await person.record(change)
    assert (recorded.unchanged, recorded.correlation_ids) == (("lifecyclestage",), ())
    assert crm.get(contact, "lifecyclestage")["lifecyclestage"] == "customer"


async def test_who_comes_second_to_complete_an_undo_leaves_it(person: Undoing, crm: Sandbox) -> None:
    """While somebody is completing a cut-off undo, another one who looks is told that it is not known yet."""
    contact = crm.create(**ANNA, lifecyclestage="lead")
    await person.update(contact, lifecyclestage="customer")
    change = await person.proposed()
    crm.fail(match={"method": "PATCH", "nth": 2}, status=503)
    assert (await person.apply(change)).status == "unknown"
    await asyncio.sleep(0.4)
    assert await person.portal.ledger.take_over(change)
    outcome = await writer.settled(person.portal, change)
    assert (outcome.status, outcome.change) == ("unknown", change)
    assert (crm.get(contact, "lifecyclestage")["lifecyclestage"] or "") == ""
    await person.portal.ledger.let_go(change)
    assert (await writer.settled(person.portal, change)).status == "applied"


async def stopped(person: Undoing, change: Change) -> None:
    """Stops the run that waits for a change, as the button does."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await person.apply(change)


async def test_a_stopped_run_writes_to_its_end(person: Undoing, crm: Sandbox) -> None:
    """A write that was sent goes on though its run was stopped, and whoever asks is told what came of it."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO")
    crm.fail(match=PATCH, delay=1.5)
    await stopped(person, change)
    began = time.monotonic()
    outcome = await person.apply(change)
    assert (outcome.status, len(outcome.correlation_ids)) == ("applied", 1)
    assert 0.5 < time.monotonic() - began < 5
    assert ours(crm, jobtitle="CFO") == 1
    assert person.portal.writing == set()


async def test_a_stage_that_hubspot_refuses_is_put_back(person: Undoing, crm: Sandbox) -> None:
    """Where HubSpot refuses the old stage, the present one stands again, the rest is undone, and both are told."""
    contact = crm.create(**ANNA, lifecyclestage="lead", jobtitle="Chef")
    await person.update(contact, lifecyclestage="customer", jobtitle="CFO")
    crm.fail(match={"method": "PATCH", "nth": 2}, status=400, body={"category": "VALIDATION_ERROR", "message": "no"})
    outcome = await person.undo()
    assert (outcome.status, outcome.unchanged) == ("partly", ("lifecyclestage",))
    now = crm.get(contact, "lifecyclestage", "jobtitle")
    assert (now["lifecyclestage"], now["jobtitle"]) == ("customer", "Chef")
