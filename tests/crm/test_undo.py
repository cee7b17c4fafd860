"""The way back from an update: what is restored, and what is left alone and named."""

import pytest

from crm.domain import errors
from support.children import Sandbox
from support.undoing import ANNA, Undoing, merge, refused, rows


async def test_the_old_values_come_back(person: Undoing, crm: Sandbox) -> None:
    """Every field of an update gets its old value; one that never had any becomes empty."""
    contact = crm.create(**ANNA, jobtitle="Sælger")
    await person.update(contact, jobtitle="CFO", city="Aarhus")
    change = await person.proposed()
    assert rows(change) == {"jobtitle": ("CFO", "Sælger"), "city": ("Aarhus", "")}
    assert (change.action, change.display, change.contact_id) == ("undo", "Anna Ek", contact)
    assert {row.source for row in change.rows} == {"record"}
    assert contact in change.url and change.updated_at and change.salt
    assert (await person.apply(change)).status == "applied"
    now = crm.get(contact, "jobtitle", "city")
    assert (now["jobtitle"], now["city"]) == ("Sælger", "")


async def test_a_field_that_was_cleared_is_filled_again(person: Undoing, crm: Sandbox) -> None:
    """A value that the assistant cleared comes back."""
    contact = crm.create(**ANNA, jobtitle="Sælger")
    await person.update(contact, jobtitle="")
    assert (await person.undo()).status == "applied"
    assert crm.get(contact, "jobtitle")["jobtitle"] == "Sælger"


async def test_what_somebody_changed_since_stays_and_is_named(person: Undoing, crm: Sandbox) -> None:
    """Only fields that still hold the assistant's value go back; the others are named and untouched."""
    contact = crm.create(**ANNA, jobtitle="Sælger", city="Vejle", company="Nordlys")
    await person.update(contact, jobtitle="CFO", city="Aarhus", company="Havblik")
    crm.set(contact, jobtitle="CEO", company="Nordlys")
    change = await person.proposed()
    assert rows(change) == {"city": ("Aarhus", "Vejle")}
    assert change.kept == ("jobtitle",)  # the company is back already: nothing of it is left to tell
    assert (await person.apply(change)).status == "applied"
    now = crm.get(contact, "jobtitle", "city", "company")
    assert (now["jobtitle"], now["city"], now["company"]) == ("CEO", "Vejle", "Nordlys")


async def test_nothing_is_undone_where_all_was_changed_since(person: Undoing, crm: Sandbox) -> None:
    """Where none of the values still stands, the fields are named and there is no card."""
    contact = crm.create(**ANNA)
    await person.update(contact, jobtitle="CFO")
    crm.set(contact, jobtitle="CEO")
    error = await refused(person, errors.UndoTouched)
    assert error.params == {"name": "Anna Ek", "properties": ["jobtitle"], "contact_id": contact}
    assert [found.id for found in error.contacts] == [contact]


async def test_nothing_is_left_to_undo_where_somebody_did_it_already(person: Undoing, crm: Sandbox) -> None:
    """Where the old values are back by another hand, that is said, and nobody is blamed for a change."""
    contact = crm.create(**ANNA, jobtitle="Sælger")
    await person.update(contact, jobtitle="CFO")
    crm.set(contact, jobtitle="Sælger")
    assert (await refused(person, errors.UndoDone)).params == {"name": "Anna Ek"}


async def test_a_stage_goes_back_in_two_steps(person: Undoing, crm: Sandbox) -> None:
    """A lifecycle stage, which HubSpot moves forward only, comes back; the step between is reported as nobody's."""
    contact = crm.create(**ANNA, lifecyclestage="lead")
    await person.update(contact, lifecyclestage="customer", jobtitle="CFO")
    outcome = await person.undo()
    assert outcome.status == "applied"
    assert outcome.overwritten == {}
    assert crm.get(contact, "lifecyclestage")["lifecyclestage"] == "lead"
    assert (crm.get(contact, "jobtitle")["jobtitle"] or "") == ""


async def test_a_stage_that_was_not_taken_is_not_undone(person: Undoing, crm: Sandbox) -> None:
    """What HubSpot silently left as it was is no change of the assistant's, also when somebody makes it later."""
    contact = crm.create(**ANNA, lifecyclestage="customer")
    assert (await person.update(contact, lifecyclestage="lead")).status == "partly"
    await refused(person, errors.UndoUnknown)
    crm.set(contact, lifecyclestage="")
    crm.set(contact, lifecyclestage="lead")
    last = person.outcomes[-1].change.id
    await refused(person, errors.UndoUnknown, last)


async def test_a_change_that_was_taken_in_part_goes_back_in_part(person: Undoing, crm: Sandbox) -> None:
    """Of an update whose stage HubSpot ignored, only the rest is undone, and the stage is not named as changed."""
    contact = crm.create(**ANNA, lifecyclestage="customer", jobtitle="Sælger")
    assert (await person.update(contact, lifecyclestage="lead", jobtitle="CFO")).unchanged == ("lifecyclestage",)
    change = await person.proposed()
    assert rows(change) == {"jobtitle": ("CFO", "Sælger")}
    assert change.kept == ()


