"""The loop of the product: search, create and update, by button and by words, in both languages."""

import pytest

from support.children import Sandbox
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
WORDS = {
    "da": {
        "search": "find {email}",
        "create": "Opret Per Testesen, per@nordlys.example, tlf. 22 11 33 44, stilling: Sælger",
        "update": "ret stilling på {email} til Direktør",
        "yes": "ja",
    },
    "en": {
        "search": "find {email}",
        "create": "Create a contact: Per Testesen, per@nordlys.example, phone 22 11 33 44, job title: Sælger",
        "update": "change the job title of {email} to Direktør",
        "yes": "yes please",
    },
}
DONE = {"da": ("oprettet", "opdateret"), "en": ("created", "updated")}


@pytest.mark.parametrize(("language", "greeting"), [("da", "Hej"), ("en", "Hello")])
async def test_a_new_conversation_is_greeted_once(talk: Talk, language: str, greeting: str) -> None:
    """A new conversation gets the greeting in its language, and opening it again adds nothing."""
    talk.config["configurable"]["language"] = language
    assert (await talk.open()).startswith(greeting)
    assert await talk.open() == ""
    assert len((await talk.values())["messages"]) == 1


@pytest.mark.parametrize("choice", ["search", "create", "update"])
async def test_a_button_is_answered_by_its_instruction(talk: Talk, choice: str) -> None:
    """A button shows as the user's line and is answered with what to give next."""
    await talk.open()
    reply = await talk.press(choice)
    pressed = (await talk.values())["messages"][-2]
    assert (pressed.type, len(talk.replies)) == ("human", 1)
    word = {"search": "søger", "create": "opretter", "update": "opdaterer"}[choice]
    assert word in reply


@pytest.mark.parametrize("button", [True, False])
@pytest.mark.parametrize("language", ["da", "en"])
async def test_search_lists_the_contact_with_a_link(talk: Talk, language: str, button: bool) -> None:
    """A search shows the contact, numbered, with its facts and the address of its record."""
    talk.config["configurable"]["language"] = language
    if button:
        await talk.press("search")
    reply = await talk.say(METTE if button else WORDS[language]["search"].format(email=METTE))
    assert "1. **Mette Hansen**" in reply
    assert METTE in reply
    shown = (await talk.values())["desk"]["shown"]
    assert f"/contacts/143000001/record/0-1/{shown[0]['id']}" in reply


@pytest.mark.parametrize("button", [True, False])
@pytest.mark.parametrize("language", ["da", "en"])
async def test_create_writes_what_was_approved(talk: Talk, crm: Sandbox, language: str, button: bool) -> None:
    """A create shows a card, writes nothing before the approval, and then exactly what the card showed."""
    talk.config["configurable"]["language"] = language
    if button:
        await talk.press("create")
    await talk.say(WORDS[language]["create"])
    assert talk.rows["phone"] == (None, "+4522113344")
    assert crm.writes() == []
    reply = await talk.decide("approve")
    assert DONE[language][0] in reply
    assert talk.card is None
    (write,) = crm.writes()
    properties = crm.get(str(write["objectId"]), "email", "firstname", "lastname", "phone", "jobtitle")
    assert properties["email"] == "per@nordlys.example"
    assert (properties["firstname"], properties["lastname"]) == ("Per", "Testesen")
    assert (properties["phone"], properties["jobtitle"]) == ("+4522113344", "Sælger")


@pytest.mark.parametrize("button", [True, False])
@pytest.mark.parametrize("language", ["da", "en"])
async def test_update_shows_before_and_after(talk: Talk, crm: Sandbox, language: str, button: bool) -> None:
    """An update shows before and after per field, and changes that field alone."""
    talk.config["configurable"]["language"] = language
    if button:
        await talk.press("update")
    await talk.say(WORDS[language]["update"].format(email=METTE))
    assert talk.rows == {"jobtitle": ("Salgschef", "Direktør")}
    reply = await talk.say(WORDS[language]["yes"])
    assert DONE[language][1] in reply
    (write,) = crm.writes()
    assert write["properties"] == {"jobtitle": "Direktør"}


async def test_nothing_found_becomes_an_offer_to_create(talk: Talk, crm: Sandbox) -> None:
    """A search without a hit says so, and a yes then creates the contact that was looked for."""
    reply = await talk.say("find helt.ny@nordlys.example")
    assert "opret" in reply.lower()
    await talk.say("ja")
    assert talk.rows["email"] == (None, "helt.ny@nordlys.example")
    await talk.say("ja")
    assert crm.find("helt.ny@nordlys.example")


