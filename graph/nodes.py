"""The nodes before the model: ``welcome``, ``router`` and ``guide``; and ``approve``, which only waits."""

import time
from typing import Any, Literal

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, RemoveMessage
from langchain_core.runnables import RunnableConfig
from langgraph.types import Command, interrupt

from crm import errors
from crm.lookup import find
from crm.undo import propose_undo
from graph import desk as desks
from graph.answers import answer_model, decide
from graph.cards import by_of, changes_of, decided, new_card
from graph.context import Context, user_of
from graph.memory import notice, outdated
from graph.state import Desk, State
from graph.words import Words, short
from guided import detect_language

LIMIT = 8_000  # characters of a message
INTENTS = ("search", "create", "update")
Routed = Literal["guide", "agent", "apply", "approve", "__end__"]


def entry(state: State) -> Literal["welcome", "router", "approve"]:
    """Where a run begins: a button or new words, a card that still waits, or a new conversation."""
    messages = state.get("messages") or []
    if state.get("choice") or (messages and isinstance(messages[-1], HumanMessage)):
        return "router"
    if state.get("card"):
        return "router" if state.get("decisions") else "approve"  # decided, but cut off at the write
    return "welcome"


class Nodes:
    """The nodes that need no model."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def welcome(self, state: State, config: RunnableConfig) -> dict[str, Any]:
        """Greets, once, and names the three actions."""
        if state.get("messages"):
            return {"desk": state.get("desk") or {}}  # a run that writes nothing would return nothing
        words = self._context.plain_words(state, config)
        key = "greeting-read-only" if self._context.portal.read_only else "greeting"
        return {"messages": [AIMessage(words.say(key))], "desk": {}}

    async def router(self, state: State, config: RunnableConfig) -> Command[Routed]:
        """Decides between a button's choice, words, and words that answer a waiting card. A turn starts clean here."""
        choice = state.get("choice")
        if state.get("card") and state.get("decisions"):
            # a run was cut off at its write: what became of it is told before anything else is done
            messages = state.get("messages") or []
            new = choice or (messages and isinstance(messages[-1], HumanMessage))
            ids = {"contact_id": state.get("contact_id"), "change_id": state.get("change_id")}
            return Command(goto="apply", update={"then": {"choice": choice, **ids} if new else None})
        clean = {"turn": {"started": time.time(), "models": 0, "tools": 0}, "decisions": None, "then": None}
        if choice:
            withdrawn = await self._withdraw(state, config, keep=False)
            ids = {"contact_id": state.get("contact_id"), "change_id": state.get("change_id")}
            return Command(goto="guide", update={**clean, **withdrawn, **ids, "choice": choice})
        goto, update = await self._heard(state, config)
        return Command(goto=goto, update={**clean, **update})

    async def _heard(self, state: State, config: RunnableConfig) -> tuple[Routed, dict[str, Any]]:
        messages = state.get("messages") or []
        heard = next(m for m in reversed(messages) if isinstance(m, HumanMessage))
        text = heard.text.strip()
        card, words = state.get("card"), self._context.plain_words(state, config)
        refusal = self._refusal(heard, text, words)
        if card and card.get("user", user_of(config)) != user_of(config):
            refusal = refusal or [AIMessage(words.say("card-of-another"))]
        if refusal:
            # what was refused is no answer: a card still waits
            return ("approve" if state.get("card") else "__end__"), {"messages": [*refusal, *outdated(messages)]}
        language = detect_language(text) if self._context.follow else None
        update: dict[str, Any] = {"language": language} if language else {}
        decisions = decide(text, changes_of(state)) if state.get("card") else None
        if decisions is not None:
            return "apply", {**update, "messages": outdated(messages), "decisions": decisions}
        update |= await self._withdraw({**state, **update}, config, keep=True)  # type: ignore[typeddict-item]
        update["messages"] = [*outdated(messages), *update.get("messages", [])]
        return "agent", update

    def _refusal(self, heard: HumanMessage, text: str, words: Words) -> list[AnyMessage | RemoveMessage]:
        if not text:
            return [AIMessage(words.say("message-empty"))]
        if len(text) <= LIMIT:
            return []
        # the text itself leaves the state: it would be carried through every later checkpoint
        sentence = words.say("message-too-long", length=len(text), limit=LIMIT)
        return [RemoveMessage(id=str(heard.id)), AIMessage(sentence)]

    async def _withdraw(self, state: State, config: RunnableConfig, *, keep: bool) -> dict[str, Any]:
        card, words = state.get("card"), self._context.plain_words(state, config)
        if not card:
            return {}
        await decided(self._context, state, config, {change["id"]: "withdrawn" for change in card["changes"]})
        update: dict[str, Any] = {"card": None, "messages": [notice(words.say("card-withdrawn"))]}
        if keep:
            # of several changes nobody can tell which one the next words correct
            draft = desks.draft_of(card["changes"][0]) if len(card["changes"]) == 1 else None
            update["desk"] = {**(state.get("desk") or {}), "draft": draft, "question": None}
        return update

    async def guide(self, state: State, config: RunnableConfig) -> Command[Literal["approve", "__end__"]]:
        """Answers a button with what to do next, or with the card of an undo; no model is asked."""
        if state.get("choice") == "undo":
            return await self._undo(state, config)
        return Command(goto="__end__", update=await self._guided(state, config))

    async def _undo(self, state: State, config: RunnableConfig) -> Command[Literal["approve", "__end__"]]:
        words, forget = await self._context.words(state, config), outdated(state.get("messages") or [])
        if self._context.portal.read_only:
            return Command(goto="__end__", update={"messages": [*forget, AIMessage(words.say("read-only"))]})
        asked = HumanMessage(words.say("button-undo"))
        try:
            change = await propose_undo(self._context.portal, str(state.get("change_id") or "?"), by_of(config))
        except errors.CrmError as error:
            return Command(goto="__end__", update={"messages": [*forget, asked, AIMessage(words.error(error))]})
        card = await new_card(self._context, [change], {**state, "messages": [asked]}, config)
        return Command(goto="approve", update={"messages": [*forget, asked], "card": card, "turn": {}})

    async def _guided(self, state: State, config: RunnableConfig) -> dict[str, Any]:
        choice, desk = state.get("choice"), state.get("desk") or {}
        words = self._context.plain_words(state, config)
        forget = outdated(state.get("messages") or [])
        if choice in INTENTS:
            refused = self._context.portal.read_only and choice != "search"
            fresh: Desk = {"intent": None if refused else choice, "shown": desk.get("shown", [])}  # type: ignore[typeddict-item]  # of INTENTS
            reply = AIMessage(words.say("read-only" if refused else f"guide-{choice}"))
            return {"messages": [*forget, HumanMessage(words.say(f"button-{choice}")), reply], "desk": fresh}
        if choice == "select":
            reply, desk = await self._select(str(state.get("contact_id") or ""), desk, words)
            return {"messages": [*forget, reply], "desk": desk}
        return {"messages": [*forget, AIMessage(words.say("guide-unknown"))]}

    async def _select(self, contact_id: str, desk: Desk, words: Words) -> tuple[AIMessage, Desk]:
        try:
            contact = await find(self._context.portal, contact_id if contact_id.isdigit() else "")
        except errors.Unavailable as error:
            return AIMessage(words.error(error)), desk
        except errors.CrmError:
            return AIMessage(words.say("guide-select-gone")), desk
        sentence = words.say("guide-select", name=short(contact.name))
        return AIMessage(sentence), desks.focus(desk, contact.id, contact.name)

    async def approve(self, state: State, config: RunnableConfig) -> Command[Literal["apply", "router"]]:
        """Waits for a person's answer to the card, and does nothing else: it runs again from its start."""
        card, changes = state.get("card"), changes_of(state)
        assert card is not None
        words = await self._context.words(state, config)
        model = answer_model(card, changes, user_of(config))
        raw: Any = interrupt(words.card(card["id"], changes), response_schema=model)
        answer = model.model_validate(raw if isinstance(raw, dict) else raw.model_dump())
        if answer.text is not None:
            return Command(goto="router", update={"messages": [HumanMessage(answer.text)]})
        decisions = {i: d.model_dump() for i, d in (answer.decisions or {}).items()}
        return Command(goto="apply", update={"decisions": decisions})
