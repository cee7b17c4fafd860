"""Buttons under messages: the three choices, the numbers of a list, undo, and those of a card.

Chainlit does not store buttons. The metadata of a message says what it offers, so that the buttons can be made again.
"""
# mypy: allow-untyped-calls
# (many of Chainlit's methods state no types)

from collections.abc import Callable, Collection, Iterable
from typing import Any

import chainlit as cl
from chainlit.session import WebsocketSession

CHOICES = {"search": "search", "create": "user-plus", "update": "user-pen"}
MANY = 10
WIDTH = 40  # characters of a name on a button

Json = dict[str, Any]
Say = Callable[..., str]


def listed(state: Any) -> list[Json]:
    """The contacts that were shown last, as the graph remembers them."""
    return (state.values.get("desk") or {}).get("shown") or []


def has_more(state: Any) -> bool:
    """Whether the list that was shown last has further pages."""
    return bool(((state.values.get("desk") or {}).get("search") or {}).get("more"))


def noted(offer: str, state: Any, outcomes: Iterable[Json] = ()) -> Json:
    """The metadata of a message that offers ``choices``, lists ``contacts`` or reports changes that can be undone."""
    metadata: Json = {"offer": offer}
    if offer == "contacts":
        metadata["ids"] = [contact["id"] for contact in listed(state)]
    if undo := [{"id": o["change_id"], "name": o["name"]} for o in outcomes if o.get("undo")]:
        metadata["undo"] = undo
    if undone := [o["undoes"] for o in outcomes if o.get("undoes") and o["status"] == "applied"]:
        metadata["undone"] = undone
    return metadata


def used(steps: Iterable[Json], state: Any) -> set[str]:
    """The changes whose undo button is gone: a saved message reports their undo, or a card of it waits."""
    waiting = (state.values.get("card") or {}).get("changes") or []
    undone = {change_id for step in steps for change_id in (step.get("metadata") or {}).get("undone") or ()}
    return undone | {change.get("undoes") or "" for change in waiting}


def actions(
    message_id: str, metadata: Json, state: Any, say: Say, used: Collection[str] = frozenset()
) -> list[cl.Action]:
    """The buttons of a message with this metadata; only the last list has any."""
    undo = [change for change in metadata.get("undo") or () if change["id"] not in used and "update" in CHOICES]
    buttons = [_undo(message_id, change, say, several=len(metadata["undo"]) > 1) for change in undo]
    if metadata.get("offer") == "choices":
        buttons += [_choice(message_id, choice, say(f"button-{choice}")) for choice in CHOICES]
    contacts = listed(state)
    if len(contacts) > 1 and metadata.get("ids") == [contact["id"] for contact in contacts]:
        buttons += [_number(message_id, contact) for contact in contacts[:MANY]]
    if metadata.get("ids") == [contact["id"] for contact in contacts] and has_more(state):
        buttons.append(_more(message_id, say("button-more")))
    return buttons


def _undo(message_id: str, change: Json, say: Say, *, several: bool) -> cl.Action:
    label = say("ui-undo", name=change["name"][:WIDTH]) if several else say("button-undo")
    return cl.Action(
        id=f"{message_id}:undo:{change['id']}",
        name="undo",
        payload={"id": change["id"]},
        label=label,
        icon="undo-2",
        tooltip=change["name"],
    )


def _choice(message_id: str, choice: str, label: str) -> cl.Action:
    # Chainlit names a new conversation after the action that began it, so the label is the name
    return cl.Action(
        id=f"{message_id}:{choice}", name=label, payload={"choice": choice}, label=label, icon=CHOICES[choice]
    )


def _more(message_id: str, label: str) -> cl.Action:
    return cl.Action(id=f"{message_id}:more", name="more", payload={}, label=label, icon="chevron-down")


def _number(message_id: str, contact: Json) -> cl.Action:
    return cl.Action(
        id=f"{message_id}:{contact['id']}",
        name="select",
        payload={"id": contact["id"]},
        label=str(contact["n"]),
        tooltip=str(contact.get("name") or ""),
    )


async def offer_under(
    message: cl.Message, offer: str, state: Any, say: Say, outcomes: Collection[Json] = (), *, shown: bool = False
) -> None:
    """Put buttons under a message that was sent, and store them in its metadata; ``shown``: by an earlier process."""
    message.metadata = {**(message.metadata or {}), **noted(offer, state, outcomes)}
    await show_buttons(actions(message.id, message.metadata, state, say, used((), state)), message.id, new=not shown)
    for outcome in outcomes:
        if undone := outcome.get("undoes"):
            await (put_undo(undone) if outcome["status"] == "rejected" else remove_undo(undone))
    # last, because the page scrolls down at a message and not at a button
    await message.update()


async def again(step: Json, state: Any, say: Say, used: Collection[str] = frozenset()) -> None:
    """Put a saved message's buttons back, except the undo of changes that are ``used``."""
    await show_buttons(actions(step["id"], step.get("metadata") or {}, state, say, used), step["id"])


async def show_buttons(buttons: list[cl.Action], message_id: str, *, new: bool = False) -> None:
    """Show buttons under a message; ``new``: it has none of them yet."""
    for button in buttons:
        if not new:
            # a tab that stayed open still has it
            await button.remove()
        await button.send(for_id=message_id)
        if button.name == "undo":
            # plain JSON: Chainlit saves what a tab remembers
            cl.user_session.set(f"undo:{button.payload['id']}", {"button": button.to_dict(), "message": message_id})


async def remove_undo(change_id: str) -> None:
    """Remove the undo button of a change in this tab."""
    if known := cl.user_session.get(f"undo:{change_id}"):
        await cl.Action.from_dict(known["button"]).remove()


async def put_undo(change_id: str) -> None:
    """Show the undo button of a change again, after its card was declined."""
    if known := cl.user_session.get(f"undo:{change_id}"):
        await show_buttons([cl.Action.from_dict(known["button"])], known["message"])


async def put_card(card_id: str, buttons: list[cl.Action]) -> None:
    """Show a card's buttons, and remember them for this tab."""
    cl.user_session.set(f"card:{card_id}", [button.id for button in buttons])
    await show_buttons(buttons, card_id)
    shows(card_id)


def shows(card_id: str) -> None:
    """Remember that this tab shows this card ("" for none), and over which connection."""
    cl.user_session.set("shows", {"card": card_id, "over": _connection()})


def card_in_tab() -> str:
    """The card that this tab shows; "" where it has none that can be answered.

    What is sent while a connection is down never arrives, so a card counts only for the connection over which it was
    sent.
    """
    known = cl.user_session.get("shows") or {}
    return last_card() if known.get("over") == _connection() else ""


def _connection() -> str:
    session = cl.context.session
    assert isinstance(session, WebsocketSession)
    return session.socket_id


def last_card() -> str:
    """The card that was last sent to this tab; "" where it can no longer be answered."""
    return str((cl.user_session.get("shows") or {}).get("card") or "")


async def remove_card(card_id: str) -> None:
    """Remove a card's buttons in this tab; it can no longer be answered here."""
    if last_card() == card_id:
        shows("")
    for button_id in cl.user_session.get(f"card:{card_id}") or []:
        await cl.Action(id=button_id, name="", payload={}).remove()
