"""A call whose answer is lost: it is looked for, and is not made again over what somebody else did since."""

import asyncio
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crm.domain.change import Change
from crm.hubspot import gateway
from crm.hubspot.retries import Patience
from crm.write import reconcile, timing
from crm.write.reconcile import settle_open
from support.children import Sandbox
from support.undoing import ANNA, Opened, Undoing, merge, until

pytestmark = pytest.mark.usefixtures("hurry")
PATCH = {"method": "PATCH"}
LOST = [{"drop": "after"}, {"status": 502, "html": True, "handled": True}, {"status": 200, "body": {}, "handled": True}]


@pytest.mark.parametrize("lost", LOST)
async def test_a_colleagues_edit_after_a_lost_answer_stays(
    person: Undoing, crm: Sandbox, lost: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the write took effect and somebody wrote over it at once, nothing is sent again, and theirs is told."""
    monkeypatch.setattr(timing, "LOOK_PAUSES", (0.4,))
    contact = crm.create(**ANNA, jobtitle="Chef")
    change = await person.proposed_update(contact, jobtitle="CFO")
    crm.fail(match=PATCH, **lost)
    applying = asyncio.create_task(person.apply(change))
    await until(lambda: crm.wrote(jobtitle="CFO") > 0)
    crm.set(contact, jobtitle="Partner")
    outcome = await applying
    assert (outcome.status, outcome.replaced, outcome.overwritten) == ("applied", {"jobtitle": "Partner"}, {})
    assert (crm.wrote(jobtitle="CFO"), crm.get(contact, "jobtitle")["jobtitle"]) == (1, "Partner")


@pytest.mark.parametrize("lost", [{"drop": "before"}, {"status": 502, "html": True}])
async def test_a_call_that_did_not_arrive_is_made_again(
    person: Undoing, crm: Sandbox, lost: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the record stands as before, the call is made once more, and writes once."""
    monkeypatch.setattr(timing, "LOOK_PAUSES", (0.0, 0.1))
    contact = crm.create(**ANNA, jobtitle="Chef")
    change = await person.proposed_update(contact, jobtitle="CFO", city="Ribe")  # the one was set, the other never
    crm.fail(match=PATCH, **lost)
    assert (await person.apply(change)).status == "applied"
    assert crm.wrote(jobtitle="CFO", city="Ribe") == 1


async def test_a_call_that_never_arrives_is_made_three_times(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the record stands as before after each try, it is given up after the third, and told once that is sure."""
    monkeypatch.setattr(timing, "LOOK_PAUSES", (0.0,))
    contact = crm.create(**ANNA, jobtitle="Chef")
    change = await person.proposed_update(contact, jobtitle="CFO")
    crm.fail(match=PATCH, drop="before", times=None)
    assert (await person.apply(change)).status == "unknown"
    assert sum(request["method"] == "PATCH" for request in crm.requests()) == 3
    crm.control("DELETE", "faults")
    assert await person.looked_twice() == 0
    assert (await person.record(change)).status == "refused"


async def test_a_call_that_may_be_late_is_not_made_again(
    opened: Opened, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no answer to an update came in time and nothing shows, it is waited for, and written once."""
    monkeypatch.setattr(timing, "LOOK_PAUSES", (0.0, 0.1))
    monkeypatch.setattr(gateway, "Patience", lambda: Patience(attempt=0.4))
    contact = crm.create(**ANNA, jobtitle="Chef")
    async with opened() as person:
        change = await person.proposed_update(contact, jobtitle="CFO")
        crm.fail(match=PATCH, delay=1)
        assert (await person.apply(change)).status == "unknown"
        await asyncio.sleep(1)
        assert await person.looked_twice() == 0
        assert (await person.record(change)).status == "applied"
    assert crm.wrote(jobtitle="CFO") == 1


async def test_the_same_value_by_another_program_is_in_doubt(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where our call was lost and another integration wrote the very value, nobody claims it, and nothing is sent."""
    monkeypatch.setattr(timing, "LOOK_PAUSES", (0.4,))
    contact = crm.create(**ANNA, jobtitle="Chef")
    await person.update(contact, city="Ribe")  # from here on it is known as whom HubSpot notes us
    change = await person.proposed_update(contact, jobtitle="CFO")
    crm.fail(match=PATCH, drop="before")
    applying = asyncio.create_task(person.apply(change))
    await asyncio.sleep(0.2)
    crm.late(contact, author="INTEGRATION/999", jobtitle="CFO")
    assert (await applying).status == "unknown"
    assert await person.looked_twice() == 1
    assert crm.wrote(jobtitle="CFO") == 1  # the other program's


async def test_a_call_that_did_not_arrive_is_not_made_over_somebodys_edit(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where somebody changed the field after a lost call, it is not made again, and is told once that is sure."""
    monkeypatch.setattr(timing, "LOOK_PAUSES", (0.4,))
    contact = crm.create(**ANNA, jobtitle="Chef")
    change = await person.proposed_update(contact, jobtitle="CFO")
    crm.fail(match=PATCH, drop="before")
    applying = asyncio.create_task(person.apply(change))
    await asyncio.sleep(0.2)
    crm.set(contact, jobtitle="Partner")
    assert (await applying).status == "unknown"
    assert await person.looked_twice() == 0
    assert (await person.record(change)).status == "refused"
    assert (crm.wrote(jobtitle="CFO"), crm.get(contact, "jobtitle")["jobtitle"]) == (0, "Partner")


async def test_a_creation_without_email_is_looked_for_until_the_search_shows_it(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the answer is lost and the search lags a moment, the creation is found by a later look of the same run."""
    monkeypatch.setattr(timing, "LOOK_PAUSES", (0.0, 1.2))
    crm.control("POST", "lag", {"seconds": 1})
    change = await person.proposed_create(firstname="Anna", lastname="Ek", phone="22331144")
    crm.fail(match={"method": "POST", "path_matches": "/contacts$"}, drop="after")
    assert (await person.apply(change)).status == "applied"
    assert len(crm.writes()) == 1


async def test_a_creation_with_email_is_looked_for_once(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address is looked up without lag, so that a creation with one is made again at once where it was lost."""
    monkeypatch.setattr(timing, "LOOK_PAUSES", (30.0,))
    change = await person.proposed_create(**ANNA)
    crm.fail(match={"method": "POST", "path_matches": "/contacts$"}, drop="before")
    async with asyncio.timeout(5):
        assert (await person.apply(change)).status == "applied"
    assert len(crm.writes()) == 1


async def test_somebody_takes_the_email_while_a_creation_is_lost(person: Undoing, crm: Sandbox) -> None:
    """Where the call was lost and a colleague got the email meanwhile, the next try ends in the colleague's update."""
    change = await person.proposed_create(**ANNA, jobtitle="CFO")
    crm.fail(match={"method": "POST", "path_matches": "/contacts$"}, delay=0.5, drop="before")
    applying = asyncio.create_task(person.apply(change))
    await asyncio.sleep(0.3)
    there = crm.create(**ANNA)
    outcome = await applying
    assert outcome.status == "stale" and outcome.fresh is not None
    assert (outcome.fresh.contact_id, outcome.fresh.values) == (there, {"jobtitle": "CFO"})


async def test_a_contact_that_goes_right_after_the_write(person: Undoing, crm: Sandbox) -> None:
    """Where the contact is deleted between the write and its reading back, it is told that it was written."""
    contact = crm.create(**ANNA, jobtitle="Chef")
    change = await person.proposed_update(contact, jobtitle="CFO")
    crm.fail(match={"method": "GET", "path_contains": f"/contacts/{contact}", "nth": 2}, status=404, body={"x": 1})
    outcome = await person.apply(change)
    assert (outcome.status, outcome.sent, len(outcome.correlation_ids)) == ("gone", "yes", 1)
    again = await person.apply(change)
    assert (again.status, again.sent) == ("gone", "yes")


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
    assert crm.wrote(jobtitle="CFO") == 1
    assert person.portal.writing == set()


async def test_a_creation_that_cannot_be_read_back_is_known_by_its_id(person: Undoing, crm: Sandbox) -> None:
    """Where HubSpot answers a creation and not the look after it, the contact is known as soon as it can be read."""
    change = await person.proposed_create(firstname="Anna", lastname="Ekholm")
    crm.fail(match={"method": "GET", "path_matches": r"/contacts/\d+"}, status=403, body={"category": "MISSING_SCOPES"})
    assert (await person.apply(change)).status == "unknown"
    made = (await person.record(change)).contact_id
    assert made is not None
    assert crm.get(made, "lastname")["lastname"] == "Ekholm"
    crm.set(made, firstname="Anne", lastname="Holm")
    assert await settle_open(person.portal) == 0
    recorded = await person.record(change)
    assert (recorded.status, recorded.contact_id) == ("applied", made)


async def test_a_creation_that_was_merged_before_it_was_read_back(person: Undoing, crm: Sandbox) -> None:
    """Where the new contact has become a part of another, it is told as written and gone, and not as the other one."""
    change = await person.proposed_create(firstname="Anna", lastname="Ekholm")
    crm.fail(match={"method": "GET", "path_matches": r"/contacts/\d+"}, status=403, body={"category": "MISSING_SCOPES"})
    assert (await person.apply(change)).status == "unknown"
    merge(crm, crm.create(firstname="Bo", lastname="Dal"), str((await person.record(change)).contact_id))
    outcome = await reconcile.settled(person.portal, change)
    assert (outcome.status, outcome.sent, outcome.contact, outcome.change) == ("gone", "yes", None, change)


@pytest.mark.parametrize("over", [False, True])
async def test_a_slow_clock_concludes_nothing(person: Undoing, crm: Sandbox, tmp_path: Path, over: bool) -> None:
    """Where our clock is five minutes behind HubSpot's, a write that took effect is never told as not written."""
    contact = crm.create(**ANNA, jobtitle="Chef")
    change = await person.proposed_update(contact, jobtitle="CFO")
    await person.cut_off(crm, change, arrives=True)
    if over:
        crm.set(contact, jobtitle="Partner")
    claimed = datetime.now(UTC) - timedelta(minutes=5)
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as db, db:
        db.execute("update changes set claimed_at = ?", (claimed.isoformat(timespec="milliseconds"),))
    assert await person.looked_twice() == 1
    entry = await person.portal.ledger.entry(change)
    assert entry and (entry.outcome is None or entry.status == "unknown")
