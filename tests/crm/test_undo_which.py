"""Which change an undo means, for whom, how often, and when it cannot be."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from crm.changes.propose import combined
from crm.domain import errors
from support.children import Sandbox
from support.undoing import ANNA, ANOTHER_USER, ELSEWHERE, Undoing, refused, rows

Opened = Callable[..., AbstractAsyncContextManager[Undoing]]


async def test_a_second_undo_of_a_change(person: Undoing, crm: Sandbox) -> None:
    """A change that was taken back cannot be taken back once more, neither by a new card nor by an old one."""
    contact = crm.create(**ANNA)
    change = (await person.update(contact, jobtitle="CFO")).change
    one, two = await person.proposed(change.id), await person.proposed(change.id)
    assert (await person.apply(one)).status == "applied"
    written = len(crm.writes())
    outcome = await person.apply(two)
    assert (outcome.status, type(outcome.error)) == ("refused", errors.UndoDone)
    await refused(person, errors.UndoDone, change.id)
    assert len(crm.writes()) == written


async def test_one_undo_after_the_other(person: Undoing, crm: Sandbox) -> None:
    """Each further undo takes back the change before; when none is left, the last undo can be taken back."""
    contact = crm.create(**ANNA, jobtitle="1")
    await person.update(contact, jobtitle="2")
    await person.update(contact, jobtitle="3")
    titles = []
    for _ in range(4):
        await person.undo()
        titles.append(crm.get(contact, "jobtitle")["jobtitle"])
    assert titles == ["2", "1", "2", "1"]


async def test_an_undo_is_a_change_with_an_undo(person: Undoing, crm: Sandbox) -> None:
    """An undo can be taken back by its id, and then its change can be undone again."""
    contact = crm.create(**ANNA, jobtitle="Sælger")
    change = (await person.update(contact, jobtitle="CFO")).change
    undo = (await person.undo()).change
    assert (await person.undo(undo.id)).status == "applied"
    assert crm.get(contact, "jobtitle")["jobtitle"] == "CFO"
    assert rows(await person.proposed(change.id)) == {"jobtitle": ("CFO", "Sælger")}


async def test_an_undo_taken_in_part_can_go_on(person: Undoing, crm: Sandbox) -> None:
    """What an undo did not achieve can be asked for again, and what it did is not laid on somebody else."""
    contact = crm.create(**ANNA, jobtitle="Sælger", city="Vejle")
    change = (await person.update(contact, jobtitle="CFO", city="Aarhus")).change
    undo = await person.proposed()
    half = undo.model_copy(update={"rows": undo.rows[:1]})
    await person.recorded(half, "partly")
    crm.set(contact, jobtitle="Sælger")
    assert rows(await person.proposed(change.id)) == {"city": ("Aarhus", "Vejle")}


async def test_the_last_creation_or_a_name_can_be_meant(person: Undoing, crm: Sandbox) -> None:
    """Of several changes the last creation, the last update, or the one of a named contact is found."""
    contact = crm.create(firstname="Bo", lastname="Dal")
    made = (await person.create(**ANNA)).change
    updated = (await person.update(contact, jobtitle="CFO")).change
    assert (await person.proposed(action="create")).undoes == made.id
    assert (await person.proposed(contact="Anna")).undoes == made.id
    assert (await person.proposed(action="update")).undoes == updated.id
    assert (await person.proposed(contact="bo dal")).undoes == updated.id
    await refused(person, errors.UndoNotFound, contact="Karen")
    await person.undo(action="create")
    assert (await refused(person, errors.UndoImpossible, contact="Anna")).params == {"name": "Anna Ek"}
    assert (await refused(person, errors.UndoDone, action="create")).params == {"name": "Anna Ek"}


async def test_the_kind_and_the_name_can_be_meant_together(person: Undoing, crm: Sandbox) -> None:
    """Of a named contact's changes its creation or its update is found, by a part of the name or by the email."""
    made = (await person.create(**ANNA)).change
    there = crm.find(ANNA["email"])
    assert there is not None
    updated = (await person.update(there["id"], jobtitle="CFO")).change
    other = crm.create(firstname="Bo", lastname="Dal", email="bo@nordlys.example")
    last = (await person.update(other, jobtitle="CFO")).change
    assert (await person.proposed(action="update", contact="Anna")).undoes == updated.id
    assert (await person.proposed(action="update", contact="bo@nordlys")).undoes == last.id
    assert (await person.proposed(contact="anna.ek@nordlys.example")).undoes == updated.id
    assert (await person.proposed(action="update")).undoes == last.id
    await refused(person, errors.UndoNotFound, action="create", contact="Bo")
    await person.undo(updated.id)  # else the contact counts as touched, by ourselves
    assert (await person.proposed(action="create", contact="Anna Ek")).undoes == made.id


