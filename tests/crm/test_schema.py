"""Properties by any of their names, and values in the user's notation."""

import pytest

from crm.domain.errors import InvalidOption, InvalidValue, ReadOnlyProperty, UnknownProperty
from crm.domain.schema import Property, Schema

STAGES = {"lead": "Lead", "customer": "Customer"}
SCHEMA = Schema(
    [
        Property("jobtitle", "Job Title", "string"),
        Property("phone", "Phone Number", "string"),
        Property("lifecyclestage", "Lifecycle Stage", "enumeration", STAGES),
        Property(
            "hs_buying_role", "Buying Role", "enumeration", {"END_USER": "End user", "CHAMPION": "Champion"}, True
        ),
        Property("annualrevenue", "Annual Revenue", "number"),
        Property("signup", "Newsletter signup", "date"),
        Property("vip", "Very important", "bool"),
        Property("createdate", "Create Date", "datetime", read_only=True),
    ]
)


@pytest.mark.parametrize("name", ["stilling", "Job title", "jobtitle", "JOBTITLE", "job-title", "Titel"])
def test_a_property_has_many_names(name: str) -> None:
    """Internal name, HubSpot's label and Danish and English words find the same property."""
    assert SCHEMA.find(name).name == "jobtitle"


def test_a_portals_own_property_is_found_by_its_label() -> None:
    """A custom property is known by the label it has in HubSpot."""
    assert SCHEMA.find("newsletter Signup").name == "signup"


def test_an_unknown_property_names_the_nearest() -> None:
    """A name that is no property's comes with those that are meant most likely."""
    with pytest.raises(UnknownProperty) as unknown:
        SCHEMA.find("stillling")
    assert "jobtitle" in unknown.value.params["nearest"]


@pytest.mark.parametrize(
    ("name", "given", "stored"),
    [
        ("lifecyclestage", "Kunde", "customer"),
        ("lifecyclestage", "CUSTOMER", "customer"),
        ("hs_buying_role", "End user, champion", "END_USER;CHAMPION"),
        ("annualrevenue", "1.234.567,5", "1234567.5"),
        ("annualrevenue", "42", "42"),
        ("signup", "24.12.2026", "2026-12-24"),
        ("signup", "2026-12-24", "2026-12-24"),
        ("vip", "ja", "true"),
        ("jobtitle", "  Head   of Sales ", "Head of Sales"),
        ("jobtitle", "", ""),
    ],
)
def test_values_are_read_in_the_users_notation(name: str, given: str, stored: str) -> None:
    """Options by label in either language, Danish numbers and dates, yes and no."""
    assert SCHEMA.value(SCHEMA[name], given, "DK") == stored


@pytest.mark.parametrize(
    ("name", "given", "error"),
    [
        ("lifecyclestage", "Superhelt", InvalidOption),
        ("annualrevenue", "mange", InvalidValue),
        ("signup", "snart", InvalidValue),
        ("vip", "måske", InvalidValue),
        ("createdate", "2026-01-01", ReadOnlyProperty),
    ],
)
def test_what_does_not_fit_is_refused(name: str, given: str, error: type[Exception]) -> None:
    """A value that the property cannot hold is refused with the reason."""
    with pytest.raises(error):
        SCHEMA.value(SCHEMA[name], given, "DK")
