"""The way back from a change that was applied: an update's old values, or the archiving of a contact that was created.

HubSpot keeps an archived contact for 90 days, to be restored by people in its own pages (documented).
"""

from collections.abc import Mapping

from crm import errors
from crm.changes import Change, Row, new_id
from crm.contact import Contact
from crm.ledger import DONE, By, Entry
from crm.portal import Portal

# what HubSpot sets by itself (its sourceType; the list is inferred)
DERIVED = frozenset(("CALCULATED", "ANALYTICS", "AUTOMATION_PLATFORM", "WORKFLOWS", "INTERNAL_PROCESSING", "DEFAULT"))


async def propose_undo(portal: Portal, change_id: str, by: By) -> Change:
    """The change that takes an applied one back, against the contact as it is now; "" means the conversation's last.

    Raises UndoUnknown, UndoDone, UndoImpossible, UndoTouched (properties) or NotFound, and as the gateway does.
    """
    entry = await (portal.ledger.by_id(change_id) if change_id else portal.ledger.last_applied(by))
    if entry is None or entry.change is None or entry.recorded is None or entry.by.user != by.user:
        raise errors.UndoUnknown()
    if entry.recorded.outcome not in DONE:
        raise errors.UndoUnknown()
    change, contact_id = entry.change, entry.recorded.contact_id
    if change.archives:
        raise errors.UndoImpossible(name=change.display)
    if contact_id is None or await portal.ledger.undone(change.id):
        raise errors.UndoDone(name=change.display)
    return await (
        _archive(portal, entry, contact_id) if change.action == "create" else _restore(portal, entry, contact_id)
    )


async def _restore(portal: Portal, entry: Entry, contact_id: str) -> Change:
    """The update that brings the old values back where ours still stand."""
    change, recorded = entry.change, entry.recorded
    assert change is not None
    assert recorded is not None
    now = await portal.gateway.get(contact_id, list(change.values))
    ours = [row for row in change.rows if (now.properties.get(row.property) or "") == row.after]
    if not ours:
        raise errors.UndoTouched(name=now.name, properties=list(change.values), contact_id=contact_id, contacts=[now])
    rows = tuple(
        Row(
            property=row.property,
            before=now.properties.get(row.property),
            after=recorded.overwritten.get(row.property, row.before or ""),
            source="record",
        )
        for row in ours
    )
    kept = tuple(row.property for row in change.rows if row not in ours and row.property not in recorded.unchanged)
    return _undo(change, now, tuple(r for r in rows if (r.before or "") != r.after), kept=kept)


async def _archive(portal: Portal, entry: Entry, contact_id: str) -> Change:
    """The archiving of a contact that was created, unless somebody has added or changed something since."""
    change, recorded = entry.change, entry.recorded
    assert change is not None
    assert recorded is not None
    settable = (await portal.schema()).settable()
    found = await portal.gateway.batch_read([contact_id], settable)
    if not found:
        raise errors.NotFound()
    now = found[0]
    baseline = {**(recorded.contact.properties if recorded.contact else {}), **change.values}
    touched = await _touched(portal, now, {p: baseline.get(p) or "" for p in settable})
    touched += await portal.gateway.attached(contact_id)
    if touched:
        raise errors.UndoTouched(name=now.name, properties=touched, contact_id=contact_id, contacts=[now])
    rows = tuple(
        Row(property=p, before=value, after="", source="record")
        for p in change.values
        if (value := now.properties.get(p))
    )
    return _undo(change, now, rows, archives=True)


async def _touched(portal: Portal, now: Contact, baseline: Mapping[str, str]) -> list[str]:
    """The properties that are no longer as the creation left them, as far as people or other programs changed them."""
    different = [p for p, value in baseline.items() if (now.properties.get(p) or "") != value]
    if not different:
        return []
    history = await portal.gateway.history(now.id, different)
    return [p for p in different if not history.get(p) or history[p][0].source not in DERIVED]


def _undo(change: Change, now: Contact, rows: tuple[Row, ...], **more: object) -> Change:
    return Change(
        id=new_id(), action="undo", contact_id=now.id, display=now.name, url=now.url, rows=rows,
        updated_at=now.updated_at, undoes=change.id, **more,
    )  # fmt: skip
