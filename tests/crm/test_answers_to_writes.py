"""What HubSpot answers to a write, and what is told and recorded of it."""

import asyncio
from typing import Any

import pytest

from crm.domain import errors
from crm.write import timing
from support.children import Sandbox
from support.undoing import ANNA, Undoing, until

NEW = "anna.ny@nordlys.example"


async def test_an_update_whose_email_is_taken_by_now_is_refused(person: Undoing, crm: Sandbox) -> None:
    """Where another contact was given the email after the card was made, the update is refused, and names it."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, email=NEW)
    other = crm.create(email=NEW)
    outcome = await person.apply(change)
    assert (outcome.status, outcome.change, outcome.fresh) == ("refused", change, None)
    assert isinstance(outcome.error, errors.Conflict) and outcome.error.params == {"contact_id": other}
    recorded = await person.record(change)
    assert recorded.status == "refused" and recorded.error is not None
    assert (recorded.error.code, recorded.error.params) == ("email_taken", {"contact_id": other})


async def test_a_creation_whose_email_is_taken_by_a_contact_that_cannot_be_read(person: Undoing, crm: Sandbox) -> None:
    """Where the contact that has the email by now cannot be read for its update, the creation is refused."""
    change = await person.proposed_create(**ANNA)
    crm.control("POST", "lag", {"seconds": 30})
    other = crm.create(**ANNA)
    crm.fail(match={"method": "GET", "path_contains": f"/contacts/{other}"}, status=503, times=None)
    outcome = await person.apply(change)
    assert (outcome.status, outcome.change) == ("refused", change)
    assert isinstance(outcome.error, errors.Conflict) and outcome.error.params == {"contact_id": other}


async def test_a_call_that_surely_did_nothing_is_told_with_its_error(person: Undoing, crm: Sandbox) -> None:
    """Where HubSpot does not take the token for the call itself, nothing was written, and that is why."""
    change = await person.proposed_update(crm.create(**ANNA), jobtitle="CFO")
    crm.fail(match={"method": "PATCH"}, status=401, times=None)
    outcome = await person.apply(change)
    assert (outcome.status, outcome.change, outcome.sent) == ("refused", change, "no")
    assert isinstance(outcome.error, errors.BadToken)
    assert type((await person.record(change)).error) is type(outcome.error)


async def test_a_call_that_takes_too_long_is_unknown(
    person: Undoing, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write with all that belongs to it is given up after its time, and may have taken effect."""
    monkeypatch.setattr(timing, "WRITE_SECONDS", 0.4)
    change = await person.proposed_update(crm.create(**ANNA), jobtitle="CFO")
    crm.fail(match={"method": "PATCH"}, delay=1.5)
    outcome = await person.apply(change)
    assert (outcome.status, outcome.change) == ("unknown", change)
    assert (await person.record(change)).status == "unknown"


async def test_a_contact_that_goes_before_the_write(person: Undoing, crm: Sandbox) -> None:
    """Where the contact is archived between the last look and the call, nothing was written, and that is told."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO")
    crm.fail(match={"method": "PATCH"}, delay=0.5)
    outcome = await meanwhile_archived(person, crm, change, lambda: crm.under_way("PATCH"))
    assert (outcome.status, outcome.change, outcome.sent, outcome.correlation_ids) == ("gone", change, "no", ())


async def test_a_contact_that_goes_after_the_write(person: Undoing, crm: Sandbox) -> None:
    """Where the contact is archived before it was read back, that it was written is told, with the call's name."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO")
    crm.fail(match={"method": "GET", "path_contains": f"/contacts/{contact}", "nth": 2}, delay=0.5)
    outcome = await meanwhile_archived(person, crm, change, lambda: crm.wrote(jobtitle="CFO") > 0)
    assert (outcome.status, outcome.change, outcome.sent) == ("gone", change, "yes")
    assert len(outcome.correlation_ids) == 1


async def test_a_new_contact_that_cannot_be_read_back(person: Undoing, crm: Sandbox) -> None:
    """What HubSpot has created and does not show is unknown, and kept with its id and the call's name."""
    change = await person.proposed_create(**ANNA)
    crm.fail(match={"method": "GET", "path_matches": r"/contacts/\d+$"}, status=503, times=None)
    outcome = await person.apply(change)
    assert (outcome.status, outcome.change) == ("unknown", change)
    recorded = await person.record(change)
    assert recorded.contact_id == crm.writes()[-1]["objectId"]
    assert len(recorded.correlation_ids) == 1


async def test_a_contact_that_was_archived_already(person: Undoing, crm: Sandbox) -> None:
    """Of an archiving that HubSpot has nothing to do for, no name of a call is kept."""
    await person.create(**ANNA)
    change = await person.proposed()
    body = {"status": "error", "category": "OBJECT_NOT_FOUND"}
    crm.fail(match={"method": "DELETE"}, delay=0.5, status=404, body=body)
    outcome = await meanwhile_archived(person, crm, change, lambda: crm.under_way("DELETE"))
    assert (outcome.status, outcome.correlation_ids) == ("applied", ())


async def meanwhile_archived(person: Undoing, crm: Sandbox, change: Any, seen: Any) -> Any:
    """What becomes of a change whose contact somebody archives at that moment of it."""
    applying = asyncio.create_task(person.apply(change))
    await until(seen)
    crm.archive(change.contact_id)
    return await applying
