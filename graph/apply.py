"""The ``apply`` node: the single place that changes HubSpot, and tells what happened from what was verified."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableConfig
from langgraph.config import get_stream_writer
from langgraph.types import Command

from crm import errors
from crm.changes import Change, new_id
from crm.proposals import propose_create, propose_update
from crm.writer import Outcome, apply
from graph import desk as desks
from graph.context import Context, conversation_of, user_of
from graph.markdown import literal
from graph.nodes import changes_of
from graph.state import Desk, State
from graph.words import Words


@dataclass
class Told:
    """What is said of the decisions, what waits again, and what became of the changes."""

    sentences: list[str] = field(default_factory=list)
    waiting: list[Change] = field(default_factory=list)
    outcomes: list[dict[str, Any]] = field(default_factory=list)


class Apply:
    """Carries out the decisions on a card; a change that looks different by now comes back as a fresh card."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def __call__(self, state: State, config: RunnableConfig) -> Command[Literal["approve", "__end__"]]:
        words, changes = await self._context.words(state, config), changes_of(state)
        decisions, told, desk = state.get("decisions") or {}, Told(), state.get("desk") or {}
        if any(d["decision"] == "acknowledge" for d in decisions.values()):
            told.sentences, told.waiting = [words.acknowledge(changes)], changes
        else:
            for change in changes:
                desk = await self._decide(change, decisions[change.id], desk, told, words, config)
        reply = AIMessage("\n\n".join(told.sentences), additional_kwargs={"outcomes": told.outcomes})
        update: dict[str, Any] = {"messages": [reply] if told.sentences else [], "decisions": None, "desk": desk}
        if told.waiting:
            card = {"id": new_id(), "changes": [c.model_dump() for c in told.waiting]}
            return Command(goto="approve", update={**update, "card": card})
        return Command(goto="__end__", update={**update, "card": None})

    async def _decide(
        self, change: Change, given: Mapping[str, Any], desk: Desk, told: Told, words: Words, config: RunnableConfig
    ) -> Desk:
        if given["decision"] == "reject":
            told.sentences.append(words.say("done-rejected", name=literal(change.display)))
            told.outcomes.append({"change_id": change.id, "status": "rejected", "contact_id": change.contact_id})
            return {**desk, "draft": None, "question": None}
        if given["decision"] != "approve":
            try:
                other = await self._other(change, given)
            except errors.CrmError as error:
                told.sentences.append(words.error(error))
                told.waiting.append(change)
                return desk
            seen = {t.contact_id for t in change.twins}
            new = {t.contact_id for t in other.twins} - seen or (set(other.acknowledge) - set(given["acknowledge"]))
            if given["decision"] == "use_existing" or new:
                told.waiting.append(other)
                return desk
            change = other
        get_stream_writer()({"step": {"id": change.id, "text": words.say("step-apply"), "done": False}})
        outcome = await apply(
            self._context.portal, change, conversation=conversation_of(config), user=user_of(config)
        )  # fmt: skip
        get_stream_writer()({"step": {"id": change.id, "text": words.say("step-apply"), "done": True}})
        return _told(outcome, desk, told, words)

    async def _other(self, change: Change, given: Mapping[str, Any]) -> Change:
        """The change that an edit, or the choice of an existing contact, makes of this one."""
        portal = self._context.portal
        said = "\n".join([*change.values.values(), *given["values"].values()])  # shown to the user, or the user's own
        if given["decision"] == "use_existing":
            return await propose_update(portal, given["contact_id"], change.values, said=said, phone_settled=True)
        values = {**change.values, **given["values"]}
        if change.contact_id is None:
            return await propose_create(portal, values, said=said)
        return await propose_update(portal, change.contact_id, values, said=said, phone_settled=True)


def _told(outcome: Outcome, desk: Desk, told: Told, words: Words) -> Desk:
    change, contact = outcome.change, outcome.contact
    told.sentences.append(words.outcome(outcome))
    contact_id = contact.id if contact else change.contact_id
    told.outcomes.append({"change_id": change.id, "status": outcome.status, "contact_id": contact_id})
    cleared: Desk = {**desk, "draft": None, "question": None}
    if outcome.fresh is not None:
        told.waiting.append(outcome.fresh)
    if outcome.status == "unavailable":
        told.waiting.append(change)  # nothing was tried: the card can be approved again when HubSpot is back
    if outcome.status == "refused" and isinstance(outcome.error, errors.Invalid):
        draft = desks.draft_of(change.model_dump())
        return {**cleared, "draft": draft, "question": {"code": outcome.error.code, "params": outcome.error.params}}
    return desks.focus(cleared, contact.id, contact.name) if contact else cleared
