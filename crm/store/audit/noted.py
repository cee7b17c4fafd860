"""Builds the trail's lines about changes and outcomes."""

from typing import Any

from crm.domain import Actor, Change, Outcome
from crm.store.audit.trail import Event


def event(kind: Any, change: Change, actor: Actor, *, outcome: str = "", personal: Any = None) -> Event:
    """Build the line about a change."""
    return Event(
        kind=kind,
        user=actor.user,
        conversation=actor.conversation,
        card_id=actor.card_id,
        change_id=change.id,
        digest=change.digest,
        action=change.action,
        contact_id=change.contact_id or "",
        outcome=outcome,
        personal=personal,
    )


def shown(change: Change) -> dict[str, Any]:
    """The personal part of a ``proposed`` line: what the card shows of the change."""
    return {"display": change.display, "rows": [row.model_dump() for row in change.rows]}


def outcome_of(outcome: Outcome, actor: Actor) -> Event:
    """Build the line about the outcome of a change."""
    after = {name: outcome.contact.properties.get(name) for name in outcome.change.values} if outcome.contact else {}
    personal = {"after": after, "overwritten": dict(outcome.overwritten), "replaced": dict(outcome.replaced)}
    line = event(
        "outcome", outcome.change, actor, outcome=outcome.status, personal=personal if any(personal.values()) else None
    )
    seen = {"correlation_ids": outcome.correlation_ids, "contact_id": outcome.contact_id or line.contact_id}
    return Event(**{**line.__dict__, **seen})
