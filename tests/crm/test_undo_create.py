"""The way back from a creation: the contact is archived, unless somebody has added something since."""

from typing import Any

import pytest

from crm.domain import errors
from support.children import Sandbox
from support.undoing import ANNA, Undoing, merge, refused, rows


async def test_a_new_contact_is_archived(person: Undoing, crm: Sandbox) -> None:
    """The undo of a creation shows what will go, and puts the contact away; HubSpot can restore it."""
    made = await person.create(**ANNA, jobtitle="CFO")
    change = await person.proposed()
    assert change.archives
    assert rows(change)["jobtitle"] == ("CFO", "")
    assert (await person.apply(change)).status == "applied"
    assert crm.find(ANNA["email"]) is None
    crm.control("POST", "restore", {"objectId": made.contact.id if made.contact else ""})
    assert crm.find(ANNA["email"]) is not None


async def test_a_contact_that_was_archived_may_be_created_again(person: Undoing, crm: Sandbox) -> None:
    """Who creates the person anew at once is not warned of the contact that is no longer there."""
    await person.create(**ANNA)
    await person.undo()
    assert (await person.proposed_create(**ANNA)).twins == ()


async def test_what_hubspot_derives_does_not_count(person: Undoing, crm: Sandbox) -> None:
    """A new contact whose stage, numbers and domain HubSpot worked out by itself is archived."""
    await person.create(**ANNA, phone="22 33 44 55")
    assert (await person.proposed()).archives


@pytest.mark.parametrize("name", ["jobtitle", "hs_language", "lifecyclestage"])
async def test_a_value_added_since_keeps_a_new_contact(person: Undoing, crm: Sandbox, name: str) -> None:
    """A value that somebody put into a new contact is named, and nothing is archived."""
    made = await person.create(**ANNA)
    assert made.contact is not None
    crm.set(made.contact.id, **{name: {"hs_language": "da", "lifecyclestage": "customer"}.get(name, "CFO")})
    touched = await refused(person, errors.UndoTouched)
    assert touched.params == {"name": "Anna Ek", "properties": [name], "contact_id": made.contact.id}
    assert [contact.id for contact in touched.contacts] == [made.contact.id]


def history(contact_id: str, *versions: tuple[str, str, str]) -> dict[str, Any]:
    """HubSpot's answer with the history of a stage: values with what set them, and when, newest first."""
    at = "2026-11-20T10:00:00Z"
    past = [{"value": value, "timestamp": when, "sourceType": source} for value, source, when in versions]
    stage = {"lifecyclestage": past}
    return {"id": contact_id, "properties": {}, "propertiesWithHistory": stage, "createdAt": at, "updatedAt": at}


@pytest.mark.parametrize("source", ["WORKFLOWS", "CALCULATED", "CRM_UI", "INTEGRATION"])
async def test_a_stage_that_a_workflow_moved_does_not_count(person: Undoing, crm: Sandbox, source: str) -> None:
    """A value that HubSpot's own machinery set, as the history says, keeps no contact; one that a person set does."""
    made = await person.create(**ANNA)
    assert made.contact is not None
    contact = made.contact.id
    crm.set(contact, lifecyclestage="customer")
    # the sandbox has no workflows: its history is answered as HubSpot answers it after one
    born = crm.get(contact, "createdate")["createdate"]
    answer = history(contact, ("customer", source, "2030-01-01T10:00:00Z"), ("lead", "INTEGRATION", born))
    crm.fail(match={"method": "GET", "path_matches": f"/contacts/{contact}$"}, status=200, body=answer)
    if source in ("WORKFLOWS", "CALCULATED"):
        assert (await person.proposed()).archives
    else:
        assert (await refused(person, errors.UndoTouched)).params["properties"] == ["lifecyclestage"]


async def test_without_a_history_a_change_counts(person: Undoing, crm: Sandbox) -> None:
    """Where the history says nothing of a value that is different, the contact is kept."""
    made = await person.create(**ANNA)
    assert made.contact is not None
    crm.set(made.contact.id, lifecyclestage="customer")
    answer = {**history(made.contact.id), "propertiesWithHistory": {}}
    crm.fail(match={"method": "GET", "path_matches": f"/contacts/{made.contact.id}$"}, status=200, body=answer)
    await refused(person, errors.UndoTouched)


async def test_the_card_of_an_archiving_shows_the_contact(person: Undoing, crm: Sandbox) -> None:
    """What will go is shown as it is now, as the record's; what is empty by now is not."""
    made = await person.create(**ANNA, jobtitle="CFO")
    assert made.contact is not None
    change = await person.proposed()
    assert {row.source for row in change.rows} == {"record"}
    assert rows(change) == {name: (value, "") for name, value in {**ANNA, "jobtitle": "CFO"}.items()}
    assert (change.contact_id, change.display, change.undoes) == (made.contact.id, "Anna Ek", made.change.id)
    assert change.updated_at and change.salt


async def test_a_value_that_came_and_went_does_not_keep_it(person: Undoing, crm: Sandbox) -> None:
    """What somebody added and took away again is nothing that would be lost."""
    made = await person.create(**ANNA)
    assert made.contact is not None
    crm.set(made.contact.id, jobtitle="CFO")
    crm.set(made.contact.id, jobtitle="")
    assert (await person.proposed()).archives


