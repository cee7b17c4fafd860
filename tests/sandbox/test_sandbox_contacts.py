"""Contacts through the official client and on the wire."""

from itertools import pairwise
from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm.contacts import ApiException, SimplePublicObjectInput, SimplePublicObjectInputForCreate

CONTACTS = "/crm/v3/objects/contacts"


def new(client: HubSpot, **properties: str) -> Any:
    body = SimplePublicObjectInputForCreate(properties=properties, associations=[])
    return client.crm.contacts.basic_api.create(body)


def test_create_answers_with_what_was_sent_and_derived(client: HubSpot) -> None:
    """A create answers with the values sent, the ones derived from them, and the default lifecycle stage."""
    contact = new(client, email="  Mette@Nordlys.EXAMPLE ", firstname="Mette", phone="+45 22-33 44 55")
    assert contact.id.isdigit() and 11 <= len(contact.id) <= 12
    assert contact.properties["email"] == "mette@nordlys.example"
    assert contact.properties["phone"] == "+45 22-33 44 55"
    assert contact.properties["hs_searchable_calculated_phone_number"] == "22334455"
    assert contact.properties["hs_email_domain"] == "nordlys.example"
    assert contact.properties["lifecyclestage"] == "lead"
    assert contact.properties["hs_object_id"] == contact.id
    assert "lastname" not in contact.properties


def test_create_has_a_location_and_a_record_address(sandbox: Any) -> None:
    """A create answers 201 with a Location header and the address of the record's page."""
    answer = sandbox.http.post(CONTACTS, json={"properties": {"firstname": "Bo"}})
    contact_id = answer.json()["id"]
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{sandbox.url}{CONTACTS}/{contact_id}"
    assert sandbox.http.get(answer.json()["url"]).status_code == 200


def test_ids_grow_with_gaps(sandbox: Any) -> None:
    """Ids of contacts grow by irregular steps."""
    ids = [int(sandbox.create(firstname=name)) for name in "abcd"]
    steps = {after - before for before, after in pairwise(ids)}
    assert min(steps) > 0 and len(steps) > 1


def test_read_shows_the_default_properties(client: HubSpot) -> None:
    """A read without a list of properties shows six of them, with null for one that was never set."""
    contact = client.crm.contacts.basic_api.get_by_id(new(client, email="a@nordlys.example", phone="1").id)
    assert sorted(contact.properties) == [
        "createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname",
    ]  # fmt: skip
    assert contact.properties["firstname"] is None
    assert contact.archived is False


def test_read_with_properties_drops_unknown_names(sandbox: Any) -> None:
    """Properties may be repeated or joined by commas; unknown ones are left out and keys come sorted."""
    contact_id = sandbox.create(firstname="Bo", city="Ribe")
    answer = sandbox.http.get(f"{CONTACTS}/{contact_id}?properties=city,zip&properties=nonsense&properties=firstname")
    properties = answer.json()["properties"]
    assert list(properties) == ["city", "createdate", "firstname", "hs_object_id", "lastmodifieddate", "zip"]
    assert properties["city"] == "Ribe" and properties["zip"] is None


def test_read_by_email_ignores_case(client: HubSpot) -> None:
    """A contact is found by its email in any case."""
    contact = new(client, email="jane+x@nordlys.example")
    found = client.crm.contacts.basic_api.get_by_id("Jane+X@nordlys.example", id_property="email")
    assert found.id == contact.id


@pytest.mark.parametrize("email", ["jane/x@nordlys.example", "50%@nordlys.example", "a%20b@nordlys.example"])
def test_read_by_email_with_odd_signs(client: HubSpot, email: str) -> None:
    """An encoded slash or percent sign in an email is part of the email."""
    contact = new(client, email=email)
    assert client.crm.contacts.basic_api.get_by_id(email, id_property="email").id == contact.id


def test_additional_emails_identify_a_contact(demo: Any) -> None:
    """A contact is found by an additional email, and that address cannot be used for another contact."""
    found = demo.http.get(f"{CONTACTS}/nb@nordlys.example?idProperty=email").json()
    assert found["properties"]["email"] == "niels.bruun@nordlys.example"
    answer = demo.http.post(CONTACTS, json={"properties": {"email": "NB@nordlys.example"}})
    assert answer.status_code == 409
    assert answer.json()["message"] == f"Contact already exists. Existing ID: {found['id']}"


def test_update_answers_with_changes_only(client: HubSpot) -> None:
    """An update answers with the changed values and what follows from them, not with the whole record."""
    contact = new(client, email="a@nordlys.example", firstname="Anna", city="Ribe")
    body = SimplePublicObjectInput(properties={"email": "a@fjordbyg.example", "city": "Ribe"})
    updated = client.crm.contacts.basic_api.update(contact.id, body)
    assert sorted(updated.properties) == ["email", "hs_email_domain", "lastmodifieddate"]
    assert updated.properties["hs_email_domain"] == "fjordbyg.example"
    assert updated.updated_at >= contact.updated_at


