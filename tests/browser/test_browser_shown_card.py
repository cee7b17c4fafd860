"""Tabs of one conversation: what is written in a tab answers the card that this tab showed, and no other."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, expect

from support.children import Sandbox

UPDATE = "ret stilling på mette.hansen@nordlys.example til CFO"
OTHER = "ret stilling på mh@fjordbyg.example til Formand"


@pytest.fixture
def beside(chat, server, tab: Callable[..., Any]) -> Any:
    """A second tab of the conversation, whose card both tabs show."""
    chat.say(UPDATE)
    second = tab(server, beside=chat)
    second.open(urlsplit(chat.page.url).path)
    expect(second.button("Godkend")).to_be_visible()
    return second


def approve_buttons(chat: Any) -> Locator:
    found: Locator = chat.page.get_by_role("button", name="Godkend", exact=True)
    return found


def write(chat: Any, text: str) -> None:
    """Sends a message, and does not wait for the answer."""
    chat.page.locator("#chat-input").click()
    chat.page.keyboard.insert_text(text)
    chat.page.keyboard.press("Enter")


@contextmanager
def held(server: Any) -> Iterator[None]:
    """Keeps whoever puts a card aside waiting for the ledger."""
    with closing(sqlite3.connect(server.log.parent / "var" / "ledger.db", isolation_level=None)) as ledger:
        ledger.execute("begin immediate")
        yield
        ledger.execute("rollback")


def test_a_yes_does_not_approve_a_card_that_was_never_shown(chat, beside, crm: Sandbox) -> None:
    """A yes in a tab whose card was replaced elsewhere writes nothing and shows the new card; the next yes means it."""
    beside.say(OTHER)
    chat.say("ja")
    expect(chat.page.locator("body")).to_contain_text("intet er besluttet")
    expect(chat.last.get_by_role("table")).to_contain_text("Formand")
    expect(approve_buttons(chat)).to_have_count(1)
    expect(chat.replies.filter(has_text="CFO").first).to_contain_text("Erstattet af et nyt kort")
    assert crm.writes() == []
    chat.say("ja")
    chat.shows("er opdateret")
    assert [w["properties"] for w in crm.writes()] == [{"jobtitle": "Formand"}]


def test_a_card_that_was_decided_elsewhere_is_closed_at_the_next_turn(chat, beside, crm: Sandbox) -> None:
    """A tab whose card was approved elsewhere has no buttons for it after its next turn, and its yes writes nothing."""
    beside.press("Godkend")
    beside.shows("er opdateret")
    chat.say("ja")
    expect(approve_buttons(chat)).to_have_count(0)
    expect(chat.replies.filter(has_text="CFO").first).to_contain_text("Godkendt")
    assert len(crm.writes()) == 1


@pytest.mark.proof
def test_a_yes_in_the_tab_that_shows_the_card_approves_it(chat, beside, crm: Sandbox) -> None:
    """A yes in a tab that was opened on the waiting card approves it."""
    beside.say("ja")
    beside.shows("er opdateret")
    assert len(crm.writes()) == 1


@pytest.mark.proof
def test_a_yes_that_waits_for_another_tabs_turn_is_for_the_card_it_saw(chat, beside, server, crm: Sandbox) -> None:
    """A yes that is written while another tab's words are replacing the card does not approve the new one."""
    with held(server):
        write(chat, OTHER)
        expect(chat.page.locator("#stop-button")).to_be_visible()
        write(beside, "ja")
        expect(beside.page.locator("[data-step-type=user_message]").last).to_contain_text("ja")
    expect(beside.replies.filter(has_text="intet er besluttet")).to_have_count(1)
    expect(beside.last.get_by_role("table")).to_contain_text("Formand")
    assert crm.writes() == []


@pytest.mark.proof
def test_a_yes_after_stop_does_not_write_a_card_that_is_not_shown(chat, server, crm: Sandbox) -> None:
    """Stop while the card is being put aside leaves none on the page; a yes then writes nothing, and shows it."""
    chat.say(UPDATE)
    with held(server):
        write(chat, "find Ida")
        chat.page.locator("#stop-button").click()
        expect(chat.replies.filter(has_text="Stoppet")).to_have_count(1)
    expect(approve_buttons(chat)).to_have_count(0)
    chat.say("ja")
    assert crm.writes() == []
