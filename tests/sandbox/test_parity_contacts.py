"""Single contacts through the official client: the same tests for the sandbox and for HubSpot itself (``--live``)."""

from datetime import datetime
from itertools import islice
from typing import Any

from support.portals import Portal, eventually, pages, refused, status_of

DEFAULTS = ["createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"]
ALWAYS = {"createdate", "hs_object_id", "lastmodifieddate"}


def test_parity_create(portal: Portal) -> None:
    """A create answers 201 with the values sent, and with those that HubSpot gives every contact."""
    sent = {"email": portal.email("create"), "firstname": "Åse", "lastname": "O'Neil-李", "phone": "+45 22 33 44 50"}
    status, made = status_of(portal.contacts.create_with_http_info, {"properties": sent})
    portal.keep("contacts", made)
    assert status == 201 and made.id.isdigit() and made.archived is False
    assert isinstance(made.created_at, datetime) and isinstance(made.updated_at, datetime)
    assert sent.items() <= made.properties.items()
    assert made.properties["hs_object_id"] == made.id
    assert made.properties["hs_email_domain"] == portal.domain
    assert made.properties["hs_is_contact"] == "true"
    assert made.properties.keys() >= ALWAYS


def test_parity_read_shows_six_properties(portal: Portal) -> None:
    """A read without a list of properties shows six, with null for one that was never set."""
    made = portal.create("six", firstname="Six")
    read = portal.contacts.get_by_id(made.id)
    assert (sorted(read.properties), read.properties["lastname"]) == (DEFAULTS, None)
    assert (read.id, read.properties["email"], read.archived) == (made.id, portal.email("six"), False)


def test_parity_read_of_named_properties(portal: Portal) -> None:
    """A read shows the properties asked for and three always; unknown names are left out."""
    made = portal.create("named", city="Ribe")
    names = portal.read(made.id, "city", "zip", "no_such_property")
    assert names.keys() == {"city", "zip"} | ALWAYS
    assert (names["city"], names["zip"]) == ("Ribe", None)


def test_parity_properties_in_either_spelling(portal: Portal) -> None:
    """Names of properties may be repeated in the query, or joined by commas."""
    made = portal.create("commas", city="Ribe", zip="6760")
    assert portal.read(made.id, "city,zip") == portal.read(made.id, "city", "zip")


def test_parity_read_by_email(portal: Portal) -> None:
    """A contact is read by its email at once, without waiting for any index."""
    made = portal.create("by.email+x")
    assert portal.contacts.get_by_id(portal.email("by.email+x"), id_property="email").id == made.id


def test_parity_update(portal: Portal) -> None:
    """An update answers 200 with the new values; what it did not name stays."""
    made = portal.create("update", city="Ribe", zip="6760")
    body = {"properties": {"city": "Skive", "jobtitle": "Smed"}}
    status, updated = status_of(portal.contacts.update_with_http_info, made.id, body)
    assert status == 200 and updated.id == made.id and updated.properties["city"] == "Skive"
    read = portal.read(made.id, "city", "zip", "jobtitle")
    assert (read["city"], read["zip"], read["jobtitle"]) == ("Skive", "6760", "Smed")


def test_parity_update_by_email(portal: Portal) -> None:
    """A contact is updated by its email, and can be given another one by which it is found at once."""
    made = portal.create("old.address")
    updated = portal.contacts.update(
        portal.email("old.address"), {"properties": {"email": portal.email("new.address")}}, id_property="email"
    )
    assert updated.id == made.id
    assert portal.contacts.get_by_id(portal.email("new.address"), id_property="email").id == made.id


def test_parity_cleared_is_not_unset(portal: Portal) -> None:
    """A value cleared with an empty text reads as an empty text, one never set as null."""
    made = portal.create("cleared", city="Ribe")
    portal.contacts.update(made.id, {"properties": {"city": ""}})
    read = portal.read(made.id, "city", "state")
    assert (read["city"], read["state"]) == ("", None)


def test_parity_lifecycle_goes_forward_only(portal: Portal) -> None:
    """A lifecycle stage set backwards is answered with success and stays; cleared first, it can be set."""
    options = portal.properties.get_by_name("contacts", "lifecyclestage").options
    first, later = (each.value for each in sorted(options, key=lambda each: each.display_order)[:3:2])
    made = portal.create("stage", lifecyclestage=later)
    for stage, expected in ((first, later), ("", ""), (first, first)):
        portal.contacts.update(made.id, {"properties": {"lifecyclestage": stage}})
        assert portal.read(made.id, "lifecyclestage")["lifecyclestage"] == expected


