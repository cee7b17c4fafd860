"""Properties, owners and account details."""

from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm.owners import ApiException as OwnersApiException
from hubspot.crm.properties.exceptions import NotFoundException

CONTACTS = "/crm/v3/objects/contacts"


@pytest.mark.parametrize("object_type", ["contacts", "contact", "0-1", "CONTACT"])
def test_properties_by_any_name_of_the_type(client: HubSpot, object_type: str) -> None:
    """The properties of contacts are listed under every name of their type."""
    names = {each.name for each in client.crm.properties.core_api.get_all(object_type).results}
    assert {"email", "mobilephone", "lifecyclestage", "createdate", "favorite_product"} <= names


def test_property_definitions(client: HubSpot) -> None:
    """Definitions tell type, options, what is read only, and which properties the account added itself."""
    found = {each.name: each for each in client.crm.properties.core_api.get_all("contacts").results}
    stage = found["lifecyclestage"]
    assert (stage.type, stage.field_type, stage.group_name) == ("enumeration", "radio", "contactinformation")
    assert [option.value for option in stage.options][:3] == ["subscriber", "lead", "marketingqualifiedlead"]
    assert [option.display_order for option in stage.options] == list(range(8))
    assert found["createdate"].modification_metadata.read_only_value is True
    assert found["email"].modification_metadata.read_only_value is False
    owner = found["hubspot_owner_id"]
    assert owner.external_options is True and owner.options == [] and owner.referenced_object_type == "OWNER"
    custom = found["favorite_product"]
    assert custom.hubspot_defined is None and custom.label == "Favorite product" and custom.options
    assert found["newsletter_signup_date"].type == "date"


def test_one_property(client: HubSpot) -> None:
    """One property is read by its name; an unknown one is missing."""
    assert client.crm.properties.core_api.get_by_name("contacts", "phone").label == "Phone Number"
    with pytest.raises(NotFoundException):
        client.crm.properties.core_api.get_by_name("contacts", "nonsense")


def test_owners(client: HubSpot) -> None:
    """Owners are listed in pages, found by email and read by id."""
    api = client.crm.owners.owners_api
    everyone = api.get_page().results
    assert len(everyone) == 5 and all(each.type == "PERSON" for each in everyone)
    first = api.get_page(limit=2)
    assert [each.id for each in api.get_page(limit=3, after=first.paging.next.after).results] == [
        each.id for each in everyone[2:]
    ]
    (freja,) = api.get_page(email="freja.moeller@nordlys.example").results
    assert freja.last_name == "Møller" and api.get_by_id(int(freja.id)).email == freja.email
    assert api.get_by_id(freja.user_id, id_property="userId").id == freja.id


def test_deactivated_owners(client: HubSpot, sandbox: Any) -> None:
    """Deactivated owners are listed and read with ``archived`` only, without a user id, and can be given no contact."""
    api = client.crm.owners.owners_api
    (lone,) = api.get_page(archived=True).results
    assert (lone.first_name, lone.last_name, lone.archived) == ("Lone", "Dahl", True)
    assert lone.user_id is None and lone.user_id_including_inactive == 61200189
    assert api.get_by_id(int(lone.id), archived=True).email == lone.email
    with pytest.raises(OwnersApiException) as missing:
        api.get_by_id(int(lone.id))
    assert missing.value.status == 404 and lone.id not in {each.id for each in api.get_page().results}
    refused = sandbox.http.post(CONTACTS, json={"properties": {"firstname": "Bo", "hubspot_owner_id": lone.id}})
    assert refused.status_code == 400 and refused.json()["errors"][0]["code"] == "INVALID_OPTION"


def test_the_demo_holds_contacts_of_a_deactivated_owner(demo: Any) -> None:
    """Some of the demo's contacts belong to the owner who was deactivated, whose page still names the owner."""
    (lone,) = demo.http.get("/crm/v3/owners?archived=true").json()["results"]
    owned = {"filters": [{"propertyName": "hubspot_owner_id", "operator": "EQ", "value": lone["id"]}]}
    contacts = demo.found(filterGroups=[owned])
    assert len(contacts) == 2
    assert "Lone Dahl" in demo.http.get(f"/contacts/143000001/record/0-1/{contacts[0]}").text


def test_a_contact_has_two_last_modified_dates(client: HubSpot, sandbox: Any) -> None:
    """A contact's last change stands in ``lastmodifieddate``; ``hs_lastmodifieddate`` is defined and never filled."""
    definition = client.crm.properties.core_api.get_by_name("contacts", "hs_lastmodifieddate")
    assert (definition.label, definition.type) == ("Object last modified date/time", "datetime")
    assert definition.modification_metadata.read_only_value is True
    contact_id = sandbox.create(firstname="Bo")
    shown = client.crm.contacts.basic_api.get_by_id(contact_id, properties=["hs_lastmodifieddate"]).properties
    assert shown["hs_lastmodifieddate"] is None and shown["lastmodifieddate"]
    for name, found in (("hs_lastmodifieddate", []), ("lastmodifieddate", [contact_id])):
        changed = {"filters": [{"propertyName": name, "operator": "GT", "value": "0"}]}
        assert sandbox.found(filterGroups=[changed]) == found
    company = client.crm.companies.basic_api.create({"properties": {"name": "x"}, "associations": []})
    assert company.properties["hs_lastmodifieddate"] and "lastmodifieddate" not in company.properties


def test_owners_without_the_slash(sandbox: Any) -> None:
    """Owners answer with and without a trailing slash."""
    assert sandbox.http.get("/crm/v3/owners").json() == sandbox.http.get("/crm/v3/owners/").json()


def test_account(sandbox: Any) -> None:
    """Account details tell the portal, where it is hosted and its app's address."""
    details = sandbox.http.get("/account-info/v3/details").json()
    assert details["portalId"] == 143000001 and details["uiDomain"] == "app-eu1.hubspot.com"
    assert set(details) == {
        "portalId", "accountType", "timeZone", "companyCurrency", "additionalCurrencies", "utcOffset",
        "utcOffsetMilliseconds", "uiDomain", "dataHostingLocation",
    }  # fmt: skip


def test_unknown_object_type(sandbox: Any) -> None:
    """Only the properties of contacts are there."""
    assert sandbox.http.get("/crm/v3/properties/unicorns").status_code == 400


def test_dated_addresses(sandbox: Any) -> None:
    """The dated forms of the addresses answer like those of v3."""
    contact_id = sandbox.create(firstname="Bo")
    old = sandbox.http.get(f"/crm/v3/objects/contacts/{contact_id}").json()
    assert sandbox.http.get(f"/crm/objects/2026-09/contacts/{contact_id}").json() == old
    found = sandbox.http.post("/crm/objects/2026-09/contacts/search", json={})
    assert found.json()["total"] == 1 and "x-hubspot-ratelimit-max" not in found.headers
    assert sandbox.http.get("/crm/properties/2026-09/0-1/email").json()["label"] == "Email"
    assert len(sandbox.http.get("/crm/owners/2026-09").json()["results"]) == 5
    assert sandbox.http.get("/crm/objects/latest/contacts").status_code == 404
