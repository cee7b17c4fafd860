"""Merging, deletion for good, and bringing archived contacts back."""

from typing import Any

import httpx
import pytest
from hubspot import HubSpot
from hubspot.crm.contacts import ApiException

CONTACTS = "/crm/v3/objects/contacts"


def merge(sandbox: Any, primary: str, other: str) -> httpx.Response:
    body = {"primaryObjectId": primary, "objectIdToMerge": other}
    answer: httpx.Response = sandbox.http.post(f"{CONTACTS}/merge", json=body)
    return answer


def purge(sandbox: Any, key: str, **more: str) -> int:
    status: int = sandbox.http.post(f"{CONTACTS}/gdpr-delete", json={"objectId": key, **more}).status_code
    return status


def test_merge_makes_a_new_contact(client: HubSpot, sandbox: Any) -> None:
    """A merge answers with a new id, the primary's values, the other's where it had none, and the furthest stage."""
    primary = sandbox.create(email="a@nordlys.example", firstname="Anna", lifecyclestage="lead")
    other = sandbox.create(
        email="b@nordlys.example", firstname="Bo", city="Ribe", phone="22334455", lifecyclestage="customer"
    )
    merged = client.crm.contacts.basic_api.merge({"primaryObjectId": primary, "objectIdToMerge": other})
    assert merged.id not in (primary, other)
    values = merged.properties
    assert (values["firstname"], values["city"], values["email"]) == ("Anna", "Ribe", "a@nordlys.example")
    assert values["lifecyclestage"] == "customer" and values["hs_additional_emails"] == "b@nordlys.example"
    assert values["hs_merged_object_ids"] == f"{primary};{other}"
    assert values["hs_searchable_calculated_phone_number"] == "22334455"
    assert sandbox.found(query="b@nordlys.example") == [merged.id]


def test_merged_ids_resolve_for_single_calls(client: HubSpot, sandbox: Any) -> None:
    """Both old ids lead to the merged contact for a read and an update, and not in a batch update."""
    primary, other = sandbox.create(firstname="a", email="a@nordlys.example"), sandbox.create(firstname="b")
    merged = merge(sandbox, primary, other).json()["id"]
    api = client.crm.contacts.basic_api
    for old in (primary, other):
        assert api.get_by_id(old).id == merged
        assert api.update(old, {"properties": {"city": f"Ribe {old}"}}).id == merged
    assert api.get_by_id(merged, properties=["city"]).properties["city"] == f"Ribe {other}"
    batch = client.crm.contacts.batch_api.update({"inputs": [{"id": primary, "properties": {"city": "Vejle"}}]})
    assert batch.results == [] and batch.errors[0].context == {"ids": [primary]}
    assert [each.id for each in api.get_page().results] == [merged]


def test_merge_of_merged_contacts(sandbox: Any) -> None:
    """Ids merged twice lead to the last contact, which names them all."""
    a, b, c = (sandbox.create(firstname=name, email=f"{name}@nordlys.example") for name in "abc")
    first = merge(sandbox, a, b).json()["id"]
    last = merge(sandbox, c, first).json()
    assert {sandbox.http.get(f"{CONTACTS}/{old}").json()["id"] for old in (a, b, c, first)} == {last["id"]}
    assert last["properties"]["hs_merged_object_ids"].split(";") == [a, b, c, first]
    assert last["properties"]["hs_additional_emails"] == "a@nordlys.example;b@nordlys.example"
    assert sandbox.http.post(CONTACTS, json={"properties": {"email": "b@nordlys.example"}}).status_code == 409


def test_merge_that_keeps_the_primary_id(sandbox: Any) -> None:
    """With the switch for it the merged contact has the primary's id."""
    sandbox.control("POST", "switches", {"preserve_primary_id": True})
    primary, other = sandbox.create(firstname="a"), sandbox.create(firstname="b", email="b@nordlys.example")
    merged = merge(sandbox, primary, other).json()
    assert (merged["id"], merged["properties"]["hs_merged_object_ids"]) == (primary, other)
    assert merged["properties"]["email"] == "b@nordlys.example"
    assert sandbox.http.get(f"{CONTACTS}/{other}").json()["id"] == primary


def test_merge_refusals(sandbox: Any) -> None:
    """A merge with itself, with a missing contact or without an id is refused and changes nothing."""
    contact_id = sandbox.create(firstname="a")
    assert merge(sandbox, contact_id, contact_id).status_code == 400
    assert merge(sandbox, contact_id, "7").status_code == 404
    assert sandbox.http.post(f"{CONTACTS}/merge", json={"primaryObjectId": contact_id}).status_code == 400
    assert sandbox.http.get(f"{CONTACTS}/{contact_id}").json()["id"] == contact_id


