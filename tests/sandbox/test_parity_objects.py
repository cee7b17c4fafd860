"""Associations, companies, notes and tasks through the official client, in the sandbox and live."""

from typing import Any

import pytest
from hubspot.crm.associations.v4 import ApiException

from support.portals import Portal, eventually, refused, status_of

CONTACT_TO_COMPANY, NOTE_TO_CONTACT, TASK_TO_CONTACT = 279, 202, 204
MOMENT = "2026-11-22T10:00:00Z"


def spec(type_id: int) -> dict[str, Any]:
    """An association of HubSpot's own."""
    return {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}


def company(portal: Portal, **properties: str) -> Any:
    """A new company of this run."""
    body = {"properties": {"name": f"{portal.run} A/S"} | properties}
    return portal.keep("companies", portal.client.crm.companies.basic_api.create(body))


def linked(portal: Portal, kind: str, key: str, other: str) -> dict[str, set[int]]:
    """The records of another kind that this one is associated with, and the types."""
    found = portal.associations.get_page(kind, key, other).results
    return {str(each.to_object_id): {each.type_id for each in each.association_types} for each in found}


def test_parity_default_association(portal: Portal) -> None:
    """A contact and a company are associated by default, seen from both sides, until the association is removed."""
    contact, firm = portal.create("default").id, company(portal).id
    status, _ = status_of(portal.associations.create_default_with_http_info, "contacts", contact, "companies", firm)
    assert status == 200
    assert CONTACT_TO_COMPANY in linked(portal, "contacts", contact, "companies")[firm]
    assert list(linked(portal, "companies", firm, "contacts")) == [contact]
    read = portal.contacts.get_by_id(contact, associations=["companies"])
    assert firm in {each.id for each in read.associations["companies"].results}
    status, _ = status_of(portal.associations.archive_with_http_info, "contacts", contact, "companies", firm)
    assert status == 204
    assert linked(portal, "contacts", contact, "companies") == {}


def test_parity_labelled_association(portal: Portal) -> None:
    """An association of a given type is made with 201, and its answer names both records."""
    contact, firm = portal.create("labelled").id, company(portal).id
    status, pair = status_of(
        portal.associations.create_with_http_info,
        "contacts", contact, "companies", firm, [spec(CONTACT_TO_COMPANY)],
    )  # fmt: skip
    assert status == 201
    assert (str(pair.from_object_id), str(pair.to_object_id)) == (contact, firm)
    assert (pair.from_object_type_id, pair.to_object_type_id) == ("0-1", "0-2")
    assert CONTACT_TO_COMPANY in linked(portal, "contacts", contact, "companies")[firm]


def test_parity_associations_in_batches(portal: Portal) -> None:
    """Associations are made, read and removed in batches."""
    api = portal.client.crm.associations.v4.batch_api
    firm = company(portal).id
    contacts = [portal.create(f"links.{letter}").id for letter in "ab"]
    pairs = [{"from": {"id": each}, "to": {"id": firm}, "types": [spec(CONTACT_TO_COMPANY)]} for each in contacts]
    status, done = status_of(api.create_with_http_info, "contacts", "companies", {"inputs": pairs})
    assert (status, len(done.results)) == (201, 2)
    status, read = status_of(
        api.get_page_with_http_info, "contacts", "companies", {"inputs": [{"id": each} for each in contacts]}
    )
    assert status == 200
    assert {each._from.id: [str(other.to_object_id) for other in each.to] for each in read.results} == {
        each: [firm] for each in contacts
    }
    gone = [{"from": {"id": each}, "to": [{"id": firm}]} for each in contacts]
    assert status_of(api.archive_with_http_info, "contacts", "companies", {"inputs": gone})[0] == 204
    assert linked(portal, "companies", firm, "contacts") == {}


def test_parity_association_with_nobody(portal: Portal) -> None:
    """An association with a record that does not exist is refused."""
    contact = portal.create("lonely").id
    with pytest.raises(ApiException) as caught:
        portal.associations.create_default("contacts", contact, "companies", "999999999999")
    assert caught.value.status in (400, 404)  # which of them is not verified
    assert linked(portal, "contacts", contact, "companies") == {}


def test_parity_companies(portal: Portal) -> None:
    """A company is created, read, changed, found and archived."""
    api, searches = portal.client.crm.companies.basic_api, portal.client.crm.companies.search_api
    name = f"{portal.run} Smedje"
    made = company(portal, name=name, domain=f"firm.{portal.domain}")
    assert made.properties["name"] == name
    assert api.update(made.id, {"properties": {"city": "Ribe"}}).properties["city"] == "Ribe"
    read = api.get_by_id(made.id, properties=["name", "city", "zip"]).properties
    assert (read["name"], read["city"], read["zip"]) == (name, "Ribe", None)
    wanted = {"filterGroups": [{"filters": [{"propertyName": "name", "operator": "EQ", "value": name}]}]}
    eventually(lambda: [each.id for each in searches.do_search(wanted).results], [made.id])
    assert api.get_page(limit=1).results
    api.archive(made.id)
    refused(404, api.get_by_id, made.id)


@pytest.mark.parametrize(
    ("kind", "text", "type_id"),
    [("notes", "hs_note_body", NOTE_TO_CONTACT), ("tasks", "hs_task_subject", TASK_TO_CONTACT)],
)
def test_parity_notes_and_tasks(portal: Portal, kind: str, text: str, type_id: int) -> None:
    """A note and a task are created with their contact, read, changed and archived."""
    api = getattr(portal.client.crm.objects, kind).basic_api
    contact = portal.create(f"with.{kind}").id
    body = {
        "properties": {"hs_timestamp": MOMENT, text: "Ring tilbage"},
        "associations": [{"to": {"id": contact}, "types": [spec(type_id)]}],
    }
    status, made = status_of(api.create_with_http_info, body)
    portal.keep(kind, made)
    assert status == 201 and made.properties[text] == "Ring tilbage"
    assert type_id in linked(portal, kind, made.id, "contacts")[contact]
    assert list(linked(portal, "contacts", contact, kind)) == [made.id]
    api.update(made.id, {"properties": {text: "Talt med"}})
    read = api.get_by_id(made.id, properties=[text, "hs_timestamp"]).properties
    assert (read[text], read["hs_timestamp"]) == ("Talt med", MOMENT)
    assert status_of(api.archive_with_http_info, made.id)[0] == 204
    refused(404, api.get_by_id, made.id)
