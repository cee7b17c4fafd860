"""Associations of contacts with companies, notes and tasks."""

import json
from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm.associations.v4 import ApiException

V4 = "/crm/v4/objects"
MOMENT = "2026-11-22T10:00:00Z"


def company(client: HubSpot, **properties: str) -> str:
    return str(client.crm.companies.basic_api.create({"properties": properties, "associations": []}).id)


def note(client: HubSpot, body: str = "Ringede", associations: Any = ()) -> str:
    properties = {"hs_note_body": body, "hs_timestamp": MOMENT}
    made = client.crm.objects.notes.basic_api.create({"properties": properties, "associations": list(associations)})
    return str(made.id)


def linked(client: HubSpot, kind: str, record_id: str, other: str) -> list[Any]:
    results = client.crm.associations.v4.basic_api.get_page(kind, record_id, other).results
    return [(str(each.to_object_id), [(t.type_id, t.label) for t in each.association_types]) for each in results]


def test_default_association(client: HubSpot, sandbox: Any) -> None:
    """The plain association holds both ways, each with its own type id."""
    contact, firm = sandbox.create(firstname="Bo"), company(client, name="Nordlys")
    api = client.crm.associations.v4.basic_api
    made = api.create_default("contacts", contact, "companies", firm)
    assert [each.association_spec.association_type_id for each in made.results] == [279, 280]
    assert linked(client, "contacts", contact, "companies") == [(firm, [(279, None)])]
    assert linked(client, "companies", firm, "contacts") == [(contact, [(280, None)])]
    api.archive("contacts", contact, "companies", firm)
    assert linked(client, "companies", firm, "contacts") == []
    assert sandbox.http.delete(f"{V4}/contacts/{contact}/associations/companies/{firm}").status_code == 204


def test_labelled_association(client: HubSpot, sandbox: Any) -> None:
    """A labelled association answers 201 with its label and brings the plain one along."""
    contact, firm = sandbox.create(firstname="Bo"), company(client, name="Nordlys")
    path = f"{V4}/contact/{contact}/associations/company/{firm}"
    answer = sandbox.http.put(path, json=[{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}])
    assert answer.status_code == 201
    assert answer.json() == {
        "fromObjectTypeId": "0-1", "fromObjectId": contact, "toObjectTypeId": "0-2", "toObjectId": firm,
        "labels": ["Primary"],
    }  # fmt: skip
    assert linked(client, "contacts", contact, "companies") == [(firm, [(1, "Primary"), (279, None)])]
    assert linked(client, "companies", firm, "contacts") == [(contact, [(2, "Primary"), (280, None)])]


def test_association_refusals(client: HubSpot, sandbox: Any) -> None:
    """An association with a missing record, or with a type that the pair does not have, is a 400 that names it."""
    contact, firm = sandbox.create(firstname="Bo"), company(client, name="Nordlys")
    with pytest.raises(ApiException) as missing:
        client.crm.associations.v4.basic_api.create_default("contacts", contact, "companies", "7")
    assert missing.value.status == 400
    body = json.loads(missing.value.body)
    assert (body["message"], body["category"]) == ("One or more associations are invalid", "VALIDATION_ERROR")
    assert body["context"] == {
        "INVALID_OBJECT_IDS": ["COMPANY=7 is not valid"], "objectId": ["7"], "objectType": ["COMPANY"],
    }  # fmt: skip
    plain = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
    both = sandbox.http.put(f"{V4}/contacts/8/associations/companies/7", json=plain).json()["context"]
    assert both["INVALID_OBJECT_IDS"] == ["CONTACT=8 is not valid", "COMPANY=7 is not valid"]
    path = f"{V4}/contacts/{contact}/associations/companies/{firm}"
    for types in ([{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}], [], {"a": 1}, [{}]):
        assert sandbox.http.put(path, json=types).status_code == 400
    foreign = sandbox.http.put(path, json=[{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}])
    assert foreign.json()["context"]["INVALID_ASSOCIATION_TYPE_ID"] == [
        "HUBSPOT_DEFINED=202 is not a valid association definition id"
    ]
    assert linked(client, "contacts", contact, "companies") == []


