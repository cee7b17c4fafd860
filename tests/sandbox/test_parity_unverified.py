"""What nobody has verified of HubSpot: each answer that the gateway is ready for, and which one it was."""

from typing import Any

import pytest

from support.portals import Portal


def told(portal: Portal, question: str, answer: Any) -> Any:
    """The answer, printed, so that ``-rA`` of a live run shows what HubSpot does."""
    print(f"{'live' if portal.live else 'sandbox'}: {question}: {answer}")
    return answer


def status(call: Any, *arguments: Any, **how: Any) -> int:
    """The status of a call, whether it was refused or not."""
    try:
        return int(call(*arguments, _return_http_data_only=False, **how)[1])
    except Exception as problem:
        return int(getattr(problem, "status", None) or 0)


def test_unverified_update_to_a_taken_email(portal: Portal) -> None:
    """An update to the email of another contact is refused with 409 or 400, and changes nothing."""
    portal.create("conflict.a")
    other = portal.create("conflict.b")
    body = {"properties": {"email": portal.email("conflict.a")}}
    assert told(portal, "taken email", status(portal.contacts.update_with_http_info, other.id, body)) in (409, 400)
    assert portal.read(other.id, "email")["email"] == portal.email("conflict.b")


def test_unverified_archiving_the_missing(portal: Portal) -> None:
    """Archiving a contact that is gone already answers 204 or 404."""
    gone = portal.create("gone").id
    portal.contacts.archive(gone)
    assert told(portal, "archived again", status(portal.contacts.archive_with_http_info, gone)) in (204, 404)


def test_unverified_form_of_emails(portal: Portal) -> None:
    """An email is kept in lower case and trimmed, or as it was sent; either way it is found in lower case."""
    made = portal.keep("contacts", portal.contacts.create({"properties": {"email": f" {portal.email('FORM')} "}}))
    kept = told(portal, "email kept as", portal.read(made.id, "email")["email"])
    assert kept.strip().lower() == portal.email("form")
    assert portal.contacts.get_by_id(portal.email("form"), id_property="email").id == made.id


def test_unverified_null(portal: Portal) -> None:
    """A value of null clears, changes nothing, or is refused."""
    made = portal.create("null", city="Ribe")
    answer = status(portal.contacts.update_with_http_info, made.id, {"properties": {"city": None}})
    assert told(portal, "null is answered with", answer) in (200, 400)
    assert told(portal, "null leaves", portal.read(made.id, "city")["city"]) in ("", None, "Ribe")


def test_unverified_create_without_a_name(portal: Portal) -> None:
    """A create with neither email nor name is refused, or makes a contact that can be archived."""
    answer = 201
    try:
        portal.keep("contacts", portal.contacts.create({"properties": {"city": "Ribe"}}))
    except Exception as problem:
        answer = getattr(problem, "status", 0)
    assert told(portal, "create without a name", answer) in (201, 400)


def test_unverified_additional_email(portal: Portal) -> None:
    """A contact is read by an additional email, or is missing under it; a create with it is a conflict anyhow."""
    portal.only_in_a_sandbox("additional emails come from merges, which cannot be undone")
    first, second = portal.create("additional.a"), portal.create("additional.b")
    merged = portal.keep("contacts", portal.contacts.merge({"primaryObjectId": first.id, "objectIdToMerge": second.id}))
    by_email = status(portal.contacts.get_by_id_with_http_info, portal.email("additional.b"), id_property="email")
    assert told(portal, "read by additional email", by_email) in (200, 404)
    body = {"properties": {"email": portal.email("additional.b")}}
    assert status(portal.contacts.create_with_http_info, body) == 409
    assert portal.contacts.get_by_id(second.id).id == merged.id


@pytest.mark.parametrize("length", [65_536, 65_537])
def test_unverified_length_of_texts(portal: Portal, length: int) -> None:
    """A text of 65,536 characters is kept whole; a longer one is kept whole or refused, never cut."""
    made = portal.create(f"length{length}")
    answer = status(portal.contacts.update_with_http_info, made.id, {"properties": {"message": "x" * length}})
    assert told(portal, f"text of {length}", answer) in ((200,) if length == 65_536 else (200, 400))
    kept = portal.read(made.id, "message")["message"]
    assert len(kept or "") == (length if answer == 200 else 0)
