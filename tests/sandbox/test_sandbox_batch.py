"""Batches of contacts through the official client and on the wire."""

from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm.contacts import ApiException

BATCH = "/crm/v3/objects/contacts/batch"
GONE = "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid."


def post(sandbox: Any, name: str, *inputs: Any, **more: Any) -> Any:
    return sandbox.http.post(f"{BATCH}/{name}", json={"inputs": list(inputs), **more})


def named(*names: str) -> list[dict[str, Any]]:
    return [{"properties": {"firstname": name, "email": f"{name}@nordlys.example"}} for name in names]


def value(sandbox: Any, contact_id: str, name: str) -> Any:
    return sandbox.http.get(f"/crm/v3/objects/contacts/{contact_id}?properties={name}").json()["properties"][name]


def test_batch_create_through_the_client(client: HubSpot) -> None:
    """A batch create makes every contact and answers 201 in another order than the inputs."""
    answer = client.crm.contacts.batch_api.create({"inputs": named("a", "b", "c")})
    assert answer.status == "COMPLETE" and answer.started_at <= answer.completed_at
    assert [each.properties["firstname"] for each in answer.results] == ["c", "b", "a"]
    assert [each.properties["firstname"] for each in client.crm.contacts.get_all()] == ["a", "b", "c"]


def test_batch_create_conflict_writes_nothing(client: HubSpot, sandbox: Any) -> None:
    """One taken email refuses a whole batch create with 409 and the id of the first contact that has one."""
    taken = sandbox.create(email="b@nordlys.example")
    sandbox.create(email="c@nordlys.example")
    with pytest.raises(ApiException) as refused:
        client.crm.contacts.batch_api.create({"inputs": named("a", "b", "c")})
    assert refused.value.status == 409 and f"Contact already exists. Existing ID: {taken}" in refused.value.body
    assert sandbox.control("GET", "health")["contacts"] == 2


def test_batch_create_duplicate_inside(sandbox: Any) -> None:
    """The same email twice in one batch is 409 without an id, since neither contact is made."""
    answer = post(sandbox, "create", *named("a"), *named("a"))
    assert answer.status_code == 409 and answer.json()["message"] == "Contact already exists."
    assert sandbox.control("GET", "health")["contacts"] == 0


def test_batch_create_lists_problems_of_all_inputs(sandbox: Any) -> None:
    """A batch create with bad values tells those of every input and writes none."""
    bad = [{"properties": {"firstname": "a", "nonsense": "1"}}, {"properties": {"email": "foo@"}}]
    answer = post(sandbox, "create", *named("ok"), *bad)
    assert answer.status_code == 400
    assert [each["code"] for each in answer.json()["errors"]] == ["PROPERTY_DOESNT_EXIST", "INVALID_EMAIL"]
    assert sandbox.control("GET", "health")["contacts"] == 0


def test_batch_create_with_trace_ids(client: HubSpot, sandbox: Any) -> None:
    """With trace ids the good inputs are written, and 207 names the trace id of each bad one."""
    taken = sandbox.create(email="b@nordlys.example")
    inputs = [
        {**each, "objectWriteTraceId": f"t{number}"}
        for number, each in enumerate([*named("a", "b"), {"properties": {"email": "foo@"}}])
    ]
    answer = client.crm.contacts.batch_api.create({"inputs": inputs})
    assert [(each.properties["firstname"], each.object_write_trace_id) for each in answer.results] == [("a", "t0")]
    assert answer.num_errors == 2
    assert [each.context["objectWriteTraceId"] for each in answer.errors] == [["t1"], ["t2"]]
    assert [each.category for each in answer.errors] == ["CONFLICT", "VALIDATION_ERROR"]
    assert taken in answer.errors[0].message
    assert post(sandbox, "create", {**named("z")[0], "objectWriteTraceId": "t"}).status_code == 201


def test_batch_read_of_missing_contacts(sandbox: Any) -> None:
    """A batch read answers 207 with the contacts that are there and one error that names the other ids."""
    first, second = sandbox.create(firstname="a", city="Ribe"), sandbox.create(firstname="b")
    answer = post(sandbox, "read", {"id": second}, {"id": "7"}, {"id": first}, {"id": "x"}, properties=["city"])
    body = answer.json()
    assert answer.status_code == 207 and body["status"] == "COMPLETE" and body["numErrors"] == 1
    assert [each["id"] for each in body["results"]] == [first, second]
    assert body["results"][0]["properties"]["city"] == "Ribe"
    assert body["errors"] == [
        {"status": "error", "category": "OBJECT_NOT_FOUND", "message": GONE, "context": {"ids": ["7", "x"]}}
    ]


