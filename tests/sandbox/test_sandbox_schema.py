"""Properties, owners and account details."""

from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm.properties.exceptions import NotFoundException


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
