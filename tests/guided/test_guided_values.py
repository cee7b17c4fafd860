"""Names, companies, titles and addresses by themselves."""

import pytest

from guided.text import clean, is_email, tokens
from guided.values import is_company, is_title, place, split_name, ungenitive


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Mette Hansen", "Mette", "Hansen"),
        ("mette hansen", "Mette", "Hansen"),
        ("Ludwig van der Berg", "Ludwig", "van der Berg"),
        ("Robert De Niro", "Robert", "De Niro"),
        ("Jens Peter Sørensen", "Jens Peter", "Sørensen"),
        ("Sinéad O'Neil", "Sinéad", "O'Neil"),
        ("Anders Ångström", "Anders", "Ångström"),
        ("Bent Fabricius-Bjerre", "Bent", "Fabricius-Bjerre"),
        ("sean o'neil", "Sean", "O'Neil"),
        ("John Smith Jr.", "John", "Smith Jr."),
        ("hr. Jens Holm", "Jens", "Holm"),
        ("李小龙", "李小龙", None),
        ("Van Morrison", "Van", "Morrison"),
    ],
)
def test_a_full_name_is_split(name: str, first: str, last: str | None) -> None:
    """First names come first, particles belong to the last name, and the spelling is the user's own."""
    assert split_name(name) == {"firstname": first} | ({"lastname": last} if last else {})


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Mettes", "Mette"),
        ("Jens'", "Jens"),
        ("Jens", "Jens"),
        ("Jens Jensens", "Jens Jensen"),
        ("Mette's", "Mette"),
        ("Lars", "Lars"),
        ("Tom Baker’s", "Tom Baker"),
    ],
)
def test_a_genitive_is_taken_off(said: str, name: str) -> None:
    """The s of a genitive goes; the s that a name ends in stays."""
    assert ungenitive(said) == name


def test_a_name_on_the_desk_keeps_its_s() -> None:
    """A name that is known from the desk is never shortened."""
    assert ungenitive("Palles", ["Kim Palles"]) == "Palles"


@pytest.mark.parametrize("text", ["Nordlys A/S", "Byg & Bo ApS", "Quinn GmbH", "Acme Inc.", "nordlys a/s", "Volvo AB"])
def test_a_company_is_known_by_its_kind(text: str) -> None:
    """The kind at the end of a name makes it a company."""
    assert is_company(text)


@pytest.mark.parametrize(
    "text", ["CFO", "Head of Sales", "salgschef", "teknisk direktør", "VP of Marketing", "it-chef"]
)
def test_a_job_title_is_known(text: str) -> None:
    """Common titles of both languages, and compounds of them, are titles."""
    assert is_title(text)


@pytest.mark.parametrize("text", ["Mette Hansen", "Nordlys", "Aarhus C", ""])
def test_a_name_is_no_job_title(text: str) -> None:
    """Names of people, companies and places are no titles."""
    assert not is_title(text)


def test_places() -> None:
    """A postal code with a town and a street with a number are addresses."""
    assert place("8000 Aarhus C") == {"zip": "8000", "city": "Aarhus C"}
    assert place("Nordlysvej 12") == {"address": "Nordlysvej 12"}
    assert place("Mette Hansen") == {}


@pytest.mark.parametrize(
    ("text", "valid"),
    [("mette@nordlys.example", True), ("a@b.test", True), ("mette@", False), ("a b@c.dk", False)],
)
def test_email_syntax(text: str, valid: bool) -> None:
    """Reserved domains are accepted, half an address is not."""
    assert is_email(text) is valid


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("ring 22 33 44 55 nu", ["22 33 44 55"]),
        ("+45 22334455, 70121314", ["+45 22334455", "70121314"]),
        ("født 24-12-1980", []),
        ("8000 Aarhus", []),
        ("020 7946 0958", ["020 7946 0958"]),
        ("nummer 2", []),
    ],
)
def test_phone_numbers_in_a_text(said: str, found: list[str]) -> None:
    """Phone numbers are found as written; dates, postal codes and small numbers are none."""
    assert [t.text for t in tokens(said, "DK") if t.kind == "phone"] == found


def test_the_region_of_numbers_is_a_parameter() -> None:
    """A number without a country code is read in the region given."""
    assert [t.text for t in tokens("call 415-555-2671", "US") if t.kind == "phone"] == ["415-555-2671"]


def test_control_characters_are_taken_out() -> None:
    """Control and direction characters never reach a value."""
    assert clean("Mette\u202e\u200b\x00 Hansen\r\nNordlys") == "Mette  Hansen\nNordlys"