def test_batch_read_through_the_client(client: HubSpot, sandbox: Any) -> None:
    """A batch read of what exists has no errors; misses reach the client as errors with their ids."""
    contact_id = sandbox.create(firstname="a")
    body: dict[str, Any] = {"inputs": [{"id": contact_id}], "properties": ["firstname"], "propertiesWithHistory": []}
    found = client.crm.contacts.batch_api.read(body)
    assert [each.properties["firstname"] for each in found.results] == ["a"] and not hasattr(found, "errors")
    missed = client.crm.contacts.batch_api.read({**body, "inputs": [{"id": "7"}]})
    assert missed.results == [] and missed.errors[0].context == {"ids": ["7"]}


def test_batch_read_by_email_and_archived(client: HubSpot, sandbox: Any) -> None:
    """A batch read finds contacts by email, and archived ones where those are asked for."""
    contact_id = sandbox.create(email="a@nordlys.example")
    body = {"inputs": [{"id": "A@nordlys.example"}], "properties": [], "propertiesWithHistory": ["email"]}
    (found,) = client.crm.contacts.batch_api.read({**body, "idProperty": "email"}).results
    assert found.id == contact_id
    assert [each.value for each in found.properties_with_history["email"]] == ["a@nordlys.example"]
    sandbox.http.delete(f"/crm/v3/objects/contacts/{contact_id}")
    by_id = {**body, "inputs": [{"id": contact_id}]}
    assert client.crm.contacts.batch_api.read(by_id).num_errors == 1
    assert client.crm.contacts.batch_api.read(by_id, archived=True).results[0].archived is True


def test_batch_update_answers_with_changes(client: HubSpot, sandbox: Any) -> None:
    """A batch update writes each contact and answers with what changed in it."""
    first, second = sandbox.create(firstname="a"), sandbox.create(firstname="b", city="Ribe")
    inputs = [{"id": each, "properties": {"city": "Ribe"}} for each in (first, second)]
    answer = client.crm.contacts.batch_api.update({"inputs": inputs})
    assert [sorted(each.properties) for each in answer.results] == [["city", "lastmodifieddate"], ["lastmodifieddate"]]
    assert value(sandbox, first, "city") == "Ribe"


def test_batch_update_is_all_or_nothing(sandbox: Any) -> None:
    """A bad value, a taken email or a doubled id in a batch update writes nothing."""
    first, second = sandbox.create(firstname="a", email="a@nordlys.example"), sandbox.create(firstname="b")
    good = {"id": first, "properties": {"city": "Ribe"}}
    for other, status in [
        ({"id": second, "properties": {"nonsense": "1"}}, 400),
        ({"id": second, "properties": {"email": "a@nordlys.example"}}, 409),
        ({"id": first, "properties": {"zip": "1"}}, 400),
        ({"id": "a@nordlys.example", "idProperty": "email", "properties": {"zip": "1"}}, 400),
    ]:
        assert post(sandbox, "update", good, other).status_code == status
    assert value(sandbox, first, "city") is None


def test_batch_update_of_missing_contacts(sandbox: Any) -> None:
    """A batch update answers 207 where a contact is missing and writes the others."""
    contact_id = sandbox.create(firstname="a")
    inputs = [{"id": each, "properties": {"city": "Ribe"}} for each in ("7", contact_id)]
    answer = post(sandbox, "update", *inputs)
    assert answer.status_code == 207 and answer.json()["errors"][0]["context"] == {"ids": ["7"]}
    assert value(sandbox, contact_id, "city") == "Ribe"


def test_batch_update_by_a_unique_property(client: HubSpot, sandbox: Any) -> None:
    """A batch update finds contacts by a unique property of the account, together with ids, each contact once."""
    definition = {"name": "member_no", "label": "Member number", "type": "string", "fieldType": "text"}
    definition |= {"groupName": "contactinformation", "hasUniqueValue": True}
    client.crm.properties.core_api.create("contacts", definition)
    first, second = sandbox.create(firstname="a", member_no="M1"), sandbox.create(firstname="b", member_no="M2")

    def by_number(number: str) -> dict[str, Any]:
        return {"id": number, "idProperty": "member_no", "properties": {"city": "Ribe"}}

    by_id = {"id": second, "properties": {"city": "Ribe"}}
    answer = client.crm.contacts.batch_api.update({"inputs": [by_number("M1"), by_id]})
    assert [each.id for each in answer.results] == [first, second]
    assert [value(sandbox, each, "city") for each in (first, second)] == ["Ribe", "Ribe"]
    missing = post(sandbox, "update", by_number("M1"), by_number("M9"))
    assert missing.status_code == 207 and missing.json()["errors"][0]["context"] == {"ids": ["M9"]}
    for other in (by_number("M1"), {**by_id, "id": first}, {**by_id, "idProperty": "city"}):
        assert post(sandbox, "update", by_number("M1"), other).status_code == 400