@pytest.mark.parametrize("kind", ["notes", "tasks"])
async def test_work_attached_since_keeps_a_new_contact(person: Undoing, crm: Sandbox, kind: str) -> None:
    """A note or a task on a new contact keeps it."""
    made = await person.create(**ANNA)
    assert made.contact is not None
    attach(crm, kind, made.contact.id)
    assert (await refused(person, errors.UndoTouched)).params["properties"] == [kind]


def attach(crm: Sandbox, kind: str, contact_id: str) -> None:
    values = {"hs_timestamp": "2026-11-20T10:00:00Z"} | ({"hs_note_body": "x"} if kind == "notes" else {})
    answer = crm.http.post(f"/crm/v3/objects/{kind}", json={"properties": values}).raise_for_status()
    path = f"/crm/v4/objects/{kind}/{answer.json()['id']}/associations/default/contacts/{contact_id}"
    crm.http.put(path).raise_for_status()


@pytest.mark.parametrize(("count", "kept"), [("1", True), ("0", False)])
async def test_a_deal_keeps_a_new_contact(person: Undoing, crm: Sandbox, count: str, kept: bool) -> None:
    """A contact that HubSpot counts a deal on is kept, though the token may not see deals."""
    made = await person.create(**ANNA)
    assert made.contact is not None
    at = "2026-11-20T10:00:00Z"
    properties = {**ANNA, "num_associated_deals": count, "createdate": at}
    found = {"id": made.contact.id, "properties": properties, "createdAt": at, "updatedAt": at}
    # the sandbox knows no deals: the record is answered as HubSpot answers it with one
    crm.fail(match={"path_contains": "/batch/read"}, status=200, body={"status": "COMPLETE", "results": [found]})
    if kept:
        assert (await refused(person, errors.UndoTouched)).params["properties"] == ["num_associated_deals"]
    else:
        assert (await person.proposed()).archives


async def test_a_new_contact_that_was_touched_while_the_card_waits(person: Undoing, crm: Sandbox) -> None:
    """A note that is added between card and click keeps the contact."""
    made = await person.create(**ANNA)
    change = await person.proposed()
    assert made.contact is not None
    attach(crm, "notes", made.contact.id)
    outcome = await person.apply(change)
    assert (outcome.status, type(outcome.error)) == ("refused", errors.UndoTouched)
    assert crm.find(ANNA["email"]) is not None


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("preserve", [True, False])
async def test_a_new_contact_that_was_merged_is_not_archived(
    person: Undoing, crm: Sandbox, first: bool, preserve: bool
) -> None:
    """A contact that became a part of another, or took one in, stays, whichever id HubSpot gives the two."""
    crm.control("POST", "switches", {"preserve_primary_id": preserve})
    made, other = await person.create(**ANNA), crm.create(email="anden@nordlys.example", firstname="Bo")
    assert made.contact is not None
    merge(crm, *((made.contact.id, other) if first else (other, made.contact.id)))
    merged = await refused(person, errors.UndoMerged)
    assert merged.params == {"name": "Anna Ek" if first else "Bo Ek"}


@pytest.mark.parametrize("how", ["archived", "gdpr-deleted"])
@pytest.mark.parametrize("action", ["create", "update"])
async def test_a_contact_that_is_gone(person: Undoing, crm: Sandbox, how: str, action: str) -> None:
    """Where the contact was archived or deleted meanwhile, before or after the card, that is said."""
    made = await person.create(**ANNA)
    assert made.contact is not None
    contact = made.contact.id
    if action == "update":
        await person.update(contact, jobtitle="CFO")
    change = await person.proposed()
    if how == "archived":
        crm.archive(contact)
    else:
        body = {"objectId": contact}
        crm.http.post("/crm/v3/objects/contacts/gdpr-delete", json=body).raise_for_status()
    assert (await person.apply(change)).status == "gone"
    assert (await refused(person, errors.UndoGone)).params == {"name": "Anna Ek"}


async def test_an_archived_contact_is_not_brought_back(person: Undoing, crm: Sandbox) -> None:
    """The undo of a creation cannot be undone from here: that is said, with where HubSpot can."""
    await person.create(**ANNA)
    undo = (await person.undo()).change
    await refused(person, errors.UndoImpossible)
    await refused(person, errors.UndoImpossible, undo.id)


@pytest.mark.parametrize("name", ["firstname", "jobtitle"])
async def test_an_update_of_our_own_keeps_a_new_contact(person: Undoing, crm: Sandbox, name: str) -> None:
    """What the assistant itself wrote into a new contact at once keeps it, until that is taken back."""
    made = await person.create(**ANNA)
    assert made.contact is not None
    await person.update(made.contact.id, **{name: "Bo"})
    assert (await refused(person, errors.UndoTouched, made.change.id)).params["properties"] == [name]
    await person.undo()
    assert (await person.proposed(made.change.id)).archives


async def test_a_stage_that_was_changed_and_taken_back_does_not_count(person: Undoing, crm: Sandbox) -> None:
    """Where our own change of the stage that HubSpot gave was taken back, the creation can be taken back as well."""
    made = (await person.create(**ANNA)).change
    contact = (crm.find(ANNA["email"]) or {})["id"]
    await person.update(contact, lifecyclestage="customer")
    await refused(person, errors.UndoTouched, made.id)
    await person.undo()
    assert (await person.proposed(made.id)).archives
