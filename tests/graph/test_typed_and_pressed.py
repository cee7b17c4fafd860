"""Buttons and words are one road: a number that is pressed does what the number does that is typed."""

from collections.abc import Sequence
from typing import Any

import pytest

from support.children import Sandbox
from support.talk import Talk

METTE = "Mette Hansen"


async def ends(talk: Talk, before: Sequence[str], number: int, *, pressed: bool) -> dict[str, Any]:
    """Where a dialogue ends, of which the last step is a number of the list that is shown."""
    for words in before:
        await (talk.press(words) if words in ("search", "create", "update") else talk.say(words))
    if pressed:
        shown = (await talk.values())["desk"]["shown"]
        reply = await talk.press("select", contact_id=shown[number - 1]["id"])
    else:
        reply = await talk.say(str(number))
    values = await talk.values()
    card = [{**change, "id": ""} for change in talk.card["changes"]] if talk.card else None
    return {"reply": reply, "card": card, "desk": values["desk"], "last": values["messages"][-1].text}


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
