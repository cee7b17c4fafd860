"""Which values are accepted, in what form they are kept, and how they are refused."""

import json
from typing import Any

import pytest

CONTACTS = "/crm/v3/objects/contacts"


def patch(sandbox: Any, contact_id: str, **properties: Any) -> Any:
    return sandbox.http.patch(f"{CONTACTS}/{contact_id}", json={"properties": properties})


def value(sandbox: Any, contact_id: str, name: str) -> str | None:
    record = sandbox.http.get(f"{CONTACTS}/{contact_id}?properties={name}").json()
    held: str | None = record["properties"][name]
    return held


def test_all_bad_properties_are_listed_and_nothing_is_written(sandbox: Any) -> None:
    """A write with bad properties lists every one of them in message and errors, and writes nothing."""
    contact_id = sandbox.create(firstname="Bo")
    answer = patch(
        sandbox, contact_id, city="Ribe", nonsense="1", email="foo@", hs_object_id="7", lifecyclestage="King"
    )
    body = answer.json()
    assert answer.status_code == 400 and body["category"] == "VALIDATION_ERROR" and body["status"] == "error"
    prefix = "Property values were not valid: "
    assert body["message"].startswith(prefix)
    embedded = json.loads(body["message"][len(prefix) :])
    codes = {item["name"]: item["error"] for item in embedded}
    assert codes == {
        "nonsense": "PROPERTY_DOESNT_EXIST",
        "email": "INVALID_EMAIL",
        "hs_object_id": "READ_ONLY_VALUE",
        "lifecyclestage": "INVALID_OPTION",
    }
    assert embedded[0] == {
        "isValid": False,
        "message": 'Property "nonsense" does not exist',
        "error": "PROPERTY_DOESNT_EXIST",
        "name": "nonsense",
        "localizedErrorMessage": 'Property "nonsense" does not exist',
        "portalId": 143000001,
    }
    assert body["errors"][1] == {
        "message": "Email address foo@ is invalid",
        "code": "INVALID_EMAIL",
        "context": {"propertyName": ["email"]},
    }
    assert value(sandbox, contact_id, "city") is None


@pytest.mark.parametrize(
    "email",
    ["foo", "foo@", "@nordlys.example", "a b@nordlys.example", "a@example", "a@example.con", "a@example.lcom",
     "a..b@nordlys.example", ".a@nordlys.example", "a@-x.dk", "a@nordlys..example", "a,b@nordlys.example"],
)  # fmt: skip
def test_bad_emails(sandbox: Any, email: str) -> None:
    """An email with a fault in its syntax or an unknown top-level domain is refused."""
    answer = sandbox.http.post(CONTACTS, json={"properties": {"email": email}})
    assert answer.status_code == 400 and answer.json()["errors"][0]["code"] == "INVALID_EMAIL"


@pytest.mark.parametrize(
    "email",
    ["a@nordlys.example", "jens.o'neil+x@post.dk", "a@b.co.uk", "a@firma.berlin", "a@blåbær.dk", "a@x.xn--p1ai"],
)
def test_good_emails(sandbox: Any, email: str) -> None:
    """Emails on known top-level domains and on the reserved one are accepted."""
    assert sandbox.http.post(CONTACTS, json={"properties": {"email": email}}).status_code == 201


@pytest.mark.parametrize(
    ("name", "sent", "code"),
    [
        ("newsletter_signup_date", "1786334400000", "INVALID_DATE"),
        ("newsletter_signup_date", "i morgen", "INVALID_DATE"),
        ("closedate", "asd000", "INVALID_LONG"),
        ("favorite_product", "Fjord_chair", "INVALID_OPTION"),
        ("hubspot_owner_id", "1", "INVALID_OPTION"),
        ("hs_buying_role", "CHAMPION;KING", "INVALID_OPTION"),
        ("hs_email_domain", "x.dk", "READ_ONLY_VALUE"),
        ("city", "x" * 65_537, "PROPERTY_VALUE_TOO_LONG"),
    ],
)
def test_refused_values(sandbox: Any, name: str, sent: str, code: str) -> None:
    """A value that does not fit its property's type is refused with the code for it."""
    answer = patch(sandbox, sandbox.create(firstname="Bo"), **{name: sent})
    assert answer.status_code == 400 and answer.json()["errors"][0]["code"] == code