FIELDS: dict[str, tuple[str, str]] = {
    "hubspot_owner_id": ("77040101", "77040131"),
    "hs_lead_status": ("NEW", "CONNECTED"),
    "hs_buying_role": ("CHAMPION", "CHAMPION;DECISION_MAKER"),
    "phone": ("+4522334455", "+4522334456"),
    "mobilephone": ("", "+4520000001"),
    "email": ("anna.ek@nordlys.example", "anna@havblik.example"),
    "closedate": ("2026-05-02T22:00:00Z", "2026-06-02T22:00:00Z"),
    "date_of_birth": ("", "3. maj 1980"),
}


@pytest.mark.parametrize("name", FIELDS)
async def test_every_kind_of_field_goes_back(person: Undoing, crm: Sandbox, name: str) -> None:
    """Owners, options, several choices, numbers, addresses and moments come back as they were."""
    old, new = FIELDS[name]
    contact = crm.create(**{**ANNA, **({name: old} if old else {})})
    assert (await person.update(contact, **{name: new})).status == "applied"
    assert (crm.get(contact, name)[name] or "") != old
    assert (await person.undo()).status == "applied"
    assert (crm.get(contact, name)[name] or "") == old


async def test_an_email_that_another_has_by_now_stays(person: Undoing, crm: Sandbox) -> None:
    """The old email is left alone and named where another contact has it meanwhile, and the rest goes back."""
    contact = crm.create(**ANNA, jobtitle="Sælger")
    await person.update(contact, email="anna@havblik.example", jobtitle="CFO")
    crm.create(email=ANNA["email"], firstname="En", lastname="Anden")
    change = await person.proposed()
    assert rows(change) == {"jobtitle": ("CFO", "Sælger")}
    assert (change.taken, change.kept) == (("email",), ())
    assert (await person.apply(change)).status == "applied"
    assert crm.get(contact, "email")["email"] == "anna@havblik.example"


async def test_only_an_email_that_another_has_by_now(person: Undoing, crm: Sandbox) -> None:
    """Where the email was all, the undo is refused with that reason."""
    contact = crm.create(**ANNA)
    await person.update(contact, email="anna@havblik.example")
    other = crm.create(email=ANNA["email"])
    assert (await refused(person, errors.Conflict)).params == {"contact_id": other}


async def test_an_email_taken_between_card_and_click(person: Undoing, crm: Sandbox) -> None:
    """An email that is taken while the card waits is not written; with nothing else to undo that is said."""
    contact = crm.create(**ANNA)
    await person.update(contact, email="anna@havblik.example")
    change = await person.proposed()
    crm.create(email=ANNA["email"])
    outcome = await person.apply(change)
    assert (outcome.status, type(outcome.error)) == ("refused", errors.Conflict)
    assert crm.get(contact, "email")["email"] == "anna@havblik.example"


async def test_a_value_changed_between_card_and_click_brings_a_fresh_card(person: Undoing, crm: Sandbox) -> None:
    """A field that somebody changes while the card waits is left out of a fresh card, and nothing is written."""
    contact = crm.create(**ANNA, jobtitle="Sælger", city="Vejle")
    await person.update(contact, jobtitle="CFO", city="Aarhus")
    change = await person.proposed()
    crm.set(contact, city="Odense")
    written = len(crm.writes())
    outcome = await person.apply(change)
    assert outcome.status == "stale"
    assert len(crm.writes()) == written
    assert outcome.fresh is not None
    assert (rows(outcome.fresh), outcome.fresh.kept) == ({"jobtitle": ("CFO", "Sælger")}, ("city",))


async def test_what_was_overwritten_in_the_last_instant_comes_back(person: Undoing, crm: Sandbox) -> None:
    """An edit that the write ran over is reported, and the undo brings back that edit and not the older value."""
    contact = crm.create(**ANNA, jobtitle="Sælger")
    outcome = await person.overtaken(crm, contact, {"jobtitle": "CFO"}, {"jobtitle": "Partner"})
    assert outcome.overwritten == {"jobtitle": "Partner"}
    assert rows(await person.proposed()) == {"jobtitle": ("CFO", "Partner")}


async def test_an_update_of_a_contact_that_was_merged(person: Undoing, crm: Sandbox) -> None:
    """A contact that is part of another by now is left alone: the same value may have been the other's own."""
    contact, other = crm.create(**ANNA, jobtitle="Praktikant"), crm.create(firstname="Carl", jobtitle="Chef")
    await person.update(contact, jobtitle="Chef")
    merge(crm, other, contact)
    written = len(crm.writes())
    assert (await refused(person, errors.UndoMerged)).params == {"name": "Carl Ek"}
    assert len(crm.writes()) == written
