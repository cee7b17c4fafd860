"""Buttons and words are one road: a button that is pressed does what its words do that are typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from support.children import Sandbox
from support.talk import Talk

METTE, EMAIL = "Mette Hansen", "mette.hansen@nordlys.example"
UPDATE = f"ret stilling på {EMAIL} til CFO"
TWINS = "opret Mette Hanssen, telefon 22 33 44 55"
TWIN = "opret Pia Unik Lundd, telefon 26 71 90 44, stilling Sælger"
CHOICES = ("search", "create", "update", "more")


@dataclass(frozen=True)
class Dialogue:
    """A dialogue with a button: what the user says before and after it, and the words that stand for the button."""

    pressed: str
    typed: str
    before: Sequence[str] = ()
    after: Sequence[str] = ()
    language: str = "da"


CREATE = ("Per Holst, per@holst.example",)
DIALOGUES = {
    "search": Dialogue("search", "Søg efter kontakt", after=(METTE,)),
    "create": Dialogue("create", "Opret ny kontakt", after=CREATE),
    "update": Dialogue("update", "opdater kontakt", after=(f"{EMAIL}, stilling: Direktør",)),
    "search in English": Dialogue("search", "Search for a contact", after=(METTE,), language="en"),
    "create in English": Dialogue("create", "Create a new contact.", after=CREATE, language="en"),
    "update in English": Dialogue("update", "Update a contact", after=(f"{EMAIL}, job title: CEO",), language="en"),
    "search after a list": Dialogue("search", "Søg efter kontakt", (f"find {METTE}",), ("Nordlys",)),
    "create beside a card": Dialogue("create", "Opret ny kontakt", (UPDATE,), CREATE),
    "update beside a question": Dialogue("update", "Opdater kontakt", ("opret en kontakt",), (f"{EMAIL}, by: Vejle",)),
    "create after a search in vain": Dialogue("create", "Opret ny kontakt", ("find ingen@nordlys.example",), CREATE),
    "more": Dialogue("more", "Vis flere", ("find Nordlys",), ("nummer 2",)),
    "more by other words": Dialogue("more", "vis flere", ("kunder",), ("nummer 2",)),
    "more in English": Dialogue("more", "show more", ("find Nordlys",), ("number 2",), "en"),
    "approve": Dialogue("approve", "Godkend", (UPDATE,), ("hvad er hendes telefon?",)),
    "approve by a yes": Dialogue("approve", "ja", (UPDATE,)),
    "approve in English": Dialogue("approve", "Approve", (f"change the job title of {EMAIL} to CFO",), (), "en"),
    "create anyway": Dialogue("approve", "Opret alligevel", (TWINS,), ("hendes by er Vejle",)),
    "create anyway in English": Dialogue("approve", "create anyway", ("create Mette Hanssen, 22 33 44 55",), (), "en"),
    "cancel": Dialogue("reject", "Annullér", (UPDATE,), ("ret hendes by til Vejle",)),
    "cancel by a no": Dialogue("reject", "nej", (UPDATE,)),
    "use the existing contact": Dialogue("use_existing", "Brug Pia Unik Lund", (TWIN,), ("ja",)),
    "use the one that exists": Dialogue("use_existing", "brug den, der findes", (TWIN,), ("ja",)),
    "use one of several": Dialogue("use_existing", "brug {display}", (TWINS,), ("ja",)),
    "undo": Dialogue("undo", "Fortryd", (UPDATE, "ja"), ("ja",)),
    "undo in English": Dialogue("undo", "Undo", (f"change the job title of {EMAIL} to CFO", "yes"), ("yes",), "en"),
    "undo a creation": Dialogue("undo", "fortryd", ("opret Per Holst, per@holst.example", "ja"), ("ja",)),
    "cancel an undo": Dialogue("reject", "Annullér", (UPDATE, "ja", "fortryd")),
}


async def press(talk: Talk, button: str) -> str:
    """Presses a button as the web chat does."""
    if button in CHOICES:
        return await talk.press(button)
    if button == "undo":
        return await talk.press("undo", change_id=talk.outcomes[-1]["change_id"])
    assert talk.card is not None
    (change,) = talk.card["changes"]
    more: dict[str, Any] = {}
    if button == "approve":
        more = {"acknowledge": change["acknowledge"]}
    elif button == "use_existing":
        more = {"contact_id": change["twins"][0]["contact_id"]}
    return await talk.decide(button, **more)


async def played(talk: Talk, crm: Sandbox, dialogue: Dialogue, *, pressed: bool) -> dict[str, Any]:
    """Where the dialogue ends: what was said since the button, the card, the desk, and what HubSpot was told."""
    crm.reset()
    crm.create(firstname="Pia", lastname="Unik Lund", phone="+4526719044")
    for words in dialogue.before:
        await talk.say(words)
    twins = talk.card["changes"][0]["twins"] if talk.card else []
    typed = dialogue.typed.format(display=twins[0]["display"] if twins else "")
    said = [await press(talk, dialogue.pressed) if pressed else await talk.say(typed)]
    card = cards(talk)
    said += [await talk.say(words) for words in dialogue.after]
    values = await talk.values()
    writes = [(write["method"], write["objectId"], write["properties"]) for write in crm.writes()]
    return {
        "said": said,
        "cards": (card, cards(talk)),
        "desk": values["desk"],
        "language": values.get("language", dialogue.language),
        "outcomes": [outcome["status"] for outcome in talk.outcomes],
        "writes": writes,
    }


def cards(talk: Talk) -> list[dict[str, Any]]:
    """The changes that wait, without the ids that each card has anew."""
    return [{**change, "id": ""} for change in talk.card["changes"]] if talk.card else []


@pytest.mark.parametrize("name", DIALOGUES)
async def test_a_button_that_is_pressed_ends_as_its_words_do(talk: Talk, crm: Sandbox, name: str) -> None:
    """Every button but the numbers, from an idle conversation, beside a list, a question and a card."""
    dialogue = DIALOGUES[name]
    typed = await played(Talk(talk.graph, "typed", language=dialogue.language), crm, dialogue, pressed=False)
    pressed = await played(Talk(talk.graph, "pressed", language=dialogue.language), crm, dialogue, pressed=True)
    assert pressed == typed


async def test_which_contact_is_asked_where_the_words_name_several(talk: Talk, crm: Sandbox) -> None:
    """If several contacts match, none is chosen: the card stays and lists them."""
    await talk.say(TWINS)
    for words in ("brug Mette Hansen", "brug den der findes"):
        assert "Et »ja« er ikke nok her" in await talk.say(words)
        assert talk.card is not None
        assert talk.card["changes"][0]["action"] == "create"
    assert crm.writes() == []


async def ends(talk: Talk, before: Sequence[str], number: int, *, pressed: bool) -> dict[str, Any]:
    """Where a dialogue ends, of which the last step is a number of the list that is shown."""
    for words in before:
        await (talk.press(words) if words in CHOICES else talk.say(words))
    if pressed:
        shown = (await talk.values())["desk"]["shown"]
        reply = await talk.press("select", contact_id=shown[number - 1]["id"])
    else:
        reply = await talk.say(str(number))
    values = await talk.values()
    return {"reply": reply, "card": cards(talk), "desk": values["desk"], "last": values["messages"][-1].text}


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize(
    "before",
    [
        (f"find {METTE}",),
        ("search", METTE),
        ("update", METTE),
        (f"ret stilling på {METTE} til Direktør",),
        (f"find {METTE}", "ret stilling på nummer 1 til Direktør"),
    ],
)
async def test_a_number_that_is_pressed_ends_as_one_that_is_typed(
    talk: Talk, crm: Sandbox, before: tuple[str, ...], number: int
) -> None:
    """After a list, a button, and a question which contact is meant, with what was pending."""
    typed = await ends(Talk(talk.graph, "typed"), before, number, pressed=False)
    pressed = await ends(Talk(talk.graph, "pressed"), before, number, pressed=True)
    assert pressed == typed
    assert crm.writes() == []


async def test_a_press_keeps_the_change_that_waits_for_it(talk: Talk) -> None:
    """Where a change fits several contacts, the number that is pressed brings its card."""
    await talk.say(f"ret stilling på {METTE} til Direktør")
    shown = (await talk.values())["desk"]["shown"]
    await talk.press("select", contact_id=shown[1]["id"])
    assert talk.card is not None
    assert talk.card["changes"][0]["contact_id"] == shown[1]["id"]
    assert talk.rows["jobtitle"][1] == "Direktør"


async def test_a_press_shows_the_details(talk: Talk) -> None:
    """A number below a list shows the contact's details, as the list promises."""
    await talk.say(f"find {METTE}")
    shown = (await talk.values())["desk"]["shown"]
    assert str(shown[1]["email"]) in await talk.press("select", contact_id=shown[1]["id"])
