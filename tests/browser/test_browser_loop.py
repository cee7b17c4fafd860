"""Every row of the product's table in a real browser; the end state is read with HubSpot's official client."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hubspot import HubSpot
from playwright.sync_api import expect

from support.children import SANDBOX_TOKEN, Sandbox

METTE = "mette.hansen@nordlys.example"


@pytest.fixture
def hubspot(crm: Sandbox) -> Iterator[Callable[[str], dict[str, Any]]]:
    """Reads a contact by its email, through the official client."""
    api = HubSpot(access_token=SANDBOX_TOKEN, host=crm.url).crm.contacts.basic_api
    names = ["firstname", "lastname", "phone", "mobilephone", "jobtitle", "company"]

    def read(email: str) -> dict[str, Any]:
        return dict(api.get_by_id(email, id_property="email", properties=names).properties)

    yield read
    api.api_client.rest_client.pool_manager.clear()


def test_the_greeting_has_three_buttons(chat) -> None:
    """Opening the chat greets and offers the three actions."""
    expect(chat.replies).to_have_count(1)
    chat.shows("Jeg hjælper dig med kontakterne i HubSpot")
    for name in ("Søg efter kontakt", "Opret ny kontakt", "Opdater kontakt"):
        expect(chat.button(name)).to_be_visible()


@pytest.mark.proof
@pytest.mark.parametrize(
    ("button", "reply"),
    [("Søg efter kontakt", "søger"), ("Opret ny kontakt", "opretter"), ("Opdater kontakt", "opdaterer")],
)
def test_a_button_shows_as_the_users_line(chat, button: str, reply: str) -> None:
    """A pressed button becomes the user's line and is answered with what to give next."""
    chat.press(button)
    expect(chat.page.locator("[data-step-type=user_message]").last).to_contain_text(button)
    chat.shows(reply)


def test_search_by_button(chat) -> None:
    """After the search button a name gives a numbered list with links to the records."""
    chat.press("Søg efter kontakt")
    chat.say("Mette Hansen")
    chat.shows(METTE)
    link = chat.last.get_by_role("link", name="åbn").first
    assert "/contacts/143000001/record/0-1/" in (link.get_attribute("href") or "")


@pytest.mark.proof
def test_search_by_words_and_number(chat) -> None:
    """A free sentence searches, and a number chooses from the list."""
    chat.say("hvem er Mette Hansen?")
    chat.shows("Jeg fandt")
    chat.say("nummer 2")
    chat.shows("Stilling: Salgschef")


def test_nothing_found_offers_to_create(chat, hubspot) -> None:
    """A search without a hit offers to create the contact, and does after an approval."""
    chat.say("find ny.person@nordlys.example")
    chat.shows("opret")
    chat.say("ja")
    chat.press("Godkend")
    chat.shows("er oprettet")
    assert hubspot("ny.person@nordlys.example")


def test_create_by_button(chat, crm: Sandbox, hubspot) -> None:
    """The create button, the details, the card, the approval, and the link to the new record."""
    chat.press("Opret ny kontakt")
    chat.say("Per Testesen, per@nordlys.example, 22 11 33 44, Nordlys A/S, Sælger")
    expect(chat.last.get_by_role("table")).to_contain_text("+4522113344")
    assert crm.writes() == []
    chat.press("Godkend")
    chat.shows("Per Testesen er oprettet")
    expect(chat.last.get_by_role("link")).to_be_visible()
    found = hubspot("per@nordlys.example")
    assert (found["phone"], found["company"], found["jobtitle"]) == ("+4522113344", "Nordlys A/S", "Sælger")
    assert len(crm.writes()) == 1


@pytest.mark.proof
def test_create_asks_for_what_is_missing(chat, hubspot) -> None:
    """A create without email and name is asked for them, and keeps what was given."""
    chat.say("opret en kontakt med telefon 22 11 33 44")
    chat.shows("e-mail eller et navn")
    chat.say("per@nordlys.example")
    chat.press("Godkend")
    chat.shows("oprettet")
    assert hubspot("per@nordlys.example")["phone"] == "+4522113344"


def test_update_by_button(chat, crm: Sandbox, hubspot) -> None:
    """The update button, the contact and its new value, before and after on the card, and the approval."""
    chat.press("Opdater kontakt")
    chat.say(f"{METTE}, stilling: Direktør")
    table = chat.last.get_by_role("table")
    expect(table).to_contain_text("Salgschef")
    expect(table).to_contain_text("Direktør")
    chat.press("Godkend")
    chat.shows("Stilling er nu Direktør (før Salgschef)")
    assert hubspot(METTE)["jobtitle"] == "Direktør"
    assert len(crm.writes()) == 1