def test_notes_and_tasks_come_with_their_contact(client: HubSpot, sandbox: Any) -> None:
    """A note or task is created with its association, by the documented type ids, and hangs on the contact."""
    contact = sandbox.create(firstname="Bo")
    made = {}
    for kind, type_id, text in (("notes", 202, "hs_note_body"), ("tasks", 204, "hs_task_body")):
        association = {
            "to": {"id": contact},
            "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}],
        }
        body = {"properties": {text: "Ring", "hs_timestamp": MOMENT}, "associations": [association]}
        made[kind] = str(getattr(client.crm.objects, kind).basic_api.create(body).id)
    assert linked(client, "contacts", contact, "notes") == [(made["notes"], [(201, None)])]
    assert linked(client, "tasks", made["tasks"], "contacts") == [(contact, [(204, None)])]


def test_create_with_a_wrong_association_writes_nothing(sandbox: Any) -> None:
    """A contact whose association cannot be made is not created either."""
    for to_id, type_id, why in (("7", 279, "INVALID_OBJECT_IDS"), ("7", 202, "INVALID_ASSOCIATION_TYPE_ID")):
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]
        body = {"properties": {"firstname": "Bo"}, "associations": [{"to": {"id": to_id}, "types": types}]}
        refused = sandbox.http.post("/crm/v3/objects/contacts", json=body)
        assert refused.status_code == 400 and why in refused.json()["context"]
    assert sandbox.control("GET", "health")["contacts"] == 0


def test_reads_show_associations(client: HubSpot, sandbox: Any) -> None:
    """Reads and lists show the associations asked for, and leave archived records and unknown kinds out."""
    contact, firm = sandbox.create(firstname="Bo"), company(client, name="Nordlys")
    written = note(client)
    api = client.crm.associations.v4.basic_api
    api.create_default("contacts", contact, "companies", firm)
    api.create_default("notes", written, "contacts", contact)
    wanted = ["companies", "notes", "deals"]
    read = client.crm.contacts.basic_api.get_by_id(contact, associations=wanted)
    shown = {kind: [(each.id, each.type) for each in of.results] for kind, of in read.associations.items()}
    assert shown == {"companies": [(firm, "contact_to_company_unlabeled")], "notes": [(written, "contact_to_note")]}
    client.crm.objects.notes.basic_api.archive(written)
    listed = client.crm.contacts.basic_api.get_page(associations=wanted).results[0]
    assert list(listed.associations) == ["companies"]
    assert client.crm.contacts.basic_api.get_by_id(contact).associations is None


def test_association_batches(client: HubSpot, sandbox: Any) -> None:
    """Associations are created, read and archived in batches; a record without any is told in a 207."""
    contacts = [sandbox.create(firstname=name) for name in "abc"]
    firm = company(client, name="Nordlys")
    api = client.crm.associations.v4.batch_api
    types = [{"associationCategory": "USER_DEFINED", "associationTypeId": 37}]
    made = api.create(
        "contacts", "companies",
        {"inputs": [{"from": {"id": each}, "to": {"id": firm}, "types": types} for each in contacts[:2]]},
    )  # fmt: skip
    assert [each.labels for each in made.results] == [["Billing contact"]] * 2
    plain = api.create_default("contacts", "companies", {"inputs": [{"from": {"id": contacts[1]}, "to": {"id": firm}}]})
    assert plain.status == "COMPLETE" and len(plain.results) == 2
    found = api.get_page("contacts", "companies", {"inputs": [{"id": each} for each in contacts]})
    assert [(each._from.id, str(each.to[0].to_object_id)) for each in found.results] == [
        (contacts[0], firm), (contacts[1], firm),
    ]  # fmt: skip
    assert found.errors[0].context["fromObjectId"] == [contacts[2]]
    api.archive("contacts", "companies", {"inputs": [{"from": {"id": contacts[0]}, "to": [{"id": firm}]}]})
    assert linked(client, "companies", firm, "contacts") == [(contacts[1], [(280, None), (38, "Billing contact")])]
    refused = sandbox.http.post(
        "/crm/v4/associations/contacts/companies/batch/create",
        json={"inputs": [{"from": {"id": each}, "to": {"id": firm}, "types": types} for each in (contacts[2], "7")]},
    )
    assert refused.status_code == 400 and linked(client, "contacts", contacts[2], "companies") == []


