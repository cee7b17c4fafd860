"""What the ledger notes in the trail: a change, as a line."""

from typing import Any

from crm.audit import Event
from crm.changes import Change
from crm.recorded import By, Recorded


def event(kind: Any, change: Change, by: By, *, outcome: str = "", personal: Any = None) -> Event:
    """A line about a change."""
    return Event(
        kind=kind,
        user=by.user,
        conversation=by.conversation,
        card_id=by.card_id,
        change_id=change.id,
        digest=change.digest,
        action=change.action,
        contact_id=change.contact_id or "",
        outcome=outcome,
        personal=personal,
    )


def shown(change: Change) -> dict[str, Any]:
    """What a card shows of a change."""
    return {"display": change.display, "rows": [row.model_dump() for row in change.rows]}


def outcome_of(change: Change, record: Recorded, by: By) -> Event:
    """The line about what became of a change."""
    after = {name: record.contact.properties.get(name) for name in change.values} if record.contact else {}
    personal = {"after": after, "overwritten": dict(record.overwritten), "replaced": dict(record.replaced)}
    line = event("outcome", change, by, outcome=record.outcome, personal=personal if any(personal.values()) else None)
    seen = {"correlation_ids": record.correlation_ids, "contact_id": record.contact_id or line.contact_id}
    return Event(**{**line.__dict__, **seen})
