"""The ``apply`` node: the only place that changes HubSpot. Its reply is made from verified outcomes alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableConfig
from langgraph.config import get_stream_writer
from langgraph.types import Command

from crm.changes import propose_create, propose_update
from crm.domain import DONE, Actor, Change, Contact, Outcome, Source, errors, id_from, once_more
from crm.write import apply, is_about
from graph.answers import plain_decisions
from graph.cards import changes_of, decided, holder, new_card, words_of
from graph.claims import RECEIPT
from graph.context import Context
from graph.desk import Desk, Draft, OpenQuestion
from graph.memory import outdated
from graph.state import State
from graph.words import Words, short


@dataclass
class Told:
    """What came of the decisions on a card.

    ``sentences``: the reply. ``asks``: the reply asks a question. ``waiting``: the changes of a fresh card.
    ``outcomes``: what became of each change, for the reply's metadata.
    """

    sentences: list[str] = field(default_factory=list)
    asks: bool = False
    waiting: list[Change] = field(default_factory=list)
    outcomes: list[dict[str, Any]] = field(default_factory=list)


class Apply:
    """Carries out the decisions on a card. Where HubSpot has changed meanwhile, it makes a fresh card."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def __call__(self, state: State, config: RunnableConfig) -> Command[Literal["approve", "router", "__end__"]]:
        words, changes = await self._context.words(state, config), changes_of(self._context, state)
        decisions, told, desk = state.get("decisions") or {}, Told(), Desk.of(state)
        actor = holder(self._context, state, config)
        if any(d["decision"] == "acknowledge" for d in decisions.values()):
            told.sentences, told.waiting = [words.acknowledge(changes)], [*changes]
        elif not await self._context.portal.ledger.proposed(actor.card_id, changes):
            told.sentences = [words.say("card-unreadable")]  # not what anybody was shown
        elif not await decided(self._context, state, config, decisions):
            told.sentences = [words.say("card-used")]
        else:
            for change in changes:
                desk = await self._decide(change, decisions[change.id], desk, told, words, actor)
        reply = AIMessage("\n\n".join(told.sentences), additional_kwargs={**RECEIPT, "outcomes": told.outcomes})
        said = [reply] if told.sentences else []
        messages = [*outdated(state.get("messages") or []), *said]
        update: dict[str, Any] = {"messages": messages, "decisions": None, "desk": desk.as_json(), "then": None}
        if told.waiting:
            card = await new_card(self._context, told.waiting, state, config, asks=told.asks)
            then = state.get("then")
            if then and (then["choice"] or plain_decisions(words_of(state), told.waiting) is None):
                # what the user asked meanwhile is no answer to it: it is put aside for that
                return Command(goto="router", update={**update, **then, "card": card})
            return Command(goto="approve", update={**update, "card": card})
        if then := state.get("then"):
            return Command(goto="router", update={**update, **then, "card": None})
        return Command(goto="__end__", update={**update, "card": None})

    async def _decide(
        self, change: Change, given: Mapping[str, Any], desk: Desk, told: Told, words: Words, actor: Actor
    ) -> Desk:
        if given["decision"] == "reject":
            told.sentences.append(words.say("done-rejected", name=short(change.display)))
            told.outcomes.append(_outcome(change, "rejected", change.contact_id))
            return desk
        if given["decision"] != "approve":
            edited = id_from(actor.card_id, change.id)
            try:
                other, trouble = await self._other(change, given), None
            except errors.CrmError as error:
                other, trouble = change, error
            # by a run that was cut off, or by one at the same moment, which makes the record look different
            begun = await self._context.portal.ledger.by_id(edited)
            if begun is None and trouble is not None:
                return self._not_made(change, given, trouble, desk, told, words)
            if begun is None and _unseen(change, other, given["acknowledge"]):
                told.sentences += [words.say("card-unseen")] if given["decision"] == "edit" else []
                told.waiting.append(other)
                return desk
            change = other.model_copy(update={"id": edited})
            if begun is None:
                await self._context.portal.ledger.propose([change], actor, "", decided="approve")
        step = {"id": change.id, "text": words.say("step-apply")}
        get_stream_writer()({"step": {**step, "done": False}})
        outcome = await apply(self._context.portal, change, actor)
        get_stream_writer()({"step": {**step, "done": True}})
        return _told(outcome, desk, told, words)

    def _not_made(
        self, change: Change, given: Mapping[str, Any], error: errors.CrmError, desk: Desk, told: Told, words: Words
    ) -> Desk:
        """Say why an edit, or the choice of an existing contact, cannot be proposed; the card stays open."""
        chosen = given["decision"] == "use_existing"
        if isinstance(error, errors.NotFound) and not chosen:
            return _told(Outcome("gone", change), desk, told, words)
        if chosen and isinstance(error, errors.NothingToChange):
            contact = error.contacts[0]
            told.sentences.append(words.error(error))
            told.outcomes.append(_outcome(change, "already_so", contact.id))
            return desk.focused(contact.id, contact.name)
        told.sentences.append(f"{words.error(error)}\n\n{words.say('card-as-before')}")
        told.asks = told.asks or isinstance(error, errors.Question)
        told.waiting.append(change)
        return desk

    async def _other(self, change: Change, given: Mapping[str, Any]) -> Change:
        """The change that an edit, or the choice of an existing contact, puts in place of this one."""
        portal, before = self._context.portal, {row.property: row.source for row in change.rows}

        def source_of(name: str, written: str, after: str) -> Source:
            return "user" if change.values.get(name) != after else before[name]

        if given["decision"] == "use_existing":
            contact = given["contact_id"]
            return await propose_update(
                portal, contact, change.for_existing, source_of=source_of, phone_settled=contact
            )  # fmt: skip
        values = {**dict.fromkeys(change.declined, ""), **change.values, **given["values"]}
        if change.contact_id is None:
            return await propose_create(portal, values, source_of=source_of)
        return await propose_update(
            portal, change.contact_id, values, source_of=source_of, phone_settled=change.contact_id
        )  # fmt: skip


