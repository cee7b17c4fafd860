"""Somebody else changes the same contact: at every point the report is true, and nothing of theirs is lost for good."""

import asyncio
from typing import Any

import pytest

from support.children import Sandbox
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
UPDATE = f"ret stilling på {METTE} til CFO"
CREATE = "opret Per Testesen, per@nordlys.example"
PATCH = {"method": "PATCH"}
POST = {"method": "POST", "path_matches": "/contacts$"}


def contact_on(talk: Talk) -> str:
    assert talk.card is not None
    return str(talk.card["changes"][0]["contact_id"])


async def meanwhile(talk: Talk, crm: Sandbox, match: dict[str, Any], act: Any, method: str) -> str:
    """Approves the card, and does ``act`` while the CRM is keeping the call that ``match`` names; the reply."""
    crm.forget()
    crm.fail(match=match, delay=0.8)
    approving = asyncio.create_task(talk.decide("approve"))
    nth = match.get("nth", 1)
    for _ in range(300):
        found = await asyncio.to_thread(crm.requests)
        if sum(request["method"] == method and "/search" not in request["path"] for request in found) >= nth:
            break
        await asyncio.sleep(0.02)
    else:
        raise AssertionError(f"no {method} was sent")
    await asyncio.to_thread(act)
    return await approving


def ours(crm: Sandbox, value: str) -> int:
    return sum(write["properties"].get("jobtitle") == value for write in crm.writes())


async def test_an_edit_before_the_card_is_on_it(talk: Talk, crm: Sandbox) -> None:
    """The card shows the record as it is when it is proposed, also after somebody's edit a moment before."""
    await talk.say(f"find {METTE}")
    crm.set(str((await talk.values())["desk"]["focus"]["id"]), jobtitle="Partner")
    await talk.say(UPDATE)
    assert talk.rows == {"jobtitle": ("Partner", "CFO")}


async def test_an_edit_of_another_field_is_kept(talk: Talk, crm: Sandbox) -> None:
    """An edit of a field that is not on the card keeps nobody from writing, and is not touched."""
    await talk.say(UPDATE)
    contact = contact_on(talk)
    crm.set(contact, city="Odense")
    assert "er opdateret" in await talk.decide("approve")
    assert crm.get(contact, "city", "jobtitle").items() >= {"city": "Odense", "jobtitle": "CFO"}.items()


async def test_an_edit_between_card_and_click_stops_the_write(talk: Talk, crm: Sandbox) -> None:
    """Nothing is written over an edit that came after the card; the fresh card shows it, and can be approved."""
    await talk.say(UPDATE)
    contact = contact_on(talk)
    crm.set(contact, jobtitle="Partner")
    assert "intet er skrevet" in await talk.decide("approve")
    assert ours(crm, "CFO") == 0
    assert talk.rows == {"jobtitle": ("Partner", "CFO")}
    assert "er opdateret" in await talk.decide("approve")
    assert crm.get(contact, "jobtitle")["jobtitle"] == "CFO"


async def test_the_same_edit_by_somebody_else_is_not_written_again(talk: Talk, crm: Sandbox) -> None:
    """Where somebody else made the very change meanwhile, nothing is written and it is said that it is so already."""
    await talk.say(UPDATE)
    crm.set(contact_on(talk), jobtitle="CFO")
    assert "ser allerede sådan ud" in await talk.decide("approve")
    assert ours(crm, "CFO") == 1


async def test_an_edit_in_the_last_instant_is_told_and_can_be_brought_back(talk: Talk, crm: Sandbox) -> None:
    """What somebody wrote between the last look and the write is named, and the undo brings theirs back."""
    await talk.say(UPDATE)
    contact = contact_on(talk)
    reply = await meanwhile(talk, crm, PATCH, lambda: crm.set(contact, jobtitle="Partner"), "PATCH")
    assert "er opdateret" in reply
    assert "en anden skrevet »Partner« i Stilling" in reply
    assert crm.get(contact, "jobtitle")["jobtitle"] == "CFO"
    outcome = (await talk.values())["messages"][-1].additional_kwargs["outcomes"][0]
    await talk.press("undo", change_id=outcome["change_id"])
    assert talk.rows == {"jobtitle": ("CFO", "Partner")}
    await talk.decide("approve")
    assert crm.get(contact, "jobtitle")["jobtitle"] == "Partner"


