"""Property definitions that an account makes of its own."""

from pathlib import Path
from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm.properties import ApiException

CONTACTS = "/crm/v3/objects/contacts"
PROPERTIES = "/crm/v3/properties/contacts"
PLAIN = {
    "name": "member_no",
    "label": "Member number",
    "type": "string",
    "fieldType": "text",
    "groupName": "contactinformation",
}
CHOICE = {
    **PLAIN,
    "name": "shoe",
    "label": "Shoe",
    "type": "enumeration",
    "fieldType": "select",
    "options": [
        {"label": "Boot", "value": "boot", "displayOrder": 1, "hidden": False},
        {"label": "Clog", "value": "clog", "displayOrder": 0, "hidden": False},
    ],
}


def define(sandbox: Any, **changes: Any) -> Any:
    return sandbox.http.post(PROPERTIES, json={**PLAIN, **changes})


def test_create_a_property(client: HubSpot, sandbox: Any) -> None:
    """A new property can be written, read and searched at once, and is shown as the account's own."""
    made = client.crm.properties.core_api.create("contacts", CHOICE)
    assert (made.name, made.label, made.hubspot_defined, made.archived) == ("shoe", "Shoe", None, False)
    assert [option.value for option in made.options] == ["clog", "boot"]
    assert made.modification_metadata.archivable and not made.modification_metadata.read_only_value
    contact_id = sandbox.create(firstname="Bo", shoe="boot")
    found = sandbox.search(
        filterGroups=[{"filters": [{"propertyName": "shoe", "operator": "EQ", "value": "boot"}]}], properties=["shoe"]
    )
    assert [(each["id"], each["properties"]["shoe"]) for each in found["results"]] == [(contact_id, "boot")]
    refused = sandbox.http.post(CONTACTS, json={"properties": {"firstname": "Bo", "shoe": "sock"}})
    assert refused.json()["errors"][0]["code"] == "INVALID_OPTION"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Member No"},
        {"name": "hs_member"},
        {"name": ""},
        {"label": ""},
        {"type": "text"},
        {"fieldType": "select"},
        {"groupName": "nonsense"},
        {"type": "bool", "fieldType": "booleancheckbox"},
        {"options": [{"label": "A", "value": "a"}]},
        {"type": "enumeration", "fieldType": "select", "options": [{"label": "A"}]},
        {"type": "enumeration", "fieldType": "select", "options": [{"label": "A", "value": "a"}] * 2},
        {"type": "enumeration", "fieldType": "select", "hasUniqueValue": True},
    ],
)
def test_refused_definitions(sandbox: Any, changes: dict[str, Any]) -> None:
    """A definition that does not hold together is refused and not made."""
    answer = define(sandbox, **changes)
    assert answer.status_code == 400 and answer.json()["category"] == "VALIDATION_ERROR"
    assert sandbox.http.get(f"{PROPERTIES}/member_no").status_code == 404


def test_a_property_name_is_taken_once(client: HubSpot) -> None:
    """A name that exists, the account's or HubSpot's, is 409."""
    api = client.crm.properties.core_api
    api.create("contacts", PLAIN)
    for name in ("member_no", "email"):
        with pytest.raises(ApiException) as refused:
            api.create("contacts", {**PLAIN, "name": name})
        assert refused.value.status == 409 and name in refused.value.body


def test_update_a_property(client: HubSpot, sandbox: Any) -> None:
    """Label and options of an own property can be changed; a removed option is refused from then on."""
    api = client.crm.properties.core_api
    api.create("contacts", CHOICE)
    options = [{"label": "Clog", "value": "clog", "displayOrder": 0, "hidden": False}]
    changed = api.update("contacts", "shoe", {"label": "Footwear", "options": options})
    assert (changed.label, changed.type, [each.value for each in changed.options]) == (
        "Footwear", "enumeration", ["clog"],
    )  # fmt: skip
    assert api.get_by_name("contacts", "shoe").label == "Footwear"
    refused = sandbox.http.post(CONTACTS, json={"properties": {"firstname": "Bo", "shoe": "boot"}})
    assert refused.status_code == 400


def test_options_without_a_place_come_last(sandbox: Any) -> None:
    """Options stand in their display order; one whose order is negative or no number stands behind the others."""
    orders = {"a": "first", "b": -1, "c": 1, "d": 0}
    options = [{"label": value, "value": value, "displayOrder": order} for value, order in orders.items()]
    made = sandbox.http.post(PROPERTIES, json={**CHOICE, "options": options})
    assert [each["value"] for each in made.json()["options"]] == ["d", "c", "a", "b"]


def test_hubspots_own_properties_stay(client: HubSpot, sandbox: Any) -> None:
    """HubSpot's own properties cannot be changed or archived, but the lead status takes other options."""
    for method, body in (("PATCH", {"label": "Mail"}), ("DELETE", None)):
        assert sandbox.http.request(method, f"{PROPERTIES}/email", json=body).status_code == 400
    assert sandbox.http.patch(f"{PROPERTIES}/lifecyclestage", json={"options": []}).status_code == 400
    options = [{"label": "Warm", "value": "WARM", "displayOrder": 0, "hidden": False}]
    client.crm.properties.core_api.update("contacts", "hs_lead_status", {"options": options})
    assert sandbox.create(firstname="Bo", hs_lead_status="WARM")


