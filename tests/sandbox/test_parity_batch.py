"""Contacts in batches through the official client, in the sandbox and live."""

import secrets
from typing import Any

import pytest

from support.portals import Portal, refused, status_of

MISSING = "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid."
GONE = "999999999999"


def inputs(portal: Portal, *names: str, **more: Any) -> dict[str, Any]:
    """A batch of new contacts."""
    return {"inputs": [{"properties": {"email": portal.email(name), "firstname": name}, **more} for name in names]}


@pytest.fixture
def three(portal: Portal) -> list[str]:
    """Three contacts of this test's own."""
    tag = secrets.token_hex(3)
    made = portal.create_all(inputs(portal, *(f"{tag}{letter}" for letter in "abc")))
    return [each.id for each in made]


def test_parity_batch_create(portal: Portal) -> None:
    """A batch of new contacts answers 201 with each of them, in any order."""
    names = ["batch.a", "batch.b", "batch.c"]
    status, made = status_of(portal.batch.create_with_http_info, inputs(portal, *names))
    portal.keep_all("contacts", made.results)
    assert (status, made.status) == (201, "COMPLETE") and made.completed_at >= made.started_at
    assert {each.properties["email"] for each in made.results} == set(map(portal.email, names))
    assert {portal.contacts.get_by_id(each.id).properties["firstname"] for each in made.results} == set(names)


def test_parity_batch_create_with_a_duplicate(portal: Portal) -> None:
    """One taken email refuses the whole batch, and the message names the contact that has it."""
    taken = portal.create("batch.taken")
    body = refused(409, portal.create_all, inputs(portal, "batch.new", "batch.taken"))
    assert body["category"] == "CONFLICT" and taken.id in body["message"]
    refused(404, portal.contacts.get_by_id, portal.email("batch.new"), id_property="email")


def test_parity_batch_create_with_trace_ids(portal: Portal) -> None:
    """With trace ids the good contacts of a batch are created, and the others are told by their ids."""
    portal.create("trace.taken")
    body = inputs(portal, "trace.new", "trace.taken")
    for number, each in enumerate(body["inputs"]):
        each["objectWriteTraceId"] = f"trace-{number}"
    status, made = status_of(portal.batch.create_with_http_info, body)
    portal.keep_all("contacts", made.results)
    assert status == 207
    assert [each.properties["email"] for each in made.results] == [portal.email("trace.new")]
    assert made.num_errors == 1 and made.errors[0].context["objectWriteTraceId"] == ["trace-1"]


def test_parity_batch_read(portal: Portal, three: list[str]) -> None:
    """A batch of ids is read with 200 and the properties asked for."""
    body = {"inputs": [{"id": each} for each in three], "properties": ["city"], "propertiesWithHistory": []}
    status, read = status_of(portal.batch.read_with_http_info, body)
    assert status == 200 and {each.id for each in read.results} == set(three)
    assert all("city" in each.properties for each in read.results)


def test_parity_batch_read_with_missing(portal: Portal, three: list[str]) -> None:
    """Missing ids of a batch are told in one error beside the contacts that were found, with 207."""
    body = {
        "inputs": [{"id": each} for each in (*three, GONE)],
        "properties": ["email"],
        "propertiesWithHistory": ["firstname"],
    }
    status, read = status_of(portal.batch.read_with_http_info, body)
    assert (status, read.status, read.num_errors) == (207, "COMPLETE", 1)
    assert {each.id for each in read.results} == set(three)
    assert all(each.properties_with_history["firstname"] for each in read.results)
    error = read.errors[0]
    assert (error.category, error.message, error.context) == ("OBJECT_NOT_FOUND", MISSING, {"ids": [GONE]})


def test_parity_batch_read_by_email(portal: Portal) -> None:
    """A batch is read by email."""
    made = {portal.create(f"read.{letter}").id for letter in "ab"}
    body = {
        "inputs": [{"id": portal.email(f"read.{letter}")} for letter in "ab"],
        "idProperty": "email",
        "properties": ["email"],
        "propertiesWithHistory": [],
    }
    assert {each.id for each in portal.batch.read(body).results} == made


def test_parity_batch_read_of_archived(portal: Portal, three: list[str]) -> None:
    """Archived contacts are read in a batch where they are asked for, and only there."""
    portal.contacts.archive(three[0])
    body = {"inputs": [{"id": each} for each in three], "properties": ["email"], "propertiesWithHistory": []}
    assert {each.id for each in portal.batch.read(body).results} == set(three[1:])
    assert {each.id for each in portal.batch.read(body, archived=True).results} == {three[0]}


def test_parity_batch_update(portal: Portal, three: list[str]) -> None:
    """A batch update answers 200, each with its new values, and all of them hold."""
    body = {"inputs": [{"id": each, "properties": {"city": f"By {at}"}} for at, each in enumerate(three)]}
    status, updated = status_of(portal.batch.update_with_http_info, body)
    assert status == 200
    assert {each.id: each.properties["city"] for each in updated.results} == {
        each: f"By {at}" for at, each in enumerate(three)
    }
    assert [portal.read(each, "city")["city"] for each in three] == ["By 0", "By 1", "By 2"]


def test_parity_batch_update_with_a_bad_value(portal: Portal, three: list[str]) -> None:
    """One bad value refuses the whole batch update, and nothing of it is written."""
    body = {
        "inputs": [
            {"id": three[0], "properties": {"city": "Ribe"}},
            {"id": three[1], "properties": {"no_such_property": "1"}},
        ]
    }
    assert refused(400, portal.batch.update, body)["category"] == "VALIDATION_ERROR"
    assert portal.read(three[0], "city")["city"] is None


def test_parity_batch_upsert(portal: Portal) -> None:
    """An upsert by email updates who is there and creates who is not, and says which was which."""
    there = portal.create("upsert.there", city="Ribe")
    body = {
        "inputs": [
            {
                "id": portal.email(name),
                "idProperty": "email",
                "properties": {"email": portal.email(name), "zip": "6760"},
            }
            for name in ("upsert.there", "upsert.new")
        ]
    }
    status, done = status_of(portal.batch.upsert_with_http_info, body)
    portal.keep_all("contacts", done.results)
    assert status == 200
    new = {each.id: each.new for each in done.results}
    assert new.pop(there.id) is False and list(new.values()) == [True]
    read = portal.contacts.get_by_id(portal.email("upsert.new"), id_property="email", properties=["zip"])
    assert [read.id] == list(new) and read.properties["zip"] == "6760"
    assert portal.read(there.id, "city", "zip").items() >= {"city": "Ribe", "zip": "6760"}.items()


def test_parity_batch_archive(portal: Portal, three: list[str]) -> None:
    """A batch is archived with 204, and each contact of it is gone from reads."""
    status, _ = status_of(portal.batch.archive_with_http_info, {"inputs": [{"id": each} for each in three]})
    assert status == 204
    for each in three:
        refused(404, portal.contacts.get_by_id, each)
        assert portal.contacts.get_by_id(each, archived=True).archived is True


def test_parity_batch_limit(portal: Portal) -> None:
    """A batch of more than a hundred inputs is refused, and nothing of it is created."""
    body = inputs(portal, *(f"many{number}" for number in range(101)))
    refused(400, portal.create_all, body)
    refused(404, portal.contacts.get_by_id, portal.email("many0"), id_property="email")
