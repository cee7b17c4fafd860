"""Numbers, days, moments and answers as people write them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.domain.errors import AmbiguousValue, CrmError, InvalidDate, InvalidPhone, InvalidValue
from crm.domain.schema import Property, Schema

ROLES = {"CHAMPION": "Champion", "END_USER": "End user", "OTHER": "Other"}
SCHEMA = Schema(
    [
        Property("email", "Email", "string"),
        Property("jobtitle", "Job Title", "string"),
        Property("phone", "Phone Number", "string"),
        Property("hubspot_owner_id", "Contact owner", "enumeration", {"1": "Sofie Lind", "2": "Bo Holm"}),
        Property("hs_buying_role", "Buying Role", "enumeration", ROLES, several=True),
        Property("revenue", "Omsætning sidste år", "number"),
        Property("signup", "Nyhedsbrev siden", "date"),
        Property("met_at", "Mødetidspunkt", "datetime"),
        Property("vip", "VIP", "bool", {"true": "Yes", "false": "No"}),
        Property("direct_number", "Direct number", "phone_number"),
    ]
)


def stored(name: str, text: str, region: str = "DK", schema: Schema = SCHEMA) -> str:
    return schema.value(schema[name], text, region)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026-05-03", "2026-05-03"),
        ("2026.5.3", "2026-05-03"),
        ("3/5-2026", "2026-05-03"),
        ("3.5.2026", "2026-05-03"),
        ("03/05/2026", "2026-05-03"),
        ("5/13/2026", "2026-05-13"),
        ("3. maj 2026", "2026-05-03"),
        ("den 3. maj 2026", "2026-05-03"),
        ("d. 3/5 2026", "2026-05-03"),
        ("May 3, 2026", "2026-05-03"),
        ("3 May 2026", "2026-05-03"),
        ("the 3rd of May 2026", "2026-05-03"),
        ("24. december 1980", "1980-12-24"),
        ("3. okt. 2026", "2026-10-03"),
        ("3/5-26", "2026-05-03"),
        ("2026-05-03T00:00:00Z", "2026-05-03"),
    ],
)
def test_a_day_in_the_users_notation(said: str, day: str) -> None:
    """Danish and English days become YYYY-MM-DD, the day before the month."""
    assert stored("signup", said) == day


def test_a_text_that_is_too_long_is_never_cut_short() -> None:
    """A text beyond what HubSpot holds is refused, not shortened; one that just fits is taken whole."""
    assert stored("jobtitle", "x" * 65_536) == "x" * 65_536
    with pytest.raises(InvalidValue):
        stored("jobtitle", "x" * 65_537)


def test_an_american_portal_writes_the_month_first() -> None:
    """In the region US a date in numbers begins with the month."""
    assert stored("signup", "03/05/2026", "US") == "2026-03-05"


@pytest.mark.parametrize(("said", "days"), [("i dag", 0), ("I morgen", 1), ("tomorrow", 1), ("i går", -1)])
def test_a_day_from_today(said: str, days: int) -> None:
    """Today, tomorrow and yesterday are days of the portal's calendar."""
    before, found, after = datetime.now(UTC), stored("signup", said), datetime.now(UTC)
    assert found in {(now + timedelta(days=days)).date().isoformat() for now in (before, after)}


@pytest.mark.parametrize(
    "said",
    [
        "3. maj",
        "maj 2026",
        "2026",
        "30/2/2026",
        "2026-13-05",
        "2026-02-30",
        "3 dage",
        "næste uge",
        "mandag",
        "12",
        "snart",
        "1777766400000",
        "1/1/0001",
        "3. maj eller 4. maj 2026",
        "3. maj 2026 kl. 14:30",
        "2026-05-03T14:30:00Z",
    ],
)
def test_half_a_date_is_no_day(said: str) -> None:
    """A date without day, month or year, one that does not exist, and one with a time of day are refused."""
    with pytest.raises(InvalidDate):
        stored("signup", said)


def test_a_year_of_two_digits_may_be_a_question() -> None:
    """Where two centuries are possible, both are offered, and each answer is read without doubt."""
    with pytest.raises(AmbiguousValue) as asked:
        stored("signup", "24-12-45")
    assert asked.value.params["options"] == ["1945-12-24", "2045-12-24"]
    assert [stored("signup", option) for option in asked.value.params["options"]] == ["1945-12-24", "2045-12-24"]


@pytest.mark.parametrize(
    ("said", "zone", "moment"),
    [
        ("3. maj 2026 14:30", "Europe/Copenhagen", "2026-05-03T12:30:00Z"),
        ("3. januar 2026 14:30", "Europe/Copenhagen", "2026-01-03T13:30:00Z"),
        ("2026-05-03", "Europe/Copenhagen", "2026-05-02T22:00:00Z"),
        ("2026-05-03", "UTC", "2026-05-03T00:00:00Z"),
        ("2026-05-03", "Nowhere/Land", "2026-05-03T00:00:00Z"),
        ("2026-05-03T14:30:00+02:00", "America/New_York", "2026-05-03T12:30:00Z"),
        ("2026-05-03T12:30:00.250Z", "UTC", "2026-05-03T12:30:00.250Z"),
    ],
)
def test_a_moment_is_one_of_the_portals_time_zone(said: str, zone: str, moment: str) -> None:
    """Without an offset a moment is local to the portal, and is stored in UTC."""
    assert stored("met_at", said, schema=SCHEMA.in_zone(zone)) == moment


