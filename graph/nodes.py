"""The nodes before the model: ``welcome``, ``router`` and ``guide``; and ``approve``, which waits for a person."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast
from uuid import uuid4

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, RemoveMessage
from langchain_core.runnables import RunnableConfig
from langgraph.config import get_stream_writer
from langgraph.types import Command, interrupt
from pydantic import ValidationError

from crm.changes import UndoRequest, propose_undo
from crm.domain import SUMMARY, errors
from crm.search import by_id
from crm.search import search as find_contacts
from crm.write import settle_for
from graph import answers, sanitise
from graph.answers import answer_model, bare
from graph.cards import actor_of, decided, forgone, holder, new_card, readable
from graph.claims import RECEIPT
from graph.context import Context, conversation_of, user_of
from graph.desk import Desk, Draft, LastSearch, owner_of
from graph.memory import notice, outdated
from graph.state import VERSION, Language, State, TurnProgress, of_this_version
from graph.words import Words, short
from guided import detect_language, plain_answer
from tools import ContactsFound

MESSAGE_LIMIT = 8_000  # characters of a message
INTENTS = ("search", "create", "update")
Routed = Literal["guide", "agent", "apply", "approve", "__end__"]


def _with_number(state: State) -> State | None:
    """The state as if the number of the contact that was chosen had been typed; None where the list has no such
    contact, or where a value was asked for, which a typed number would be.
    """
    desk = Desk.of(state)
    number = next((contact.n for contact in desk.shown if contact.id == state.get("contact_id")), None)
    if number is None or (desk.draft and desk.draft.awaiting):
        return None
    typed = HumanMessage(str(number), id=str(uuid4()))
    return {**state, "choice": None, "contact_id": None, "messages": [*(state.get("messages") or []), typed]}


def _new_words(messages: Sequence[AnyMessage]) -> bool:
    """Whether the last message is the user's and still unanswered."""
    last = messages[-1] if messages else None
    return isinstance(last, HumanMessage) and not last.additional_kwargs.get("button")


