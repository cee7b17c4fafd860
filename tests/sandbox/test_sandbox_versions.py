"""The dated versions of the API, and the validation rules that the newest of them enforces."""

from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.discovery.discovery_base import DiscoveryBase

OLD = "/crm/v3/objects/contacts"
SPRING, AUTUMN = "/crm/objects/2026-03/contacts", "/crm/objects/2026-09/contacts"
CUSTOMERS_HAVE_A_PHONE = {"when": {"lifecyclestage": "customer"}, "require": ["phone"]}


class Dated:
    """An api_factory for the official client that sends it to a dated version."""

    def __init__(self, version: str) -> None:
        self.version = version

    def __call__(self, package: Any, api_name: str, config: Any) -> Any:
        made = DiscoveryBase._default_api_factory(package, api_name, config)
        sent, version = made.api_client.call_api, self.version

        def call_api(path: str, *args: Any, **options: Any) -> Any:
            for name in ("objects", "properties", "owners", "associations"):
                for old in ("v3", "v4"):
                    path = path.replace(f"/crm/{old}/{name}", f"/crm/{name}/{version}")
            return sent(path, *args, **options)

        made.api_client.call_api = call_api
        return made


@pytest.fixture(params=["2026-03", "2026-09"])  # the client takes no batch create that answers 200, as 2025-09 does
def dated(request: Any, sandbox: Any) -> HubSpot:
    return HubSpot(access_token="pat-eu1-sandbox", host=sandbox.url, retry=False, api_factory=Dated(request.param))


def test_every_operation_has_a_dated_path(dated: HubSpot, sandbox: Any) -> None:
    """The official client does every operation on contacts over a dated path, by a change of path alone."""
    basic, batch = dated.crm.contacts.basic_api, dated.crm.contacts.batch_api
    made = basic.create({"properties": {"email": "a@nordlys.example"}, "associations": []})
    assert basic.get_by_id("a@nordlys.example", id_property="email").id == made.id
    assert basic.update(made.id, {"properties": {"city": "Ribe"}}).properties["city"] == "Ribe"
    assert [each.id for each in basic.get_page().results] == [made.id]
    assert dated.crm.contacts.search_api.do_search({"query": "nordlys"}).total == 1
    inputs = [{"properties": {"firstname": name}} for name in "bc"]
    ids = [each.id for each in batch.create({"inputs": inputs}).results]
    read = {"inputs": [{"id": each} for each in ids], "properties": [], "propertiesWithHistory": []}
    assert len(batch.read(read).results) == 2
    assert len(batch.update({"inputs": [{"id": ids[0], "properties": {"city": "Ribe"}}]}).results) == 1
    upsert = [{"id": "d@nordlys.example", "idProperty": "email", "properties": {"firstname": "d"}}]
    assert batch.upsert({"inputs": upsert}).results[0].new is True
    batch.archive({"inputs": [{"id": ids[1]}]})
    merged = basic.merge({"primaryObjectId": made.id, "objectIdToMerge": ids[0]})
    basic.purge({"objectId": merged.id})
    assert [each.properties["firstname"] for each in basic.get_page().results] == ["d"]
    basic.archive(basic.get_page().results[0].id)
    assert "email" in {each.name for each in dated.crm.properties.core_api.get_all("0-1").results}
    assert len(dated.crm.owners.owners_api.get_page().results) == 5
    firm = dated.crm.companies.basic_api.create({"properties": {"name": "x"}, "associations": []}).id
    contact = sandbox.create(firstname="Bo")
    dated.crm.associations.v4.basic_api.create_default("contacts", contact, "companies", firm)
    assert len(dated.crm.associations.v4.basic_api.get_page("contacts", contact, "companies").results) == 1


@pytest.mark.parametrize(
    "path",
    ["/crm/objects/2031-01/contacts", "/crm/properties/2025-03/0-1", "/crm/owners/2026-06", "/crm/v9/objects/contacts"],
)
def test_unknown_versions(sandbox: Any, path: str) -> None:
    """A version that does not exist answers like any unknown address."""
    answer = sandbox.http.get(path)
    assert answer.status_code == 404 and "<title>Error 404" in answer.text


def test_a_location_keeps_its_version(sandbox: Any) -> None:
    """The Location of a new contact stands in the version that made it."""
    answer = sandbox.http.post(AUTUMN, json={"properties": {"firstname": "Bo"}})
    assert answer.headers["location"] == f"{sandbox.url}{AUTUMN}/{answer.json()['id']}"


def test_the_link_to_the_next_page_keeps_its_version(sandbox: Any) -> None:
    """The link to the next page stands in the version that was asked."""
    ids = [sandbox.create(firstname=name) for name in "ab"]
    link = sandbox.http.get(f"{SPRING}?limit=1").json()["paging"]["next"]["link"]
    assert SPRING in link and sandbox.http.get(link).json()["results"][0]["id"] == ids[1]


def test_batch_answers_by_version(sandbox: Any) -> None:
    """From 2026-09 on one shape of batch answer has the errors in it always, before that only where there are some."""
    body = {"inputs": [{"id": sandbox.create(firstname="a")}]}
    shapes = [sandbox.http.post(f"{base}/batch/read", json=body).json() for base in (OLD, SPRING, AUTUMN)]
    assert [("errors" in each, "numErrors" in each) for each in shapes] == [(False,) * 2, (False,) * 2, (True,) * 2]
    assert sandbox.http.post(f"{AUTUMN}/batch/read", json={"inputs": [{"id": "7"}]}).json()["numErrors"] == 1


