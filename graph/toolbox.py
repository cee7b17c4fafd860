"""The ``tools`` node: runs reads, and turns every write call into a proposal on one card."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from langchain_core.messages import AIMessage, HumanMessage, ToolCall, ToolMessage
from langchain_core.runnables import RunnableConfig
from langgraph.config import get_stream_writer
from langgraph.types import Command
from pydantic import ValidationError

from crm.changes import combined
from crm.domain import SourceOf, errors, loads
from graph import desk as desks
from graph.answers import USER
from graph.cards import actor_of, new_card
from graph.context import Context, user_of
from graph.memory import notice
from graph.state import Desk, State
from graph.words import Words, short
from language import sources
from tools import READ
from tools.contacts import plain, row

TOOL_CALLS = 8  # per turn
WRITES = {"create_contact": "create", "update_contact": "update", "undo_change": "undo"}


@dataclass
class Result:
    """What one call came to: the message for the model, and what code takes from it."""

    message: ToolMessage
    error: errors.CrmError | None = None
    artifact: Mapping[str, Any] = field(default_factory=dict)


class Toolbox:
    """Answers every call of the model's last message at once, so that no call is ever left open."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def __call__(self, state: State, config: RunnableConfig) -> Command[Literal["agent", "approve"]]:
        asked = state["messages"][-1]
        assert isinstance(asked, AIMessage)
        turn, words = dict(state.get("turn") or {}), await self._context.words(state, config)
        room = max(0, max(TOOL_CALLS, self._context.changes_per_card) - turn.get("tools", 0))
        turn["tools"] = turn.get("tools", 0) + len(asked.tool_calls)
        ran = await asyncio.gather(*(self._run(c, state, config, words) for c in asked.tool_calls[:room]))
        over = [_refused(call, words.say("tool-too-many")) for call in asked.tool_calls[room:]]
        results = [*ran, *over]
        desk, listing = self._learn(state.get("desk") or {}, asked.tool_calls, results, words)
        turn["listing"] = listing or turn.get("listing", "")
        messages: list[ToolMessage | AIMessage] = [r.message for r in results]
        proposed = [loads(r.artifact["change"]) for r in results if r.artifact.get("kind") == "proposal"]
        try:
            changes = await combined(self._context.portal, proposed)
        except errors.CrmError as error:  # nobody may approve what could not be compared
            changes, broken = [], error
            turn["listing"] = "\n\n".join(filter(None, [turn["listing"], words.error(broken)]))
        if not changes:
            if turn["listing"]:
                plain = any(r.artifact.get("kind") == "changes" for r in results)
                get_stream_writer()({"listing": turn["listing"], **({"numbered": False} if plain else {})})
            return Command(goto="agent", update={"messages": messages, "desk": desk, "turn": turn})
        troubles = [words.error(r.error) for r in results if r.error]
        troubles += [words.say("tool-too-many")] if over else []
        if (more := len(changes) - self._context.changes_per_card) > 0:
            names = ", ".join(short(c.display) for c in changes[-more:])
            troubles += [words.say("card-full", most=self._context.changes_per_card, names=names)]
        changes = changes[: self._context.changes_per_card]
        down = words.say(turn["fallback"]) if turn.get("fallback") else ""
        if beside := "\n\n".join(part for part in (down, turn["listing"], *troubles) if part):
            messages.append(notice(beside))
        cleared: Desk = {**desk, "draft": None, "question": None}
        asks = any(isinstance(r.error, errors.Question) for r in results)
        card = await new_card(self._context, changes, state, config, asks=asks)
        return Command(goto="approve", update={"messages": messages, "desk": cleared, "turn": {}, "card": card})

    async def _run(self, call: ToolCall, state: State, config: RunnableConfig, words: Words) -> Result:
        tool = self._context.tools.get(call["name"])
        if tool is None:
            hidden = self._context.portal.read_only and call["name"] in WRITES
            return _refused(call, words.say("read-only" if hidden else "tool-unknown"))
        desk: Desk = state.get("desk") or {}
        extra = {
            "source_of": await self._sources(state, user_of(config)),
            "phone_settled": _phone_settled(desk),
            "ids": sorted(_names(desk)),
            "by": actor_of(config),
        }
        step = {"id": call["id"], "text": _step(call, words, desk)}
        get_stream_writer()({"step": {**step, "done": False}})
        try:
            message = await tool.ainvoke(
                {**call, "type": "tool_call"}, {**config, "configurable": {**config["configurable"], **extra}}
            )
        except ValidationError:
            return _refused(call, words.say("tool-bad-arguments"))
        except errors.CrmError as error:
            return _failed(call, error, words)
        finally:
            get_stream_writer()({"step": {**step, "done": True}})
        if READ not in (tool.tags or []) and message.artifact.get("kind") != "proposal":
            raise TypeError(f"the write tool {tool.name} must propose a change")
        return Result(message, artifact=message.artifact)

    async def _sources(self, state: State, user: str) -> SourceOf:
        """Tells where values come from, by what the user wrote and the records that this turn has read or shown."""
        people = [m for m in state["messages"] if isinstance(m, HumanMessage)]
        said = "\n".join(m.text for m in people if m.additional_kwargs.get(USER, user) == user)
        read: list[Mapping[str, Any]] = [dict(c) for c in (state.get("desk") or {}).get("shown") or []]
        for message in state["messages"]:
            artifact = message.artifact if isinstance(message, ToolMessage) and message.artifact else {}
            contacts = [*artifact.get("contacts", []), *([artifact["contact"]] if "contact" in artifact else [])]
            read += [contact["properties"] for contact in contacts]
        portal, schema = self._context.portal, None
        with suppress(errors.CrmError):
            schema = await portal.schema()
        pairs = [(name, str(value)) for record in read for name, value in record.items() if value]
        return sources(said, pairs, schema, portal.region)

    def _learn(
        self, desk: Desk, calls: Sequence[ToolCall], results: Sequence[Result], words: Words
    ) -> tuple[Desk, str]:
        """The desk after the calls, and the list to show above the reply."""
        listing = ""
        for call, result in zip(calls, results, strict=True):
            kind = result.artifact.get("kind")
            if kind == "contacts":
                desk, listing = self._found(desk, call, result.artifact, words)
            elif kind == "contact":
                contact = result.artifact["contact"]
                listing = words.details(contact)
                desk = {**desks.focus(desk, contact["id"], contact["name"]), "question": None}
            elif kind == "changes":
                listing = words.changes(result.artifact)
            elif result.error is not None:
                desk = _asked(desk, call, result.error)
                if _is_choice(result.error):
                    contacts = [plain(c) for c in result.error.contacts]
                    desk, listing = {**desks.show(desk, contacts)}, words.listing(contacts, len(contacts))
        return desk, listing

    def _found(self, desk: Desk, call: ToolCall, found: Mapping[str, Any], words: Words) -> tuple[Desk, str]:
        cleared: Desk = {**desk, "draft": None, "question": None}
        if found["contacts"]:
            return desks.show(cleared, found["contacts"]), words.listing(found["contacts"], found["total"])
        query = str(call["args"].get("query") or "")
        return {**cleared, "question": {"code": "search_empty", "params": {"query": query}}}, ""


