"""One conversation: what a person does in the chat, as runs of the graph."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any
from weakref import WeakValueDictionary

import chainlit as cl
from chainlit.data import get_data_layer
from chainlit.step import StepDict
from langgraph.errors import is_invalid_resume
from langgraph.types import Command

from prompts import LANGUAGES
from ui import cards, errors, offers
from ui.stream import Json, Show

_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


class Conversation:
    """The conversation ``key`` in the graph, as the current session shows it.

    Every run holds a lock that all sessions (tabs) of the conversation share.
    """

    def __init__(self, graph: Any, say: Callable[..., str], key: str, user: str, language: str) -> None:
        self._graph = graph
        self._sentence = say
        self._language = language
        self._config = {"configurable": {"thread_id": key, "user": user, "language": language}}
        self._lock = _locks.setdefault(key, asyncio.Lock())

    async def open(self) -> None:
        """Greet, or show where the conversation stands where the graph knows it already."""
        async with self._lock:
            state = await self._state()
            if not state.values.get("messages"):
                await self._run({}, offer=True)
                return
            await self._show_again(state)

    async def resume(self, thread: Json) -> None:
        """Take up a conversation that the page has just been given: its buttons, and what was cut off."""
        async with self._lock:
            state = await self._state()
            waiting = _waiting(state)
            shown = {step["id"]: step for step in thread.get("steps") or []}
            for step in shown.values():
                await offers.again(step, state, self._say)
            if waiting is not None and waiting["id"] in shown:
                await self._buttons(waiting)
            elif waiting is not None or state.next or not state.values.get("messages"):
                asyncio.create_task(self._later())

    async def _later(self) -> None:
        # what is sent while Chainlit resumes a thread disappears from the page
        await asyncio.sleep(0.4)
        try:
            async with self._lock, _run_step():
                await self._take_up()
        except Exception as error:
            await self.apologise(error)

    async def _take_up(self) -> None:
        state = await self._state()
        waiting = _waiting(state)
        if waiting is not None:
            await self._show_card(waiting)
        elif state.next:
            card = state.values.get("card")
            await self._run(None, offer=True)
            if card:
                await self._close_card(card["id"], "answered")
        elif not state.values.get("messages"):
            await self._run({}, offer=True)

    async def hear(self, text: str) -> None:
        """What the user wrote."""
        if text.strip():
            async with self._lock:
                await self._run({"messages": [{"role": "user", "content": text}]})

    async def choose(self, choice: str, label: str) -> None:
        """One of the three buttons."""
        if choice in offers.CHOICES:
            async with self._lock, _bubble(label):
                await self._run({"choice": choice})

    async def select(self, contact_id: str) -> None:
        """A contact of the list shown last."""
        async with self._lock:
            for contact in offers.listed(await self._state()):
                if contact["id"] == contact_id:
                    async with _bubble(f"{contact['n']}. {contact.get('name') or contact_id}"):
                        await self._run({"choice": "select", "contact_id": contact_id})
                    return
            await self._tell("ui-list-gone")

    async def decide(self, decision: cards.Decision, card_id: str, contact_id: str = "") -> None:
        """A button of a card: valid only while that very card waits."""
        async with self._lock, _run_step():
            card = _waiting(await self._state())
            if card is None or card["id"] != card_id:
                await self._gone(card_id)
            elif decision == "edit":
                await self._tell("ui-edit-prompt")
            elif answer := cards.answer(card, decision, contact_id):
                await self._run(Command(resume=answer), decision=decision)

    async def _gone(self, card_id: str) -> None:
        await offers.remove_card(card_id)
        if cl.user_session.get(f"gone:{card_id}"):
            return
        cl.user_session.set(f"gone:{card_id}", True)
        if saved := await _saved(card_id):
            # it was answered in another tab, and says so there
            await cl.context.emitter.update_step(saved)
        await self._tell("ui-card-gone")

    async def stopped(self) -> None:
        """After Stop: say so, and finish a write that was under way, so that its outcome is known."""
        async with self._lock, _run_step():
            await self._tell("ui-stopped")
            await self._finish_write()

    async def _finish_write(self) -> None:
        state = await self._state()
        if "apply" in state.next and not state.interrupts:
            await self._stream(None, Show())

    async def _run(self, given: Any, *, decision: str = "", offer: bool = False) -> None:
        before = _waiting(await self._state())
        if before is not None:
            await offers.remove_card(before["id"])
        elif given is not None:
            await self._finish_write()
        show = Show()
        try:
            await self._stream(given, show)
        except Exception as error:
            if not is_invalid_resume(error):
                raise
            await self._tell("ui-card-refused")
        finally:
            await self._settle(before, decision)
        await self._after(show, offer or bool(decision))

    async def _stream(self, given: Any, show: Show) -> None:
        modes = ["messages", "updates", "custom"]
        stream = self._graph.astream(given, self._config, stream_mode=modes, durability="sync")
        try:
            async with aclosing(stream):
                async for mode, data in stream:
                    await show.show(mode, data)
        finally:
            await show.close()

    async def _settle(self, before: Json | None, decision: str) -> None:
        if before is None:
            return
        state = await self._state()
        if not state.interrupts and (state.values.get("card") or {}).get("id") == before["id"]:
            # a message was refused before anything was done with it: the card waits on
            await self._stream({}, Show())
            state = await self._state()
        now = _waiting(state)
        if now is not None and now["id"] == before["id"]:
            await self._buttons(before)
            return
        status = {"approve": "approved", "cancel": "cancelled"}.get(decision, "answered")
        await self._close_card(before["id"], status if now is None else "replaced")

    async def _after(self, show: Show, offer: bool) -> None:
        state = await self._state()
        if show.card is not None:
            await self._show_card(show.card)
        elif show.replies and (offer or show.listed):
            last = show.replies[-1]
            last.metadata = {"offer": "contacts" if show.listed else "choices"}
            await last.update()
            await offers.put(offers.actions(last.id, last.metadata["offer"], state, self._say), last.id)

    async def _show_again(self, state: Any) -> None:
        said = [message for message in state.values["messages"] if message.type == "ai" and message.text]
        if said:
            message = await cl.Message(said[-1].text).send()
            await offers.put(offers.actions(message.id, "choices", state, self._say), message.id)
        waiting = _waiting(state)
        if waiting is not None:
            await self._show_card(waiting)

    async def _show_card(self, card: Json) -> None:
        await cl.Message(cards.render(card, self._say), id=card["id"]).send()
        await self._buttons(card)

    async def _close_card(self, card_id: str, status: str) -> None:
        """Let the card's message say what became of it; everything else of it stays as it was shown."""
        saved = await _saved(card_id)
        if saved is None:
            return
        text = saved["output"]
        for language in LANGUAGES:
            text = text.replace(self._sentence(language, "ui-card-intro"), f"**{self._say(f'ui-card-{status}')}**", 1)
        message = cl.Message(text, id=card_id, created_at=saved.get("createdAt"))
        # else it would move to the run that answered it
        message.parent_id = saved.get("parentId")
        await message.update()

    async def _buttons(self, card: Json) -> None:
        await offers.put_card(card["id"], cards.buttons(card, self._say))

    async def _state(self) -> Any:
        state = await self._graph.aget_state(self._config)
        # the graph follows the language of what the user writes
        self._language = state.values.get("language") or self._language
        return state

    def _say(self, key: str, **values: str) -> str:
        return self._sentence(self._language, key, **values)

    async def apologise(self, error: Exception) -> None:
        """Log an error that was not foreseen, and tell the user no more than its reference."""
        await self._tell("ui-error", reference=errors.report(error))

    async def _tell(self, key: str, **values: str) -> None:
        await cl.Message(self._say(key, **values)).send()


async def _saved(step_id: str) -> StepDict | None:
    layer = get_data_layer()
    saved: StepDict | None = await layer.get_step(step_id) if layer else None
    if saved is not None:
        saved["metadata"] = {}
    return saved


def _waiting(state: Any) -> Json | None:
    return state.interrupts[0].value if state.interrupts else None


@asynccontextmanager
async def _bubble(text: str) -> AsyncIterator[None]:
    message = await cl.Message(text, type="user_message", author=_author()).send()
    async with _run_step(message.id):
        yield


@asynccontextmanager
async def _run_step(parent_id: str | None = None) -> AsyncIterator[None]:
    # the name that Chainlit's page knows as a run: what is sent within stands in order below it
    failure: BaseException | None = None
    async with cl.Step(name="on_message", type="run", parent_id=parent_id):
        try:
            yield
        except BaseException as error:
            # the step would send its text to the browser
            failure = error
    if failure is not None:
        raise failure


def _author() -> str:
    user = cl.context.session.user
    return user.identifier if user else "user"
