"""Values are cleaned, never destroyed."""

import pytest

from crm import normalise
from crm.errors import InvalidEmail, InvalidPhone


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


@pytest.mark.parametrize("name", ["van der Berg", "Ångström", "O'Neil", "李小龙", "Jens-Peter", "محمد"])
def test_names_stay_as_they_are(name: str) -> None:
    """Cleaning leaves the names of people alone."""
    assert normalise.clean(f"  {name}\u202e\x00 ") == name