def test_archive_a_property(client: HubSpot, sandbox: Any) -> None:
    """An archived property is listed as such only, dropped on read and refused on write."""
    api = client.crm.properties.core_api
    api.create("contacts", PLAIN)
    contact_id = sandbox.create(firstname="Bo", member_no="7")
    api.archive("contacts", "member_no")
    assert "member_no" not in {each.name for each in api.get_all("contacts").results}
    (archived,) = api.get_all("contacts", archived=True).results
    assert (archived.name, archived.archived) == ("member_no", True)
    assert sandbox.http.get(f"{PROPERTIES}/member_no").status_code == 404
    assert sandbox.http.get(f"{PROPERTIES}/member_no?archived=true").status_code == 200
    read = sandbox.http.get(f"{CONTACTS}/{contact_id}?properties=member_no").json()
    assert "member_no" not in read["properties"]
    refused = sandbox.http.patch(f"{CONTACTS}/{contact_id}", json={"properties": {"member_no": "8"}})
    assert refused.json()["errors"][0]["code"] == "PROPERTY_DOESNT_EXIST"
    assert api.create("contacts", PLAIN).archived is False
    assert sandbox.http.get(f"{CONTACTS}/{contact_id}?properties=member_no").json()["properties"]["member_no"] == "7"


def test_unique_properties(client: HubSpot, sandbox: Any) -> None:
    """A property with unique values refuses a second contact with the same one, and a cleared value is free."""
    assert client.crm.properties.core_api.create("contacts", {**PLAIN, "hasUniqueValue": True}).has_unique_value is True
    first, second = sandbox.create(firstname="a", member_no="7"), sandbox.create(firstname="b")
    create = sandbox.http.post(CONTACTS, json={"properties": {"firstname": "c", "member_no": "7"}})
    update = sandbox.http.patch(f"{CONTACTS}/{second}", json={"properties": {"member_no": "7"}})
    for refused in (create, update):
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["code"] == "CONFLICTING_UNIQUE_VALUE" and first in refused.json()["message"]
    sandbox.http.patch(f"{CONTACTS}/{first}", json={"properties": {"member_no": ""}})
    assert sandbox.http.patch(f"{CONTACTS}/{second}", json={"properties": {"member_no": "7"}}).status_code == 200


def test_unique_properties_identify(client: HubSpot, sandbox: Any) -> None:
    """Contacts are read, updated and upserted by a unique property, and not by one that is not unique."""
    client.crm.properties.core_api.create("contacts", {**PLAIN, "hasUniqueValue": True})
    contact_id = sandbox.create(firstname="a", member_no="7")
    api = client.crm.contacts.basic_api
    assert api.get_by_id("7", id_property="member_no").id == contact_id
    assert api.update("7", {"properties": {"city": "Ribe"}}, id_property="member_no").id == contact_id
    inputs = [{"id": each, "idProperty": "member_no", "properties": {"firstname": "x"}} for each in ("7", "8")]
    results = client.crm.contacts.batch_api.upsert({"inputs": inputs}).results
    assert {(each.properties["member_no"], each.new) for each in results} == {("7", False), ("8", True)}
    assert sandbox.http.get(f"{CONTACTS}/Ribe?idProperty=city").status_code == 400


def test_at_most_ten_unique_properties(sandbox: Any) -> None:
    """The eleventh unique property is refused."""
    statuses = [define(sandbox, name=f"key_{n}", hasUniqueValue=True).status_code for n in range(11)]
    assert statuses == [201] * 10 + [400]


def test_properties_of_other_kinds(client: HubSpot) -> None:
    """Companies, notes and tasks have definitions of their own, and take new ones."""
    api = client.crm.properties.core_api
    assert "domain" in {each.name for each in api.get_all("companies").results}
    assert "hs_note_body" in {each.name for each in api.get_all("0-46").results}
    api.create("companies", {**PLAIN, "groupName": "companyinformation"})
    assert api.get_by_name("company", "member_no").label == "Member number"
    assert "member_no" not in {each.name for each in api.get_all("contacts").results}


def test_definitions_last_and_are_shared(launch: Any, tmp_path: Path) -> None:
    """A definition made in one process over a file is there in another and after a restart."""
    options = ("--db", str(tmp_path / "crm.db"), "--seed", "none")
    first, second = launch(*options), launch(*options)
    assert second.http.get(f"{PROPERTIES}/member_no").status_code == 404
    assert define(first).status_code == 201
    assert second.create(firstname="Bo", member_no="7")
    first.process.terminate()
    first.process.wait(10)
    assert launch(*options).http.get(f"{PROPERTIES}/member_no").json()["label"] == "Member number"


def test_a_reset_takes_definitions_away(sandbox: Any) -> None:
    """After a reset the account has HubSpot's properties and the demo's again, and no others."""
    define(sandbox)
    sandbox.control("POST", "reset", {"seed": "none"})
    assert sandbox.http.get(f"{PROPERTIES}/member_no").status_code == 404
    assert define(sandbox).status_code == 201


def test_schema_scope(sandbox: Any) -> None:
    """Making a property takes the scope of the schema, which the scope of contacts does not stand for."""
    sandbox.control("POST", "scopes", {"scopes": ["crm.objects.contacts.read", "crm.objects.contacts.write"]})
    refused = define(sandbox)
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["context"]["requiredGranularScopes"] == ["crm.schemas.contacts.write"]


def test_time_zones(sandbox: Any) -> None:
    """The time zones are those the machine knows, in HubSpot's writing."""
    options = {each["value"]: each["label"] for each in sandbox.http.get(f"{PROPERTIES}/hs_timezone").json()["options"]}
    assert options["europe_slash_copenhagen"] == "Europe/Copenhagen"
    assert sandbox.create(firstname="Bo", hs_timezone="europe_slash_copenhagen")
