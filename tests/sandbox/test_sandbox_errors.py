"""Refusals: their status, body and headers."""

import re
from typing import Any

import httpx
import pytest
from hubspot import HubSpot
from hubspot.crm.contacts.exceptions import ApiException, NotFoundException, UnauthorizedException

CONTACTS = "/crm/v3/objects/contacts"


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer pat-eu1-other"}, {"Authorization": "pat-eu1-sandbox"}]
)
def test_unknown_tokens(sandbox: Any, headers: dict[str, str]) -> None:
    """A missing or unknown token is 401 with the observed body."""
    answer = httpx.get(sandbox.url + CONTACTS, headers=headers)
    assert answer.status_code == 401
    assert answer.json() == {
        "status": "error",
        "message": "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find "
        "more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
        "correlationId": answer.headers["x-hubspot-correlation-id"],
        "category": "INVALID_AUTHENTICATION",
    }
    assert answer.headers["content-type"] == "application/json;charset=utf-8"


def test_client_sees_an_unknown_token(sandbox: Any) -> None:
    """The official client raises its own exception for an unknown token."""
    client = HubSpot(access_token="pat-eu1-other", host=sandbox.url, retry=False)
    with pytest.raises(UnauthorizedException):
        client.crm.contacts.basic_api.get_page()


def test_missing_contact(client: HubSpot) -> None:
    """A missing contact is 404 without a category."""
    with pytest.raises(NotFoundException) as missing:
        client.crm.contacts.basic_api.get_by_id("999999999999")
    assert re.fullmatch(
        r'\{"status":"error","message":"resource not found","correlationId":"[0-9a-f-]{36}"\}', missing.value.body
    )


@pytest.mark.parametrize(
    ("contact_id", "message"),
    [
        ("abc", "Object not found.  objectId are usually numeric."),
        ("None", "Object not found.  objectId are usually numeric."),
        ("0", "Object not found. objectId is usually positive."),
        ("-1", "Object not found. objectId is usually positive."),
    ],
)
def test_impossible_ids(sandbox: Any, contact_id: str, message: str) -> None:
    """An id that cannot be one is 404 and named in the context."""
    answer = sandbox.http.get(f"{CONTACTS}/{contact_id}")
    body = answer.json()
    assert (answer.status_code, body["message"], body["category"]) == (404, message, "OBJECT_NOT_FOUND")
    assert body["context"] == {"id": [contact_id]}


def test_conflict(sandbox: Any) -> None:
    """A create with a taken email is 409 and names the contact that has it."""
    contact_id = sandbox.create(email="a@nordlys.example")
    answer = sandbox.http.post(CONTACTS, json={"properties": {"email": " A@nordlys.example"}})
    assert answer.status_code == 409
    assert answer.json() == {
        "status": "error",
        "message": f"Contact already exists. Existing ID: {contact_id}",
        "correlationId": answer.headers["x-hubspot-correlation-id"],
        "category": "CONFLICT",
    }


@pytest.mark.parametrize(
    ("body", "start"),
    [
        (b"{nonsense", "Invalid input JSON on line 1, column 2: "),
        (b"", "Invalid input JSON on line 1, column 1: "),
        (b"\xff", "Invalid input JSON on line 1, column 1: "),
        (b"[]", "Invalid input JSON on line -1, column -1: "),
        (b"{}", "Invalid input JSON on line -1, column -1: Cannot build SimplePublicObjectInput"),
        (b'{"properties":{"city":{"a":1}}}', "Invalid input JSON on line -1, column -1: "),
    ],
)
def test_malformed_bodies(sandbox: Any, body: bytes, start: str) -> None:
    """A body that is not the JSON needed is 400 and says where."""
    answer = sandbox.http.post(CONTACTS, content=body)
    assert answer.status_code == 400 and answer.json()["message"].startswith(start)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/crm/v9/nothing", 404),
        ("PUT", CONTACTS, 405),
        ("DELETE", CONTACTS + "/", 405),
        ("GET", "/crm/v3/objects/contacts/1/x", 404),
    ],
)
def test_unknown_addresses_are_html(sandbox: Any, method: str, path: str, status: int) -> None:
    """An unknown address or method answers with an HTML page."""
    answer = sandbox.http.request(method, path)
    assert answer.status_code == status and answer.headers["content-type"].startswith("text/html")
    assert f"<title>Error {status}" in answer.text


@pytest.mark.parametrize("name", ["city", "x" * 200])
def test_long_addresses(client: HubSpot, sandbox: Any, name: str) -> None:
    """An address of more than 16.2 kB is refused with 414 before anything else is looked at; a shorter one is not."""
    contact_id = sandbox.create(firstname="Bo")
    api = client.crm.contacts.basic_api
    fits, exceeds = (size // (len(name) + len("&properties=")) for size in (16_000, 16_800))
    assert api.get_by_id(contact_id, properties=[name] * fits).id == contact_id
    with pytest.raises(ApiException) as refused:
        api.get_by_id(contact_id, properties=[name] * exceeds)
    assert refused.value.status == 414 and "<title>Error 414" in refused.value.body
    assert sandbox.control("GET", "requests")["requests"][-1]["status"] == 414


def test_missing_scope(sandbox: Any) -> None:
    """A call without its scope is 403 and names the scope."""
    sandbox.control("POST", "scopes", {"scopes": ["crm.objects.contacts.read"]})
    assert sandbox.http.get(CONTACTS).status_code == 200
    assert sandbox.http.get("/crm/v3/properties/contacts").status_code == 200
    answer = sandbox.http.post(CONTACTS, json={"properties": {"firstname": "Bo"}})
    assert answer.status_code == 403 and answer.json()["category"] == "MISSING_SCOPES"
    assert answer.json()["errors"][0]["context"]["requiredGranularScopes"] == ["crm.objects.contacts.write"]
    assert sandbox.http.get("/crm/v3/owners/").status_code == 403


def test_rate_headers(sandbox: Any) -> None:
    """Answers carry all rate headers, answers to a search the daily ones only."""
    names = {name for name in sandbox.http.get(CONTACTS).headers if "ratelimit" in name}
    assert {name.removeprefix("x-hubspot-ratelimit-") for name in names} == {
        "daily", "daily-remaining", "interval-milliseconds", "max", "remaining", "secondly", "secondly-remaining",
    }  # fmt: skip
    names = {name for name in sandbox.http.post(CONTACTS + "/search", json={}).headers if "ratelimit" in name}
    assert {name.removeprefix("x-hubspot-ratelimit-") for name in names} == {"daily", "daily-remaining"}


def test_rate_limits(launch: Any) -> None:
    """With limits on, the sixth search in a second and the call after a hundred in ten seconds are 429."""
    limited = launch("--rate-limits", "on", "--seed", "none")
    answers = [limited.http.post(CONTACTS + "/search", json={}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].json()["message"] == "You have reached your secondly limit."
    assert "policyName" not in answers[-1].json() and "retry-after" not in answers[-1].headers
    answers = [limited.http.get(CONTACTS) for _ in range(101)]
    assert [answer.status_code for answer in answers] == [200] * 100 + [429]
    assert answers[-1].json()["policyName"] == "TEN_SECONDLY_ROLLING"
    assert answers[-1].headers["x-hubspot-ratelimit-remaining"] == "0"


def test_correlation_ids_differ(sandbox: Any) -> None:
    """Every answer has a correlation id of its own, a UUID of version 7."""
    ids = [sandbox.http.get(CONTACTS).headers["x-hubspot-correlation-id"] for _ in range(3)]
    assert len(set(ids)) == 3 and all(each[14] == "7" for each in ids)
