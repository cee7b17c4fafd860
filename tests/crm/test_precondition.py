"""The last look before a write: what is different by then, and what comes of it."""

import asyncio

import pytest

from crm.domain import errors
from support.children import Sandbox
from support.undoing import ANNA, Undoing, merge, rows, until

NAMES = {"firstname": "Anna", "lastname": "Ek"}
PHONE = "22 33 11 44"


async def test_a_new_contact_that_has_come_to_exist_brings_its_update(person: Undoing, crm: Sandbox) -> None:
    """Where somebody created the contact meanwhile, the fresh card is its update with what it lacks, and no default."""
    change = await person.proposed_create(**ANNA, jobtitle="CFO", city="Ribe")
    there = crm.create(**ANNA, jobtitle="Chef", city="Ribe")
    outcome = await person.apply(change)
    assert (outcome.status, outcome.change) == ("stale", change)
    assert outcome.contact is not None and outcome.contact.id == there
    assert outcome.fresh is not None
    assert (outcome.fresh.action, outcome.fresh.contact_id) == ("update", there)
    assert rows(outcome.fresh) == {"jobtitle": ("Chef", "CFO")}


async def test_a_new_contact_that_exists_just_so_is_not_written(person: Undoing, crm: Sandbox) -> None:
    """Where the contact exists by now with every value, that is told with the contact, and nothing is written."""
    change = await person.proposed_create(**ANNA)
    there = crm.create(**ANNA)
    written = len(crm.writes())
    outcome = await person.apply(change)
    assert (outcome.status, outcome.change, outcome.fresh) == ("already_so", change, None)
    assert outcome.contact is not None and outcome.contact.id == there
    assert len(crm.writes()) == written


async def test_an_additional_address_is_no_reason_to_change_the_first(person: Undoing, crm: Sandbox) -> None:
    """Where the email has become another contact's additional one, its primary email is left as it is."""
    change = await person.proposed_create(**ANNA, jobtitle="CFO")
    first, second = crm.create(email="a.ek@nordlys.example", **NAMES), crm.create(**ANNA)
    merge(crm, first, second)
    outcome = await person.apply(change)
    assert outcome.status == "stale" and outcome.fresh is not None
    assert rows(outcome.fresh) == {"jobtitle": (None, "CFO")}


async def test_a_look_alike_written_meanwhile_is_shown_first(person: Undoing, crm: Sandbox) -> None:
    """A look-alike that this installation wrote since the card, and that the search cannot know yet, is shown."""
    crm.control("POST", "lag", {"seconds": 30})
    change = await person.proposed_create(**ANNA, phone=PHONE)
    kept = {"declined": ("city",), "bad_defaults": ("zip",)}
    change = change.model_copy(update=kept)
    other = await person.create(**NAMES, phone=PHONE)
    assert other.contact is not None
    outcome = await person.apply(change)
    assert outcome.status == "stale" and outcome.fresh is not None
    assert [twin.contact_id for twin in outcome.fresh.twins] == [other.contact.id]
    assert {name: getattr(outcome.fresh, name) for name in kept} == kept
    assert (await person.apply(outcome.fresh)).status == "applied"  # what the card shows is no news


async def test_an_update_of_a_contact_that_is_gone(person: Undoing, crm: Sandbox) -> None:
    """Where somebody archived the contact meanwhile, that is told, and nothing is written or counted as sent."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO")
    crm.archive(contact)
    written = len(crm.writes())
    outcome = await person.apply(change)
    assert (outcome.status, outcome.change, outcome.sent) == ("gone", change, "no")
    assert len(crm.writes()) == written


async def test_a_card_of_before_its_email_and_company_were_noted_is_applied(person: Undoing, crm: Sandbox) -> None:
    """A change of an earlier version, which does not say what tells the contact from others, goes by its name."""
    contact = crm.create(**ANNA, company="Nordlys")
    change = await person.proposed_update(contact, jobtitle="CFO")
    assert change.about
    assert (await person.apply(change.model_copy(update={"about": ""}))).status == "applied"


@pytest.mark.parametrize(
    ("status", "told", "error"), [(401, "unavailable", errors.BadToken), (400, "refused", errors.Invalid)]
)
async def test_a_look_that_fails_writes_nothing(
    person: Undoing, crm: Sandbox, status: int, told: str, error: type[errors.CrmError]
) -> None:
    """Where HubSpot does not show the contact, the change waits for it, or is refused, with the reason."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO")
    body = {"status": "error", "category": "VALIDATION_ERROR", "message": "no"}
    crm.fail(match={"method": "GET", "path_contains": f"/contacts/{contact}"}, status=status, body=body)
    outcome = await person.apply(change)
    assert (outcome.status, outcome.change, type(outcome.error)) == (told, change, error)
    assert await person.portal.ledger.entry(change) is None
    assert (await person.apply(change)).status == "applied"


