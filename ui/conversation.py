"""One conversation: turns what a person does in the chat into runs of the graph."""
# mypy: allow-untyped-calls
# (many of Chainlit's methods state no types)

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any
from weakref import WeakValueDictionary

import chainlit as cl
from langchain_core.messages import HumanMessage
from langgraph.types import Command

from crm.domain import StoreError
from graph.answers import SHOWN_CARD
from graph.sanitise import whole
from ui import cards, errors, frames, offers
from ui.runs import Runs, is_idle, waiting
from ui.stream import Json

# turns that need neither a model nor HubSpot: of many at one moment the first are answered first, not all at the end
_quick = asyncio.Semaphore(4)
_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


class Conversation:
    """The conversation ``key`` of the graph, as the current session shows it.

    One thing happens at a time: all sessions (tabs) of the conversation share a lock.
    """

    def __init__(self, graph: Any, say: Callable[..., str], key: str, user: str, language: str) -> None:
        self._runs = Runs(graph, say, key, user, language)
        self._lock = _locks.setdefault(key, asyncio.Lock())

    async def open(self) -> None:
        """Greet, or show the present state of a conversation that the graph already knows."""
        async with self._lock:
            state = await self._runs.state()
            if not state.values.get("messages"):
                async with _quick:
                    await self._runs.run({}, offer=True, state=state)
                return
            said = [message for message in state.values["messages"] if message.type == "ai" and message.text]
            if said:
                shown = frames.message_of(said[-1])
                await offers.offer_under(await shown.send(), "choices", state, self._runs.say)
            if card := waiting(state):
                await self._runs.show_card(card)

    async def resume(self, thread: Json) -> None:
        """Prepare a conversation that the page is about to show: put its buttons back and finish what was cut off."""
        # what another tab's session remembered comes with the thread
        offers.shows("")
        # what is sent before Chainlit has shown the thread disappears; another tab's run may hold the lock
        await asyncio.sleep(0.4)
        try:
            async with self._lock:
                await self._take_up({step["id"]: step for step in thread.get("steps") or []})
        except Exception as error:
            await self.apologise(error)

    async def _take_up(self, shown: dict[str, Json]) -> None:
        state = await self._runs.state()
        used = offers.used(shown.values(), state)
        for step in shown.values():
            await offers.again(step, state, self._runs.say, used)
        card = waiting(state)
        if card is not None and card["id"] in shown:
            await self._runs.put_buttons(card)
        elif card is not None or state.next or not state.values.get("messages"):
            async with frames.run():
                await self._go_on(card, state)
        else:
            await self._runs.tell_again(state, shown)

    async def _go_on(self, card: Json | None, state: Any) -> None:
        if card is not None:
            await self._runs.show_card(card)
        elif state.next:
            answered, decisions = state.values.get("card"), state.values.get("decisions") or {}
            await self._runs.run(None, offer=True)
            if answered:
                approved = any(decision["decision"] == "approve" for decision in decisions.values())
                ended: cards.CardState = "approved" if approved else "answered" if decisions else "void"
                await self._runs.close_card(answered["id"], ended)
        else:
            await self._runs.run({}, offer=True)

    async def hear(self, text: str) -> None:
        """Handle the user's words."""
        # before waiting for the lock: a card that comes meanwhile is not the one that is answered
        shown = offers.card_in_tab()
        message = HumanMessage(whole(text), additional_kwargs={SHOWN_CARD: shown})
        if message.text.strip():
            async with self._lock:
                await self._runs.run({"messages": [message]}, shown=shown)

    async def choose(self, choice: str) -> None:
        """Handle one of the three buttons."""
        if choice in offers.CHOICES:
            async with self._lock:
                state = await self._runs.state()
                async with (
                    _quick if is_idle(state) else nullcontext(),
                    frames.bubble(self._runs.say(f"button-{choice}")),
                ):
                    await self._runs.run({"choice": choice}, state=state)

    async def select(self, contact_id: str) -> None:
        """Handle a contact's number in the list that was shown last."""
        async with self._lock:
            contacts = offers.listed(await self._runs.state())
            contact = next((contact for contact in contacts if contact["id"] == contact_id), None)
            if contact is None:
                await self._runs.tell("ui-list-gone")
                return
            async with frames.bubble(f"{contact['n']}. {contact.get('name') or contact_id}"):
                await self._runs.run({"choice": "select", "contact_id": contact_id})

    async def more(self) -> None:
        """Handle the button for the next page of the list that was shown last."""
        async with self._lock:
            state = await self._runs.state()  # which knows the language of the conversation
            async with frames.bubble(self._runs.say("button-more")):
                await self._runs.run({"choice": "more"}, state=state)

    async def undo(self, change_id: str) -> None:
        """Handle the undo button of a result: a card shows the undo, and the button disappears."""
        async with self._lock:
            if change_id in offers.used((), await self._runs.state()):
                return  # the card is on the page already
            async with frames.bubble(self._runs.say("button-undo")):
                await self._runs.run({"choice": "undo", "change_id": change_id})
            if change_id in offers.used((), await self._runs.state()):
                await offers.remove_undo(change_id)

    async def decide(self, decision: cards.CardButton, card_id: str, contact_id: str = "") -> None:
        """Handle a button of a card; it counts only while that very card waits."""
        async with self._lock, frames.run():
            card = waiting(await self._runs.state())
            if card is None or card["id"] != card_id:
                await self._gone(card_id)
            elif decision == "edit":
                await self._runs.tell("ui-edit-prompt")
            elif answer := cards.resume_answer(card, decision, contact_id):
                await self._runs.run(Command(resume=answer), decision=decision)

    async def _gone(self, card_id: str) -> None:
        await offers.remove_card(card_id)
        if cl.user_session.get(f"gone:{card_id}"):
            return
        cl.user_session.set(f"gone:{card_id}", True)
        saved = await frames.saved(card_id)
        if saved is None or saved["threadId"] != cl.context.session.thread_id:
            # a button's payload is the browser's: another conversation's card is not shown here
            await self._runs.tell("card-of-another-conversation" if saved else "card-none")
            return
        # it was answered in another tab, and says so there
        await cl.context.emitter.update_step(saved)
        mark = cards.CardMark.of(saved)
        await self._runs.tell("card-old" if mark and mark.state == "replaced" else "card-used")

    async def stopped(self) -> None:
        """After Stop: say so, and find out what became of a write that was under way."""
        async with self._lock, frames.run():
            await self._runs.tell("ui-stopped")
            await self._runs.abandon()

    async def apologise(self, error: Exception) -> None:
        """Tell the user that stored data cannot be used; of an unforeseen error, only its reference is shown."""
        reference = errors.report(error)
        if isinstance(error, StoreError):
            await self._runs.tell(f"error-{error.code.replace('_', '-')}")
        else:
            await self._runs.tell("ui-error", reference=reference)
