"""Values are cleaned, never destroyed."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.domain import normalise
from crm.domain.errors import InvalidEmail, InvalidPhone


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("22 33 44 55", "+4522334455"),
        ("0045 22-33-44-55", "+4522334455"),
        ("(+45) 22334455", "+4522334455"),
        ("+46 8 123 456 78", "+46812345678"),
    ],
)
def test_phone_numbers_become_e164(given: str, stored: str) -> None:
    """A number in any notation becomes E.164, with the region's country code where none is given."""
    assert normalise.phone(given, "DK") == stored


@pytest.mark.parametrize("given", ["123", "abc", "", "22334455667788990011"])
def test_what_is_no_phone_number_is_refused(given: str) -> None:
    """Text that cannot be a number is refused."""
    with pytest.raises(InvalidPhone):
        normalise.phone(given, "DK")


def test_emails_are_lower_case() -> None:
    """An address is trimmed and in lower case, and reserved domains pass."""
    assert normalise.email("  Mette.Hansen@Nordlys.EXAMPLE ") == "mette.hansen@nordlys.example"


@pytest.mark.parametrize("given", ["mette@", "@nordlys.example", "mette nordlys.example", "a@b", "x@y..dk"])
def test_what_is_no_email_is_refused(given: str) -> None:
    """Text that is no address is refused."""
    with pytest.raises(InvalidEmail):
        normalise.email(given)


@pytest.mark.parametrize("given", ["mette@blåbær.dk", "METTE@BLÅBÆR.DK", "mette@xn--blbr-roah.dk"])
def test_an_international_domain_has_one_form(given: str) -> None:
    """A domain with letters beyond a to z is kept as mail carries it, however it is written."""
    assert normalise.email(given) == "mette@xn--blbr-roah.dk"


@pytest.mark.parametrize(
    ("name", "region", "stored"),
    [
        ("(415) 555-2671", "US", "+14155552671"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("08-123 456", "SE", "+468123456"),
    ],
)
def test_the_region_decides_the_country_code(name: str, region: str, stored: str) -> None:
    """A number without a country code belongs to the region that is configured."""
    assert normalise.phone(name, region) == stored


@pytest.mark.parametrize(
    "name",
    [
        "van der Berg",
        "Ångström",
        "O'Neil",
        "李小龙",
        "Jens-Peter",
        "محمد",
        "Łukasz",
        "McDonald",
        "Müller-Lüdenscheidt",
        "METTE HANSEN",
        "mette hansen",
        "D’Angelo",
        "Nguyễn Thị Minh",
    ],
)
def test_names_stay_as_they_are(name: str) -> None:
    """Cleaning leaves the names of people alone."""
    assert normalise.clean(f"  {name}\u202e\x00 ") == name


def test_accents_are_composed() -> None:
    """A letter and its accent become one letter, also where something invisible stood between them."""
    assert normalise.clean("A\u030angstro\u0308m") == "Ångström"
    assert normalise.clean("A\u200b\u030angstro\u00ad\u0308m") == "Ångström"


def test_what_cannot_be_seen_is_no_value() -> None:
    """A text of invisible characters only is empty; a joiner inside of a word stays."""
    assert normalise.clean(" \u200d \u200b\u2060\ufeff\n") == ""
    assert normalise.clean("می\u200cخواهم") == "می\u200cخواهم"


def letters(text: str) -> list[str]:
    return [c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c).startswith("L")]


TEXTS = st.text(
    st.one_of(st.characters(categories=["L", "M", "N", "P", "Z", "Cf", "Cc"]), st.sampled_from("aåøÆ' -\u200d\u0301"))
)


@given(TEXTS)
@settings(max_examples=500, deadline=None)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    """What was cleaned is clean."""
    once = normalise.clean(text)
    assert normalise.clean(once) == once


@given(st.text(st.characters(categories=["L", "N", "P", "Zs", "Cc"])))
@settings(max_examples=500, deadline=None)
def test_no_letter_is_lost(text: str) -> None:
    """Every letter of a text stays, in its order, and none is added."""
    assert letters(normalise.clean(text)) == letters(text)


@given(st.integers(20_000_000, 99_999_999), st.sampled_from(["{}", "+45 {}", "0045{}", "(+45) {}"]))
@settings(max_examples=200, deadline=None)
def test_a_stored_number_is_read_as_itself(number: int, form: str) -> None:
    """A phone number in its stored form stays as it is."""
    stored = normalise.phone(form.format(number), "DK")
    assert normalise.phone(stored, "SE") == stored == f"+45{number}"
