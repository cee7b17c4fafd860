"""Buttons under messages: the three choices, the numbers of a list, and those of a card.

Chainlit does not save buttons. What a message offers stands in its metadata, so that they can be made again.
"""
# mypy: allow-untyped-calls
# (many of Chainlit's methods state no types)

from collections.abc import Callable
from typing import Any

import chainlit as cl

CHOICES = {"search": "search", "create": "user-plus", "update": "user-pen"}
MANY = 10

Json = dict[str, Any]
Say = Callable[..., str]


def listed(state: Any) -> list[Json]:
    """The contacts shown last, as the graph remembers them."""
    return (state.values.get("desk") or {}).get("shown") or []


def noted(offer: str, state: Any) -> Json:
    """The metadata of a message that offers ``choices``, or the ``contacts`` that it lists."""
    return {"offer": offer} | ({"ids": [contact["id"] for contact in listed(state)]} if offer == "contacts" else {})


def actions(message_id: str, metadata: Json, state: Any, say: Say) -> list[cl.Action]:
    """The buttons that a message with this metadata has; of lists, only the last has any."""
    if metadata.get("offer") == "choices":
        return [_choice(message_id, choice, say(f"button-{choice}")) for choice in CHOICES]
    contacts = listed(state)
    if len(contacts) < 2 or metadata.get("ids") != [contact["id"] for contact in contacts]:
        return []
    return [_number(message_id, contact) for contact in contacts[:MANY]]


def _choice(message_id: str, choice: str, label: str) -> cl.Action:
    # Chainlit names a new conversation after the action that began it, so the label is the name
    return cl.Action(
        id=f"{message_id}:{choice}", name=label, payload={"choice": choice}, label=label, icon=CHOICES[choice]
    )


def _number(message_id: str, contact: Json) -> cl.Action:
    return cl.Action(
        id=f"{message_id}:{contact['id']}",
        name="select",
        payload={"id": contact["id"]},
        label=str(contact["n"]),
        tooltip=str(contact.get("name") or ""),
    )


async def put_new(message: cl.Message, offer: str, state: Any, say: Say) -> None:
    """Offer something under a message that has been sent, and note it there."""
    message.metadata = noted(offer, state)
    await put(actions(message.id, message.metadata, state, say), message.id)
    # last, because the page scrolls down at a message and not at a button
    await message.update()


async def again(step: Json, state: Any, say: Say) -> None:
    """Put a saved message's buttons back."""
    await put(actions(step["id"], step.get("metadata") or {}, state, say), step["id"])


async def put(buttons: list[cl.Action], message_id: str) -> None:
    """Show the buttons under a message."""
    for button in buttons:
        # a tab that stayed open still has it
        await button.remove()
        await button.send(for_id=message_id)


async def put_card(card_id: str, buttons: list[cl.Action]) -> None:
    """Show a card's buttons, and remember which they are in this tab."""
    cl.user_session.set(f"card:{card_id}", [button.id for button in buttons])
    await put(buttons, card_id)


async def remove_card(card_id: str) -> None:
    """Take a card's buttons away in this tab."""
    for button_id in cl.user_session.get(f"card:{card_id}") or []:
        await cl.Action(id=button_id, name="", payload={}).remove()
