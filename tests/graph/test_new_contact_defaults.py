"""The portal's defaults on the card of a new contact: shown, changed, cleared, and not for contacts that exist."""

from collections.abc import AsyncIterator

import pytest

from support.children import Sandbox
from support.talk import Talk

PERSON = "opret Per Testesen, per.testesen@nordlys.example, CFO"


@pytest.fixture
async def configured(opener) -> AsyncIterator[Talk]:
    """A conversation of an assistant with two good defaults and one that does not fit."""
    async with opener(new_contact="livscyklusfase=Lead, ejer=sofie.lind@nordlys.example, branche_x=Metal") as graph:
        yield Talk(graph)


async def test_defaults_are_rows_of_the_card(configured: Talk, crm: Sandbox) -> None:
    """Each default is a row marked as one, needs no acknowledgement, and is written with the contact."""
    await configured.say(PERSON)
    (change,) = configured.card["changes"]
    marked = {row["property"]: row["after"] for row in change["rows"] if row["source"] == "default"}
    assert marked == {"lifecyclestage": "lead", "hubspot_owner_id": "77040101"}
    assert change["acknowledge"] == []
    await configured.say("ja")
    written = crm.writes()[-1]["properties"]
    assert (written["lifecyclestage"], written["hubspot_owner_id"]) == ("lead", "77040101")


async def test_a_default_that_does_not_fit_is_a_warning(configured: Talk) -> None:
    """The card says which default was left out, and what to run."""
    await configured.say(PERSON)
    (warning,) = configured.card["changes"][0]["warnings"]
    assert "branche_x=Metal" in warning
    assert "make doctor" in warning


async def test_a_default_is_changed_and_cleared_on_the_card(configured: Talk, crm: Sandbox) -> None:
    """An edit of the card changes one default and clears another, and what is cleared stays away."""
    await configured.say(PERSON)
    await configured.decide("edit", values={"lifecyclestage": "customer", "hubspot_owner_id": ""})
    written = crm.writes()[-1]["properties"]
    assert written["lifecyclestage"] == "customer"
    assert not written.get("hubspot_owner_id")


async def test_a_cleared_default_stays_away_through_a_fresh_card(configured: Talk, crm: Sandbox) -> None:
    """Where the edit brings a look-alike to light, the fresh card has no cleared default, nor has its edit."""
    crm.create(firstname="Gert", lastname="Grummesen", phone="+4571717171")
    await configured.say(PERSON)
    gert = {"firstname": "Gert", "lastname": "Grummesen", "phone": "71717171"}
    await configured.decide("edit", values={"hubspot_owner_id": "", **gert})
    assert "hubspot_owner_id" not in configured.rows
    assert configured.card["changes"][0]["twins"]
    await configured.decide("edit", values={"jobtitle": "CEO"}, acknowledge=["create_despite_twins"])
    written = crm.writes()[-1]["properties"]
    assert written["jobtitle"] == "CEO"
    assert not written.get("hubspot_owner_id")


async def test_defaults_survive_a_correction_in_words(configured: Talk) -> None:
    """A correction that puts the card aside keeps the defaults as defaults."""
    await configured.say(PERSON)
    await configured.say("nej, hans stilling er CEO")
    (change,) = configured.card["changes"]
    sources = {row["property"]: row["source"] for row in change["rows"]}
    assert sources["lifecyclestage"] == "default"
    assert configured.rows["jobtitle"] == (None, "CEO")
    assert change["acknowledge"] == []


async def test_an_existing_contact_keeps_its_own(configured: Talk, crm: Sandbox) -> None:
    """Where the user takes a contact that exists, the defaults are no part of its update."""
    twin = crm.create(firstname="Per", lastname="Testesen", lifecyclestage="evangelist", phone="+4571717171")
    await configured.say("opret Per Testesen, 71717171, CFO")
    await configured.decide("use_existing", contact_id=twin)
    assert configured.rows == {"jobtitle": (None, "CFO")}


async def test_a_cleared_default_stays_away_through_a_correction_in_words(configured: Talk, crm: Sandbox) -> None:
    """A default that was cleared on one card is not on the card that a correction in words brings."""
    crm.create(firstname="Gert", lastname="Grummesen", phone="+4571717171")
    await configured.say(PERSON)
    gert = {"firstname": "Gert", "lastname": "Grummesen", "phone": "71717171"}
    await configured.decide("edit", values={"hubspot_owner_id": "", **gert})
    await configured.say("nej, hans stilling er CEO")
    assert configured.rows["jobtitle"] == (None, "CEO")
    assert "hubspot_owner_id" not in configured.rows