def test_merge_cap(client: HubSpot, sandbox: Any) -> None:
    """A contact takes 250 merges; the next is 414 with the known text and changes nothing."""
    ids = [sandbox.create(firstname="first")]
    for _ in range(3):
        inputs = [{"properties": {"firstname": "x"}} for _ in range(84)]
        ids += [each.id for each in client.crm.contacts.batch_api.create({"inputs": inputs}).results]
    merged = ids[0]
    for other in ids[1:251]:
        merged = merge(sandbox, merged, other).json()["id"]
    with pytest.raises(ApiException) as refused:
        client.crm.contacts.basic_api.merge({"primaryObjectId": merged, "objectIdToMerge": ids[251]})
    assert refused.value.status == 414 and "Cannot have more than 250 identities on a profile" in refused.value.body
    assert sandbox.http.get(f"{CONTACTS}/{ids[251]}").json()["id"] == ids[251]


def test_merge_under_a_lagging_index(sandbox: Any) -> None:
    """Until the index follows, a search counts the two merged contacts and returns neither."""
    primary, other = sandbox.create(firstname="Anna"), sandbox.create(firstname="Anna")
    sandbox.control("POST", "clock", {"advance": 60})
    sandbox.control("POST", "lag", {"seconds": 30})
    try:
        merged = merge(sandbox, primary, other).json()["id"]
        body = sandbox.search(query="anna")
        assert (body["total"], body["results"]) == (2, [])
        sandbox.control("POST", "clock", {"advance": 31})
        assert sandbox.found(query="anna") == [merged]
    finally:
        sandbox.control("POST", "lag", {"seconds": 0})


def test_gdpr_delete(client: HubSpot, sandbox: Any) -> None:
    """A contact deleted for good is nowhere, cannot come back, and its email cannot be used again."""
    contact_id = sandbox.create(email="a@nordlys.example", firstname="Anna")
    client.crm.contacts.basic_api.purge({"objectId": contact_id})
    assert sandbox.http.get(f"{CONTACTS}/{contact_id}").status_code == 404
    assert sandbox.http.get(f"{CONTACTS}/{contact_id}?archived=true").status_code == 404
    assert sandbox.http.post("/_sandbox/restore", json={"objectId": contact_id}).status_code == 404
    refused = sandbox.http.post(CONTACTS, json={"properties": {"email": "A@nordlys.example"}})
    assert refused.status_code == 400 and refused.json()["errors"][0]["code"] == "INVALID_EMAIL"
    sandbox.control("POST", "switches", {"blocked_email": 409})
    assert sandbox.http.post(CONTACTS, json={"properties": {"email": "a@nordlys.example"}}).status_code == 409


def test_gdpr_delete_by_email(sandbox: Any) -> None:
    """A deletion by email takes the contact that has it, and blocks an email that nobody has."""
    contact_id = sandbox.create(email="a@nordlys.example")
    assert purge(sandbox, "a@nordlys.example", idProperty="email") == 204
    assert purge(sandbox, " B@Nordlys.example", idProperty="email") == 204
    assert sandbox.http.get(f"{CONTACTS}/{contact_id}").status_code == 404
    assert sandbox.http.post(CONTACTS, json={"properties": {"email": "b@nordlys.example"}}).status_code == 400
    assert purge(sandbox, "7") == 404
    assert purge(sandbox, "x", idProperty="city") == 400


def test_restore(sandbox: Any) -> None:
    """An archived contact comes back with its id, values and email, and is found by search again."""
    contact_id = sandbox.create(email="a@nordlys.example", city="Ribe")
    sandbox.http.delete(f"{CONTACTS}/{contact_id}")
    assert sandbox.control("POST", "restore", {"objectId": contact_id}) == {"id": contact_id}
    back = sandbox.http.get(f"{CONTACTS}/a@nordlys.example?idProperty=email&properties=city").json()
    assert (back["id"], back["archived"], back["properties"]["city"]) == (contact_id, False, "Ribe")
    assert sandbox.found(query="a@nordlys.example") == [contact_id]


def test_restore_with_a_taken_email(sandbox: Any) -> None:
    """A contact whose email was taken meanwhile is not brought back."""
    contact_id = sandbox.create(email="a@nordlys.example")
    sandbox.http.delete(f"{CONTACTS}/{contact_id}")
    taken = sandbox.create(email="a@nordlys.example")
    answer = sandbox.http.post("/_sandbox/restore", json={"objectId": contact_id})
    assert answer.status_code == 409 and taken in answer.json()["message"]
    assert sandbox.http.get(f"{CONTACTS}/{contact_id}").status_code == 404


def test_merge_restore_and_purge_are_in_the_log(sandbox: Any) -> None:
    """The write log has one entry for every record that a merge, a restore or a deletion touched."""
    primary, other = sandbox.create(firstname="a"), sandbox.create(firstname="b", city="Ribe")
    sandbox.control("DELETE", "writes")
    merged = merge(sandbox, primary, other).json()["id"]
    sandbox.http.delete(f"{CONTACTS}/{merged}")
    sandbox.control("POST", "restore", {"objectId": merged})
    purge(sandbox, merged)
    writes = sandbox.control("GET", "writes")["writes"]
    assert [each["method"] for each in writes] == ["MERGE", "MERGE", "MERGE", "DELETE", "RESTORE", "GDPR-DELETE"]
    assert writes[0]["objectId"] == merged
    assert writes[0]["properties"] == {"city": "Ribe", "hs_merged_object_ids": f"{primary};{other}"}
    assert {each["objectId"] for each in writes[1:3]} == {primary, other}
