"""Compares the CRM before and after a change with what the card of an undo says."""

from collections.abc import Mapping
from typing import Any

from crm.domain.change import Change

Snapshot = dict[str, dict[str, str]]


def is_another(shown: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Whether a contact has another name than the card says; a card without email and company says less."""
    name, more = ("firstname", "lastname"), ("email", "company")
    told = name + (more if any(map(shown.get, more)) else ())
    return any(shown.get(part, "") != now.get(part, "") for part in told)


def changed(before: Snapshot, after: Snapshot) -> list[str]:
    """The contacts that differ between the two snapshots."""
    return [contact for contact in {**before, **after} if before.get(contact) != after.get(contact)]


def moved(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """The fields that differ: their values before and after."""
    both = {name: (before.get(name, ""), after.get(name, "")) for name in {**before, **after}}
    return {name: pair for name, pair in both.items() if pair[0] != pair[1]}


def said(card: Change) -> Any:
    """What the card of an undo says will change."""
    rows = "archive" if card.archives else frozenset((row.property, row.after) for row in card.rows)
    return (rows, frozenset(card.kept), frozenset(card.taken))


def carried_out(card: Change, before: Snapshot) -> Snapshot:
    """The CRM as it must be after the card is applied."""
    assert card.contact_id is not None
    after = {contact: dict(values) for contact, values in before.items()}
    if card.archives:
        del after[card.contact_id]
        return after
    merged = {**after[card.contact_id], **card.values}
    after[card.contact_id] = {name: value for name, value in merged.items() if value}
    return after
