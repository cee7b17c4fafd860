"""Proposes to take back a change that was applied: an update by its old values, a creation by archiving the contact.

HubSpot keeps an archived contact for 90 days; people can restore it on HubSpot's own pages (documented).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from crm.changes.undo_request import UndoRequest, blocks, requested_entry
from crm.domain import (
    DERIVED,
    DONE,
    PROGRAMS,
    SUMMARY,
    Actor,
    Change,
    Contact,
    LedgerEntry,
    Outcome,
    Row,
    Version,
    errors,
    moment,
    new_id,
    new_salt,
)
from crm.portal import Portal

MERGED = "hs_merged_object_ids"
COUNTED = ("num_notes", "num_associated_deals")  # calls, emails, meetings and deals: these counts need no scope
AT_CREATION = timedelta(seconds=1)


async def propose_undo(portal: Portal, request: UndoRequest, actor: Actor, *, itself: str = "") -> Change:
    """The change that takes the requested one back, computed from the contact as it is now.

    ``itself``: the id of an undo that is checked again; it does not count as an open one. Raises UndoOpen, UndoUnknown,
    UndoNotFound (name), UndoErased, UndoDone, UndoImpossible, UndoTouched (properties), UndoMerged, Conflict (another
    contact has the old email by now) or UndoGone, and what the gateway raises.
    """
    entry = await requested_entry(portal, request, actor)
    for other in await portal.ledger.unsettled():
        if other.change and other.change.id != itself and await blocks(portal, other, request, entry, actor):
            raise errors.UndoOpen(name=other.change.display)
    if entry is None or entry.status not in DONE or entry.actor.user != actor.user:
        raise request.not_found
    change, outcome, contact_id = await _undoable(portal, entry)
    way_back = _archive if change.action == "create" else _restore
    try:
        return await way_back(portal, change, outcome, contact_id)
    except errors.NotFound:
        raise errors.UndoGone(name=change.display) from None


async def _undoable(portal: Portal, entry: LedgerEntry) -> tuple[Change, Outcome, str]:
    """What HubSpot took of the change, its outcome, and the id of its contact.

    Raises UndoErased, UndoUnknown, UndoImpossible or UndoDone.
    """
    if entry.change is None:
        raise errors.UndoErased()
    change, outcome = entry.effect, entry.outcome
    if change is None or outcome is None:
        raise errors.UndoUnknown()
    if change.archives:
        raise errors.UndoImpossible(name=change.display)
    contact_id = outcome.contact_id
    if contact_id is None or await portal.ledger.undone(change.id, wholly=True):
        raise errors.UndoDone(name=change.display)
    return change, outcome, contact_id


@dataclass(frozen=True)
class _Written:
    """A property that a change wrote: what it held before, what was written, and what it holds now ("": nothing)."""

    name: str
    before: str
    wrote: str
    now: str

    @property
    def goes_back(self) -> bool:
        """Whether our value still stands and the old one was another."""
        return self.now == self.wrote != self.before

    @property
    def changed_since(self) -> bool:
        """Whether somebody else has written another value meanwhile."""
        return self.now not in (self.wrote, self.before)


async def _restore(portal: Portal, change: Change, outcome: Outcome, contact_id: str) -> Change:
    """The update that brings the old values back where ours still stand."""
    now = await portal.gateway.get(contact_id, list(dict.fromkeys((*SUMMARY, *change.values))))
    if now.id != contact_id:  # the same value may have been the other's own
        raise errors.UndoMerged(name=now.name)
    written = [
        _Written(
            name=row.property,
            before=outcome.overwritten.get(row.property, row.before or ""),
            wrote=row.after,
            now=now.properties.get(row.property) or "",
        )
        for row in change.rows
    ]
    going_back = [w for w in written if w.goes_back]
    kept = tuple(w.name for w in written if w.changed_since)
    holder = await _other_holder(portal, now.id, going_back)
    taken = ("email",) if holder else ()
    rows = tuple(
        Row(property=w.name, before=now.properties.get(w.name), after=w.before, source="record")
        for w in going_back
        if w.name not in taken
    )
    if rows:
        return _undo(change, now, rows, kept=kept, taken=taken)
    if holder:
        raise errors.Conflict(contact_id=holder)
    if kept:
        raise errors.UndoTouched(name=now.name, properties=list(kept), contact_id=now.id, contacts=[now])
    raise errors.UndoDone(name=now.name)


async def _other_holder(portal: Portal, contact_id: str, going_back: Iterable[_Written]) -> str | None:
    """The id of another contact that has the old email by now, where an email goes back; else None."""
    email = next((w.before for w in going_back if w.name == "email"), "")
    if not email:
        return None
    try:
        holder = await portal.gateway.get_by_email(email, SUMMARY)
    except errors.NotFound:
        return None
    return holder.id if holder.id != contact_id else None


async def _archive(portal: Portal, change: Change, _: Outcome, contact_id: str) -> Change:
    """The change that archives a contact that was created, unless somebody has added or changed something since."""
    settable = (await portal.schema()).settable()
    found = await portal.gateway.batch_read([contact_id], [*settable, MERGED, *COUNTED, "createdate"])
    if not found or found[0].id != contact_id or found[0].properties.get(MERGED):
        # HubSpot answers the id of a merged contact with the contact that it was merged into
        raise errors.UndoMerged(name=(found[0] if found else await portal.gateway.get(contact_id, SUMMARY)).name)
    now = found[0]
    touched = await _touched(portal, change, now, settable)
    counted = [name for name in COUNTED if (now.properties.get(name) or "0") != "0"]
    touched += await portal.gateway.attached(contact_id) or counted
    if touched:
        raise errors.UndoTouched(name=now.name, properties=touched, contact_id=contact_id, contacts=[now])
    rows = tuple(
        Row(property=name, before=value, after="", source="record")
        for name in change.values
        if (value := now.properties.get(name))
    )
    return _undo(change, now, rows, archives=True)


async def _touched(portal: Portal, change: Change, now: Contact, settable: Iterable[str]) -> list[str]:
    """The properties that people or programs have changed since the creation wrote them."""
    baseline = {name: change.values.get(name, "") for name in settable}
    different = [name for name, value in baseline.items() if (now.properties.get(name) or "") != value]
    if not different:
        return []
    history = await portal.gateway.history(now.id, different)
    later = [entry.effect for entry in await portal.ledger.written_to(now.id, since=change)]
    # property -> its value before the first of our own later changes
    before_ours = {row.property: row.before for effect in reversed(later) if effect for row in effect.rows}

    def by_somebody(name: str) -> bool:
        versions = history.get(name, [])
        first = versions[-1] if versions and _set_at_creation(versions[-1], now) else None
        if name in before_ours:  # untouched where our change was taken back to the value that HubSpot had set
            return first is None or not now.properties.get(name) == first.value == before_ours[name]
        if not versions:
            return True
        return any(v is not first and v.source not in DERIVED and v.value != baseline[name] for v in versions)

    return [name for name in different if by_somebody(name)]


def _set_at_creation(version: Version, contact: Contact) -> bool:
    """Whether HubSpot set the value together with the creation, as it does with the portal's first lifecycle stage."""
    created, set_at = moment(contact.properties.get("createdate")), moment(version.at)
    if created is None or set_at is None:
        return False
    return abs(set_at - created) < AT_CREATION and version.source in PROGRAMS


def _undo(change: Change, now: Contact, rows: tuple[Row, ...], **more: Any) -> Change:
    return Change(
        id=new_id(), action="undo", contact_id=now.id, display=now.name, about=now.about, url=now.url, rows=rows,
        updated_at=now.updated_at, undoes=change.id, salt=new_salt(), **more,
    )  # fmt: skip