def test_parity_lists_of_options(portal: Portal) -> None:
    """Several options are joined by semicolons, and a leading semicolon adds to those that are set."""
    made = portal.create("options", hs_buying_role="CHAMPION;BLOCKER")
    portal.contacts.update(made.id, {"properties": {"hs_buying_role": ";END_USER"}})
    assert set(portal.read(made.id, "hs_buying_role")["hs_buying_role"].split(";")) == {
        "CHAMPION", "BLOCKER", "END_USER",
    }  # fmt: skip


def test_parity_history(portal: Portal) -> None:
    """The history of a property holds its values, the newest first, each with its time and source."""
    made = portal.create("history", firstname="Før")
    portal.contacts.update(made.id, {"properties": {"firstname": "Efter"}})
    read = portal.contacts.get_by_id(made.id, properties=["email"], properties_with_history=["firstname"])
    history = read.properties_with_history["firstname"]
    assert [each.value for each in history] == ["Efter", "Før"]
    assert history[0].timestamp >= history[1].timestamp and all(each.source_type for each in history)


def test_parity_archive(portal: Portal) -> None:
    """An archived contact is gone from reads, and is read where archived ones are asked for."""
    made = portal.create("archive")
    status, _ = status_of(portal.contacts.archive_with_http_info, made.id)
    assert status == 204
    refused(404, portal.contacts.get_by_id, made.id)
    refused(404, portal.contacts.get_by_id, portal.email("archive"), id_property="email")
    archived = portal.contacts.get_by_id(made.id, archived=True)
    assert archived.archived is True and isinstance(archived.archived_at, datetime)


def test_parity_an_archived_email_is_free(portal: Portal) -> None:
    """The email of an archived contact can be used for a new one, which is another record."""
    made = portal.create("free")
    portal.contacts.archive(made.id)
    assert portal.create("free").id != made.id


def test_parity_list_pages(portal: Portal) -> None:
    """Pages of the list follow each other without repeats and hold every contact."""
    made = [portal.create(f"list{number}").id for number in range(3)]
    first = portal.contacts.get_page(limit=2)
    assert len(first.results) == 2 and first.paging.next.link
    assert sorted(first.results[0].properties) == DEFAULTS
    short = [each.id for each in islice(pages(lambda after: portal.contacts.get_page(limit=2, after=after)), 6)]
    assert len(set(short)) == 6

    def all_of_them() -> set[str]:
        ids = [each.id for each in pages(lambda after: portal.contacts.get_page(limit=100, after=after))]
        assert len(ids) == len(set(ids))
        return set(made) & set(ids)

    eventually(all_of_them, set(made))


def test_parity_list_of_archived(portal: Portal) -> None:
    """The list of archived contacts holds an archived one, and the plain list no longer does."""
    made = portal.create("list.archived").id
    portal.contacts.archive(made)

    def listed(archived: bool) -> bool:
        def fetch(after: str | None) -> Any:
            return portal.contacts.get_page(limit=100, after=after, archived=archived)

        return made in {each.id for each in pages(fetch)}

    eventually(lambda: (listed(True), listed(False)), (True, False))


def test_parity_merge(portal: Portal) -> None:
    """A merge keeps the primary's values, fills its gaps from the other, and both ids lead to the contact."""
    portal.only_in_a_sandbox("a merge cannot be undone")
    primary = portal.create("merge.a", firstname="Anna")
    other = portal.create("merge.b", firstname="Bo", city="Ribe")
    merged = portal.contacts.merge({"primaryObjectId": primary.id, "objectIdToMerge": other.id})
    portal.keep("contacts", merged)
    assert merged.id not in (primary.id, other.id)
    expected = {"email": portal.email("merge.a"), "firstname": "Anna", "city": "Ribe"}
    for old in (primary.id, other.id):
        assert expected.items() <= portal.read(old, *expected).items()
    assert merged.properties["hs_merged_object_ids"].split(";") == [primary.id, other.id]
    assert merged.properties["hs_additional_emails"] == portal.email("merge.b")
    again = refused(409, portal.create, "merge.b")
    assert again["message"] == f"Contact already exists. Existing ID: {merged.id}"


def test_parity_gdpr_delete(portal: Portal) -> None:
    """A contact deleted for good is gone among the archived ones too, and its address is blocked."""
    portal.only_in_a_sandbox("a permanent deletion cannot be undone")
    by_id, by_email = portal.create("purge.id"), portal.create("purge.email")
    assert status_of(portal.contacts.purge_with_http_info, {"objectId": by_id.id})[0] == 204
    portal.contacts.purge({"objectId": portal.email("purge.email"), "idProperty": "email"})
    for gone in (by_id, by_email):
        refused(404, portal.contacts.get_by_id, gone.id)
        refused(404, portal.contacts.get_by_id, gone.id, archived=True)
    refused(400, portal.create, "purge.id")
