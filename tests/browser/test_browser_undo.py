"""Taking back what was written, in a real browser: the button on the result, its card, and the list of changes."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.children import Sandbox

METTE = "mette.hansen@nordlys.example"


def title(crm: Sandbox) -> str:
    found = crm.find(METTE)
    assert found is not None
    return str(crm.get(found["id"], "jobtitle")["jobtitle"])


def picture(chat, name: str) -> None:
    """A screenshot, where a person wants to look at one."""
    if folder := os.environ.get("ASSISTANT_TEST_PICTURES"):
        chat.page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def test_an_update_is_undone_by_its_button(chat, crm: Sandbox) -> None:
    """The button on the result brings a card with before and after, and the approval the old value; then it is gone."""
    chat.say(f"ret stilling på {METTE} til CFO")
    expect(chat.button("Fortryd")).to_have_count(0)
    chat.press("Godkend")
    picture(chat, "undo-1-result")
    chat.press("Fortryd")
    table = chat.last.get_by_role("table")
    expect(table).to_contain_text("CFO")
    expect(table).to_contain_text("Salgschef")
    expect(chat.page.get_by_role("button", name="Fortryd", exact=True)).to_have_count(0)
    expect(chat.page.get_by_role("button", name="Ret", exact=True)).to_have_count(0)
    picture(chat, "undo-2-card")
    assert title(crm) == "CFO"
    chat.press("Godkend")
    chat.shows("er fortrudt: Stilling er nu Salgschef (før CFO)")
    picture(chat, "undo-3-undone")
    assert title(crm) == "Salgschef"
    # the button that is left is that of the undo itself
    expect(chat.page.get_by_role("button", name="Fortryd", exact=True)).to_have_count(1)
    chat.page.reload()
    chat.shows("er fortrudt")
    expect(chat.page.get_by_role("button", name="Fortryd", exact=True)).to_have_count(1)
    chat.press("Fortryd")
    chat.press("Godkend")
    chat.shows("Stilling er nu CFO (før Salgschef)")
    assert title(crm) == "CFO"


@pytest.mark.proof
def test_a_creation_is_undone_by_its_button(chat, crm: Sandbox) -> None:
    """A new contact is archived, and what was done stands in the list of changes."""
    chat.say("opret Per Testesen, per@nordlys.example, 22 11 33 44")
    chat.say("ja")
    chat.press("Fortryd")
    chat.shows("kontakten arkiveres")
    picture(chat, "undo-4-archive")
    chat.press("Godkend")
    chat.shows("kontakten er arkiveret")
    assert crm.find("per@nordlys.example") is None
    expect(chat.page.get_by_role("button", name="Fortryd", exact=True)).to_have_count(0)
    chat.say("hvad har du ændret i dag?")
    chat.shows("oprettede Per Testesen (fortrudt)")
    chat.shows("fortrød oprettelsen af Per Testesen")
    picture(chat, "undo-5-changes")


@pytest.mark.proof
def test_an_undo_that_is_not_wanted_after_all(chat, crm: Sandbox) -> None:
    """A cancelled undo writes nothing and brings the button back; it survives a reload, also with a card waiting."""
    chat.say(f"ret stilling på {METTE} til CFO")
    chat.press("Godkend")
    chat.press("Fortryd")
    chat.press("Annullér")
    chat.shows("annulleret")
    assert title(crm) == "CFO"
    expect(chat.page.get_by_role("button", name="Fortryd", exact=True)).to_have_count(1)
    chat.page.reload()
    chat.press("Fortryd")
    chat.page.reload()
    expect(chat.button("Godkend")).to_be_visible()
    expect(chat.page.get_by_role("button", name="Fortryd", exact=True)).to_have_count(0)
    chat.press("Godkend")
    chat.shows("er fortrudt")
    assert title(crm) == "Salgschef"


def test_two_tabs_undo_once(server, tab, crm: Sandbox) -> None:
    """A button that another tab has used up says that the change is undone already."""
    one = tab(server)
    one.open()
    one.say(f"ret stilling på {METTE} til CFO")
    one.press("Godkend")
    other = tab(server, beside=one)
    other.open(one.page.url.removeprefix(server.url))
    expect(other.button("Fortryd")).to_be_visible()
    one.press("Fortryd")
    one.press("Godkend")
    one.shows("er fortrudt")
    written = len(crm.writes())
    other.press("Fortryd")
    other.shows("allerede fortrudt")
    assert len(crm.writes()) == written


@pytest.mark.proof
def test_undo_in_english(server, tab, crm: Sandbox) -> None:
    """An English browser undoes an update and a creation by their buttons, in English."""
    chat = tab(server, locale="en-US")
    chat.open()
    chat.say(f"change the job title of {METTE} to CFO")
    chat.press("Approve")
    chat.press("Undo")
    chat.shows("Undo the change of Mette Hansen")
    picture(chat, "undo-6-english")
    chat.press("Approve")
    chat.shows("is undone: Job title is now Salgschef (was CFO)")
    assert title(crm) == "Salgschef"
    chat.say("create Per Testesen, per@nordlys.example")
    chat.press("Approve")
    chat.press("Undo")
    chat.press("Approve")
    chat.shows("the contact is archived")
    assert crm.find("per@nordlys.example") is None
    chat.say("what did you change today?")
    chat.shows("took back the creation of Per Testesen")
    picture(chat, "undo-7-english-changes")
