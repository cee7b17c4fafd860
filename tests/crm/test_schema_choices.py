"""Properties by the names that people use, choices, and owners."""

from types import SimpleNamespace

import pytest

from crm.domain.errors import AmbiguousValue, InvalidOption, OwnersUnknown, ReadOnlyProperty, UnknownProperty
from crm.domain.schema import Property, Schema, joined, read_property

OWNERS = {"1": "Sofie Lind", "2": "Anders Bjerre", "3": "Anders And", "4": "Bo Holm", "5": "Bo Holm"}
EMAILS = {"1": "sofie@nordlys.example", "2": "ab@nordlys.example", "4": "bo1@x.example", "5": "bo2@x.example"}
FORMER = {"6": "Lone Dahl"}
ROLES = {"CHAMPION": "Champion", "END_USER": "End user", "OTHER": "Other"}
LANGUAGES = {f"l{n}": f"Language {n}" for n in range(30)}
SCHEMA = Schema(
    [
        Property("email", "Email", "string"),
        Property("phone", "Phone Number", "string"),
        Property("jobtitle", "Job Title", "string"),
        Property("company", "Company Name", "string"),
        Property("city", "City", "string"),
        Property("hubspot_owner_id", "Contact owner", "enumeration", OWNERS, aliases=EMAILS, former=FORMER),
        Property("hs_buying_role", "Buying Role", "enumeration", ROLES, several=True),
        Property("hs_language", "Preferred language", "enumeration", LANGUAGES),
        Property("revenue", "Omsætning sidste år", "number"),
        Property("signup", "Nyhedsbrev siden", "date"),
        Property("met_at", "Mødetidspunkt", "datetime"),
        Property("vip", "VIP", "bool", {"true": "Yes", "false": "No"}),
        Property("direct_number", "Direct number", "phone_number"),
        Property("old_segment", "Segment", "string", hidden=True),
        Property("score", "Score", "number", read_only=True, calculated=True),
        Property("hs_marketable_status", "Marketing contact status", "enumeration", {"true": "Yes"}, read_only=True),
        Property("a_rolle", "Rolle", "string", read_only=True),
        Property("b_rolle", "Rolle", "string"),
    ]
)


def stored(name: str, text: str, region: str = "DK", schema: Schema = SCHEMA) -> str:
    return schema.value(schema[name], text, region)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("stillingen", "jobtitle"),
        ("Telefonnummeret", "phone"),
        ("emailen", "email"),
        ("firmaet", "company"),
        ("byen", "city"),
        ("ejeren", "hubspot_owner_id"),
        ("nyhedsbrev siden", "signup"),
        ("OMSÆTNING SIDSTE ÅR", "revenue"),
        ("old_segment", "old_segment"),
        ("rolle", "b_rolle"),
        ("Direct numbers", "direct_number"),
    ],
)
def test_a_property_is_found_as_people_say_it(said: str, name: str) -> None:
    """Danish endings, a portal's own labels, and internal names of hidden properties; one that can be written wins."""
    assert SCHEMA.find(said).name == name


@pytest.mark.parametrize("said", ["Segment", "skostørrelse", "x"])
def test_a_hidden_property_is_not_found_by_its_label(said: str) -> None:
    """What a portal hides, and what it does not have, is unknown."""
    with pytest.raises(UnknownProperty):
        SCHEMA.find(said)


@pytest.mark.parametrize(
    ("said", "owner"),
    [
        ("Sofie Lind", "1"),
        ("sofie", "1"),
        ("SOFIE@nordlys.example", "1"),
        ("Lind", "1"),
        ("anders b", "2"),
        ("Anders Bjerre", "2"),
        ("bo2@x.example", "5"),
        ("2", "2"),
        ("77040101", "77040101"),
    ],
)
def test_an_owner_by_name_or_email(said: str, owner: str) -> None:
    """An owner is known by name, by part of one that fits nobody else, by email and by id."""
    assert stored("hubspot_owner_id", said) == owner


def test_a_letter_is_no_owner() -> None:
    """Initials alone, and names that nobody has, are refused with the owners there are."""
    for said in ("s", "s l", "Mette"):
        with pytest.raises(InvalidOption) as refused:
            stored("hubspot_owner_id", said)
        assert refused.value.params["options"] == list(OWNERS.values())


