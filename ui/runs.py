"""Runs the graph for one conversation, and manages the card that a run may leave waiting."""
# mypy: allow-untyped-calls
# (many of Chainlit's methods state no types)

from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import Any

import chainlit as cl
from langgraph.errors import is_invalid_resume

from graph.state import VERSION
from ui import cards, frames, offers
from ui.cards import CardMark, CardState
from ui.stream import Json, Show

_MODES = ["updates", "custom", "values"]
_PRESSED: dict[str, CardState] = {"approve": "approved", "cancel": "cancelled"}


class Runs:
    """Runs the graph for the conversation ``key``, and keeps the card on the page up to date."""

    def __init__(self, graph: Any, say: Callable[..., str], key: str, user: str, language: str) -> None:
        self._graph = graph
        self._sentence = say
        self._language = language
        self._config = {"configurable": {"thread_id": key, "user": user, "language": language}}

    async def state(self) -> Any:
        """What the graph remembers of the conversation."""
        return self._follow(await self._graph.aget_state(self._config))

    def _follow(self, state: Any) -> Any:
        # the graph follows the language of what the user writes
        self._language = state.values.get("language") or self._language
        return state

    def say(self, key: str, **values: str) -> str:
        """A sentence in the language of the conversation."""
        return self._sentence(self._language, key, **values)

    async def tell(self, key: str, **values: str) -> None:
        """A sentence as a message of its own."""
        await cl.Message(self.say(key, **values)).send()

    async def run(
        self, given: Any, *, decision: str = "", offer: bool = False, shown: str | None = None, state: Any = None
    ) -> None:
        """Run the graph on ``given`` and show everything; ``offer``: put the three choices under the reply.

        ``shown``: the card that the tab showed when the input was given; default: the one that it shows now. ``state``:
        what the graph remembers, where the caller has read it.
        """
        state = state or await self.state()
        before = waiting(state)
        shown = offers.card_in_tab() if shown is None else shown
        await self._retire(before)
        if before is not None:
            await offers.remove_card(before["id"])
        show = Show()
        try:
            await self._stream(given, show, quick=_is_quick(given) and is_idle(state))
        except Exception as error:
            if not is_invalid_resume(error):
                raise
            # the graph says why in the first note; langgraph adds one of its own
            await cl.Message(next(iter(getattr(error, "__notes__", ())), self.say("card-answer-wrong"))).send()
        finally:
            await self._settle(before, decision, shown, [o for told in show.outcomes.values() for o in told])
        await self._after(show, before, offer or bool(decision))

    async def abandon(self) -> None:
        """After a run was stopped: settle a write that was under way, and drop everything else."""
        state = await self.state()
        if not state.next or state.interrupts:
            return
        if "apply" in state.next:
            await self.run(None)
        else:
            # else a reload would go on with what was stopped
            await self._graph.aupdate_state(self._config, {"turn": {}}, as_node="guide")

    async def tell_again(self, state: Any, shown: Mapping[str, Any]) -> None:
        """Show the graph's last message again, where the process ended before it was shown completely."""
        said = [message for message in state.values["messages"] if message.type == "ai" and message.text]
        if not said:
            return
        outcomes: list[Json] = said[-1].additional_kwargs.get("outcomes") or []
        await self._close_open(shown, outcomes)
        message = frames.message_of(said[-1])
        step = shown.get(message.id)
        if step is None:
            if all(other.get("output") != message.content for other in shown.values()):
                async with frames.run():
                    await offers.offer_under(await message.send(), "choices", state, self.say, outcomes)
        elif outcomes and "offer" not in (step.get("metadata") or {}):
            message.created_at, message.parent_id = step.get("createdAt"), step.get("parentId")
            await offers.offer_under(message, "choices", state, self.say, outcomes, shown=True)

    async def _close_open(self, shown: Mapping[str, Any], outcomes: list[Json]) -> None:
        """Close cards that the page still shows as waiting although none waits."""
        done = any(outcome["status"] != "rejected" for outcome in outcomes)
        for step in shown.values():
            mark = CardMark.of(step)
            if mark and mark.state == "waiting":
                await self.close_card(step["id"], "approved" if done else "answered")

    async def show_card(self, card: Json) -> None:
        """Show the card as a message with the card's id; one that was shown before is sent again, at the end."""
        metadata = cards.waits(self.say).metadata
        message = cl.Message(cards.render(card, self.say), id=card["id"], metadata=metadata)
        await cl.context.emitter.delete_step(message.to_dict())
        await self.put_buttons(card)
        # last, because the page scrolls down at a message and not at a button
        await message.send()

    async def put_buttons(self, card: Json) -> None:
        """Show the card's buttons."""
        await offers.put_card(card["id"], cards.buttons(card, self.say))

    async def close_card(self, card_id: str, state: CardState) -> None:
        """Write what became of the card into its message, unless it says so already."""
        saved = await frames.saved(card_id)
        mark = CardMark.of(saved)
        if saved is None or mark is None:
            return
        if mark.state != "waiting":
            # this page may not have it yet
            await cl.context.emitter.update_step(saved)
            return
        text, mark = cards.closed(saved["output"], mark, state, self.say)
        message = cl.Message(text, id=card_id, created_at=saved.get("createdAt"), metadata=mark.metadata)
        # else it would move to the run that answered it
        message.parent_id = saved.get("parentId")
        await message.update()

    async def _stream(self, given: Any, show: Show, *, quick: bool) -> None:
        # a quick turn is over before anything could cut it off: it is saved once, at its end
        modes, durability = (_MODES, "exit") if quick else ([*_MODES, "messages"], "sync")
        stream = self._graph.astream(given, self._config, stream_mode=modes, durability=durability)
        try:
            async with aclosing(stream):
                async for mode, data in stream:
                    await show.show(mode, data)
        finally:
            await show.close()

    async def _retire(self, waits: Json | None) -> None:
        """Close the card that this tab still shows, after it was replaced or decided on elsewhere."""
        card_id = offers.last_card()
        if card_id and card_id != (waits or {}).get("id"):
            await offers.remove_card(card_id)
            await self.close_card(card_id, "answered")

    async def _settle(self, before: Json | None, decision: str, shown: str, outcomes: list[Json]) -> None:
        if before is None:
            return
        state = await self.state()
        now = waiting(state)
        if now is not None and now["id"] == before["id"]:
            await (self.put_buttons(before) if shown == before["id"] else self.show_card(before))
            return
        status: CardState = _PRESSED.get(decision, "aside")
        if outcomes and not decision:  # a yes or a no in words
            status = "cancelled" if all(o["status"] == "rejected" for o in outcomes) else "approved"
        if decision and not outcomes and not state.values.get("decisions"):
            status = "void"  # the button came too late, or to an assistant that may not write any more
        await self.close_card(before["id"], status if now is None else "replaced")

    async def _after(self, show: Show, before: Json | None, offer: bool) -> None:
        state = self._follow(show)
        for reply in show.replies:
            offers_more = offer or show.listed or reply.id in show.offering
            last = reply is show.replies[-1] and show.card is None and offers_more
            what, outcomes = "contacts" if show.listed else "choices", show.outcomes[reply.id]
            if last or outcomes:
                await offers.offer_under(reply, what if last else "", state, self.say, outcomes)
        if show.card is not None and show.card["id"] != (before or {}).get("id"):
            await self.show_card(show.card)


def waiting(state: Any) -> Json | None:
    """The card that waits for an answer; None also for another version's card, as the graph will withdraw it."""
    card: Json | None = state.interrupts[0].value if state.interrupts else None
    return card if card and card.get("version") == VERSION else None


def is_idle(state: Any) -> bool:
    """Whether nothing is pending in the conversation: no card, and no run that was cut off."""
    return not state.next


def _is_quick(given: Any) -> bool:
    """Whether no model will be asked: for the greeting, and for the three choices in an idle conversation."""
    return given == {} or (isinstance(given, dict) and given.get("choice") in offers.CHOICES)
