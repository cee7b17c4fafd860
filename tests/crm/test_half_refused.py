"""Archivings that HubSpot half refuses, or that somebody meets halfway: told as they are."""

import asyncio

import pytest

from crm.write import reconcile
from support.children import Sandbox
from support.undoing import ANNA, Undoing, until

pytestmark = pytest.mark.usefixtures("hurry")


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


@pytest.mark.parametrize("lost", ["answer", "look"])
async def test_an_edit_before_an_archiving_that_is_found_out_later_is_told(
    person: Undoing, crm: Sandbox, lost: str
) -> None:
    """Where the answer to an archiving is lost, or the look after it, a late edit is told once it is found out."""
    made = (await person.create(**ANNA)).contact
    change = await person.proposed()
    assert made is not None
    deleted = {"method": "DELETE"}
    crm.fail(match=deleted, delay=0.6, **({"drop": "after"} if lost == "answer" else {}))
    if lost == "look":
        crm.fail(match={"method": "POST", "path_contains": "batch/read", "nth": 2}, status=503, times=9)
    applying = asyncio.create_task(person.apply(change))
    await until(lambda: any(request["method"] == "DELETE" for request in crm.requests()))
    crm.set(made.id, jobtitle="Partner")
    outcome = await applying
    if lost == "look":
        assert outcome.status == "unknown"
        crm.control("DELETE", "faults")
        outcome = await reconcile.settled(person.portal, change)
    assert (outcome.status, outcome.overwritten) == ("applied", {"jobtitle": "Partner"})
    assert (await person.record(change)).overwritten == {"jobtitle": "Partner"}


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_an_archived_record_that_cannot_be_read(person: Undoing, crm: Sandbox, status: int) -> None:
    """Where HubSpot does not show the archived record, the archiving is told all the same."""
    made = (await person.create(**ANNA)).contact
    change = await person.proposed()
    assert made is not None
    crm.fail(match={"method": "GET", "path_contains": f"/contacts/{made.id}", "nth": 4}, status=401, times=None)
    crm.fail(match={"method": "POST", "path_contains": "batch/read", "nth": 2}, status=status, times=None)
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
