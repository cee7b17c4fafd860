"""Companies as records of their own; notes and tasks where they differ."""

from typing import Any

import pytest
from hubspot import HubSpot


def company(client: HubSpot, **properties: str) -> str:
    return str(client.crm.companies.basic_api.create({"properties": properties, "associations": []}).id)


def test_companies(client: HubSpot) -> None:
    """A company is created, read, listed, updated, searched and archived."""
    api = client.crm.companies.basic_api
    first, second = company(client, name="Nordlys", domain="nordlys.example"), company(client, name="Fjordbyg")
    read = api.get_by_id(first)
    assert sorted(read.properties) == ["createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"]
    assert [each.id for each in api.get_page().results] == [first, second]
    changed = api.update(second, {"properties": {"numberofemployees": "12", "name": "Fjordbyg"}})
    assert sorted(changed.properties) == ["hs_lastmodifieddate", "numberofemployees"]
    filters = [{"propertyName": "name", "operator": "EQ", "value": "FJORDBYG"}]
    found = client.crm.companies.search_api.do_search({"filterGroups": [{"filters": filters}]})
    assert (found.total, [each.id for each in found.results]) == (1, [second])
    assert client.crm.companies.search_api.do_search({"query": "nordlys"}).total == 1
    api.archive(first)
    assert [each.id for each in api.get_page().results] == [second]
    assert [each.id for each in api.get_page(archived=True).results] == [first]


@pytest.mark.parametrize(
    ("operator", "more", "names"),
    [
        ("GT", {"value": "9"}, ["b"]),
        ("BETWEEN", {"value": "1", "highValue": "9"}, ["a"]),
        ("IN", {"values": ["5", "7"]}, ["a"]),
        ("HAS_PROPERTY", {}, ["a", "b"]),
        ("NOT_HAS_PROPERTY", {}, ["c"]),
        ("NEQ", {"value": "5"}, ["b", "c"]),
        ("CONTAINS_TOKEN", {"value": "1*"}, ["b"]),
        ("CONTAINS_TOKEN", {"value": "1"}, []),
    ],
)
def test_company_filters(client: HubSpot, operator: str, more: Any, names: list[str]) -> None:
    """A search of companies knows the operators and compares numbers as numbers."""
    for name, count in (("a", "5"), ("b", "10"), ("c", "")):
        company(client, name=name, numberofemployees=count)
    item = {"propertyName": "numberofemployees", "operator": operator, **more}
    found = client.crm.companies.search_api.do_search({"filterGroups": [{"filters": [item]}], "sorts": ["name"]})
    assert [each.properties["name"] for each in found.results] == names


def test_objects_refuse_like_contacts(client: HubSpot, sandbox: Any) -> None:
    """Unknown and read-only properties, bad options, unknown ids and a missing time are refused."""
    objects = "/crm/v3/objects"
    bad = ({"nonsense": "1"}, {"hs_object_id": "7"}, {"lifecyclestage": "King"}, {"numberofemployees": "1_000"})
    for properties in bad:
        answer = sandbox.http.post(f"{objects}/companies", json={"properties": properties})
        assert answer.status_code == 400 and answer.json()["category"] == "VALIDATION_ERROR"
    answer = sandbox.http.post(f"{objects}/notes", json={"properties": {"hs_note_body": "x"}})
    assert answer.status_code == 400 and "hs_timestamp" in answer.json()["message"]
    assert sandbox.http.get(f"{objects}/notes/{company(client, name='x')}").status_code == 404
    assert sandbox.http.get(f"{objects}/deals").status_code == 404
    for item in (
        {"propertyName": "name", "operator": "LIKE"},
        {"propertyName": "nonsense", "operator": "HAS_PROPERTY"},
    ):
        search = {"filterGroups": [{"filters": [item]}]}
        assert sandbox.http.post(f"{objects}/tasks/search", json=search).status_code == 400  # though there are no tasks


def test_object_batches(client: HubSpot, sandbox: Any) -> None:
    """Companies have the batch operations of contacts, and every write of theirs is in the write log."""
    api = client.crm.companies.batch_api
    sandbox.control("DELETE", "writes")
    made = api.create({"inputs": [{"properties": {"name": name}} for name in "ab"]}).results
    ids = sorted(each.id for each in made)
    api.update({"inputs": [{"id": ids[0], "properties": {"city": "Ribe"}}]})
    read = {"inputs": [{"id": each} for each in (*ids, "7")], "properties": ["city"], "propertiesWithHistory": []}
    found = api.read(read)
    assert [each.properties["city"] for each in found.results] == ["Ribe", None]
    assert "Could not get some COMPANY objects" in found.errors[0].message
    api.archive({"inputs": [{"id": ids[1]}]})
    methods = [each["method"] for each in sandbox.control("GET", "writes")["writes"]]
    assert methods == ["POST", "POST", "PATCH", "DELETE"]