@pytest.mark.parametrize(
    ("version", "created", "missed"), [("2025-09", 200, 200), ("2026-03", 201, 207), ("2026-09", 201, 207)]
)
def test_statuses_of_batches_by_version(sandbox: Any, version: str, created: int, missed: int) -> None:
    """A batch of 2025-09 answers 200 whatever came of it; one of a later version answers as v3 does."""
    base = f"/crm/objects/{version}/contacts/batch"
    made = sandbox.http.post(f"{base}/create", json={"inputs": [{"properties": {"firstname": "a"}}]})
    assert made.status_code == created
    inputs = {"inputs": [{"id": made.json()["results"][0]["id"]}, {"id": "7"}]}
    read = sandbox.http.post(f"{base}/read", json=inputs)
    assert read.status_code == missed and len(read.json()["results"]) == read.json()["numErrors"] == 1


@pytest.mark.parametrize(
    ("base", "status"),
    [
        ("/crm/v4/associations", 204),
        *((f"/crm/associations/{each}", 200) for each in ("2025-09", "2026-03", "2026-09")),
    ],
)
def test_statuses_of_removed_associations_by_version(sandbox: Any, base: str, status: int) -> None:
    """A batch that removes associations has no answer in v4, and in every dated version that of a batch."""
    firm = sandbox.http.post("/crm/v3/objects/companies", json={"properties": {"name": "x"}}).json()["id"]
    pair = {"from": {"id": sandbox.create(firstname="a")}, "to": {"id": firm}}
    plain = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
    made = sandbox.http.post(f"{base}/contacts/companies/batch/create", json={"inputs": [{**pair, "types": plain}]})
    assert made.status_code == 201
    removed = sandbox.http.post(f"{base}/contacts/companies/batch/archive", json={"inputs": [pair]})
    assert removed.status_code == status
    assert status == 204 or removed.json()["status"] == "COMPLETE"


def test_dated_account_details(sandbox: Any) -> None:
    """Account details answer under the dated versions too."""
    details = sandbox.http.get("/account-info/v3/details").json()
    assert sandbox.http.get("/account-info/2025-09/details").json() == details


def test_rules_hold_from_2026_09_on(sandbox: Any) -> None:
    """A conditional required property is enforced on every write of 2026-09, and on none of v3 or 2026-03."""
    sandbox.control("POST", "validation-rules", {"rules": [CUSTOMERS_HAVE_A_PHONE]})
    customer = {"properties": {"firstname": "Bo", "lifecyclestage": "customer"}}
    for base in (OLD, SPRING):
        assert sandbox.http.post(base, json=customer).status_code == 201
    refused = sandbox.http.post(AUTUMN, json=customer)
    assert refused.status_code == 400 and refused.json()["category"] == "VALIDATION_ERROR"
    assert refused.json()["errors"][0]["context"] == {"propertyName": ["phone"]}
    contact_id = sandbox.create(firstname="Bo")
    update = {"properties": {"lifecyclestage": "customer"}}
    assert sandbox.http.patch(f"{AUTUMN}/{contact_id}", json=update).status_code == 400
    inputs = {"inputs": [{"id": contact_id, **update}]}
    assert sandbox.http.post(f"{AUTUMN}/batch/update", json=inputs).status_code == 400
    assert sandbox.http.post(f"{AUTUMN}/batch/create", json={"inputs": [customer]}).status_code == 400
    upsert = {"id": "b@nordlys.example", "idProperty": "email", **customer}
    assert sandbox.http.post(f"{AUTUMN}/batch/upsert", json={"inputs": [upsert]}).status_code == 400
    assert sandbox.control("GET", "health")["contacts"] == 3
    assert sandbox.http.get(f"{OLD}/{contact_id}?properties=phone").json()["properties"]["phone"] is None
    two = {"primaryObjectId": contact_id, "objectIdToMerge": sandbox.create(firstname="c", lifecyclestage="customer")}
    assert sandbox.http.post(f"{AUTUMN}/merge", json=two).status_code == 400
    assert sandbox.http.get(f"{OLD}/{contact_id}").json()["id"] == contact_id
    update["properties"]["phone"] = "22334455"
    assert sandbox.http.patch(f"{AUTUMN}/{contact_id}", json=update).status_code == 200
    assert sandbox.http.patch(f"{AUTUMN}/{contact_id}", json={"properties": {"phone": ""}}).status_code == 400


def test_rules_are_shown_and_taken_away(sandbox: Any) -> None:
    """The rules that hold can be read, replaced, and go with a reset."""
    rule = {"objectType": "companies", "when": {}, "require": ["domain"]}
    sandbox.control("POST", "validation-rules", {"rules": [rule]})
    assert sandbox.control("GET", "validation-rules") == {"rules": [rule]}
    refused = sandbox.http.post("/crm/objects/2026-09/companies", json={"properties": {"name": "x"}})
    assert refused.status_code == 400 and "domain" in refused.json()["message"]
    sandbox.control("POST", "reset", {"seed": "none"})
    assert sandbox.control("GET", "validation-rules") == {"rules": []}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"rules": {}},
        {"rules": [1]},
        {"rules": [{"when": {}, "require": []}]},
        {"rules": [{"require": ["nonsense"]}]},
        {"rules": [{"objectType": "deals", "require": ["x"]}]},
    ],
)
def test_rules_that_cannot_be(sandbox: Any, body: Any) -> None:
    """A rule that cannot be read, or that names what does not exist, is refused."""
    assert sandbox.http.post("/_sandbox/validation-rules", json=body).status_code == 400
