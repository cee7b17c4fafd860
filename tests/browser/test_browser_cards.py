"""Buttons of cards that are no longer, or never were, this conversation's: each refusal has its own sentence."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from support.children import Sandbox

UPDATE = "ret stilling på mette.hansen@nordlys.example til CFO"


def card_id(chat: Any) -> str:
    """The id of the card that waits, from a click that never leaves the page."""
    chat.page.route("**/project/action", lambda route: route.abort())
    with chat.page.expect_request("**/project/action") as sent:
        chat.button("Godkend").click()
    chat.page.unroute("**/project/action")
    return str(sent.value.post_data_json["action"]["payload"]["id"])


def press_for(chat: Any, other_id: str) -> None:
    """Presses Godkend, with the id of another card in what the page sends."""

    def forged(route: Any) -> None:
        body = route.request.post_data_json
        body["action"]["payload"]["id"] = other_id
        route.continue_(post_data=body)

    chat.page.route("**/project/action", forged)
    chat.press("Godkend")
    chat.page.unroute("**/project/action")


def test_a_button_of_another_card_is_told_why_not(chat, server, tab: Callable[..., Any], crm: Sandbox) -> None:
    """An old card, another conversation's and one that never was are refused, each in its own words."""
    chat.say(UPDATE)
    old = card_id(chat)
    chat.say("nej, Direktør")
    press_for(chat, old)
    chat.shows("lagt væk og gælder ikke længere")
    other = tab(server)
    other.open()
    other.say("ret stilling på mh@fjordbyg.example til Formand")
    press_for(other, old)
    other.shows("anden samtale")
    expect(other.replies.filter(has_text="CFO")).to_have_count(0)
    press_for(other, "made-up")
    other.shows("kender jeg ikke")
    assert crm.writes() == []
    other.press("Godkend")
    other.shows("er opdateret")
    assert [w["properties"] for w in crm.writes()] == [{"jobtitle": "Formand"}]


def test_each_value_stands_with_its_source(chat) -> None:
    """Beside each value of a card the page shows, smaller than the value, where it comes from."""
    chat.say(UPDATE)
    cells = chat.last.get_by_role("row").last.get_by_role("cell")
    expect(cells.nth(2)).to_have_text("CFO")
    expect(cells.nth(3)).to_have_text("dine ord")
    value, source = (
        cells.nth(n).evaluate("cell => parseFloat(getComputedStyle(cell.firstElementChild || cell).fontSize)")
        for n in (2, 3)
    )
    assert source < value


@pytest.mark.proof
def test_a_card_from_before_read_only_is_told_to_be_void(own_server, tab: Callable[..., Any], crm: Sandbox) -> None:
    """Approving a card after the assistant was set to read only says why nothing is written, and not "approved"."""
    chat = tab(own_server)
    chat.open()
    chat.say(UPDATE)
    own_server.stop()
    own_server.environment["ASSISTANT_READ_ONLY"] = "true"
    own_server.start()
    chat.page.reload()
    chat.press("Godkend")
    chat.shows("sat til kun at læse")
    expect(chat.replies.filter(has_text="CFO").first).to_contain_text("Gælder ikke længere")
    expect(chat.page.get_by_role("button", name="Godkend", exact=True)).to_have_count(0)
    assert crm.writes() == []
