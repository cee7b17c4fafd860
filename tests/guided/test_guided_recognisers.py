"""Recognisers of names, companies, job titles and addresses."""

import pytest

from guided.recognisers import is_company, is_title, parse_address, split_name, strip_genitive


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
    """The last word and its particles are the last name; only a name in lower case gets capitals."""
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
def test_a_genitive_is_stripped(said: str, name: str) -> None:
    """The s of a genitive goes; the s of a name that ends in s stays."""
    assert strip_genitive(said) == name


def test_a_name_on_the_desk_keeps_its_s() -> None:
    """A name that stands on the desk is never shortened."""
    assert strip_genitive("Palles", ["Kim Palles"]) == "Palles"


@pytest.mark.parametrize("text", ["Nordlys A/S", "Byg & Bo ApS", "Quinn GmbH", "Acme Inc.", "nordlys a/s", "Volvo AB"])
def test_a_company_is_recognised_by_its_legal_form(text: str) -> None:
    """A name that ends in a legal form is a company."""
    assert is_company(text)


@pytest.mark.parametrize(
    "text", ["CFO", "Head of Sales", "salgschef", "teknisk direktør", "VP of Marketing", "it-chef"]
)
def test_a_job_title_is_recognised(text: str) -> None:
    """Common job titles of both languages, and compounds of them, are recognised."""
    assert is_title(text)


@pytest.mark.parametrize("text", ["Mette Hansen", "Nordlys", "Aarhus C", ""])
def test_a_name_is_not_a_job_title(text: str) -> None:
    """Names of people, companies and places are not job titles."""
    assert not is_title(text)


def test_addresses_are_parsed() -> None:
    """A postal code with a city, and a street with a number, are parsed; a name is not."""
    assert parse_address("8000 Aarhus C") == {"zip": "8000", "city": "Aarhus C"}
    assert parse_address("Nordlysvej 12") == {"address": "Nordlysvej 12"}
    assert parse_address("Mette Hansen") == {}
