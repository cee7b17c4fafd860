"""What a language model says of writes, in a real page: a quotation, while it comes and when it is cut off."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.openai_wire import ToolCall, calls, says

IMITATED = (
    "**Anna Andersen er opdateret:** Stilling er nu Direktør (før CFO).\n\nVil du have mere gjort ved hende i dag?"
)
NOTHING = "Dette svar har ikke ændret noget i HubSpot:"


@pytest.fixture
def asked(model_server: Any, model: FakeOpenAI, tab: Callable[..., Any], crm: Sandbox) -> Any:
    """The chat while the model claims a write, slowly."""
    chat = tab(model_server)
    chat.open()
    model.play([says(IMITATED, delay=0.3)])
    chat.send("gør Anna til direktør")
    return chat


def test_a_models_done_is_a_quotation_while_it_comes(asked: Any, crm: Sandbox) -> None:
    """The sentence and the quotation stand before the model has ended, and when it has."""
    quotation = asked.last.locator("blockquote")
    expect(quotation).to_contain_text("Anna Andersen er opdateret")
    expect(asked.page.locator("#stop-button")).to_be_visible()
    asked.shows(NOTHING)
    expect(quotation).to_contain_text("i dag?")
    expect(asked.page.locator("#stop-button")).to_have_count(0)
    expect(quotation).to_have_count(1)
    expect(quotation).to_contain_text("Stilling er nu Direktør")
    asked.shows(NOTHING)
    assert crm.writes() == []


@pytest.mark.proof
def test_a_models_done_that_is_stopped_stays_a_quotation(asked: Any) -> None:
    """What Stop leaves of the model's words is a quotation too, also after a reload."""
    expect(asked.last.locator("blockquote")).to_contain_text("Stilling")
    asked.page.locator("#stop-button").click()
    expect(asked.replies.filter(has_text="Stoppet")).to_have_count(1)
    for _ in range(2):
        reply = asked.replies.filter(has_text="Anna Andersen")
        expect(reply).to_contain_text(NOTHING)
        expect(reply.locator("blockquote")).to_contain_text("er opdateret")
        asked.page.reload()


@pytest.mark.proof
def test_a_list_stands_above_the_quotation(model_server: Any, model: FakeOpenAI, tab: Callable[..., Any]) -> None:
    """The list that code made is no part of the quotation."""
    chat = tab(model_server)
    chat.open()
    query = {"query": "mette.hansen@nordlys.example"}
    model.play([calls(ToolCall("search_contacts", query)), says("Mette er opdateret nu.", delay=0.1)])
    chat.say("find Mette")
    chat.shows(NOTHING)
    expect(chat.last.locator("blockquote")).to_have_text("Mette er opdateret nu.")
    expect(chat.last.get_by_role("link", name="åbn")).to_have_count(1)


def test_an_honest_reply_is_no_quotation(model_server: Any, model: FakeOpenAI, tab: Callable[..., Any]) -> None:
    """A model's question or denial after a request for a change is not quoted, while it streams and afterwards."""
    chat = tab(model_server)
    chat.open()
    honest = "Intet er gemt endnu. Der er to, der hedder Anna. Hvilken af dem skal opdateres, når du har valgt?"
    model.play([says(honest, delay=0.1)])
    chat.send("gør Anna til direktør")
    expect(chat.last).to_contain_text("Der er to")
    expect(chat.last.locator("blockquote")).to_have_count(0)
    expect(chat.last).to_contain_text("når du har valgt?")
    expect(chat.page.locator("#stop-button")).to_have_count(0)
    expect(chat.last.locator("blockquote")).to_have_count(0)


@pytest.mark.proof
def test_a_link_cut_behind_its_backslash_hides_nothing(
    model_server: Any, model: FakeOpenAI, tab: Callable[..., Any]
) -> None:
    """A piece of a reply that ends in a backslash makes no link of the next one, also before the reply is whole."""
    chat = tab(model_server)
    chat.open()
    cut = "Se nu \\"  # as long as a piece of the scripted model's
    model.play([says(f"{cut}[her](http://evil.example)" + ", som du bad mig om" * 3, fault="stall")])
    chat.page.locator("#chat-input").click()
    chat.page.keyboard.insert_text("vis mig siden")
    chat.page.keyboard.press("Enter")
    expect(chat.last).to_contain_text("[her](http://evil.example)")
    chat.page.locator("#stop-button").click()