async def test_an_update_of_a_name_with_several_contacts_asks_which(talk: Talk, crm: Sandbox) -> None:
    """Where several contacts fit, they are listed, and a number then carries the update on."""
    reply = await talk.say("Opdater Mette Hansen, stilling: CFO")
    assert "flere" in reply
    assert talk.card is None
    shown = (await talk.values())["desk"]["shown"]
    await talk.say("nummer 2")
    assert talk.card is not None
    assert talk.card["changes"][0]["contact_id"] == shown[1]["id"]
    assert talk.rows["jobtitle"][1] == "CFO"


async def test_the_desk_outlives_the_window(talk: Talk) -> None:
    """A number refers to the list also when more than five messages lie between."""
    await talk.say("find Mette Hansen")
    shown = (await talk.values())["desk"]["shown"]
    for _ in range(4):
        await talk.say("hvad kan du?")
    reply = await talk.say("nummer 2")
    assert shown[1]["email"] in reply


async def test_a_correction_replaces_the_waiting_card(talk: Talk, crm: Sandbox) -> None:
    """Other words withdraw the card, say so, and the correction is on the next one."""
    await talk.say(f"ret telefon på {METTE} til 22 33 44 55")
    first = talk.card
    reply = await talk.say("nej, det er 22 33 44 56")
    assert "lagt væk" in reply
    assert talk.card is not None
    assert first is not None
    assert talk.card["id"] != first["id"]
    assert talk.rows["phone"][1] == "+4522334456"
    await talk.say("ja")
    assert [w["properties"] for w in crm.writes()] == [{"phone": "+4522334456"}]


async def test_a_plain_no_writes_nothing(talk: Talk, crm: Sandbox) -> None:
    """A no cancels the card, and the conversation goes on."""
    await talk.say(f"ret stilling på {METTE} til CFO")
    assert "annulleret" in await talk.say("nej tak")
    assert (talk.card, crm.writes()) == (None, [])
    assert "Mette" in await talk.say(f"find {METTE}")


async def test_create_asks_for_what_is_missing(talk: Talk) -> None:
    """A contact needs an email or a name; what was given before the question is not lost."""
    await talk.press("create")
    reply = await talk.say("telefon 22 11 33 44")
    assert "e-mail eller et navn" in reply
    await talk.say("Per Testesen")
    assert talk.rows["phone"][1] == "+4522113344"
    assert talk.rows["lastname"][1] == "Testesen"


async def test_create_with_a_known_email_offers_the_existing_contact(talk: Talk, crm: Sandbox) -> None:
    """An email that is in the CRM makes no card for a new contact; a yes proposes the update of the existing one."""
    reply = await talk.say(f"Opret Mette Hansen, {METTE}, stilling: CFO")
    assert "findes allerede" in reply
    assert talk.card is None
    await talk.say("ja")
    assert talk.card is not None
    assert talk.card["changes"][0]["action"] == "update"
    assert talk.rows["jobtitle"] == ("Salgschef", "CFO")


async def test_telefon_and_mobil_are_not_confused(talk: Talk) -> None:
    """Where only the other number is set, the assistant asks which one is meant, once."""
    reply = await talk.say("ret telefon på mh@fjordbyg.example til 22 33 44 56")
    assert "mobil" in reply
    assert talk.card is None
    await talk.say("mobil")
    assert talk.rows == {"mobilephone": ("22 44 66 88", "+4522334456")}


async def test_selecting_puts_a_contact_in_focus(talk: Talk) -> None:
    """The select button puts a contact in focus, so that pronouns mean it."""
    await talk.say("find Mette Hansen")
    shown = (await talk.values())["desk"]["shown"]
    assert "Mette Hansen" in await talk.press("select", contact_id=shown[1]["id"])
    await talk.say("ret hendes stilling til CFO")
    assert talk.card is not None
    assert talk.card["changes"][0]["contact_id"] == shown[1]["id"]


async def test_deleting_is_not_offered(talk: Talk, crm: Sandbox) -> None:
    """Asked to delete, the assistant says that it does not."""
    assert "slette" in await talk.say(f"slet {METTE}")
    assert crm.writes() == []
