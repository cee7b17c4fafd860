"""Refusals through the official client: status, body and headers as observed, in the sandbox and live."""

import json
import re
from typing import Any
from uuid import UUID

import pytest
from hubspot import HubSpot
from hubspot.crm.contacts.exceptions import NotFoundException, UnauthorizedException

from support.portals import Portal, refused

GONE = "999999999999"


def embedded(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The list of problems that the message of a validation error carries as JSON."""
    prefix, _, listed = body["message"].partition(": ")
    assert prefix == "Property values were not valid"
    return list(json.loads(listed))


def test_parity_taken_email(portal: Portal) -> None:
    """A create with an email in use is a conflict whose message names the contact that has it."""
    made = portal.create("taken")
    body = refused(409, portal.create, "taken")
    assert body["message"] == f"Contact already exists. Existing ID: {made.id}"
    assert body["category"] == "CONFLICT"


def test_parity_validation_lists_all_and_writes_nothing(portal: Portal) -> None:
    """A write with bad properties names every one of them, once in the message and once in the list."""
    made = portal.create("bad", city="Ribe")
    wrong = {"city": "Skive", "no_such_property": "1", "email": "foo@", "hs_lead_status": "nonsense", "createdate": "1"}
    body = refused(400, portal.contacts.update, made.id, {"properties": wrong})
    assert body["category"] == "VALIDATION_ERROR"
    codes = {each["context"]["propertyName"][0]: each["code"] for each in body["errors"]}
    assert codes == {
        "no_such_property": "PROPERTY_DOESNT_EXIST",
        "email": "INVALID_EMAIL",
        "hs_lead_status": "INVALID_OPTION",
        "createdate": "READ_ONLY_VALUE",
    }
    assert {each["name"]: each["error"] for each in embedded(body)} == codes
    assert all(each["isValid"] is False and each["message"] for each in embedded(body))
    read = portal.read(made.id, "city", "email")
    assert (read["city"], read["email"]) == ("Ribe", portal.email("bad"))


@pytest.mark.parametrize(
    ("name", "value", "code", "message"),
    [
        ("no_such_property", "1", "PROPERTY_DOESNT_EXIST", r'Property "no_such_property" does not exist'),
        ("email", "foo@", "INVALID_EMAIL", r"Email address foo@ is invalid"),
        ("email", "bcooper@example.con", "INVALID_EMAIL", r"Email address bcooper@example.con is invalid"),
        ("hs_object_id", "1", "READ_ONLY_VALUE", r'"hs_object_id" is a .*property; its value cannot be set.'),
        ("hs_lead_status", "X", "INVALID_OPTION", r"(?s)X was not one of the allowed options: \[.*\]"),
    ],
)
def test_parity_texts_of_validation(portal: Portal, name: str, value: str, code: str, message: str) -> None:
    """Each kind of bad value has its code and its sentence, and no contact is created."""
    body = refused(400, portal.create, **{"firstname": "Bad", name: value})
    assert [each["code"] for each in body["errors"]] == [code]
    assert re.fullmatch(message, body["errors"][0]["message"])


def test_parity_missing_id(portal: Portal) -> None:
    """An id that does not exist is missing for reads and updates, in a body without a category."""
    for call in (
        lambda: portal.contacts.get_by_id(GONE),
        lambda: portal.contacts.update(GONE, {"properties": {"city": "Ribe"}}),
    ):
        body = refused(404, call)
        assert body["message"] == "resource not found" and "category" not in body


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("abc", "Object not found.  objectId are usually numeric."),
        ("0", "Object not found. objectId is usually positive."),
        ("-1", "Object not found. objectId is usually positive."),
    ],
)
def test_parity_what_is_no_id(portal: Portal, key: str, message: str) -> None:
    """What cannot be an id is told as such, with the id in the context."""
    body = refused(404, portal.contacts.get_by_id, key)
    assert (body["message"], body["category"]) == (message, "OBJECT_NOT_FOUND")
    assert body["context"] == {"id": [key]}


def test_parity_missing_email(portal: Portal) -> None:
    """An email that no contact has is missing for reads and updates."""
    for call in (
        lambda: portal.contacts.get_by_id(portal.email("nobody"), id_property="email"),
        lambda: portal.contacts.update(portal.email("nobody"), {"properties": {"city": "Ribe"}}, id_property="email"),
    ):
        with pytest.raises(NotFoundException):
            call()


def test_parity_wrong_token(portal: Portal) -> None:
    """A token that nobody has is refused with the sentence about authentication."""
    stranger = HubSpot(access_token=f"pat-eu1-{UUID(int=0)}", host=portal.contacts.api_client.configuration.host)
    with pytest.raises(UnauthorizedException) as unauthorized:
        stranger.crm.contacts.basic_api.get_page(limit=1)
    body = json.loads(unauthorized.value.body)
    assert body["category"] == "INVALID_AUTHENTICATION"
    assert body["message"].startswith("Authentication credentials not found. This API supports OAuth 2.0")


def test_parity_rate_limit_headers(portal: Portal) -> None:
    """An answer tells how much of the limits is left; that of a search tells only about the day."""
    _, _, headers = portal.contacts.get_page_with_http_info(limit=1)
    window = ("Interval-Milliseconds", "Max", "Remaining")
    assert all(headers[f"X-HubSpot-RateLimit-{name}"].isdigit() for name in window)
    assert headers["Content-Type"].replace(" ", "").lower() == "application/json;charset=utf-8"
    _, _, searched = portal.searches.do_search_with_http_info({"limit": 1})
    assert [name for name in window if f"X-HubSpot-RateLimit-{name}" in searched] == []


def test_parity_missing_attributes(portal: Portal) -> None:
    """A body without what the operation needs is refused as JSON that cannot be read."""
    answer = refused(400, portal.contacts.create, {})
    assert answer["message"].startswith("Invalid input JSON on line")
