"""Values in the user's notation, and what is not to be done, through a whole conversation with the guided model."""

from support.children import Sandbox
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"


async def test_an_owner_by_first_name(talk: Talk, crm: Sandbox) -> None:
    """An owner's first name becomes the owner, shown by name and written by id."""
    await talk.say(f"ret ejeren på {METTE} til Karen")
    assert talk.rows["hubspot_owner_id"][1] == "77040131"
    assert "Karen Sølvsten" in await talk.say("ja")
    assert crm.writes()[-1]["properties"]["hubspot_owner_id"] == "77040131"


async def test_an_owner_who_was_deactivated(talk: Talk, crm: Sandbox) -> None:
    """Who left is named on the contact, on the card and in what was done, and is not offered as an owner."""
    await talk.say("find edlc@lindholmadv.example")
    assert "Lone Dahl" in await talk.say("vis detaljer om nummer 1")
    await talk.say("ret ejeren på edlc@lindholmadv.example til Karen")
    assert talk.card is not None
    (row,) = talk.card["changes"][0]["rows"]
    assert row["before"] == "77040189" and row["shown"] == {"77040189": "Lone Dahl"}
    assert "Lone Dahl" not in {option["label"] for option in row["options"]}
    told = await talk.say("ja")
    assert "Karen Sølvsten" in told and "Lone Dahl" in told
    refused = await talk.say("ret ejeren på bjork@eldfjall.example til Lone Dahl")
    assert "Lone Dahl" not in refused.partition("Vælg en af disse")[2] and "Karen Sølvsten" in refused
    assert talk.card is None


async def test_a_date_with_two_readings_is_asked_about(talk: Talk) -> None:
    """A year of two digits that may be of two centuries is a question, and its answer makes the card."""
    asked = await talk.say(f"ret lukkedato på {METTE} til 24-12-45")
    assert "1945-12-24" in asked
    assert "2045-12-24" in asked
    await talk.say("1945-12-24")
    assert talk.rows["closedate"][1] == "1945-12-23T23:00:00Z"  # midnight in Copenhagen


async def test_a_date_that_is_none_says_how_to_write_one(talk: Talk) -> None:
    """Text that is no date is refused with an example, and the draft waits for the answer."""
    assert "24. december 2026" in await talk.say(f"ret lukkedato på {METTE} til snart")
    await talk.say("3. maj 2026")
    assert talk.rows["closedate"][1] == "2026-05-02T22:00:00Z"
    assert "2026-05-03 00:00" in await talk.say("ja")


async def test_a_command_that_is_refused_brings_no_card(talk: Talk, crm: Sandbox) -> None:
    """What the assistant is told not to do is not proposed, and what is to be kept stands on no card."""
    assert "Helt fint" in await talk.say("opret ikke Per Olsen, per@nordlys.example")
    assert talk.card is None
    await talk.say("fjern telefonen på mette.hansen@nordlys.example, men behold hendes stilling")
    assert set(talk.rows) == {"phone"}
