"""Definitions of properties, and owners, through the official client, in the sandbox and live."""

from typing import Any

import pytest

from support.portals import Portal, refused, status_of

TEXTS = ["email", "firstname", "lastname", "phone", "mobilephone", "company", "jobtitle", "city", "zip", "website"]
READ_ONLY = ["createdate", "lastmodifieddate", "hs_object_id", "hs_email_domain", "hs_is_unworked", "num_notes"]
STATUSES = {"NEW", "OPEN", "IN_PROGRESS", "OPEN_DEAL", "UNQUALIFIED", "ATTEMPTED_TO_CONTACT", "CONNECTED", "BAD_TIMING"}


@pytest.fixture(scope="module")
def definitions(portal: Portal) -> dict[str, Any]:
    """All definitions of contacts by name."""
    return {each.name: each for each in portal.properties.get_all("contacts").results}


def new(portal: Portal, name: str, **more: Any) -> dict[str, Any]:
    """The definition of a property that only this run has."""
    plain = {"label": name, "type": "string", "fieldType": "text", "groupName": "contactinformation"}
    return {"name": f"{portal.run}_{name}".replace("-", "_"), **plain, **more}


def made(portal: Portal, body: dict[str, Any]) -> Any:
    """The property, which is archived at the end."""
    status, definition = status_of(portal.properties.create_with_http_info, "contacts", body)
    assert status == 201
    portal.made.setdefault("properties", []).append(definition.name)
    return definition


@pytest.mark.parametrize("name", TEXTS)
def test_parity_texts_can_be_written(definitions: dict[str, Any], name: str) -> None:
    """The texts people fill in are writable strings with a label and a group."""
    definition = definitions[name]
    assert definition.type == "string" and definition.modification_metadata.read_only_value is False
    assert definition.label and definition.group_name and definition.archived is False


@pytest.mark.parametrize("name", READ_ONLY)
def test_parity_read_only_flags(definitions: dict[str, Any], name: str) -> None:
    """What HubSpot fills in by itself is flagged as read-only."""
    assert definitions[name].modification_metadata.read_only_value is True


def test_parity_options(definitions: dict[str, Any]) -> None:
    """Enumerations list their options in order; owners have theirs elsewhere."""
    stage = definitions["lifecyclestage"]
    assert stage.type == "enumeration" and stage.options
    assert [each.display_order for each in stage.options] == sorted(each.display_order for each in stage.options)
    assert {each.value for each in definitions["hs_lead_status"].options} >= STATUSES
    owner = definitions["hubspot_owner_id"]
    assert (owner.options, owner.external_options, owner.referenced_object_type) == ([], True, "OWNER")


def test_parity_one_definition(portal: Portal, definitions: dict[str, Any]) -> None:
    """One property is read by its name, the same as in the list; an unknown name is missing."""
    assert portal.properties.get_by_name("contacts", "lastname").label == definitions["lastname"].label
    refused(404, portal.properties.get_by_name, "contacts", "no_such_property")


@pytest.mark.parametrize("kind", ["contact", "0-1"])
def test_parity_names_of_the_type(portal: Portal, kind: str) -> None:
    """The type of contacts has several names in a path."""
    assert portal.properties.get_by_name(kind, "email").name == "email"


def test_parity_property_life(portal: Portal) -> None:
    """A property is created, written, changed and archived; then it is no longer shown."""
    definition = made(portal, new(portal, "size", label="Skostørrelse", type="number", fieldType="number"))
    assert (definition.label, definition.type, definition.archived) == ("Skostørrelse", "number", False)
    assert definition.modification_metadata.read_only_value is False
    contact = portal.create("property", **{definition.name: "43"})
    assert portal.read(contact.id, definition.name)[definition.name] == "43"
    refused(400, portal.contacts.update, contact.id, {"properties": {definition.name: "stor"}})
    status, changed = status_of(
        portal.properties.update_with_http_info, "contacts", definition.name, {"label": "Størrelse"}
    )
    assert (status, changed.label, changed.type) == (200, "Størrelse", "number")
    assert status_of(portal.properties.archive_with_http_info, "contacts", definition.name)[0] == 204
    portal.made["properties"].remove(definition.name)
    refused(404, portal.properties.get_by_name, "contacts", definition.name)
    assert definition.name not in portal.read(contact.id, definition.name)


def test_parity_property_with_options(portal: Portal) -> None:
    """A property of one's own takes its options and nothing else."""
    options = [
        {"label": label, "value": label.lower(), "displayOrder": at, "hidden": False}
        for at, label in enumerate(["Rød", "Grøn"])
    ]
    definition = made(portal, new(portal, "colour", type="enumeration", fieldType="select", options=options))
    assert [(each.value, each.label) for each in definition.options] == [("rød", "Rød"), ("grøn", "Grøn")]
    contact = portal.create("colour", **{definition.name: "grøn"})
    refused(400, portal.contacts.update, contact.id, {"properties": {definition.name: "blå"}})
    assert portal.read(contact.id, definition.name)[definition.name] == "grøn"


def test_parity_unique_property(portal: Portal) -> None:
    """A contact is read and upserted by a unique property of the account, of which no two share a value."""
    name = made(portal, new(portal, "number", hasUniqueValue=True)).name
    contact = portal.create("unique", **{name: "k-17"})
    assert portal.contacts.get_by_id("k-17", id_property=name).id == contact.id
    refused(400, portal.create, **{"firstname": "Bo", name: "k-17"})
    body = {"inputs": [{"id": "k-17", "idProperty": name, "properties": {"city": "Ribe"}}]}
    done = portal.batch.upsert(body).results[0]
    assert (done.id, done.new) == (contact.id, False)


def test_parity_property_taken(portal: Portal) -> None:
    """A name that is taken is a conflict."""
    refused(409, portal.properties.create, "contacts", new(portal, "x") | {"name": "email"})


def test_parity_owners(portal: Portal) -> None:
    """Owners are listed, read by id, and found by email."""
    api = portal.client.crm.owners.owners_api
    owners = api.get_page().results
    assert owners and all(each.id.isdigit() and each.archived is False for each in owners)
    first = next(each for each in owners if each.email)
    assert api.get_by_id(int(first.id)).email == first.email
    assert [each.id for each in api.get_page(email=first.email).results] == [first.id]
    assert api.get_by_id(first.user_id, id_property="userId").id == first.id


def test_parity_owner_of_a_contact(portal: Portal) -> None:
    """A contact is given an owner by the owner's id; an id that nobody has is no option."""
    owner = portal.client.crm.owners.owners_api.get_page(limit=1).results[0]
    contact = portal.create("owned", hubspot_owner_id=owner.id)
    assert portal.read(contact.id, "hubspot_owner_id")["hubspot_owner_id"] == owner.id
    body = refused(400, portal.contacts.update, contact.id, {"properties": {"hubspot_owner_id": "999999999"}})
    assert body["category"] == "VALIDATION_ERROR"