@pytest.mark.parametrize(
    ("said", "options"), [("Anders", ["Anders Bjerre", "Anders And"]), ("Bo Holm", ["bo1@x.example", "bo2@x.example"])]
)
def test_an_owner_of_whom_there_are_two_is_asked_about(said: str, options: list[str]) -> None:
    """Where a name fits several owners they are named, by email where the names are the same; each choice works."""
    with pytest.raises(AmbiguousValue) as asked:
        stored("hubspot_owner_id", said)
    assert asked.value.params["options"] == options
    assert all(stored("hubspot_owner_id", option) in OWNERS for option in options)


def test_owners_that_cannot_be_read_are_no_free_text() -> None:
    """Where the token may not read owners, a name is refused rather than written."""
    schema = Schema([Property("hubspot_owner_id", "Contact owner", "enumeration")])
    with pytest.raises(OwnersUnknown):
        stored("hubspot_owner_id", "Sofie", schema=schema)
    assert stored("hubspot_owner_id", "77040101", schema=schema) == "77040101"


def test_a_former_owner_is_shown_and_sought_and_never_given() -> None:
    """Who was deactivated keeps a name, is found by it, and is no owner to be chosen, by name or by id."""
    owner = SCHEMA["hubspot_owner_id"]
    assert [owner.shown(value, "da") for value in ("6", "1", "7")] == ["Lone Dahl", "Sofie Lind", "7"]
    assert [SCHEMA.sought(owner, said, "DK") for said in ("Lone", "6", "Sofie")] == ["6", "6", "1"]
    for said in ("Lone Dahl", "6"):
        with pytest.raises(InvalidOption) as refused:
            stored("hubspot_owner_id", said)
        assert refused.value.params["options"] == list(OWNERS.values())
    unread = Property("hubspot_owner_id", "Contact owner", "enumeration", former=FORMER)
    assert unread.shown("6", "da") == "Lone Dahl"


def test_many_options_are_cut_to_the_nearest() -> None:
    """Of a long list of options those are named that look most like what was said."""
    with pytest.raises(InvalidOption) as refused:
        stored("hs_language", "languag 27")
    assert len(refused.value.params["options"]) == 12
    assert refused.value.params["options"][0] == "Language 27"


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("champion, End user", "CHAMPION;END_USER"),
        ("CHAMPION;CHAMPION", "CHAMPION"),
        ("+ other", ";OTHER"),
        (";OTHER", ";OTHER"),
    ],
)
def test_a_multiple_choice_replaces_or_joins(said: str, value: str) -> None:
    """Several options replace what is there; a plus, or HubSpot's own semicolon, before them adds to it."""
    assert stored("hs_buying_role", said) == value


def test_what_is_added_to_a_multiple_choice_is_shown_whole() -> None:
    """The card shows, and the write sets, everything that the contact will have."""
    assert joined("CHAMPION;OTHER", ";OTHER;END_USER") == "CHAMPION;OTHER;END_USER"
    assert joined(None, ";OTHER") == "OTHER"
    assert joined("CHAMPION", "OTHER") == "OTHER"


@pytest.mark.parametrize(
    ("name", "reason"), [("score", "calculated"), ("hs_marketable_status", "marketing"), ("a_rolle", "locked")]
)
def test_why_a_property_cannot_be_written(name: str, reason: str) -> None:
    """What HubSpot calculates, the marketing status that costs money, and the rest are told apart."""
    with pytest.raises(ReadOnlyProperty) as refused:
        stored(name, "1")
    assert refused.value.params == {"property": name, "reason": reason}


def test_an_archived_property_takes_no_values() -> None:
    """Should HubSpot list an archived property, it is neither found by its label nor written."""
    raw = SimpleNamespace(
        name="gone", label="Gone", type="string", field_type="text", options=[], hidden=False, calculated=False,
        archived=True, modification_metadata=None,
    )  # fmt: skip
    schema = Schema([read_property(raw, [])])
    with pytest.raises(UnknownProperty):
        schema.find("Gone is here")
    with pytest.raises(ReadOnlyProperty):
        schema.value(schema.find("gone"), "x", "DK")
