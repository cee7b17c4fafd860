"""The way back from a change that was applied: an update's old values, or the archiving of a contact that was created.

HubSpot keeps an archived contact for 90 days, to be restored by people in its own pages (documented).
"""

import re
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

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
    folded_words,
    moment,
    new_id,
    new_salt,
    same_name,
    spoken,
)
from crm.portal import Portal

MERGED = "hs_merged_object_ids"
COUNTED = ("num_notes", "num_associated_deals")  # calls, emails, meetings and deals, which need no scope to be counted
ACTIONS = ("create", "update")
AT_ONCE = timedelta(seconds=1)
_ID = re.compile(r"[0-9a-f-]{36}|\d+")
_BEGUN = re.compile(r"[^@]+@[^@.]*")  # an email that is not said to its end
_LONGEST = 3  # words of a field's name


async def propose_undo(portal: Portal, which: str, actor: Actor, *, itself: str = "") -> Change:
    """The change that takes an applied one back, against the contact as it is now.

    ``which`` is the id of any change of this user, or says which one: "" the conversation's last that was not taken
    back yet (where all were: its last undo); ``create``, ``update``, a contact's name or email, a field, or several of
    these ("update Mette Hansens stilling"): the last such one. ``itself``: the id of an undo that is looked at once
    more, and does not count as one that is open. Raises UndoOpen, UndoUnknown, UndoNotFound (name), UndoErased,
    UndoDone, UndoImpossible, UndoTouched (properties), UndoMerged, Conflict (the old email is another's by now) or
    UndoGone, and as the gateway does.
    """
    entry = await _meant(portal, which, actor)
    for other in await portal.ledger.unsettled():
        if other.change and other.change.id != itself and await _concerns(portal, other, which, entry, actor):
            raise errors.UndoOpen(name=other.change.display)
    if entry is None or entry.status not in DONE or entry.actor.user != actor.user:
        raise _unknown(which)
    if entry.change is None:
        raise errors.UndoErased()
    change, recorded = entry.effect, entry.outcome
    if change is None or recorded is None:
        raise errors.UndoUnknown()
    if change.archives:
        raise errors.UndoImpossible(name=change.display)
    if recorded.contact_id is None or await portal.ledger.undone(change.id, wholly=True):
        raise errors.UndoDone(name=change.display)
    way_back = _archive if change.action == "create" else _restore
    try:
        return await way_back(portal, change, recorded, recorded.contact_id)
    except errors.NotFound:
        raise errors.UndoGone(name=change.display) from None


def _unknown(which: str) -> errors.UndoUnknown:
    name = _split(which)[1]
    return errors.UndoNotFound(name=name) if name and not _ID.fullmatch(name) else errors.UndoUnknown()


async def _concerns(portal: Portal, open_: LedgerEntry, which: str, entry: LedgerEntry | None, actor: Actor) -> bool:
    """Whether a change whose outcome is not known is the one that is meant, or an undo of it."""
    assert open_.change is not None
    if open_.actor.user != actor.user or not open_.waited_for:
        return False
    if entry is not None and entry.change is not None and open_.change.undoes == entry.change.id:
        return True
    if not which or open_.change.id == which:
        return bool(which) or open_.actor.conversation == actor.conversation
    action, name = _split(which)
    if not (name or open_.actor.conversation == actor.conversation):
        return False
    later = entry is None or open_.claimed_at > entry.claimed_at
    taken = replace(open_, outcome=open_.outcome or Outcome("unknown", open_.change))  # as if HubSpot took all of it
    if not later or not _fits(taken, action):
        return False
    return not name or await anext(_named(portal, name, action, lambda _: _only(taken)), None) is not None


async def _only(entry: LedgerEntry) -> AsyncIterator[LedgerEntry]:
    yield entry


async def _meant(portal: Portal, which: str, actor: Actor) -> LedgerEntry | None:
    ledger = portal.ledger
    if which and (found := await ledger.by_id(which)):
        return found
    action, name = _split(which)
    first: LedgerEntry | None = None
    async for entry in _candidates(portal, action, name, actor):
        first = first or entry
        if entry.change is None or entry.change.action == "undo":
            continue
        last = await anext(ledger.newest(actor)) if name else (await ledger.applied_here(actor))[-1]
        if not await ledger.undone(entry.change.id, wholly=_goes_on(entry.change, last.change)):
            return entry
    return first


async def _candidates(portal: Portal, action: str, name: str, actor: Actor) -> AsyncIterator[LedgerEntry]:
    """The changes that may be meant, the newest first."""
    if name:
        # in all of the user's conversations: the list of changes names them too
        async for entry in _named(portal, name, action, lambda called: portal.ledger.newest(actor, called=called)):
            yield entry
        return
    for entry in reversed(await portal.ledger.applied_here(actor)):
        if _fits(entry, action):
            yield entry


async def _named(
    portal: Portal, name: str, action: str, written: Callable[[str], AsyncIterator[LedgerEntry]]
) -> AsyncIterator[LedgerEntry]:
    """Those of a contact of this name; else of a field of it, or of a contact's field ("Mette Hansens stilling").

    ``written``: the changes of contacts that may be called so.
    """
    found = False
    async for entry in written(name):
        if _fits(entry, action) and _is_called(name, entry):
            found = True
            yield entry
    if found:
        return
    schema, said = await portal.schema(), name.split()
    for n in range(1, min(len(said), _LONGEST) + 1):
        whose, field = re.sub(r"['’]s?$", "", " ".join(said[:-n])), schema.called(" ".join(said[-n:]))
        if field is None:
            continue
        async for entry in written(whose):
            fits = _fits(entry, action) and _holds(entry, field.name, action)
            if fits and (not whose or _is_called(whose, entry)):
                found = True
                yield entry
        if found:
            return


