"""What the CRM tells of a write whose answer never came: of a contact that is gone, and by when it may have come."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from crm.domain.actor import Actor
from crm.domain.change import Change, Row
from crm.domain.contact import Contact, Version
from crm.domain.ledger_entry import LedgerEntry
from crm.write import evidence, reconcile, timing
from crm.write.reconcile import settle_open
from support.children import Sandbox
from support.undoing import ANNA, Undoing, until

CLAIMED = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LATEST = timing.UNDER_WAY_SECONDS
AFTER = timing.LATE_SECONDS + timing.CLOCK_SKEW.total_seconds()  # that a call may take effect once nobody is at work


async def test_an_archived_contact_that_hubspot_does_not_tell_of_is_not_known(person: Undoing, crm: Sandbox) -> None:
    """While HubSpot cannot say what somebody wrote into an archived contact, the undo that was cut off is unknown."""
    await person.create(**ANNA)
    change = await person.proposed()
    await person.cut_off(crm, change, arrives=True)
    crm.fail(match={"path_contains": "/batch/read"}, status=503, times=None)
    assert (await reconcile.look(person.portal, change)).status == "unknown"
    assert await settle_open(person.portal) == 1
    crm.control("DELETE", "faults")
    assert await settle_open(person.portal) == 0


async def test_whom_hubspot_noted_is_only_known_from_a_value_of_ours(person: Undoing, crm: Sandbox) -> None:
    """A write over which somebody wrote before it was read back does not tell as whom HubSpot notes the assistant."""
    contact = crm.create(**ANNA, jobtitle="Chef")
    await person.update(contact, city="Ribe")
    known = await person.portal.ledger.author()
    change = await person.proposed_update(contact, jobtitle="CFO")
    crm.fail(match={"method": "GET", "path_contains": f"/contacts/{contact}", "nth": 2}, delay=0.5)  # the reading back
    applying = asyncio.create_task(person.apply(change))
    await until(lambda: crm.wrote(jobtitle="CFO") > 0)
    crm.set(contact, jobtitle="Partner")
    assert (await applying).replaced == {"jobtitle": "Partner"}
    assert (await person.record(change)).author == ""
    assert await person.portal.ledger.author() == known != ""


async def test_what_was_written_is_recorded_as_sent_and_by_whom(person: Undoing, crm: Sandbox) -> None:
    """Who has HubSpot's answer knows as whom it noted the write; a look afterwards does not claim to."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, city="Ribe")
    await person.apply(change)
    recorded = await person.record(change)
    assert (recorded.status, recorded.sent, recorded.author.split("/")[0]) == ("applied", "yes", "INTEGRATION")
    assert person.portal.writing == set()  # nothing is left to wait for where the assistant closes
    change = await person.proposed_update(contact, jobtitle="CFO")
    await person.cut_off(crm, change, arrives=True)
    assert await settle_open(person.portal) == 0
    recorded = await person.record(change)
    assert (recorded.status, recorded.sent, recorded.author) == ("applied", "yes", "")


async def test_a_field_that_was_cleared_before_is_no_news(person: Undoing, crm: Sandbox) -> None:
    """That a field once had a value, and was empty on the card, is not told as somebody's that was written over."""
    contact = crm.create(**ANNA, city="Vejle")
    crm.set(contact, city="")
    outcome = await person.update(contact, city="Ribe")
    assert (outcome.status, outcome.overwritten) == ("applied", {})


async def test_a_value_that_hubspot_did_not_take_is_told(person: Undoing, crm: Sandbox) -> None:
    """Where HubSpot says yes and leaves a field as it was that never had a value, the change is told as not whole."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, city="Ribe")
    at = datetime.now(UTC).isoformat()
    body = {"id": contact, "properties": {}, "createdAt": at, "updatedAt": at}
    crm.fail(match={"method": "PATCH"}, status=200, body=body)
    outcome = await person.apply(change)
    assert (outcome.status, outcome.unchanged, outcome.overwritten) == ("partly", ("city",), {})


async def test_a_history_that_hubspot_leaves_out_tells_of_nobody(person: Undoing, crm: Sandbox) -> None:
    """Where the reading back brings no history, the write is told by its values, and nobody's as written over."""
    contact = crm.create(**ANNA, city="Vejle")
    change = await person.proposed_update(contact, city="Ribe")
    at = datetime.now(UTC).isoformat()
    properties = {**ANNA, "city": "Ribe"}
    body = {"id": contact, "properties": properties, "propertiesWithHistory": {}, "createdAt": at, "updatedAt": at}
    crm.fail(match={"method": "GET", "path_contains": f"/contacts/{contact}", "nth": 2}, status=200, body=body)
    outcome = await person.apply(change)
    assert (outcome.status, outcome.overwritten, outcome.replaced) == ("applied", {}, {})


async def test_a_value_that_hubspot_did_not_take_at_birth_is_told(person: Undoing, crm: Sandbox) -> None:
    """Where a new contact has no value, and no history, of a field that it was created with, that is told."""
    at = datetime.now(UTC).isoformat()
    body = {"id": "1", "properties": {**ANNA}, "propertiesWithHistory": {}, "createdAt": at, "updatedAt": at}
    crm.fail(match={"method": "GET", "path_matches": r"/contacts/\d+$"}, status=200, body=body)
    outcome = await person.create(**ANNA, city="Ribe")
    assert (outcome.status, outcome.unchanged, outcome.replaced) == ("partly", ("city",), {})


@pytest.mark.parametrize(
    ("finished", "gone", "ends"),  # seconds after the claim
    [
        (None, None, LATEST),
        (None, 8, 8),
        (5, None, 5),
        (5, 8, 5),
        (8, 5, 5),
        (900, None, LATEST),
        (None, 900, LATEST),
        (900, 900, LATEST),
    ],
)
def test_until_when_a_write_may_have_taken_effect(finished: float | None, gone: float | None, ends: float) -> None:
    """A value of ours that HubSpot noted later than any call of that write could come is no proof of it."""

    def moment(seconds: float | None) -> datetime | None:
        return None if seconds is None else CLAIMED + timedelta(seconds=seconds)

    row = Row(property="city", before=None, after="Ribe")
    change = Change(
        id="a", action="update", contact_id="7", display="x", rows=(row,), updated_at="2026-11-02T08:00:00Z"
    )
    actor, status = Actor("anna", "c1"), None if finished is None else "unknown"
    entry = LedgerEntry(change, actor, CLAIMED, status, finished_at=moment(finished), over_at=moment(gone))

    def arrived(at: str) -> bool | None:
        history = {"city": (Version("Ribe", at, "INTEGRATION", "1"),)}
        return evidence.arrived(change, Contact("7", {"city": "Ribe"}, history=history), entry, "")

    assert arrived((CLAIMED + timedelta(seconds=ends + AFTER - 1)).isoformat()) is True
    assert arrived((CLAIMED + timedelta(seconds=ends + AFTER + 1)).isoformat()) is None
    assert arrived("") is False  # a value without a time of its own stood there before