def test_a_date_off_midnight_says_when_it_is(sandbox: Any) -> None:
    """The refusal of a date off midnight tells its time."""
    answer = patch(sandbox, sandbox.create(firstname="Bo"), newsletter_signup_date="1786334400000")
    assert answer.json()["errors"][0]["message"] == "1786334400000 is at 4:0:0.0 UTC, not midnight!"


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [
        ("newsletter_signup_date", "2026-03-14", "2026-03-14"),
        ("newsletter_signup_date", "1773446400000", "2026-03-14"),
        ("closedate", "2026-03-14T10:00:00+01:00", "2026-03-14T09:00:00Z"),
        ("closedate", "1773482400123", "2026-03-14T10:00:00.123Z"),
        ("hs_buying_role", "CHAMPION;END_USER", "CHAMPION;END_USER"),
        ("hubspot_owner_id", "77040118", "77040118"),
        ("firstname", " Gitte ", " Gitte "),
        ("phone", "slet ikke et nummer", "slet ikke et nummer"),
        ("city", 7, "7"),
        ("city", True, "true"),
    ],
)
def test_kept_values(sandbox: Any, name: str, sent: Any, kept: str) -> None:
    """Accepted values are kept as texts in the form of their type."""
    contact_id = sandbox.create(firstname="Bo")
    assert patch(sandbox, contact_id, **{name: sent}).status_code == 200
    assert value(sandbox, contact_id, name) == kept


def test_checkboxes_append_after_a_leading_semicolon(sandbox: Any) -> None:
    """A value that starts with a semicolon is added to the ones already chosen."""
    contact_id = sandbox.create(firstname="Bo", hs_buying_role="CHAMPION")
    patch(sandbox, contact_id, hs_buying_role=";END_USER;CHAMPION")
    assert set(str(value(sandbox, contact_id, "hs_buying_role")).split(";")) == {"CHAMPION", "END_USER"}


def test_lifecycle_goes_forward_only(sandbox: Any) -> None:
    """A lifecycle stage set backwards answers 200 and stays; after clearing it any stage can be set."""
    contact_id = sandbox.create(firstname="Bo", lifecyclestage="customer")
    answer = patch(sandbox, contact_id, lifecyclestage="lead", city="Ribe")
    assert answer.status_code == 200 and "lifecyclestage" not in answer.json()["properties"]
    assert value(sandbox, contact_id, "lifecyclestage") == "customer"
    assert value(sandbox, contact_id, "city") == "Ribe"
    patch(sandbox, contact_id, lifecyclestage="")
    patch(sandbox, contact_id, lifecyclestage="lead")
    assert value(sandbox, contact_id, "lifecyclestage") == "lead"
    assert value(sandbox, contact_id, "hs_lifecyclestage_customer_date")


def test_create_needs_a_name_or_an_email(sandbox: Any) -> None:
    """A contact with neither name nor email is refused."""
    assert sandbox.http.post(CONTACTS, json={"properties": {"city": "Ribe"}}).status_code == 400


@pytest.mark.parametrize(
    ("phone", "searchable"),
    [("00004", "4"), ("004520001234", "20001234"), ("+44 7700 900123", "7700900123"), ("22 33 44 55", "22334455")],
)
def test_numbers_to_search_by(sandbox: Any, phone: str, searchable: str) -> None:
    """The number to search by has no country code and no leading zeros."""
    contact_id = sandbox.create(firstname="Bo", phone=phone, mobilephone=phone)
    assert value(sandbox, contact_id, "hs_searchable_calculated_phone_number") == searchable
    assert value(sandbox, contact_id, "hs_searchable_calculated_mobile_number") == searchable