async def test_an_erased_change_is_told_of(person: Undoing, crm: Sandbox) -> None:
    """Where the values of the last change were erased, that is said; one that is named is not found by a name."""
    contact = crm.create(**ANNA)
    change = (await person.update(contact, jobtitle="CFO")).change
    erase = "update changes set change = '', details = '{\"contact_id\": \"1\"}'"
    await person.portal.ledger.database.do(lambda db: db.exec_driver_sql(erase) and None)
    await refused(person, errors.UndoErased)
    await refused(person, errors.UndoErased, change.id)
    await refused(person, errors.UndoNotFound, contact="Anna")
    await refused(person, errors.UndoUnknown, action="update")


async def test_the_changes_of_another_user_are_not_found(person: Undoing, crm: Sandbox) -> None:
    """Another user is told that there is no such change, by id as well; so is who names an id that never was."""
    contact = crm.create(**ANNA)
    change = (await person.update(contact, jobtitle="CFO")).change
    for asked in ({}, {"change_id": change.id}, {"action": "update"}):
        await refused(person, errors.UndoUnknown, by=ANOTHER_USER, **asked)
    await refused(person, errors.UndoNotFound, contact="Anna", by=ANOTHER_USER)
    await refused(person, errors.UndoUnknown, "00000000-0000-0000-0000-000000000000")
    undo = await person.proposed()
    outcome = await person.apply(undo, user="another")
    assert (outcome.status, type(outcome.error)) == ("refused", errors.UndoUnknown)


async def test_another_conversation_needs_the_id(person: Undoing, crm: Sandbox) -> None:
    """The last change means that of the conversation; by its id a user's change is found from any."""
    contact = crm.create(**ANNA)
    change = (await person.update(contact, jobtitle="CFO")).change
    await refused(person, errors.UndoUnknown, by=ELSEWHERE)
    assert (await person.proposed(change.id, by=ELSEWHERE)).undoes == change.id


async def test_an_undo_after_a_restart(opened: Opened, crm: Sandbox) -> None:
    """What was written before the assistant was closed can be taken back when it is open again."""
    contact = crm.create(**ANNA, jobtitle="Sælger")
    async with opened() as before:
        await before.update(contact, jobtitle="CFO")
    async with opened() as after:
        assert (await after.undo()).status == "applied"
    assert crm.get(contact, "jobtitle")["jobtitle"] == "Sælger"


async def test_an_undo_while_hubspot_is_down(person: Undoing, crm: Sandbox) -> None:
    """Without HubSpot there is no card; a card that waits writes nothing, and can be approved when it is back."""
    contact = crm.create(**ANNA, jobtitle="Sælger")
    await person.update(contact, jobtitle="CFO")
    change = await person.proposed()
    crm.fail(status=503, times=None)
    with pytest.raises(errors.Unavailable):
        await person.proposed()
    assert (await person.apply(change)).status == "unavailable"
    crm.control("DELETE", "faults")
    assert (await person.apply(change)).status == "applied"


async def test_read_only_undoes_nothing(opened: Opened, crm: Sandbox) -> None:
    """In read-only mode an undo that was approved before is not written."""
    contact = crm.create(**ANNA)
    async with opened() as person:
        await person.update(contact, jobtitle="CFO")
        change = await person.proposed()
    async with opened(read_only=True) as person:
        assert (await person.apply(change)).status == "read_only"
    assert crm.get(contact, "jobtitle")["jobtitle"] == "CFO"


async def test_what_was_never_written_has_no_undo(person: Undoing, crm: Sandbox) -> None:
    """A change that HubSpot refused, or that was never approved, cannot be undone."""
    contact = crm.create(**ANNA)
    crm.control("POST", "scopes", {"scopes": ["crm.objects.contacts.read"]})
    outcome = await person.update(contact, jobtitle="CFO")
    assert outcome.status == "refused"
    await refused(person, errors.UndoUnknown)
    await refused(person, errors.UndoUnknown, outcome.change.id)


async def test_an_update_and_an_undo_of_one_contact_are_two_changes(person: Undoing, crm: Sandbox) -> None:
    """On one card neither swallows the other; the same undo asked for twice is one."""
    contact = crm.create(**ANNA)
    await person.update(contact, jobtitle="CFO")
    undo, update = await person.proposed(), await person.proposed_update(contact, city="Vejle")
    found = await combined(person.portal, [undo, update, await person.proposed()])
    assert [change.action for change in found] == ["undo", "update"]
