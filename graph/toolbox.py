"""The ``tools`` node: runs reads, and turns all write calls into proposals on one card."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from langchain.tools import ToolRuntime
from langchain_core.messages import AIMessage, HumanMessage, ToolCall, ToolMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool
from langgraph.config import get_stream_writer
from langgraph.types import Command
from pydantic import Discriminator, TypeAdapter, ValidationError

from crm.changes import combined
from crm.domain import OWNER, Change, SourceOf, errors, fold
from crm.search import ME, is_mark
from graph.answers import USER
from graph.cards import actor_of, new_card
from graph.context import Context, user_of
from graph.desk import Desk, Draft, LastSearch, OpenQuestion, owner_of
from graph.memory import notice
from graph.state import State, TurnProgress
from graph.words import Words, short
from language import plain_text, sources
from tools import (
    ChangesListed,
    ContactRecord,
    ContactsFound,
    ContactShown,
    Proposal,
    ToolContext,
    ToolResult,
    action_of,
    form,
    is_read,
    meant,
    problems,
    row,
    unknown,
)

TOOL_CALLS = 8  # per turn
MOST_NAMED = 30  # of those that a card has no room for
_SHOWN: TypeAdapter[ContactsFound | ContactShown] = TypeAdapter(
    Annotated[ContactsFound | ContactShown, Discriminator("kind")]
)


class Failure(ToolResult):
    """A failed call. ``sentence``: what to tell the user, where the message's text holds more."""

    kind: Literal["error"] = "error"
    code: str = "refused"
    params: Mapping[str, Any] = {}
    sentence: str = ""


@dataclass(frozen=True)
class Answered:
    """A model's call and its result: a text for the model, a result for code, and the error where it failed."""

    call: ToolCall
    text: str
    result: ToolResult
    error: errors.CrmError | None = None

    @property
    def message(self) -> ToolMessage:
        """The answer as it stands among the messages."""
        return ToolMessage(
            self.text,
            tool_call_id=self.call["id"],
            name=self.call["name"],
            status="error" if isinstance(self.result, Failure) else "success",
            artifact=self.result.as_json(),
        )


@dataclass(frozen=True)
class Round:
    """What one round of tool calls works with: the state, and the parts of it that are read as models."""

    state: State
    config: RunnableConfig
    words: Words
    desk: Desk
    turn: TurnProgress