def _unseen(shown: Change, edited: Change, acknowledged: list[str]) -> bool:
    """Whether the edited change holds anything that the user has not seen or not acknowledged."""
    if edited.contact_id != shown.contact_id:  # chosen, merged since, or an id read as a number
        return True
    if edited.contact_id and not is_about(shown, edited.display, edited.about):
        return True
    before = {row.property: row.before for row in shown.rows}
    if any(row.source == "default" and row.property not in before for row in edited.rows):
        return True
    twins = {t.contact_id for t in edited.twins} - {t.contact_id for t in shown.twins}
    overwritten = any((row.before or "") != (before.get(row.property) or "") for row in edited.rows)
    return bool(twins) or overwritten or not set(edited.acknowledge) <= set(acknowledged)


def _outcome(change: Change, status: str, contact_id: str | None) -> dict[str, Any]:
    outcome = {"change_id": change.id, "status": status, "contact_id": contact_id}
    return {**outcome, "undoes": change.undoes} if change.undoes else outcome


def _told(outcome: Outcome, desk: Desk, told: Told, words: Words) -> Desk:
    change, contact = outcome.change, outcome.contact
    told.sentences.append(words.outcome(outcome))
    contact_id = contact.id if contact else change.contact_id
    took_effect = outcome.status in DONE and not set(change.values) <= set(outcome.unchanged)
    undo = took_effect and not change.archives
    told.outcomes.append({**_outcome(change, outcome.status, contact_id), "undo": undo, "name": change.display})
    if change.archives and outcome.status in DONE:
        desk = desk.without(change.contact_id)
    if outcome.fresh is not None:
        told.waiting.append(outcome.fresh)
    if outcome.status == "unavailable":
        told.waiting.append(change)  # nothing was tried: the card can be approved again when HubSpot is back
    if outcome.status == "refused" and isinstance(outcome.error, errors.Unavailable):
        # HubSpot did nothing; this claim is used up, so what waits on is a new change
        told.waiting.append(once_more(change))
    if outcome.status == "refused" and isinstance(outcome.error, errors.Invalid) and change.action != "undo":
        told.asks = True  # for the value that HubSpot takes
        question = OpenQuestion(code=outcome.error.code, params=outcome.error.params)
        return desk.but(draft=Draft.of(change), question=question)
    return _about(contact, change, desk, changed=undo) if contact else desk


def _about(contact: Contact, change: Change, desk: Desk, *, changed: bool) -> Desk:
    """The desk with the contact in focus; the next words may correct an update that was just written."""
    done = Draft.of(change) if changed and change.action == "update" else None
    return desk.focused(contact.id, contact.name).but(done=done)
