"""The control API: logs, planned failures, reset."""

import time
from typing import Any

import pytest
import urllib3
from hubspot import HubSpot
from hubspot.crm.contacts import ApiException, SimplePublicObjectInputForCreate

from support.patience import patiently

CONTACTS = "/crm/v3/objects/contacts"


def create(client: HubSpot, **properties: str) -> Any:
    body = SimplePublicObjectInputForCreate(properties=properties, associations=[])
    return client.crm.contacts.basic_api.create(body)


def test_write_log(sandbox: Any) -> None:
    """The log holds every write that took effect with what it replaced, and none that changed nothing."""
    sandbox.control("DELETE", "writes")
    contact_id = sandbox.create(firstname="Bo", city="Ribe")
    path = f"{CONTACTS}/{contact_id}"
    sandbox.http.patch(path, json={"properties": {"city": "Vejle", "zip": "7100", "firstname": "Bo"}})
    sandbox.http.patch(path, json={"properties": {"city": "Vejle"}})
    sandbox.http.patch(path, json={"properties": {"nonsense": "1"}})
    answer = sandbox.http.delete(path)
    writes = sandbox.control("GET", "writes")["writes"]
    assert [(each["method"], each["objectId"]) for each in writes] == [
        ("POST", contact_id), ("PATCH", contact_id), ("DELETE", contact_id),
    ]  # fmt: skip
    assert writes[0]["properties"] == {"firstname": "Bo", "city": "Ribe"}
    assert writes[1]["properties"] == {"city": "Vejle", "zip": "7100"}
    assert writes[1]["before"] == {"city": "Ribe", "zip": None}
    assert writes[2]["correlationId"] == answer.headers["x-hubspot-correlation-id"]
    assert writes[0]["seq"] < writes[1]["seq"] < writes[2]["seq"]


def test_request_log(sandbox: Any) -> None:
    """The log holds every request with its status, until it is cleared; the control API is not in it."""
    sandbox.control("DELETE", "requests")
    sandbox.http.get(CONTACTS + "?limit=1")
    sandbox.http.get(CONTACTS + "/7")
    requests = sandbox.control("GET", "requests")["requests"]
    assert [(each["method"], each["path"], each["status"]) for each in requests] == [
        ("GET", CONTACTS + "?limit=1", 200), ("GET", CONTACTS + "/7", 404),
    ]  # fmt: skip
    sandbox.control("DELETE", "requests")
    assert sandbox.control("GET", "requests") == {"requests": []}


@pytest.mark.parametrize(("drop", "written"), [("before", 0), ("after", 1)])
def test_dropped_connections(sandbox: Any, client: HubSpot, drop: str, written: int) -> None:
    """A dropped connection is a protocol error to the client; the write took place only with "after"."""
    sandbox.control("DELETE", "writes")
    sandbox.control("POST", "faults", {"match": {"method": "post"}, "drop": drop})
    with pytest.raises(urllib3.exceptions.ProtocolError):
        create(client, firstname="Bo")
    assert len(sandbox.control("GET", "writes")["writes"]) == written
    assert sandbox.control("GET", "requests")["requests"][-1]["status"] is None
    assert create(client, firstname="Bo").id


def test_truncated_answers(sandbox: Any, client: HubSpot) -> None:
    """A truncated answer is a protocol error to the client."""
    sandbox.control("POST", "faults", {"truncate": True})
    with pytest.raises(urllib3.exceptions.ProtocolError):
        create(client, firstname="Bo")


def test_planned_answers(sandbox: Any, client: HubSpot) -> None:
    """A fault answers in place of the sandbox as often as planned, on the requests it matches."""
    sandbox.control("DELETE", "writes")
    plan = {
        "match": {"method": "POST", "path_contains": "/contacts"},
        "times": 2,
        "status": 423,
        "body": {"status": "error", "message": "locked"},
        "headers": {"Retry-After": "2"},
    }
    sandbox.control("POST", "faults", plan)
    assert client.crm.contacts.basic_api.get_page().results == []
    for _ in range(2):
        with pytest.raises(ApiException) as refused:
            create(client, firstname="Bo")
        assert refused.value.status == 423 and refused.value.headers["Retry-After"] == "2"
    assert sandbox.control("GET", "writes")["writes"] == []
    assert create(client, firstname="Bo").id


