"""Approval cards: each is made for one user in one conversation, and recorded in the ledger before it is shown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig

from crm.domain import Actor, Change, new_id
from crm.write import forgo
from graph.context import Context, conversation_of, user_of
from graph.state import Card, Json, State, of_this_version
from guided import pasted_people, plain_answer

MOST_UNUSED, WIDTH = 12, 200  # pieces, and characters of each


def readable(context: Context, state: State) -> bool:
    """Whether this version of the assistant can read the remembered state, including a waiting card."""
    return of_this_version(state) and (not state.get("card") or context.cards.read(state) is not None)


def changes_of(context: Context, state: State) -> Sequence[Change]:
    """The changes of the card that waits."""
    card = context.cards.read(state)
    return card.changes if card else ()


def actor_of(config: RunnableConfig, card_id: str = "") -> Actor:
    """The actor for whom a run acts: user, conversation and card."""
    return Actor(user_of(config), conversation_of(config), card_id)


def words_of(state: State) -> str:
    """The user's last words, from which a proposal comes."""
    return next((m.text for m in reversed(state.get("messages") or []) if isinstance(m, HumanMessage)), "")


async def new_card(
    context: Context, changes: Sequence[Change], state: State, config: RunnableConfig, *, asks: bool = False
) -> Json:
    """Make and record a card of these changes.

    It is made for the user of the card that it replaces, or else for the run's user. ``asks``: the same reply asks a
    question about something else.
    """
    actor = replace(holder(context, state, config), card_id=new_id())
    await context.portal.ledger.propose(changes, actor, words_of(state))
    unused = unused_pieces(changes, words_of(state), context.portal.region)
    return context.cards.write(
        Card(id=actor.card_id, user=actor.user, changes=tuple(changes), asks=asks, unused=unused)
    )


def unused_pieces(changes: Sequence[Change], text: str, region: str) -> dict[str, tuple[str, ...]]:
    """For each new contact of a pasted text, the pieces that belong to none of its fields: change id -> texts."""
    people = {key: person for person in pasted_people(text, region) if person.unused for key in _keys(person.values)}
    found = {change.id: people.get(next(_keys(change.values), "")) for change in changes if change.action == "create"}
    return {change_id: tuple(one[:WIDTH] for one in p.unused[:MOST_UNUSED]) for change_id, p in found.items() if p}


def _keys(values: Mapping[str, str]) -> Iterator[str]:
    """By what a contact is known again: its address, else its name."""
    if values.get("email"):
        yield values["email"].casefold()
    yield f"{values.get('firstname', '')} {values.get('lastname', '')}".casefold().strip()


def holder(context: Context, state: State, config: RunnableConfig) -> Actor:
    """The actor for whom the waiting card was made, whoever sends this run; without a card, the run's user."""
    card, actor = context.cards.read(state), actor_of(config)
    return Actor(card.user, actor.conversation, card.id) if card else actor


async def forgone(context: Context, state: State, config: RunnableConfig) -> Sequence[Change]:
    """The changes that a "no" gives up after their approval was cut off before any write."""
    actor, changes = holder(context, state, config), changes_of(context, state)
    if actor.user != user_of(config) or plain_answer(words_of(state)) != "no":
        return ()
    if await decided(context, state, config, {change.id: {"decision": "reject"} for change in changes}):
        return changes
    # the approval was noted already
    edited = any(given["decision"] not in ("approve", "reject") for given in (state.get("decisions") or {}).values())
    return changes if not edited and await forgo(context.portal, changes, actor) else ()


async def decided(
    context: Context, state: State, config: RunnableConfig, decisions: Mapping[str, Mapping[str, Any]]
) -> bool:
    """Record the decisions on the waiting card (change id -> decision); False where others were recorded before."""
    changes = {change.id: change for change in changes_of(context, state)}
    named = {change_id: decisions[change_id] for change_id in changes if change_id in decisions}
    return await context.portal.ledger.decide(changes, named, holder(context, state, config))
