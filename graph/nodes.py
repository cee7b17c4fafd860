"""The nodes before the model: ``welcome``, ``router`` and ``guide``; and ``approve``, which only waits."""

import time
from typing import Any, Literal

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, RemoveMessage
from langchain_core.runnables import RunnableConfig
from langgraph.types import Command, interrupt

from crm import errors
from crm.changes import Change, loads
from crm.lookup import find
from graph import desk as desks
from graph.answers import answer_model, decide
from graph.context import Context
from graph.markdown import literal
from graph.memory import notice, outdated
from graph.state import Desk, State
from graph.words import Words
from guided import detect_language

LIMIT = 8_000  # characters of a message
INTENTS = ("search", "create", "update")


def entry(state: State) -> Literal["welcome", "router", "approve"]:
    """Where a run begins: a button or new words, a card that still waits, or a new conversation."""
    messages = state.get("messages") or []
    if state.get("choice") or (messages and isinstance(messages[-1], HumanMessage)):
        return "router"
    return "approve" if state.get("card") else "welcome"


class Nodes:
    """The nodes that need no model."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def welcome(self, state: State, config: RunnableConfig) -> dict[str, Any]:
        """Greets, once, and names the three actions."""
        if state.get("messages"):
            return {"desk": state.get("desk") or {}}  # a run that writes nothing would return nothing
        language = self._context.language_of(state, config)
        return {"messages": [AIMessage(self._context.prompts.say(language, "greeting"))], "desk": {}}

    async def router(
        self, state: State, config: RunnableConfig
    ) -> Command[Literal["guide", "agent", "apply", "approve", "__end__"]]:
        """Decides between a button's choice, words, and words that answer a waiting card. A turn starts clean here."""
        messages = state.get("messages") or []
        clean: dict[str, Any] = {"turn": {"started": time.time(), "models": 0, "tools": 0}, "decisions": None}
        if choice := state.get("choice"):
            words = self._context.plain_words(state, config)
            withdrawn = self._withdraw(state, words, keep=False)
            ids = {"contact_id": state.get("contact_id"), "change_id": state.get("change_id")}
            return Command(goto="guide", update={**clean, **withdrawn, **ids, "choice": choice})
        text = messages[-1].text.strip()
        refusal = self._refusal(state, config, text)
        if refusal is not None:
            # what was refused is no answer: a card still waits
            waits: Literal["approve", "__end__"] = "approve" if state.get("card") else "__end__"
            return Command(goto=waits, update={**clean, "messages": [*refusal, *outdated(messages)]})
        if self._context.follow and (found := detect_language(text)):
            state = {**state, "language": found}
            clean["language"] = found
        update, goto = self._words_said(state, text, self._context.plain_words(state, config))
        update["messages"] = [*outdated(messages), *update.get("messages", [])]
        return Command(goto=goto, update={**clean, **update})

    def _refusal(self, state: State, config: RunnableConfig, text: str) -> list[AnyMessage | RemoveMessage] | None:
        language, say = self._context.language_of(state, config), self._context.prompts.say
        if not text:
            return [AIMessage(say(language, "message-empty"))]
        if len(text) <= LIMIT:
            return None
        # the text itself leaves the state: it would be carried through every later checkpoint
        long = (state.get("messages") or [])[-1]
        sentence = say(language, "message-too-long", length=len(text), limit=LIMIT)
        return [RemoveMessage(id=str(long.id)), AIMessage(sentence)]

    def _words_said(self, state: State, text: str, words: Words) -> tuple[dict[str, Any], Literal["apply", "agent"]]:
        """Words while a card waits: a plain yes or no decides; any others withdraw the card and go to the agent."""
        if not state.get("card"):
            return {}, "agent"
        decisions = decide(text, changes_of(state))
        if decisions is not None:
            return {"decisions": decisions}, "apply"
        return self._withdraw(state, words, keep=True), "agent"

    def _withdraw(self, state: State, words: Words, *, keep: bool) -> dict[str, Any]:
        card = state.get("card")
        if not card:
            return {}
        update: dict[str, Any] = {"card": None, "messages": [notice(words.say("card-withdrawn"))]}
        if keep:
            draft = desks.draft_of(card["changes"][0])
            update["desk"] = {**(state.get("desk") or {}), "draft": draft, "question": None}
        return update

    async def guide(self, state: State, config: RunnableConfig) -> dict[str, Any]:
        """Answers a button with what to do next; no model is asked."""
        choice, desk = state.get("choice"), state.get("desk") or {}
        words = self._context.plain_words(state, config)
        if choice in INTENTS:
            fresh: Desk = {"intent": choice, "shown": desk.get("shown", [])}  # type: ignore[typeddict-item]
            pressed = HumanMessage(words.say(f"button-{choice}"))
            return {"messages": [pressed, AIMessage(words.say(f"guide-{choice}"))], "desk": fresh}
        if choice == "select":
            return await self._select(state.get("contact_id") or "", desk, words)
        key = "guide-undo-later" if choice == "undo" else "guide-unknown"
        return {"messages": [AIMessage(words.say(key))]}

    async def _select(self, contact_id: str, desk: Desk, words: Words) -> dict[str, Any]:
        try:
            contact = await find(self._context.portal, contact_id if contact_id.isdigit() else "")
        except errors.Unavailable as error:
            return {"messages": [AIMessage(words.error(error))]}
        except errors.CrmError:
            return {"messages": [AIMessage(words.say("guide-select-gone"))]}
        sentence = words.say("guide-select", name=literal(contact.name))
        return {"messages": [AIMessage(sentence)], "desk": desks.focus(desk, contact.id, contact.name)}

    async def approve(self, state: State, config: RunnableConfig) -> Command[Literal["apply", "agent"]]:
        """Waits for a person's answer to the card, and does nothing else: it runs again from its start."""
        card, changes = state.get("card"), changes_of(state)
        assert card is not None
        words = await self._context.words(state, config)
        raw: Any = interrupt(words.card(card["id"], changes), response_schema=answer_model(card, changes))
        answer = answer_model(card, changes).model_validate(raw if isinstance(raw, dict) else raw.model_dump())
        if answer.text is None:
            decisions = {i: d.model_dump() for i, d in (answer.decisions or {}).items()}
            return Command(goto="apply", update={"decisions": decisions})
        update, goto = self._words_said(state, answer.text, words)
        said = [HumanMessage(answer.text), *update.get("messages", [])]
        turn = {"started": time.time(), "models": 0, "tools": 0}
        return Command(goto=goto, update={**update, "messages": said, "turn": turn})


def changes_of(state: State) -> list[Change]:
    """The changes of the card that waits."""
    card = state.get("card")
    return [loads(change) for change in card["changes"]] if card else []