def _asked(desk: Desk, call: ToolCall, error: errors.CrmError) -> Desk:
    action = WRITES.get(call["name"], "search")
    if action == "undo":  # nothing was collected that the next words could add to
        return {**desk, "draft": None, "question": None}
    values = call["args"].get("properties")
    contact = call["args"].get("contact")
    given = {k: str(v) for k, v in values.items()} if isinstance(values, dict) else {}
    return desks.ask(desk, error, action=action, contact=str(contact) if contact else None, values=given)


def _is_choice(error: errors.CrmError) -> bool:
    """Whether the user is to choose from the error's contacts; one that is only like the one meant is a choice too."""
    return isinstance(error, errors.ContactAmbiguous) or len(error.contacts) > 1


def _failed(call: ToolCall, error: errors.CrmError, words: Words) -> Result:
    sentence = words.error(error)
    # the candidates follow on lines of their own: a language model needs their ids, the user sees the list
    rows = [row(c, n) for n, c in enumerate(error.contacts, 1)] if _is_choice(error) else []
    artifact = {"kind": "error", "code": error.code, "params": error.params, "sentence": sentence}
    content = "\n".join([sentence, *rows])
    message = ToolMessage(content, tool_call_id=call["id"], name=call["name"], status="error", artifact=artifact)
    return Result(message, error=error, artifact=artifact)


def _refused(call: ToolCall, sentence: str) -> Result:
    artifact = {"kind": "error", "code": "refused", "params": {}}
    return Result(ToolMessage(sentence, tool_call_id=call["id"], name=call["name"], status="error", artifact=artifact))


def _phone_settled(desk: Desk) -> str | None:
    """The contact for which it was asked which of two numbers is meant, or whose number stood on a card before."""
    question, draft = desk.get("question") or {}, desk.get("draft") or {}
    if question.get("code") == "which_phone":
        return str(question["params"].get("contact_id"))
    return draft.get("contact_id") if draft.get("carded") and {"phone", "mobilephone"} & set(draft["values"]) else None


def _names(desk: Desk) -> dict[str, str]:
    """Id -> name of the contacts that were shown last, or are talked about."""
    return {c["id"]: c["name"] for c in [*(desk.get("shown") or []), *filter(None, [desk.get("focus")])]}


def _step(call: ToolCall, words: Words, desk: Desk) -> str:
    args = call["args"]  # not validated yet: any JSON
    names = _names(desk)
    contact, filters = str(args.get("contact") or ""), args.get("filters")
    values = " ".join(map(str, filters.values())) if isinstance(filters, dict) else ""
    what = short(str(args.get("query") or names.get(contact, contact) or values), 80)
    plain = {"create_contact": "step-create", "undo_change": "step-undo", "list_changes": "step-changes"}
    if call["name"] in plain:
        return words.say(plain[call["name"]])
    keys = {"search_contacts": "step-search", "get_contact": "step-get", "update_contact": "step-update"}
    if call["name"] not in keys:
        return words.say("step-other")
    return words.say(keys[call["name"]], what=what) if what else words.say("step-search-all")