def test_association_types(sandbox: Any) -> None:
    """The types that a pair of kinds can have are told with their labels."""
    results = sandbox.http.get("/crm/v4/associations/contacts/companies/labels").json()["results"]
    assert {"category": "HUBSPOT_DEFINED", "typeId": 279, "label": None} in results
    assert {"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "Primary"} in results


def test_association_pages(client: HubSpot, sandbox: Any) -> None:
    """A long list of associations is read in pages without gaps or repeats."""
    contact = sandbox.create(firstname="Bo")
    notes = [note(client, str(number)) for number in range(5)]
    for each in notes:
        client.crm.associations.v4.basic_api.create_default("notes", each, "contacts", contact)
    api, seen, after = client.crm.associations.v4.basic_api, [], None
    while True:
        page = api.get_page("contacts", contact, "notes", limit=2, **({"after": after} if after else {}))
        seen += [str(each.to_object_id) for each in page.results]
        if page.paging is None:
            break
        after = page.paging.next.after
    assert seen == notes


def test_a_merge_keeps_associations(client: HubSpot, sandbox: Any) -> None:
    """A merged contact has the associations of both, each once."""
    first, second, firm = sandbox.create(firstname="a"), sandbox.create(firstname="b"), company(client, name="x")
    api = client.crm.associations.v4.basic_api
    for contact in (first, second):
        api.create_default("contacts", contact, "companies", firm)
    written = note(client)
    api.create_default("notes", written, "contacts", second)
    merged = client.crm.contacts.basic_api.merge({"primaryObjectId": first, "objectIdToMerge": second}).id
    assert linked(client, "contacts", merged, "companies") == [(firm, [(279, None)])]
    assert linked(client, "companies", firm, "contacts") == [(merged, [(280, None)])]
    assert linked(client, "notes", written, "contacts") == [(merged, [(202, None)])]


def test_association_log_and_scopes(client: HubSpot, sandbox: Any) -> None:
    """Associating and dissociating are in the write log once each, and take the scope to write."""
    contact, firm = sandbox.create(firstname="a"), company(client, name="x")
    sandbox.control("DELETE", "writes")
    path = f"{V4}/contacts/{contact}/associations"
    for _ in range(2):
        assert sandbox.http.put(f"{path}/default/companies/{firm}").status_code == 200
    for _ in range(2):
        sandbox.http.delete(f"{path}/companies/{firm}")
    writes = sandbox.control("GET", "writes")["writes"]
    assert [(each["method"], each["objectId"], each["properties"]) for each in writes] == [
        ("ASSOCIATE", contact, {"associations.companies": firm}),
        ("DISSOCIATE", contact, {"associations.companies": firm}),
    ]
    sandbox.control("POST", "scopes", {"scopes": ["crm.objects.contacts.read"]})
    assert sandbox.http.put(f"{path}/default/companies/{firm}").status_code == 403
    assert sandbox.http.get("/crm/v3/objects/companies").status_code == 403
    assert sandbox.http.get("/crm/v3/objects/notes").status_code == 200


def test_search_by_association(client: HubSpot, sandbox: Any) -> None:
    """A search finds the contacts of one company, also together with other filters, and takes EQ only."""
    firm, other = company(client, name="x"), company(client, name="y")
    first, second, third = (sandbox.create(firstname=name) for name in ("anna", "bo", "carl"))
    for contact, of in ((first, firm), (second, firm), (third, other)):
        client.crm.associations.v4.basic_api.create_default("contacts", contact, "companies", of)
    item = {"propertyName": "associations.company", "operator": "EQ", "value": firm}
    named = {"propertyName": "firstname", "operator": "CONTAINS_TOKEN", "value": "bo"}
    assert sandbox.found(filterGroups=[{"filters": [item]}]) == [first, second]
    assert sandbox.found(filterGroups=[{"filters": [item, named]}]) == [second]
    assert sandbox.found(query="anna", filterGroups=[{"filters": [item]}]) == [first]
    for wrong in ({"operator": "GT"}, {"value": "x"}, {"propertyName": "associations.deal"}):
        body = {"filterGroups": [{"filters": [{**item, **wrong}]}]}
        assert sandbox.http.post("/crm/v3/objects/contacts/search", json=body).status_code == 400