class Toolbox:
    """Answers every call of the model's last message at once, so that no call is ever left open."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def __call__(self, state: State, config: RunnableConfig) -> Command[Literal["agent", "approve"]]:
        asked = state["messages"][-1]
        assert isinstance(asked, AIMessage)
        words = await self._context.words(state, config)
        now = Round(state, config, words, Desk.of(state), TurnProgress.of(state))
        answers, refused = await self._answers([self._meant(call, now) for call in asked.tool_calls], now)
        desk, listing = self._learn(now.desk, answers, words)
        changes, broken = await self._proposed(answers)
        listings = [listing or now.turn.listing, words.error(broken) if broken else ""]
        turn = now.turn.but(tools=now.turn.tools + len(answers), listing="\n\n".join(filter(None, listings)))
        messages: list[ToolMessage | AIMessage] = [answered.message for answered in answers]
        owner = await self._owner_of_user(now, answers)
        if not changes:
            _show(turn.listing, answers)
            update = {"messages": messages, "desk": desk.as_json(), "turn": turn.as_json(), **owner}
            return Command(goto="agent", update=update)
        down = words.say(turn.fallback) if turn.fallback else ""
        beside = [down, turn.listing, *self._troubles(answers, changes, refused, now)]
        if any(beside):
            messages.append(notice("\n\n".join(filter(None, beside))))
        asks = any(isinstance(answered.error, errors.Question) for answered in answers)
        card = await new_card(self._context, changes[: self._context.changes_per_card], state, config, asks=asks)
        update = {"messages": messages, "desk": desk.cleared().as_json(), "turn": {}, "card": card}
        return Command(goto="approve", update=update)

    def _meant(self, call: ToolCall, now: Round) -> ToolCall:
        """The call without arguments that stand for no value."""
        tool = self._context.tools.get(call["name"])
        args = meant(
            call["args"], "\n".join(_said(now, self._context.portal.region)), read=tool is not None and is_read(tool)
        )
        return ToolCall(name=call["name"], args=args, id=call["id"], type="tool_call")

    async def _answers(self, calls: Sequence[ToolCall], now: Round) -> tuple[list[Answered], Sequence[ToolCall]]:
        """The answers to all calls, and those calls that were refused because there were too many."""
        allowed = self._allowed(calls, now.turn.tools)
        context = ToolContext(
            portal=self._context.portal,
            actor=actor_of(now.config),
            source_of=await self._source_of(now),
            known_ids=tuple(sorted(now.desk.names)),
            phone_settled=now.desk.phone_settled,
            owner=owner_of(now.state, user_of(now.config), self._context.portal),
        )
        ran = await asyncio.gather(*(self._answer(calls[n], context, now) for n in sorted(allowed)))
        refused = [call for n, call in enumerate(calls) if n not in allowed]
        return [*ran, *(_refused(call, now.words.say("tool-too-many")) for call in refused)], refused

    def _allowed(self, calls: Sequence[ToolCall], before: int) -> set[int]:
        """The places of the calls that are run: as many as a turn may have, and beside them writes, as many as fill a
        card; ``before``: how many the turn has had.
        """
        left = max(0, TOOL_CALLS - before)
        tools = [self._context.tools.get(call["name"]) for call in calls]
        writes = [n for n, tool in enumerate(tools) if tool is not None and not is_read(tool)]
        return {*range(min(left, len(calls))), *writes[: max(left, self._context.changes_per_card - before)]}

    async def _answer(self, call: ToolCall, context: ToolContext, now: Round) -> Answered:
        tool = self._context.tools.get(call["name"])
        if tool is None:
            hidden = call["name"] in self._context.hidden
            return _refused(call, now.words.say("read-only" if hidden else "tool-unknown"))
        if lost := [name for name in unknown(tool, call["args"]) if now.words.is_property(name)]:
            return _wrong(call, tool, f"{', '.join(lost)}: not an argument, but a property of a contact", now.words)
        writer = get_stream_writer()
        runtime = ToolRuntime(
            state=now.state,
            context=context,
            config=now.config,
            stream_writer=writer,
            tool_call_id=call["id"],
            store=None,
        )
        # the runtime comes last: a model cannot put another one in its place
        given = {**call, "args": {**call["args"], "runtime": runtime}, "type": "tool_call"}
        step = {"id": call["id"], "text": now.words.step(call["name"], _subject(call, now.desk, now.words))}
        writer({"step": {**step, "done": False}})
        try:
            ran = await tool.ainvoke(given, now.config)
        except ValidationError as error:
            return _wrong(call, tool, problems(error), now.words)
        except errors.CrmError as error:
            return _failed(call, error, now.words)
        finally:
            writer({"step": {**step, "done": True}})
        return Answered(call, str(ran.content), _result(tool, ran.artifact))

    async def _source_of(self, now: Round) -> SourceOf:
        """The function that tells where values come from: the user's words, or records that were read or shown in this
        turn.
        """
        messages, schema = now.state["messages"], None
        shown = [contact.model_dump() for contact in now.desk.shown]
        read = [contact.properties for message in messages for contact in _contacts_in(message)]
        with suppress(errors.CrmError):
            schema = await self._context.portal.schema()
        pairs = [(name, str(value)) for record in (*shown, *read) for name, value in record.items() if value]
        region = self._context.portal.region
        return sources("\n".join(_said(now, region)), pairs, schema, region)

    async def _owner_of_user(self, now: Round, answers: Sequence[Answered]) -> dict[str, Any]:
        """What the state learns from a search that answers who the user is among the owners."""
        asked = now.desk.search
        if now.desk.question is None or now.desk.question.code != errors.OwnerOfUser.code or asked is None:
            return {}
        schema = await self._context.portal.schema()
        for answered in answers:
            search = LastSearch.of(answered.call["args"])
            if not isinstance(answered.result, ContactsFound) or search.filters.keys() != asked.filters.keys():
                continue
            for name, value in search.filters.items():
                if (prop := schema.called(name)) and prop.name == OWNER and fold(asked.filters[name]) in ME:
                    with suppress(errors.CrmError):
                        found = schema.sought(prop, value, self._context.portal.region)
                        return {"owner": {**(now.state.get("owner") or {}), user_of(now.config): found}}
        return {}

    async def _proposed(self, answers: Sequence[Answered]) -> tuple[Sequence[Change], errors.CrmError | None]:
        """The proposed changes, with those of one contact merged; none where they could not be compared, and why."""
        proposed = [answered.result.change for answered in answers if isinstance(answered.result, Proposal)]
        try:
            return await combined(self._context.portal, proposed), None
        except errors.CrmError as error:
            return (), error

    def _troubles(
        self, answers: Sequence[Answered], changes: Sequence[Change], refused: Sequence[ToolCall], now: Round
    ) -> list[str]:
        """What to say beside a card about the calls that led to no change; whoever did not fit is named."""
        most, words = self._context.changes_per_card, now.words
        troubles = [words.error(answered.error) for answered in answers if answered.error]
        left_out = [short(change.display) for change in changes[most:]]
        left_out += filter(None, (_whom(call) or _subject(call, now.desk, now.words) for call in refused))
        if left_out:
            more = f" … (+{len(left_out) - MOST_NAMED})" if len(left_out) > MOST_NAMED else ""
            troubles.append(words.say("card-full", most=most, names=", ".join(left_out[:MOST_NAMED]) + more))
        elif refused:
            troubles.append(words.say("tool-too-many"))
        return troubles

    def _learn(self, desk: Desk, answers: Sequence[Answered], words: Words) -> tuple[Desk, str]:
        """Return the desk after the calls, and the list to show above the reply."""
        listing = ""
        for answered in answers:
            match answered.result:
                case ContactsFound(contacts=contacts) as found if contacts:
                    search = LastSearch.of(answered.call["args"], found)
                    desk, listing = desk.cleared().showing(contacts, search, found.start), words.listing(found)
                case ContactsFound():
                    query = str(answered.call["args"].get("query") or "")
                    question = OpenQuestion(code="search_empty", params={"query": query})
                    desk, listing = desk.but(draft=None, question=question, search=None), ""
                case ContactShown(contact=contact):
                    desk = desk.focused(contact.id, contact.name).but(question=None)
                    listing = words.details(contact)
                case ChangesListed() as listed:
                    listing = words.changes(listed)
                case Failure() if answered.error:
                    desk = self._asked(desk, answered.call, answered.error)
                    if _is_choice(answered.error):
                        contacts = tuple(map(ContactRecord.of, answered.error.contacts))
                        desk = desk.showing(contacts)
                        listing = words.listing(ContactsFound(contacts=contacts, total=len(contacts)))
        return desk, listing

    def _asked(self, desk: Desk, call: ToolCall, error: errors.CrmError) -> Desk:
        action = action_of(self._context.tools.get(call["name"])) or "search"
        if action == "undo":  # nothing was collected that the next words could add to
            return desk.cleared()
        values, contact = call["args"].get("properties"), call["args"].get("contact")
        draft = Draft(
            action=action,
            contact_id=error.params.get("contact_id") if action == "update" else None,
            contact=str(contact) if contact else None,
            values={k: str(v) for k, v in values.items()} if isinstance(values, dict) else {},
        )
        asked = desk.asking(error, draft)
        # its answer goes on with the same search
        return asked.but(search=LastSearch.of(call["args"])) if isinstance(error, errors.OwnerOfUser) else asked


def _said(now: Round, region: str) -> list[str]:
    """The words of the user whose turn it is."""
    user = user_of(now.config)
    return [
        plain_text(m.text, region)
        for m in now.state["messages"]
        if isinstance(m, HumanMessage) and m.additional_kwargs.get(USER, user) == user
    ]


def _result(tool: BaseTool, returned: Any) -> ToolResult:
    if not isinstance(returned, ToolResult):
        raise TypeError(f"the tool {tool.name} must return a text and a ToolResult")
    if not is_read(tool) and not isinstance(returned, Proposal):
        raise TypeError(f"the write tool {tool.name} must propose a change")
    return returned


def _contacts_in(message: object) -> Sequence[ContactRecord]:
    """The contact records in a tool's message."""
    artifact = message.artifact if isinstance(message, ToolMessage) and isinstance(message.artifact, dict) else {}
    if artifact.get("kind") not in ("contacts", "contact"):
        return ()
    shown = _SHOWN.validate_python(artifact)
    return shown.contacts if isinstance(shown, ContactsFound) else (shown.contact,)