async def test_an_edit_in_the_last_instant_of_one_field_of_two(talk: Talk, crm: Sandbox) -> None:
    """Only the field that was overwritten is named."""
    await talk.say(f"ret stilling på {METTE} til CFO og by til Vejle")
    contact = contact_on(talk)
    reply = await meanwhile(talk, crm, PATCH, lambda: crm.set(contact, city="Odense"), "PATCH")
    assert "»Odense« i By" in reply
    assert "i Stilling" not in reply


async def test_an_edit_right_after_the_write_is_told(talk: Talk, crm: Sandbox) -> None:
    """A value that somebody wrote over ours before it was read back is told as theirs, not as a write that failed."""
    await talk.say(UPDATE)
    contact = contact_on(talk)
    second_look = {"method": "GET", "path_contains": contact, "nth": 2}
    reply = await meanwhile(talk, crm, second_look, lambda: crm.set(contact, jobtitle="Partner"), "GET")
    assert "er opdateret" in reply
    assert "en anden »Partner« i Stilling" in reply
    assert "blev ikke ændret" not in reply
    assert crm.get(contact, "jobtitle")["jobtitle"] == "Partner"


async def test_an_edit_after_the_write_stays_at_an_undo(talk: Talk, crm: Sandbox) -> None:
    """What somebody wrote after the report is not undone, and the undo says so."""
    await talk.say(UPDATE)
    contact = contact_on(talk)
    await talk.decide("approve")
    outcome = (await talk.values())["messages"][-1].additional_kwargs["outcomes"][0]
    crm.set(contact, jobtitle="Partner")
    reply = await talk.press("undo", change_id=outcome["change_id"])
    assert talk.card is None
    assert "ændret" in reply
    assert crm.get(contact, "jobtitle")["jobtitle"] == "Partner"


async def test_a_contact_that_appears_in_the_last_instant_is_not_doubled(talk: Talk, crm: Sandbox) -> None:
    """A contact with the same email, made between the last look and the create, becomes a card of its update."""
    await talk.say(CREATE)
    made: list[str] = []
    reply = await meanwhile(talk, crm, POST, lambda: made.append(crm.create(email="per@nordlys.example")), "POST")
    assert "intet er oprettet" in reply
    assert contact_on(talk) == made[0]
    assert len(crm.writes()) == 1


async def test_a_contact_that_vanishes_in_the_last_instant(talk: Talk, crm: Sandbox) -> None:
    """A contact that is deleted between the last look and the write is said to be gone."""
    await talk.say(UPDATE)
    contact = contact_on(talk)
    reply = await meanwhile(talk, crm, PATCH, lambda: crm.archive(contact), "PATCH")
    assert "findes ikke længere" in reply
    assert ours(crm, "CFO") == 0


@pytest.mark.parametrize("value", ["Bogholder", "CFO"])
async def test_an_edit_in_the_last_instant_that_loses_nothing_is_not_reported(
    talk: Talk, crm: Sandbox, value: str
) -> None:
    """Where the other wrote the old value or ours, nothing is lost, and nothing is said to be."""
    crm.set(str((crm.find(METTE) or {})["id"]), jobtitle="Bogholder")
    await talk.say(UPDATE)
    contact = contact_on(talk)
    reply = await meanwhile(talk, crm, PATCH, lambda: crm.set(contact, jobtitle=value), "PATCH")
    assert "er opdateret" in reply
    assert "overskrevet" not in reply
