"""Histories, identity, and what nobody has verified of HubSpot and can therefore be switched."""

from typing import Any

import pytest
from hubspot import HubSpot

CONTACTS = "/crm/v3/objects/contacts"


def test_history_of_a_property(client: HubSpot, sandbox: Any) -> None:
    """A read shows the values a property had, newest first, with when and whence; an unset one has none."""
    contact_id = sandbox.create(firstname="Bo", city="Ribe")
    for city in ("Vejle", "", "Vejle"):
        sandbox.http.patch(f"{CONTACTS}/{contact_id}", json={"properties": {"city": city}})
    found = client.crm.contacts.basic_api.get_by_id(contact_id, properties_with_history=["city", "zip", "nonsense"])
    history = found.properties_with_history
    assert [each.value for each in history["city"]] == ["Vejle", "", "Vejle", "Ribe"]
    assert {(each.source_type, each.source_id) for each in history["city"]} == {("INTEGRATION", "41870213")}
    moments = [each.timestamp for each in history["city"]]
    assert moments == sorted(moments, reverse=True)
    assert history["zip"] == [] and "nonsense" not in history
    assert found.properties["city"] == "Vejle" and found.properties["firstname"] == "Bo"


def test_history_in_a_list(client: HubSpot, sandbox: Any) -> None:
    """A list shows histories too, and a derived value as calculated."""
    sandbox.create(email="a@nordlys.example")
    (found,) = client.crm.contacts.basic_api.get_page(properties_with_history=["hs_email_domain"]).results
    (once,) = found.properties_with_history["hs_email_domain"]
    assert (once.value, once.source_type) == ("nordlys.example", "CALCULATED")


def test_history_after_a_merge(client: HubSpot, sandbox: Any) -> None:
    """After a merge the history has both contacts' values and the surviving one on top."""
    first, second = sandbox.create(firstname="Anna"), sandbox.create(firstname="Bo")
    merged = client.crm.contacts.basic_api.merge({"primaryObjectId": first, "objectIdToMerge": second}).id
    found = client.crm.contacts.basic_api.get_by_id(merged, properties_with_history=["firstname"])
    assert [each.value for each in found.properties_with_history["firstname"]] == ["Anna", "Bo", "Anna"]


def test_an_additional_email_stays_taken(demo: Any) -> None:
    """An update to another contact's additional email is refused with that contact's id."""
    holder = demo.http.get(f"{CONTACTS}/nb@nordlys.example?idProperty=email").json()["id"]
    other = demo.create(firstname="Bo")
    answer = demo.http.patch(f"{CONTACTS}/{other}", json={"properties": {"email": "nb@nordlys.example"}})
    assert answer.status_code == 409 and answer.json()["message"].endswith(holder)


def test_reads_by_additional_email_can_be_off(demo: Any) -> None:
    """With the switch for it an additional email finds nobody, while it stays taken."""
    demo.control("POST", "switches", {"get_by_additional_email": False})
    assert demo.http.get(f"{CONTACTS}/nb@nordlys.example?idProperty=email").status_code == 404
    assert demo.http.get(f"{CONTACTS}/Niels.Bruun@nordlys.example?idProperty=email").status_code == 200
    answer = demo.http.post(CONTACTS, json={"properties": {"email": "nb@nordlys.example"}})
    assert answer.status_code == 409


@pytest.mark.parametrize("status", [204, 404])
def test_archiving_what_is_missing(sandbox: Any, status: int) -> None:
    """Archiving a contact that is not there answers as the switch says."""
    sandbox.control("POST", "switches", {"delete_missing": status})
    assert sandbox.http.delete(f"{CONTACTS}/7").status_code == status
    contact_id = sandbox.create(firstname="Bo")
    assert sandbox.http.delete(f"{CONTACTS}/{contact_id}").status_code == 204
    assert sandbox.http.delete(f"{CONTACTS}/{contact_id}").status_code == status


@pytest.mark.parametrize(("clears", "city"), [(True, ""), (False, "Ribe")])
def test_null_as_a_value(sandbox: Any, clears: bool, city: str) -> None:
    """Null clears a value or leaves it, as the switch says."""
    sandbox.control("POST", "switches", {"null_clears": clears})
    contact_id = sandbox.create(firstname="Bo", city="Ribe")
    body = {"properties": {"city": None, "zip": "6760"}}
    assert sandbox.http.patch(f"{CONTACTS}/{contact_id}", json=body).status_code == 200
    read = sandbox.http.get(f"{CONTACTS}/{contact_id}?properties=city,zip").json()["properties"]
    assert (read["city"], read["zip"]) == (city, "6760")


def test_a_create_without_a_name_can_be_taken(sandbox: Any) -> None:
    """With the switch for it a contact needs neither name nor email."""
    sandbox.control("POST", "switches", {"create_unnamed": 201})
    assert sandbox.http.post(CONTACTS, json={"properties": {}}).status_code == 201


def test_switches_start_anew_with_a_reset(sandbox: Any) -> None:
    """All switches can be read, the old way to set one still works, and a reset brings the first choices back."""
    before = sandbox.control("GET", "switches")
    sandbox.control("POST", "email-conflict", {"status": 400})
    sandbox.control("POST", "switches", {"delete_missing": 404, "preserve_primary_id": True})
    changed = sandbox.control("GET", "switches")
    assert {name for name in changed if changed[name] != before[name]} == {
        "email_conflict", "delete_missing", "preserve_primary_id",
    }  # fmt: skip
    sandbox.control("POST", "reset", {"seed": "none"})
    assert sandbox.control("GET", "switches") == before


@pytest.mark.parametrize(
    "body", [{"nonsense": True}, {"delete_missing": 500}, {"null_clears": 1}, {"email_conflict": True}]
)
def test_switches_that_cannot_be(sandbox: Any, body: Any) -> None:
    """An unknown switch or choice is refused, and none of the call's switches is set."""
    before = sandbox.control("GET", "switches")
    assert sandbox.http.post("/_sandbox/switches", json={"create_unnamed": 201, **body}).status_code == 400
    assert sandbox.control("GET", "switches") == before


@pytest.mark.parametrize("values", ["city,zip", ["city", "zip"], ["city,zip", "city"]])
def test_lists_in_the_query(sandbox: Any, values: Any) -> None:
    """Lists of properties and histories are read from the query repeated, joined by commas, or both."""
    contact_id = sandbox.create(firstname="Bo", city="Ribe")
    names = {"properties": values, "propertiesWithHistory": values}
    read = sandbox.http.get(f"{CONTACTS}/{contact_id}", params=names).json()
    assert {"city", "zip"} <= set(read["properties"]) and set(read["propertiesWithHistory"]) == {"city", "zip"}


def test_an_old_record_page_leads_to_the_merged_contact(sandbox: Any) -> None:
    """The page of a contact that was merged away shows the contact it became."""
    first, second = sandbox.create(firstname="Anna"), sandbox.create(firstname="Bo", city="Ribe")
    sandbox.http.post(f"{CONTACTS}/merge", json={"primaryObjectId": first, "objectIdToMerge": second})
    page = sandbox.http.get(f"/contacts/143000001/record/0-1/{second}")
    assert page.status_code == 200 and "Anna" in page.text and "Ribe" in page.text