def test_a_moment_is_shown_by_the_portals_clock() -> None:
    """People read a moment as they would write it."""
    prop = SCHEMA.in_zone("Europe/Copenhagen")["met_at"]
    assert prop.shown("2026-05-02T22:00:00Z", "da") == "2026-05-03 00:00"
    assert prop.shown("soon", "da") == "soon"
    assert prop.shown("9999-12-31T23:30:00Z", "da") == "9999-12-31T23:30:00Z"  # the clocks there end before


def test_a_moment_before_all_calendars_is_none() -> None:
    """A day whose midnight in the portal's time zone no calendar in UTC has is refused."""
    with pytest.raises(InvalidDate):
        stored("met_at", "0001-01-01", schema=SCHEMA.in_zone("Europe/Copenhagen"))


@pytest.mark.parametrize(
    ("said", "region", "number"),
    [
        ("1.234,5", "DK", "1234.5"),
        ("1,234.50", "DK", "1234.50"),
        ("10.000", "DK", "10000"),
        ("10,000", "US", "10000"),
        ("1.234.567", "US", "1234567"),
        ("0,125", "DK", "0.125"),
        ("1 234 567", "DK", "1234567"),
        ("-12,5", "DK", "-12.5"),
        ("2 mio", "DK", "2000000"),
        ("2,5 mio.", "DK", "2500000"),
        ("1,5 million", "DK", "1500000"),
        ("500k", "DK", "500000"),
        ("3 mia", "DK", "3000000000"),
        ("٣,٥", "DK", "3.5"),
        ("0,012345 k", "DK", "12.3450"),  # as 12.345 it would be read again as thousands
    ],
)
def test_a_number_in_the_users_notation(said: str, region: str, number: str) -> None:
    """Danish and English marks, and words for thousands and millions."""
    assert stored("revenue", said, region) == number


@pytest.mark.parametrize(
    "said", ["mange", "1.2.3", "1,23,456", "12.34,5", "2 billion", "5 kr", "1e5", "NaN", "--1", "½", "1.234,5.6"]
)
def test_what_is_no_number_is_refused(said: str) -> None:
    """Text that is no number, or one that means another in the other language, is refused."""
    with pytest.raises(InvalidValue):
        stored("revenue", said)


@pytest.mark.parametrize(
    ("said", "region", "options", "numbers"),
    [
        ("1,234", "DK", ["1234", "1,2340"], ["1234", "1.2340"]),
        ("1.234", "US", ["1234", "1.2340"], ["1234", "1.2340"]),
        ("1,234 mio", "DK", ["1234 mio", "1,2340 mio"], ["1234000000", "1234000"]),
    ],
)
def test_thousands_or_decimals_is_a_question(said: str, region: str, options: list[str], numbers: list[str]) -> None:
    """A group of three behind the region's decimal mark has two readings, which are offered."""
    with pytest.raises(AmbiguousValue) as asked:
        stored("revenue", said, region)
    assert asked.value.params["options"] == options
    assert [stored("revenue", option, region) for option in options] == numbers


@pytest.mark.parametrize("said", ["ja", "Yes", "TRUE", "sandt"])
def test_yes_is_true(said: str) -> None:
    """Yes in both languages, also where HubSpot labels the choice itself."""
    assert stored("vip", said) == "true"


def test_a_portals_own_phone_property_holds_numbers() -> None:
    """A property of the type phone number is normalised like HubSpot's own."""
    assert stored("direct_number", "22 33 44 55") == "+4522334455"
    with pytest.raises(InvalidPhone):
        stored("direct_number", "reception")


@given(
    st.sampled_from(["signup", "met_at", "revenue", "vip", "hubspot_owner_id", "hs_buying_role", "phone", "email"]),
    st.one_of(
        st.text(max_size=12),
        st.from_regex(r"-?[0-9]{1,4}([.,][0-9]{1,4}){0,3}( mio| k)?", fullmatch=True),
        st.dates().map(str),
        st.datetimes().map(lambda at: at.strftime("%d.%m.%Y %H:%M")),
        st.lists(st.sampled_from(list(ROLES.values())), min_size=1).map(", ".join),
    ),
    st.sampled_from(["DK", "US"]),
)
@settings(max_examples=300, deadline=None)
def test_what_is_stored_is_read_as_itself(name: str, text: str, region: str) -> None:
    """A stored value that a card is edited with stays the same, whatever was typed at first."""
    schema = SCHEMA.in_zone("Europe/Copenhagen")
    try:
        once = stored(name, text, region, schema)
    except CrmError:
        return
    assert stored(name, once, region, schema) == once
