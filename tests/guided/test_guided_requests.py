"""Changes and corrections that a template reads as a whole message."""

from typing import Any

import pytest

from guided.policy import decide
from guided.turn import Call

CARD = {
    "draft": {"action": "update", "contact_id": "9", "contact": "Bo", "values": {"phone": "22334455"}, "carded": True}
}
NEW = {"draft": {"action": "create", "values": {"firstname": "Bo", "city": "Ribe"}, "carded": True}}
DONE = {"focus": {"id": "9", "name": "Bo"}, "done": {"action": "update", "contact_id": "9", "values": {"city": "Ely"}}}


def arguments(message: str, desk: dict[str, Any]) -> dict[str, Any]:
    step = decide(message, desk, "DK")
    assert isinstance(step, Call), step
    return step.arguments


@pytest.mark.parametrize(
    ("message", "contact", "values"),
    [
        ("sæt postnummeret på Bo Vang til 2100, tak", "Bo Vang", {"zip": "2100"}),
        ("remove the fax number from hester bloom", "hester bloom", {"fax": ""}),
        ("Put Ian Stott's city down as Bath", "Ian Stott", {"city": "Bath"}),
        ("lead status Open for Abel Quick please", "Abel Quick", {"hs_lead_status": "Open"}),
        ("make Dev Patel the owner of Hugh Lacey", "Hugh Lacey", {"hubspot_owner_id": "Dev Patel"}),
        ("Lea Sommer overtager Kaja Brems", "Kaja Brems", {"hubspot_owner_id": "Lea Sommer"}),
        (
            "ret Hedda Storr: stilling Salgsdirektør og by Taastrup",
            "Hedda Storr",
            {"jobtitle": "Salgsdirektør", "city": "Taastrup"},
        ),
        (
            "På Ivan Moos: slet mobilnummeret, sæt telefon til 76 54 32 99 og lead status til Connected",
            "Ivan Moos",
            {"mobilephone": "", "phone": "76 54 32 99", "hs_lead_status": "Connected"},
        ),
        ("set the buying role of Thelma Gates to + Influencer", "Thelma Gates", {"hs_buying_role": "+ Influencer"}),
    ],
)
def test_a_change_in_one_message(message: str, contact: str, values: dict[str, str]) -> None:
    """The contact and every value are read, and nothing else; a "+" stays."""
    assert arguments(message, {}) == {"contact": contact, "properties": values}


def test_the_portals_own_fields() -> None:
    """A field that only this portal has is known by its label."""
    desk = {"fields": {"favoriteproduct": "favorite_product"}}
    asked = arguments("set the favorite product of Ned Hollis to Klit sofa", desk)
    assert asked == {"contact": "Ned Hollis", "properties": {"favorite_product": "Klit sofa"}}


@pytest.mark.parametrize(
    ("desk", "message", "properties"),
    [
        (CARD, "nej, jeg mente mobilen", {"mobilephone": "22334455"}),
        (CARD, "det skal være 22 33 44 66", {"phone": "22 33 44 66"}),
        (CARD, "also add the job title CFO", {"phone": "22334455", "jobtitle": "CFO"}),
        (NEW, "lad byen være tom", {"firstname": "Bo"}),
        (NEW, "the city should be Esbjerg", {"firstname": "Bo", "city": "Esbjerg"}),
        (DONE, "actually it should be Ipswich", {"city": "Ipswich"}),
        (DONE, "ups, der skal stå Ribe", {"city": "Ribe"}),
        (DONE, "ups, byen skal være Esbjerg", {"city": "Esbjerg"}),
        (DONE, "oops, the city should be Epsom", {"city": "Epsom"}),
        (CARD, "undskyld, det er hendes mobil", {"mobilephone": "22334455"}),
    ],
)
def test_a_correction(desk: dict[str, Any], message: str, properties: dict[str, str]) -> None:
    """A correction changes what it names, of a card that waited or of what was just written, and nothing else."""
    assert arguments(message, desk)["properties"] == properties


def test_the_other_person() -> None:
    """Another name moves a change to that contact, with the same values."""
    assert arguments("nej, det var Ivan Stott", CARD) == {"contact": "Ivan Stott", "properties": {"phone": "22334455"}}


@pytest.mark.parametrize(
    "message",
    [
        "set the volume of the speaker to 5",
        "sæt temperaturen i stuen til 21",
        "change the number of lights to 5",
        "make Mondays the owner of my week",
        "set the title of my song to Hello",
    ],
)
def test_what_only_looks_like_a_change(message: str) -> None:
    """Things have no fields, and a value that its field cannot have is none."""
    step = decide(message, {}, "DK")
    assert not isinstance(step, Call), step


def test_what_was_put_aside_stays_aside() -> None:
    """A message that is not understood withdraws the card for good: a later yes does not bring it back."""
    step = decide("ej undskyld, jeg roder rundt i de to, det var hende med smykkerne", CARD, "DK")
    assert not isinstance(step, Call)
    assert step.draft == {}