async def test_a_look_that_fails_while_another_run_writes(person: Undoing, crm: Sandbox) -> None:
    """Of two runs of one change the one that HubSpot does not answer claims nothing, and does not say it failed."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO")
    crm.fail(match={"method": "GET", "path_contains": f"/contacts/{contact}"}, delay=1.0, status=401)
    crm.forget()
    waiting = asyncio.create_task(person.apply(change))
    await until(lambda: any(contact in request["path"] for request in crm.requests()))
    assert (await person.apply(change)).status == "applied"
    outcome = await waiting
    assert (outcome.status, outcome.change, outcome.error) == ("unknown", change, None)
    assert (await person.record(change)).status == "applied"


async def test_an_update_that_is_there_already(person: Undoing, crm: Sandbox) -> None:
    """Where somebody made the very change meanwhile, that is told with the contact, and nothing is written."""
    contact = crm.create(**ANNA, jobtitle="Chef")
    change = await person.proposed_update(contact, jobtitle="CFO")
    crm.set(contact, jobtitle="CFO")
    written = len(crm.writes())
    outcome = await person.apply(change)
    assert (outcome.status, outcome.change) == ("already_so", change)
    assert outcome.contact is not None and outcome.contact.properties["jobtitle"] == "CFO"
    assert len(crm.writes()) == written


async def test_an_update_of_which_a_part_is_there_already(person: Undoing, crm: Sandbox) -> None:
    """The fresh card holds what is left to change, against the values of now, with where they came from."""
    contact = crm.create(**ANNA, jobtitle="Chef", city="Vejle")
    change = await person.proposed_update(contact, jobtitle="CFO", city="Ribe")
    change = change.model_copy(update={"rows": tuple(r.model_copy(update={"source": "record"}) for r in change.rows)})
    crm.set(contact, jobtitle="CFO", city="Odense")
    outcome = await person.apply(change)
    assert (outcome.status, outcome.change) == ("stale", change)
    assert outcome.contact is not None and outcome.fresh is not None
    assert rows(outcome.fresh) == {"city": ("Odense", "Ribe")}
    assert [row.source for row in outcome.fresh.rows] == ["record"]
    assert outcome.fresh.id != change.id


async def test_a_creation_without_email_is_compared_again(person: Undoing, crm: Sandbox) -> None:
    """A look-alike that somebody else created since the card is shown on a fresh one, with the sources kept."""
    change = await person.proposed_create(**NAMES, phone=PHONE)
    change = change.model_copy(update={"rows": tuple(r.model_copy(update={"source": "record"}) for r in change.rows)})
    twin = crm.create(**NAMES, phone="+4522331144")
    outcome = await person.apply(change)
    assert (outcome.status, outcome.change) == ("stale", change)
    assert outcome.fresh is not None
    assert [t.contact_id for t in outcome.fresh.twins] == [twin]
    assert {row.source for row in outcome.fresh.rows} == {"record"}


async def test_an_undo_whose_change_is_erased_or_gone_is_told(person: Undoing, crm: Sandbox) -> None:
    """An undo that is no longer possible says why, of the very change that was approved, and writes nothing."""
    contact = crm.create(**ANNA)
    await person.update(contact, jobtitle="CFO")
    change = await person.proposed()
    crm.set(contact, jobtitle="CEO")
    outcome = await person.apply(change)
    assert (outcome.status, outcome.change, type(outcome.error)) == ("refused", change, errors.UndoTouched)
    crm.archive(contact)
    outcome = await person.apply(change)
    assert (outcome.status, outcome.change) == ("gone", change)


async def test_an_undo_of_which_a_part_was_changed_comes_again(person: Undoing, crm: Sandbox) -> None:
    """An undo whose contact changed since its card brings a fresh one, of the very change that was approved."""
    contact = crm.create(**ANNA, city="Vejle")
    await person.update(contact, jobtitle="CFO", city="Ribe")
    change = await person.proposed()
    crm.set(contact, city="Odense")
    outcome = await person.apply(change)
    assert (outcome.status, outcome.change) == ("stale", change) and outcome.fresh is not None
    assert (list(outcome.fresh.values), outcome.fresh.kept) == (["jobtitle"], ("city",))


async def test_a_crm_that_is_down_leaves_the_card_to_be_approved_again(person: Undoing, crm: Sandbox) -> None:
    """Where the last look fails nothing is claimed: the same change can be applied when HubSpot is back."""
    contact = crm.create(**ANNA)
    change = await person.proposed_update(contact, jobtitle="CFO")
    crm.fail(match={"method": "GET", "path_contains": "/contacts/"}, status=401, times=1)
    outcome = await person.apply(change)
    assert (outcome.status, type(outcome.error), outcome.change) == ("unavailable", errors.BadToken, change)
    assert (await person.apply(change)).status == "applied"
