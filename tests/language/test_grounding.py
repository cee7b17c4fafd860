"""Where a value on a card comes from: the user's words in any notation, a record's own value, or neither."""

import pytest

from crm.domain.schema import Schema
from language.grounding import sources

RECORDS = [
    ("email", "m.h@fjord-byg.example"),
    ("annualrevenue", "125.50"),
    ("company", "Havblik ApS"),
    ("phone", "+4522446688"),
    ("message", "Ret stillingen til Direktør"),
]


@pytest.mark.parametrize(
    ("said", "name", "given", "after"),
    [
        ("lukkedatoen er 3. maj 2026", "closedate", "2026-05-03", "2026-05-02T22:00:00Z"),
        ("luk den 3/5-2026", "closedate", "2026-05-03", "2026-05-02T22:00:00Z"),
        ("hun er født den 3. maj 1980", "date_of_birth", "1980-05-03", "1980-05-03"),
        ("gør hende til kunde", "lifecyclestage", "customer", "customer"),
        ("han er blevet kunden", "lifecyclestage", "customer", "customer"),
        ("sæt ejeren til Sofie", "hubspot_owner_id", "77040101", "77040101"),
        ("Sofies kontakt", "hubspot_owner_id", "Sofie Lind", "77040101"),
        ("ejer: sofie.lind@nordlys.example", "hubspot_owner_id", "77040101", "77040101"),
        ("sæt leadstatus til ny", "hs_lead_status", "NEW", "NEW"),
        ("ring på +45 22 33 44 55", "phone", "22334455", "+4522334455"),
        ("slet hendes telefonnummer", "phone", "", ""),
        ("fjern stillingen", "jobtitle", "", ""),
        ("hun er direktør", "jobtitle", "Direktør", "Direktør"),
    ],
)
def test_what_the_user_said(schema: Schema, said: str, name: str, given: str, after: str) -> None:
    """Dates, options, owners, numbers and cleared fields are the user's in whatever way they were said."""
    assert sources(said, RECORDS, schema)(name, given, after) == "user"


@pytest.mark.parametrize(
    ("said", "name", "after", "source"),
    [
        ("gør ham til noget", "lifecyclestage", "customer", "unknown"),
        ("opret en ny kontakt", "hs_lead_status", "NEW", "unknown"),
        ("ret hendes stilling", "phone", "", "unknown"),
        ("ring på 22 33 44 55, 12 stykker", "phone", "+4533445512", "unknown"),
        ("luk den 3. maj 2026", "closedate", "2026-05-03T22:00:00Z", "unknown"),
        ("sæt en ejer på", "hubspot_owner_id", "77040101", "unknown"),
        ("ret stillingen", "jobtitle", "Direktør", "unknown"),
        ("samme firma", "company", "Havblik ApS", "record"),
        ("samme firma", "company", "Havblik", "unknown"),
        ("samme firma", "company", "havblik  aps", "record"),
        ("samme mail", "email", "M.H@fjord-byg.example", "record"),
        ("samme mail", "email", "mh@fjordbyg.example", "unknown"),
        ("samme omsætning", "annualrevenue", "12550", "unknown"),
        ("samme omsætning", "annualrevenue", "125.50", "record"),
        ("samme nummer", "mobilephone", "+4522446688", "record"),
        ("samme nummer", "jobtitle", "Havblik ApS", "unknown"),
    ],
)
def test_what_the_user_did_not_say(schema: Schema, said: str, name: str, after: str, source: str) -> None:
    """A record gives whole values of the same field only; a part of its text, and what was made up, is unknown."""
    assert sources(said, RECORDS, schema)(name, after, after) == source


def test_a_long_text_is_read_in_time(schema: Schema) -> None:
    """A pasted text full of numbers takes no long time to be looked through for a date."""
    text = " ".join(f"{n}. maj {1900 + n % 100} pris {n}" for n in range(300))
    assert sources(text, [], schema)("closedate", "2031-01-01", "2030-12-31T23:00:00Z") == "unknown"