class Nodes:
    """The nodes that need no model."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def entry(self, state: State) -> Literal["welcome", "router", "approve"]:
        """Choose where a run begins: at a button or new words, at a waiting card, or with a greeting."""
        messages = state.get("messages") or []
        if state.get("choice") or _new_words(messages):
            return "router"
        if state.get("card"):
            # decided, but cut off at the write; or of another version
            return "router" if state.get("decisions") or not readable(self._context, state) else "approve"
        return "welcome"

    async def welcome(self, state: State, config: RunnableConfig) -> dict[str, Any]:
        """Greet once and name the three actions."""
        if state.get("messages"):
            return {"desk": state.get("desk") or {}}  # a run that writes nothing would return nothing
        words = self._context.plain_words(state, config)
        key = "greeting-read-only" if self._context.portal.read_only else "greeting"
        return {"messages": [AIMessage(words.say(key))], "desk": {}, "version": VERSION}

    async def router(self, state: State, config: RunnableConfig) -> Command[Routed]:
        """Tell a button's choice from words, and from words that answer a waiting card; then start a clean turn."""
        if not readable(self._context, state):
            return await self._of_another_version(state, config)
        if self._context.portal.read_only and state.get("card") and not state.get("decisions"):
            # one from before: nothing would come of it but that it is used up
            withdrawn = await self._withdraw(state, config, keep=False)
            words = self._context.plain_words(state, config)
            return await self._without(state, config, [*withdrawn["messages"], notice(words.say("read-only"))])
        if named := self._button_in_words(state):
            return await self._as_pressed(state, config, *named)
        return await self._route(state, config)

    async def _of_another_version(self, state: State, config: RunnableConfig) -> Command[Routed]:
        """Go on without the state of another version, because what its card would write cannot be known."""
        key = "conversation-unreadable"
        if card := state.get("card"):
            await self._context.portal.ledger.withdraw(actor_of(config, str(card.get("id"))))
            key = "card-unreadable-decided" if state.get("decisions") else "card-unreadable"
        said = notice(self._context.plain_words(state, config).say(key))
        return await self._without(state, config, [said], desk={}, turn={}, version=VERSION)

    async def _without(
        self, state: State, config: RunnableConfig, said: Sequence[AnyMessage], **other: Any
    ) -> Command[Routed]:
        """Withdraw the waiting card, change other values of the state, and say why."""
        gone: dict[str, Any] = {"card": None, "decisions": None, "then": None, **other}
        messages = state.get("messages") or []
        if not state.get("choice") and not _new_words(messages):
            return Command(goto="__end__", update={**gone, "messages": [*said]})
        onward = await self._route(cast(State, {**state, **gone}), config)
        update: Mapping[str, Any] = onward.update or {}
        return Command(goto=onward.goto, update={**gone, **update, "messages": [*said, *update.get("messages", [])]})

    async def _route(self, state: State, config: RunnableConfig) -> Command[Routed]:
        choice = state.get("choice")
        if state.get("card") and state.get("decisions"):
            # a run was cut off at its write: what became of it is told before anything else is done
            messages = state.get("messages") or []
            new = choice or _new_words(messages)
            if new and not choice and (gone := await forgone(self._context, state, config)):
                words = self._context.plain_words(state, config)
                said = [AIMessage(words.say("done-rejected", name=short(change.display))) for change in gone]
                return Command(goto="__end__", update={"messages": said, "card": None, "decisions": None})
            ids = {"contact_id": state.get("contact_id"), "change_id": state.get("change_id")}
            return Command(goto="apply", update={"then": {"choice": choice, **ids} if new else None})
        if choice == "select" and (typed := _with_number(state)):
            return await self._route(typed, config)
        turn = TurnProgress(started=time.time()).as_json()
        clean = {"version": VERSION, "turn": turn, "decisions": None, "then": None}
        if choice and self._is_other_user(state, config):
            refusal = AIMessage(self._context.plain_words(state, config).say("card-of-another"))
            return Command(goto="approve", update={**clean, "messages": [refusal]})
        if choice:
            withdrawn = await self._withdraw(state, config, keep=False)
            ids = {"contact_id": state.get("contact_id"), "change_id": state.get("change_id")}
            return Command(goto="guide", update={**clean, **withdrawn, **ids, "choice": choice})
        goto, update = await self._heard(state, config)
        return Command(goto=goto, update={**clean, **update})

    def _button_in_words(self, state: State) -> tuple[str, Language] | None:
        """The choice whose label the new message is, and the language of the label."""
        messages = state.get("messages") or []
        if state.get("choice") or state.get("decisions") or not _new_words(messages):
            return None
        said, say = bare(messages[-1].text), self._context.prompts.say
        languages: tuple[Language, ...] = ("da", "en")
        named = ((choice, language) for language in languages for choice in INTENTS)
        return next(((c, lang) for c, lang in named if said == bare(say(lang, f"button-{c}"))), None)

    async def _as_pressed(
        self, state: State, config: RunnableConfig, choice: str, language: Language
    ) -> Command[Routed]:
        """Go on as if the button had been pressed whose label was written; it writes its label itself."""
        *before, written = state.get("messages") or []
        follows: dict[str, Any] = {"language": language} if self._context.follow else {}
        pressed = cast(State, {**state, **follows, "choice": choice, "messages": before})
        onward = await self._route(pressed, config)
        update: Mapping[str, Any] = onward.update or {}
        forgotten = RemoveMessage(id=str(written.id))
        messages = [forgotten, *update.get("messages", [])]
        return Command(goto=onward.goto, update={**follows, **update, "messages": messages})

    async def _heard(self, state: State, config: RunnableConfig) -> tuple[Routed, dict[str, Any]]:
        messages = state.get("messages") or []
        said = next(m for m in reversed(messages) if isinstance(m, HumanMessage))
        heard, shown = answers.received(said, user_of(config))
        text = heard.text.strip()
        words = self._context.plain_words(state, config)
        refusal = self._refusal(heard, text, words)
        if self._is_other_user(state, config):
            forget = [RemoveMessage(id=str(heard.id)), *outdated(messages)]  # else a value would seem to be the owner's
            return "approve", {"messages": [*forget, AIMessage(words.say("card-of-another"))]}
        if refusal:
            # what was refused is no answer: a card still waits
            return ("approve" if state.get("card") else "__end__"), {"messages": [heard, *refusal, *outdated(messages)]}
        language = detect_language(text) if self._context.follow else None
        update: dict[str, Any] = {"language": language} if language else {}
        card = self._context.cards.read(state)
        decisions = answers.decisions_in_words(text, card.changes, self._context.prompts) if card else None
        if card and decisions is not None and (why := answers.doubt(card, shown, decisions)):
            answer = AIMessage(words.say(why))  # whatever was asked before, this is the last question now
            waits = self._context.cards.write(card.but(asks=False))
            return "approve", {"messages": [heard, *outdated(messages), answer], "card": waits}
        if decisions is not None:
            return "apply", {**update, "messages": [heard, *outdated(messages)], "decisions": decisions}
        update |= await self._withdraw({**state, **update}, config, keep=True)  # type: ignore[typeddict-item]
        update["messages"] = [heard, *outdated(messages), *update.get("messages", [])]
        return "agent", update

    def _is_other_user(self, state: State, config: RunnableConfig) -> bool:
        return holder(self._context, state, config).user != user_of(config)

    def _refusal(self, heard: HumanMessage, text: str, words: Words) -> list[AnyMessage | RemoveMessage]:
        if not text:
            return [AIMessage(words.say("message-empty"))]
        bare = text.replace(sanitise.HALF, "").strip()
        if bare != text and (not bare or plain_answer(bare)):
            # the rest of it may have meant the opposite
            return [AIMessage(words.say("message-broken"))]
        if len(text) <= MESSAGE_LIMIT:
            return []
        # the text itself leaves the state: it would be carried through every later checkpoint
        sentence = words.say("message-too-long", length=len(text), limit=MESSAGE_LIMIT)
        return [RemoveMessage(id=str(heard.id)), AIMessage(sentence)]

    async def _withdraw(self, state: State, config: RunnableConfig, *, keep: bool) -> dict[str, Any]:
        card, words = self._context.cards.read(state), self._context.plain_words(state, config)
        if not card:
            return {}
        withdrawn = {change.id: {"decision": "withdrawn"} for change in card.changes}
        stands = await decided(self._context, state, config, withdrawn)
        sentence = words.say("card-withdrawn" if stands else "card-used")
        update: dict[str, Any] = {"card": None, "messages": [notice(sentence)]}
        if keep:
            # of several changes nobody can tell which one the next words correct
            corrected = card.changes[0] if stands and len(card.changes) == 1 else None
            draft = Draft.of(corrected) if corrected and corrected.action != "undo" else None
            update["desk"] = Desk.of(state).but(draft=draft, question=None).as_json()
        return update

    async def guide(self, state: State, config: RunnableConfig) -> Command[Literal["approve", "__end__"]]:
        """Answer a button with what to do next, or with a card that undoes a change. No model is asked."""
        if state.get("choice") == "undo":
            return await self._undo(state, config)
        return Command(goto="__end__", update=await self._guided(state, config))

    async def _undo(self, state: State, config: RunnableConfig) -> Command[Literal["approve", "__end__"]]:
        words, forget = await self._context.words(state, config), outdated(state.get("messages") or [])
        if self._context.portal.read_only:
            return Command(goto="__end__", update={"messages": [*forget, AIMessage(words.say("read-only"))]})
        asked = HumanMessage(words.say("button-undo"), additional_kwargs={"button": True})
        actor = actor_of(config)
        await settle_for(self._context.portal, actor.user)
        try:
            request = UndoRequest(change_id=str(state.get("change_id") or "?"))  # never "", which means the last change
            change = await propose_undo(self._context.portal, request, actor)
        except errors.CrmError as error:
            return Command(goto="__end__", update={"messages": [*forget, asked, AIMessage(words.error(error))]})
        card = await new_card(self._context, [change], {**state, "messages": [asked]}, config)
        desk = Desk.of(state).cleared()
        update = {"messages": [*forget, asked], "card": card, "desk": desk.as_json(), "turn": {}}
        return Command(goto="approve", update=update)

    async def _guided(self, state: State, config: RunnableConfig) -> dict[str, Any]:
        choice, desk = state.get("choice"), Desk.of(state)
        words = self._context.plain_words(state, config)
        forget = outdated(state.get("messages") or [])
        if choice in INTENTS:
            refused = self._context.portal.read_only and choice != "search"
            fresh = Desk(shown=desk.shown, search=desk.search).but(intent=None if refused else choice)
            reply = AIMessage(words.say("read-only" if refused else f"guide-{choice}"))
            pressed = HumanMessage(words.say(f"button-{choice}"))
            return {"messages": [*forget, pressed, reply], "desk": fresh.as_json()}
        if choice == "more":
            messages, desk = await self._more(state, config)
            return {"messages": [*forget, *messages], "desk": desk.as_json()}
        if choice == "select":
            reply, desk = await self._select(str(state.get("contact_id") or ""), desk, words)
            return {"messages": [*forget, reply], "desk": desk.as_json()}
        return {"messages": [*forget, AIMessage(words.say("guide-unknown"))]}

    async def _more(self, state: State, config: RunnableConfig) -> tuple[list[AnyMessage], Desk]:
        """The next page of the list that was shown last, and the desk after it."""
        desk, words = Desk.of(state), await self._context.words(state, config)
        pressed = HumanMessage(words.say("button-more"))
        search = desk.search
        if search is None or not search.more:
            return [pressed, AIMessage(words.say("guided-no-more"))], desk
        portal, page = self._context.portal, search.page + 1
        me = owner_of(state, user_of(config), portal)
        try:
            given = await find_contacts(portal, search.query, search.filters, sort=search.sort, page=page, me=me)
        except errors.CrmError as error:
            return [pressed, AIMessage(words.error(error))], desk
        found = ContactsFound.of(given)
        listing, sentence = words.listing(found), words.found(found)
        get_stream_writer()({"listing": listing})
        reply = AIMessage(
            "\n\n".join(filter(None, (listing, sentence))), additional_kwargs={**RECEIPT, "said": sentence}
        )
        turned = LastSearch.of({**search.model_dump(), "page": page}, found)
        return [pressed, reply], desk.cleared().showing(found.contacts, turned, found.start)

    async def _select(self, contact_id: str, desk: Desk, words: Words) -> tuple[AIMessage, Desk]:
        try:
            contact = await by_id(self._context.portal, contact_id if contact_id.isdigit() else "", SUMMARY)
        except errors.Unavailable as error:
            return AIMessage(words.error(error)), desk
        except errors.CrmError:
            return AIMessage(words.say("guide-select-gone")), desk
        sentence = words.say("guide-select", name=short(contact.name))
        return AIMessage(sentence), desk.focused(contact.id, contact.name)

    async def _why(self, refused: ValidationError, state: State, config: RunnableConfig) -> str:
        """The sentence that says why an answer was refused."""
        ids = [error["input"] for error in refused.errors() if error["loc"] == ("approval_id",)]
        if not ids:
            return "card-answer-wrong"
        found = await self._context.portal.ledger.card(str(ids[0]))
        if found is None:
            return "card-none"
        actor, ended = found
        if actor.conversation != conversation_of(config):
            return "card-of-another-conversation"
        # one that never ended gave way to that of another run, at the same moment
        return "card-used" if ended == "used" else "card-old"

    async def approve(self, state: State, config: RunnableConfig) -> Command[Literal["apply", "router"]]:
        """Wait for a person's answer to the card and do nothing else: LangGraph runs the node again from its start."""
        card = self._context.cards.read(state) if of_this_version(state) else None
        if card is None or self._context.portal.read_only:
            return Command(goto="router")
        words = await self._context.words(state, config)
        if self._is_other_user(state, config):
            # langgraph keeps an answer that is refused by an error, and gives it to the next run, which may be the
            # owner's: a stranger's is taken, and comes to nothing
            interrupt(words.card(card))
            return Command(goto="router", update={"choice": "answer"})
        model = answer_model(card)
        try:
            raw: Any = interrupt(words.card(card), response_schema=model)
        except ValidationError as refused:  # nothing is saved of it, and the card still waits
            refused.add_note(words.say(await self._why(refused, state, config)))
            raise
        answer = model.model_validate(raw if isinstance(raw, dict) else raw.model_dump())
        if answer.text is not None:
            return Command(goto="router", update={"messages": [HumanMessage(answer.text)]})
        decisions = {i: d.model_dump() for i, d in (answer.decisions or {}).items()}
        return Command(goto="apply", update={"decisions": decisions})