def test_planned_rate_limit(sandbox: Any) -> None:
    """A planned 429 without a body has HubSpot's own, the one of searches for a search."""
    sandbox.control("POST", "faults", {"status": 429, "times": None})
    assert "policyName" in sandbox.http.get(CONTACTS).json()
    assert sandbox.http.post(CONTACTS + "/search", json={}).json()["message"] == "You have reached your secondly limit."
    sandbox.control("DELETE", "faults")
    assert sandbox.http.get(CONTACTS).status_code == 200


def test_planned_html(sandbox: Any) -> None:
    """A fault can answer with an HTML page, also under status 200."""
    sandbox.control("POST", "faults", {"html": "<h1>maintenance</h1>"})
    answer = sandbox.http.get(CONTACTS)
    assert answer.status_code == 200 and answer.text == "<h1>maintenance</h1>"
    sandbox.control("POST", "faults", {"html": True, "status": 522})
    answer = sandbox.http.get(CONTACTS)
    assert answer.status_code == 522 and answer.headers["content-type"].startswith("text/html")


def test_planned_text_body(sandbox: Any) -> None:
    """A fault's body may be any text, so that an answer can be garbage."""
    sandbox.control("POST", "faults", {"body": "{garbage"})
    assert sandbox.http.get(CONTACTS).text == "{garbage"
    sandbox.control("POST", "faults", {"headers": {"X-Extra": "1"}})
    answer = sandbox.http.get(CONTACTS)
    assert answer.headers["x-extra"] == "1" and answer.json() == {"results": []}


def test_delay(sandbox: Any, client: HubSpot) -> None:
    """A delayed write takes place even when the client stopped waiting."""
    sandbox.control("DELETE", "writes")
    sandbox.control("POST", "faults", {"match": {"method": "POST"}, "delay": 0.4})
    body = SimplePublicObjectInputForCreate(properties={"firstname": "Bo"}, associations=[])
    with pytest.raises(urllib3.exceptions.ReadTimeoutError):
        client.crm.contacts.basic_api.create(body, _request_timeout=0.1)
    deadline = time.monotonic() + patiently(5)
    while not sandbox.control("GET", "writes")["writes"] and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(sandbox.control("GET", "writes")["writes"]) == 1


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("faults", {"drop": "sometimes"}),
        ("faults", {"nonsense": 1}),
        ("faults", {"times": 0}),
        ("lag", {}),
        ("clock", {"advance": -1}),
        ("reset", {"seed": "other"}),
        ("email-conflict", {"status": 500}),
        ("scopes", {"scopes": 7}),
    ],
)
def test_control_refuses(sandbox: Any, name: str, body: Any) -> None:
    """The control API refuses what it cannot read."""
    assert sandbox.http.post(f"/_sandbox/{name}", json=body).status_code == 400


def test_reset(sandbox: Any) -> None:
    """A reset empties the account or brings the demo contacts back, the same ones every time."""
    sandbox.create(firstname="Bo")
    sandbox.control("POST", "reset", {"seed": "demo"})
    first = sandbox.http.get(CONTACTS + "?limit=100").json()
    assert sandbox.control("GET", "health")["contacts"] >= 200
    sandbox.control("POST", "reset", {})
    assert sandbox.http.get(CONTACTS + "?limit=100").json()["results"] == first["results"]
    sandbox.control("POST", "reset", {"seed": "none"})
    assert sandbox.control("GET", "health")["contacts"] == 0


def test_owners(sandbox: Any) -> None:
    """An owner that was added can own a contact, and is gone after a reset."""
    named = {"firstName": "Bo", "lastName": "Lund", "email": "Bo@hav.example"}
    owner_id = sandbox.control("POST", "owners", named)["id"]
    contact_id = sandbox.create(firstname="Ida", hubspot_owner_id=owner_id)
    asked = {"properties": "hubspot_owner_id"}
    properties = sandbox.http.get(f"{CONTACTS}/{contact_id}", params=asked).json()["properties"]
    assert properties["hubspot_owner_id"] == owner_id
    shown = sandbox.http.get("/crm/v3/owners/", params={"email": "bo@hav.example"}).json()["results"]
    assert [(owner["id"], owner["firstName"]) for owner in shown] == [(owner_id, "Bo")]
    sandbox.control("POST", "reset", {"seed": "none"})
    assert not sandbox.http.get("/crm/v3/owners/", params={"email": "bo@hav.example"}).json()["results"]
    body = {"properties": {"firstname": "Ida", "hubspot_owner_id": owner_id}}
    assert sandbox.http.post(CONTACTS, json=body).status_code == 400