def test_update_by_email(client: HubSpot) -> None:
    """A contact is updated by its email."""
    contact = new(client, email="a@nordlys.example")
    body = SimplePublicObjectInput(properties={"city": "Ribe"})
    updated = client.crm.contacts.basic_api.update("a@nordlys.example", body, id_property="email")
    assert (updated.id, updated.properties["city"]) == (contact.id, "Ribe")


def test_cleared_is_not_unset(sandbox: Any) -> None:
    """A cleared property reads as an empty text, one that was never set as null."""
    contact_id = sandbox.create(firstname="Bo", city="Ribe")
    answer = sandbox.http.patch(f"{CONTACTS}/{contact_id}", json={"properties": {"city": "", "zip": ""}})
    assert answer.json()["properties"]["city"] == ""
    properties = sandbox.http.get(f"{CONTACTS}/{contact_id}?properties=city,zip").json()["properties"]
    assert properties["city"] == "" and properties["zip"] is None


def test_a_freed_email_can_be_used_again(sandbox: Any) -> None:
    """An email that a contact gave up, or whose contact was archived, is free."""
    first = sandbox.create(email="a@nordlys.example")
    sandbox.http.patch(f"{CONTACTS}/{first}", json={"properties": {"email": "b@nordlys.example"}})
    second = sandbox.create(email="a@nordlys.example")
    sandbox.http.delete(f"{CONTACTS}/{second}")
    assert sandbox.create(email="a@nordlys.example") not in (first, second)


def test_update_to_a_taken_email_is_refused(client: HubSpot, sandbox: Any) -> None:
    """An update to the email of another contact is a conflict that names it, and 400 after a switch."""
    taken, contact = new(client, email="a@nordlys.example"), new(client, email="b@nordlys.example")
    body = SimplePublicObjectInput(properties={"email": "A@nordlys.example", "city": "Ribe"})
    with pytest.raises(ApiException) as refused:
        client.crm.contacts.basic_api.update(contact.id, body)
    assert refused.value.status == 409 and taken.id in refused.value.body
    sandbox.control("POST", "email-conflict", {"status": 400})
    with pytest.raises(ApiException) as refused:
        client.crm.contacts.basic_api.update(contact.id, body)
    assert refused.value.status == 400 and "CONFLICTING_UNIQUE_VALUE" in refused.value.body
    assert client.crm.contacts.basic_api.get_by_id(contact.id, properties=["city"]).properties["city"] is None


def test_archive(client: HubSpot) -> None:
    """An archived contact is gone from reads and lists, and shown where archived ones are asked for."""
    api = client.crm.contacts.basic_api
    contact = new(client, firstname="Bo")
    api.archive(contact.id)
    with pytest.raises(ApiException) as missing:
        api.get_by_id(contact.id)
    assert missing.value.status == 404
    archived = api.get_by_id(contact.id, archived=True)
    assert archived.archived is True and archived.archived_at is not None
    assert api.get_page().results == []
    assert [each.id for each in api.get_page(archived=True).results] == [contact.id]
    api.archive(contact.id)


def test_list_pages_by_id(client: HubSpot) -> None:
    """A list continues with the id in `after`, and the last page has no paging."""
    ids = [new(client, firstname=str(n)).id for n in range(5)]
    api = client.crm.contacts.basic_api
    first = api.get_page(limit=2)
    assert [each.id for each in first.results] == ids[:2] and first.paging.next.after == ids[2]
    last = api.get_page(limit=3, after=first.paging.next.after)
    assert [each.id for each in last.results] == ids[2:] and last.paging is None
    assert [each.id for each in client.crm.contacts.get_all()] == ids


def test_list_link_leads_on(sandbox: Any) -> None:
    """The link to the next page can be followed as it is."""
    ids = [sandbox.create(firstname=str(n)) for n in range(3)]
    page = sandbox.http.get(f"{CONTACTS}?limit=2&properties=city").json()
    following = sandbox.http.get(page["paging"]["next"]["link"]).json()
    assert [each["id"] for each in following["results"]] == ids[2:]
    assert "city" in following["results"][0]["properties"]


@pytest.mark.parametrize("limit", ["0", "101", "x", "-1"])
def test_list_limit(sandbox: Any, limit: str) -> None:
    """A list takes a limit from 1 to 100."""
    assert sandbox.http.get(f"{CONTACTS}?limit={limit}").status_code == 400


def test_record_times_equal_the_properties(sandbox: Any) -> None:
    """The record's times are those of its createdate and lastmodifieddate."""
    record = sandbox.http.get(f"{CONTACTS}/{sandbox.create(firstname='Bo')}").json()
    assert record["createdAt"] == record["properties"]["createdate"]
    assert record["updatedAt"] == record["properties"]["lastmodifieddate"]