def test_fifty_histories_at_once(sandbox: Any) -> None:
    """At most fifty contacts are read with histories at once, by a batch or by a page."""
    sandbox.create(firstname="a")
    ids = [{"id": str(number + 1)} for number in range(51)]
    assert post(sandbox, "read", *ids[:50], propertiesWithHistory=["city"]).status_code == 207
    refused = post(sandbox, "read", *ids, propertiesWithHistory=["city"])
    assert refused.status_code == 400 and "property histories is 50" in refused.json()["message"]
    assert post(sandbox, "read", *ids, propertiesWithHistory=[]).status_code == 207
    listed = "/crm/v3/objects/contacts?propertiesWithHistory=city&limit="
    assert [sandbox.http.get(f"{listed}{limit}").status_code for limit in (50, 51)] == [200, 400]


def test_batch_upsert_by_email(client: HubSpot, sandbox: Any) -> None:
    """An upsert by email updates who is there, creates who is not, and says which is which."""
    known = sandbox.create(email="a@nordlys.example", city="Ribe")
    inputs = [
        {"id": f"{name}@Nordlys.example", "idProperty": "email", "properties": {"firstname": name}} for name in "ab"
    ]
    answer = client.crm.contacts.batch_api.upsert({"inputs": inputs})
    found = {each.properties["firstname"]: each for each in answer.results}
    assert (found["a"].new, found["a"].id, found["b"].new) == (False, known, True)
    assert found["b"].properties["email"] == "b@nordlys.example"
    assert value(sandbox, known, "city") == "Ribe"


def test_batch_upsert_needs_a_unique_property(sandbox: Any) -> None:
    """An upsert by a property that is not unique is refused."""
    answer = post(sandbox, "upsert", {"id": "x", "idProperty": "city", "properties": {"firstname": "a"}})
    assert answer.status_code == 400 and "city" in answer.json()["message"]


def test_batch_archive(client: HubSpot, sandbox: Any) -> None:
    """A batch archive puts away what is there and is silent about the rest."""
    ids = [sandbox.create(firstname=name) for name in "ab"]
    client.crm.contacts.batch_api.archive({"inputs": [{"id": each} for each in (*ids, "7")]})
    assert sandbox.control("GET", "health")["contacts"] == 0


@pytest.mark.parametrize("name", ["read", "create", "update", "upsert", "archive"])
def test_batch_limit(sandbox: Any, name: str) -> None:
    """A batch has at most a hundred inputs and needs the attribute."""
    inputs = [{"id": str(number + 1), "properties": {"firstname": "x"}} for number in range(101)]
    assert post(sandbox, name, *inputs).status_code == 400
    assert sandbox.http.post(f"{BATCH}/{name}", json={}).status_code == 400
    assert sandbox.control("GET", "health")["contacts"] == 0


def test_batch_writes_are_in_the_log(sandbox: Any) -> None:
    """Every record of a batch has an entry of its own in the write log, all with the batch's correlation id."""
    sandbox.control("DELETE", "writes")
    answer = post(sandbox, "create", *named("a", "b"))
    ids = [each["id"] for each in answer.json()["results"]][::-1]
    post(sandbox, "create", *named("c", "a"))
    post(sandbox, "update", *({"id": each, "properties": {"city": "Ribe"}} for each in ids))
    post(sandbox, "archive", {"id": ids[0]})
    writes = sandbox.control("GET", "writes")["writes"]
    assert [(each["method"], each["objectId"]) for each in writes] == [
        ("POST", ids[0]), ("POST", ids[1]), ("PATCH", ids[0]), ("PATCH", ids[1]), ("DELETE", ids[0]),
    ]  # fmt: skip
    assert {each["correlationId"] for each in writes[:2]} == {answer.headers["x-hubspot-correlation-id"]}
    assert writes[2]["properties"] == {"city": "Ribe"}