def _split(which: str) -> tuple[str, str]:
    """The action that is named, if any, and the name."""
    action, _, name = which.partition(" ")
    return (action, name.strip()) if action in ACTIONS else ("", which.strip())


def _fits(entry: LedgerEntry, action: str) -> bool:
    if entry.change is None or entry.effect is None:
        return entry.change is None and not action  # an erased one is told of
    return action in ("", entry.effect.action)


def _is_called(name: str, entry: LedgerEntry) -> bool:
    """Whether the change is of a contact of this name or email, before it or after it, or whose email begins so."""
    asked = name.casefold()
    if "@" in name:
        begins = _BEGUN.fullmatch(asked) and any(email.startswith(asked) for email in entry.emails)
        return asked in entry.emails or bool(begins)
    # here the genitive is in what was said: "Mettes" is Mette
    said = folded_words(name)
    return any(spoken(said, folded_words(text), lambda word, is_: same_name(is_, word)) for text in entry.called)


def _holds(entry: LedgerEntry, field: str, action: str) -> bool:
    """Whether the change is of this field; a creation is of all the contact, unless creations are meant."""
    change = entry.effect
    return change is not None and field in change.values and (action == "create" or change.action != "create")


def _goes_on(change: Change, last: Change | None) -> bool:
    """Whether the last undo brought back what an undo of this earlier change had to leave."""
    if last is None or last.action != "undo" or last.undoes == change.id:
        return False
    return last.contact_id == change.contact_id and bool(change.values.keys() & last.values.keys())


async def _restore(portal: Portal, change: Change, recorded: Outcome, contact_id: str) -> Change:
    """The update that brings the old values back where ours still stand."""
    wrote = {row.property: row for row in change.rows}
    now = await portal.gateway.get(contact_id, list(dict.fromkeys((*SUMMARY, *wrote))))
    if now.id != contact_id:  # the same value may have been the other's own
        raise errors.UndoMerged(name=now.name)
    held = {name: now.properties.get(name) or "" for name in wrote}
    back = {name: recorded.overwritten.get(name, row.before or "") for name, row in wrote.items()}
    ours = [name for name, row in wrote.items() if held[name] == row.after != back[name]]
    kept = tuple(name for name, row in wrote.items() if held[name] not in (row.after, back[name]))
    holder = await _holder(portal, back["email"]) if "email" in ours else None
    taken = ("email",) if holder is not None and holder.id != now.id else ()
    rows = tuple(
        Row(property=name, before=now.properties.get(name), after=back[name], source="record")
        for name in ours
        if name not in taken
    )
    if rows:
        return _undo(change, now, rows, kept=kept, taken=taken)
    if taken and holder is not None:
        raise errors.Conflict(contact_id=holder.id)
    if kept:
        raise errors.UndoTouched(name=now.name, properties=list(kept), contact_id=now.id, contacts=[now])
    raise errors.UndoDone(name=now.name)


async def _holder(portal: Portal, email: str) -> Contact | None:
    """The contact that has the email, or None."""
    try:
        return await portal.gateway.get_by_email(email, SUMMARY)
    except errors.NotFound:
        return None


async def _archive(portal: Portal, change: Change, _: Outcome, contact_id: str) -> Change:
    """The archiving of a contact that was created, unless somebody has added or changed something since."""
    settable = (await portal.schema()).settable()
    found = await portal.gateway.batch_read([contact_id], [*settable, MERGED, *COUNTED, "createdate"])
    if not found or found[0].id != contact_id or found[0].properties.get(MERGED):
        # the id of a contact that was merged still stands for the one that it is part of
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
    """The properties that do not hold what the creation wrote, as far as people or programs are behind it."""
    baseline = {name: change.values.get(name, "") for name in settable}
    different = [name for name, value in baseline.items() if (now.properties.get(name) or "") != value]
    if not different:
        return []
    history = await portal.gateway.history(now.id, different)
    later = [entry.effect for entry in await portal.ledger.written_to(now.id, since=change)]
    # the earliest of our own changes tells what stood before them
    ours = {row.property: row.before for effect in reversed(later) if effect for row in effect.rows}

    def by_somebody(name: str) -> bool:
        versions = history.get(name, [])
        first = versions[-1] if versions and _at_birth(versions[-1], now) else None
        if name in ours:  # taken back, where it is as HubSpot set it before we did
            return first is None or not now.properties.get(name) == first.value == ours[name]
        if not versions:
            return True
        return any(v is not first and v.source not in DERIVED and v.value != baseline[name] for v in versions)

    return [name for name in different if by_somebody(name)]


def _at_birth(version: Version, contact: Contact) -> bool:
    """Whether HubSpot set the value with the creation, as it does with the portal's first stage."""
    born, set_at = moment(contact.properties.get("createdate")), moment(version.at)
    at_once = born is not None and set_at is not None and abs(set_at - born) < AT_ONCE
    return at_once and version.source in PROGRAMS


def _undo(change: Change, now: Contact, rows: tuple[Row, ...], **more: Any) -> Change:
    return Change(
        id=new_id(), action="undo", contact_id=now.id, display=now.name, about=now.about, url=now.url, rows=rows,
        updated_at=now.updated_at, undoes=change.id, salt=new_salt(), **more,
    )  # fmt: skip