def _show(listing: str, answers: Sequence[Answered]) -> None:
    """Show the list before the reply. The numbers of a list of contacts become buttons."""
    if listing:
        changes = any(isinstance(answered.result, ChangesListed) for answered in answers)
        get_stream_writer()({"listing": listing, **({"numbered": False} if changes else {})})


def _is_choice(error: errors.CrmError) -> bool:
    """Whether the user must choose from the error's contacts, even from one that only resembles the one meant."""
    return isinstance(error, errors.ContactAmbiguous) or len(error.contacts) > 1


def _failed(call: ToolCall, error: errors.CrmError, words: Words) -> Answered:
    sentence = words.error(error)
    # the candidates follow on lines of their own: a language model needs their ids, the user sees the list
    rows = [row(c, n) for n, c in enumerate(error.contacts, 1)] if _is_choice(error) else []
    failure = Failure(code=error.code, params=error.params, sentence=sentence)
    return Answered(call, "\n".join([sentence, *rows]), failure, error)


def _wrong(call: ToolCall, tool: BaseTool, why: str, words: Words) -> Answered:
    return _refused(call, words.say("tool-bad-arguments", tool=tool.name, problems=why, form=form(tool)))


def _refused(call: ToolCall, sentence: str) -> Answered:
    return Answered(call, sentence, Failure())


def _whom(call: ToolCall) -> str:
    """The name or the address of the new contact that a call would propose; "" for other calls."""
    given = call["args"].get("properties")  # not validated yet: any JSON
    if not isinstance(given, dict):
        return ""
    name = " ".join(str(given[part]) for part in ("firstname", "lastname") if given.get(part))
    return short(name or str(given.get("email") or ""), 80)


def _subject(call: ToolCall, desk: Desk, words: Words) -> str:
    """What a call is about, in words for the user; "" where it names nothing."""
    args = call["args"]  # not validated yet: any JSON
    contact, filters = str(args.get("contact") or ""), args.get("filters")
    shown = (
        [words.shown(name, str(value)) or "" for name, value in filters.items() if not is_mark(str(value))]
        if isinstance(filters, dict)
        else []
    )
    return short(str(args.get("query") or desk.names.get(contact, contact) or " ".join(shown)), 80)