@pytest.mark.proof
def test_update_asks_which_of_several(chat, hubspot) -> None:
    """An update of a name that several have lists them; the number carries it on."""
    chat.say("ret Mette Hansens stilling til CFO")
    chat.shows("Hvilken mener du")
    chat.say("nummer 2")
    chat.say("ja")
    chat.shows("er opdateret")
    assert hubspot(METTE)["jobtitle"] == "CFO"


@pytest.mark.proof
def test_a_correction_in_words(chat, hubspot) -> None:
    """A correction while a card waits replaces it; the old card says so and has no buttons."""
    chat.say(f"ret telefon på {METTE} til 22 33 44 55")
    chat.say("nej, det er 22 33 44 56")
    expect(chat.last.get_by_role("table")).to_contain_text("+4522334456")
    expect(chat.page.get_by_role("button", name="Godkend", exact=True)).to_have_count(1)
    chat.say("ja")
    chat.shows("er opdateret")
    assert hubspot(METTE)["phone"] == "+4522334456"


@pytest.mark.proof
def test_edit_asks_what_to_change(chat, hubspot) -> None:
    """Edit asks what to change, and the next message is the answer."""
    chat.say(f"ret stilling på {METTE} til CFO")
    chat.press("Ret")
    chat.say("stillingen skal være COO")
    chat.press("Godkend")
    chat.shows("er opdateret")
    assert hubspot(METTE)["jobtitle"] == "COO"


@pytest.mark.proof
def test_cancel_writes_nothing(chat, crm: Sandbox) -> None:
    """Cancel puts the card away, and nothing is written."""
    chat.say(f"ret stilling på {METTE} til CFO")
    chat.press("Annullér")
    chat.shows("annulleret")
    assert crm.writes() == []


@pytest.mark.proof
def test_anything_else_is_answered_kindly(chat) -> None:
    """What is out of scope is said to be."""
    chat.say("hvordan bliver vejret i morgen?")
    chat.shows("kontakter")
    chat.say(f"slet {METTE}")
    chat.shows("slette")


def test_what_was_not_understood_offers_the_buttons(chat, crm: Sandbox) -> None:
    """A sentence about something else is answered by one question with the three buttons, which work, also again."""
    for words in ("tilføj mælk til indkøbslisten", "spil noget musik af Kim Larsen"):
        chat.say(words)
        below = chat.page.locator("[data-step-type=assistant_message]").last
        expect(chat.button("Søg efter kontakt")).to_be_visible()
        expect(below).to_contain_text("kontakt")
    chat.page.reload()
    chat.press("Søg efter kontakt")
    chat.say("Mette Hansen")
    chat.shows(METTE)
    assert crm.writes() == []


def test_a_pasted_table_is_one_card(chat, crm: Sandbox, hubspot) -> None:
    """Three people of a table stand on one card, and one approval creates them."""
    chat.say(
        "opret disse:\n\nNavn;E-mail;Mobil;Firma\nBo Unik Ek;bo@unik.example;26 71 90 11;Unik ApS\n"
        'Ida Unik Holm;ida@unik.example;26 71 90 12;Unik ApS\n"Lund, Per";per@unik.example;26 71 90 13;Unik ApS'
    )
    expect(chat.last.get_by_role("table")).to_have_count(3)
    chat.press("Godkend")
    assert [hubspot(f"{name}@unik.example")["lastname"] for name in ("bo", "ida", "per")] == [
        "Unik Ek",
        "Unik Holm",
        "Lund",
    ]
    assert len(crm.writes()) == 3


def test_the_loop_in_english(server, tab, crm: Sandbox, hubspot) -> None:
    """An English browser gets the whole loop in English: greeting, buttons, search, create, update."""
    chat = tab(server, locale="en-US")
    chat.open()
    chat.shows("I help you with the contacts in HubSpot")
    chat.press("Search for a contact")
    chat.say("Mette Hansen")
    chat.shows("I found")
    chat.press("Create a new contact")
    chat.say("Per Testesen, per@nordlys.example, 22 11 33 44")
    chat.press("Approve")
    chat.shows("was created")
    chat.say("change his job title to Head of Sales")
    chat.press("Approve")
    chat.shows("was updated")
    assert hubspot("per@nordlys.example")["jobtitle"] == "Head of Sales"
    assert len(crm.writes()) == 2
