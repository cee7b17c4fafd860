"""What people ask of a crowd of contacts: as a model's call, in Danish and in English, and who fits by plain Python.

The expected contacts are computed from the seed's own list of people, without any search.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.seed.crowd import crowd

Person = Mapping[str, Any]
Fits = Callable[[Person], bool]


@dataclass(frozen=True)
class Wanted:
    """One way to ask. ``filters`` and ``sort``: as a language model gives them to the tool."""

    danish: str
    english: str
    filters: Mapping[str, str]
    fits: Fits
    sort: str = ""
    order: Callable[[Person], Any] | None = field(default=None)
    falling: bool = False


def people(count: int, owners: Mapping[str, str]) -> list[dict[str, Any]]:
    """The people of the seed ``people:COUNT``; ``owner`` is the owner's name, ``created`` a moment."""
    return [
        {
            **person,
            "created": datetime.fromtimestamp(ms / 1_000, UTC),
            "owner": owners.get(person.get("hubspot_owner_id", ""), ""),
        }
        for ms, person in crowd(count)
    ]


def _day(person: Person) -> Any:
    """The day of the creation by the portal's clock, Copenhagen's."""
    return person["created"].astimezone(ZoneInfo("Europe/Copenhagen")).date().isoformat()


def _contacted_since(person: Person, days: int) -> bool:
    moment = str(person.get("notes_last_contacted") or "")
    return bool(moment) and datetime.fromisoformat(moment) >= datetime.now(UTC) - timedelta(days=days)


def _towns(person: Person, *names: str) -> bool:
    return any(name in person["city"].split() for name in names)


WANTED = (
    Wanted(
        "leads med status Ny",
        "leads with status New",
        {"lifecyclestage": "Lead", "lead status": "New"},
        lambda p: p["lifecyclestage"] == "lead" and p.get("hs_lead_status") == "NEW",
    ),
    Wanted(
        "hvilke kontakter ejer Sofie Lind?",
        "which contacts does Sofie Lind own?",
        {"owner": "Sofie Lind"},
        lambda p: p["owner"] == "Sofie Lind",
    ),
    Wanted("kontakter uden ejer", "contacts without an owner", {"hubspot_owner_id": "empty"}, lambda p: not p["owner"]),
    Wanted(
        "vis kunder uden telefonnummer",
        "show customers without a phone number",
        {"phone": "empty", "lifecyclestage": "customer"},
        lambda p: not p.get("phone") and p["lifecyclestage"] == "customer",
    ),
    Wanted(
        "kontakter med mobil",
        "contacts with a mobile number",
        {"mobilephone": "set"},
        lambda p: bool(p.get("mobilephone")),
    ),
    Wanted(
        "kontakter oprettet i marts 2020",
        "contacts created in March 2020",
        {"createdate": "March 2020"},
        lambda p: _day(p).startswith("2020-03"),
    ),
    Wanted(
        "kontakter oprettet mellem 1. februar 2020 og 15. marts 2020",
        "contacts created between 1 February 2020 and 15 March 2020",
        {"createdate": "2020-02-01..2020-03-15"},
        lambda p: "2020-02-01" <= _day(p) <= "2020-03-15",
    ),
    Wanted(
        "kontakter oprettet før 1. februar 2020",
        "contacts created before 1 February 2020",
        {"createdate": "<2020-02-01"},
        lambda p: _day(p) < "2020-02-01",
    ),
    Wanted(
        "kontakter vi ikke har kontaktet i tre måneder",
        "contacts not contacted in three months",
        {"notes_last_contacted": "!last 3 months"},
        lambda p: not _contacted_since(p, 92),
    ),
    Wanted(
        "kontakter som aldrig er blevet kontaktet",
        "contacts never contacted",
        {"notes_last_contacted": "empty"},
        lambda p: not p.get("notes_last_contacted"),
    ),
    Wanted(
        "vis kontakter der ikke er kunder",
        "show contacts that are not customers",
        {"lifecyclestage": "!customer"},
        lambda p: p["lifecyclestage"] != "customer",
    ),
    Wanted(
        "kunder i Aarhus eller Odense",
        "customers in Aarhus or Odense",
        {"city": "Aarhus; Odense", "lifecyclestage": "customer"},
        lambda p: p["lifecyclestage"] == "customer" and _towns(p, "Aarhus", "Odense"),
    ),
    Wanted(
        "leads der ikke er i Odense",
        "leads not in Odense",
        {"city": "!Odense", "lifecyclestage": "lead"},
        lambda p: p["lifecyclestage"] == "lead" and not _towns(p, "Odense"),
    ),
    Wanted(
        "hvor mange kunder har vi?",
        "how many customers do we have?",
        {"lifecyclestage": "customer"},
        lambda p: p["lifecyclestage"] == "customer",
    ),
    Wanted(
        "mine kunder",
        "my customers",
        {"owner": "me", "lifecyclestage": "customer"},
        lambda p: p["owner"] == "Sofie Lind" and p["lifecyclestage"] == "customer",
    ),
    Wanted(
        "de nyeste kontakter",
        "the newest contacts",
        {},
        lambda p: True,
        "-createdate",
        lambda p: p["created"],
        falling=True,
    ),
    Wanted(
        "leads uden e-mail, sorteret efter efternavn",
        "leads without an email, sorted by last name",
        {"lifecyclestage": "lead", "email": "empty"},
        lambda p: p["lifecyclestage"] == "lead" and not p.get("email"),
        "lastname",
        lambda p: p["lastname"].lower(),
    ),
)
