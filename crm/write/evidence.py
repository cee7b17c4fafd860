"""Reads from HubSpot whether a write whose answer never came took effect: by histories, authors and times.

A value alone proves nothing, as somebody else may have written the same. HubSpot notes for each value when and by what
it was set (sourceType and sourceId): the assistant counts as an integration, people and imports do not.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from crm.domain import PROGRAMS, Change, Contact, LedgerEntry, Version, differing, errors, moment
from crm.hubspot import Filter, request
from crm.portal import Portal
from crm.write import timing
from crm.write.verification import STAGE, properties_of, read_contact, set_at, since_card, takes_two_calls, wrote

# What the CRM shows of a claimed change:
# ours: it took effect; half: of a stage's undo, only the first of the two calls did; doubt: perhaps it did, and nobody
# can tell; same: it did not, and somebody else wrote the same values; taken: another contact has the new email;
# nothing: no trace of it; gone: the contact does not exist (any more); merged: the contact is part of another one.
Shown = Literal["ours", "half", "doubt", "same", "taken", "nothing", "gone", "merged"]
MOST_READ = 10  # contacts whose history is read to find one creation
PAGE, PAGES = 200, 5  # contacts that are looked at for it, among all that were made then (a search brings 200 at most)
_MADE_BY = ("hs_object_source", "hs_object_source_id")
_IDENTITY = ("email", "firstname", "lastname", "phone", "mobilephone")


@dataclass(frozen=True)
class Evidence:
    """What HubSpot shows of a claimed change, and the contact that shows it (``taken``: the one that has the email)."""

    shown: Shown
    contact: Contact | None = None


async def evidence_of(portal: Portal, change: Change, entry: LedgerEntry) -> Evidence:
    """Read what HubSpot shows of a claimed change. Raises as the gateway does, except NotFound."""
    try:
        if change.contact_id is not None:
            return await _of_known_contact(portal, change, entry)
        if entry.outcome and entry.outcome.contact_id:  # HubSpot answered, and it could not be read back
            contact = await read_contact(portal, change, entry.outcome.contact_id)
            return Evidence("ours" if contact.id == entry.outcome.contact_id else "merged", contact)
    except errors.NotFound:
        return Evidence("gone")
    return await evidence_of_creation(portal, change, entry)


async def evidence_of_creation(portal: Portal, change: Change, entry: LedgerEntry) -> Evidence:
    """Read what HubSpot shows of a creation that it never answered. Raises as the gateway does."""
    holder = await _holder(portal, change)
    candidates = [holder] if holder is not None else await _created_meanwhile(portal, change, entry)
    if candidates is None:
        return Evidence("doubt")
    author = await portal.ledger.author()
    verdicts = [(contact, _is_creation(contact, change, entry, author)) for contact in candidates]
    ours = [contact for contact, verdict in verdicts if verdict]
    if len(ours) == 1 and all(verdict is not None for _, verdict in verdicts):
        return Evidence("ours", ours[0])
    if any(verdict is not False for _, verdict in verdicts):
        return Evidence("doubt")
    return Evidence("taken", holder) if holder is not None else Evidence("nothing")


def arrived(change: Change, contact: Contact, entry: LedgerEntry, author: str) -> bool | None:
    """Whether an update or undo took effect, even if somebody has overwritten it since; None where nobody can tell.

    HubSpot applies a call wholly or not at all, so one value of ours is proof. A value that was the same before is
    none.
    """
    until, doubt = effect_window(entry)[1], not change.updated_at
    for row in change.rows:
        later = since_card(change, contact, row.property)
        clears_first = change.rows == (row,) and takes_two_calls(change, row)
        alike = [version for version in later if version.value == row.after or (clears_first and not version.value)]
        if any(wrote(version, author) and set_at(version) <= until for version in alike):
            return True
        # a value that came too late is another's, unless our clock is slow
        perhaps_ours = any(wrote(version, author) is not False for version in alike)
        history_is_cut = bool(row.before) and len(later) == len(contact.history.get(row.property, ()))
        doubt = doubt or perhaps_ours or history_is_cut
    return None if doubt else False


def is_half(change: Change, contact: Contact, author: str) -> bool:
    """Whether only the first of two calls of an undo arrived: the stage's latest value is our clearing of it."""
    last = next(iter(since_card(change, contact, STAGE)), None)
    cleared = last is not None and last.value == "" and wrote(last, author) is True
    return cleared and any(takes_two_calls(change, row) for row in change.rows)


def effect_window(entry: LedgerEntry) -> tuple[datetime, datetime]:
    """The earliest and the latest moment at which the call may have taken effect, allowing for differing clocks."""
    latest = entry.claimed_at + timedelta(seconds=timing.UNDER_WAY_SECONDS)
    over = min(entry.finished_at or latest, entry.over_at or latest, latest)
    return entry.claimed_at - timing.CLOCK_SKEW, over + timedelta(seconds=timing.LATE_SECONDS) + timing.CLOCK_SKEW


async def _of_known_contact(portal: Portal, change: Change, entry: LedgerEntry) -> Evidence:
    contact = await read_contact(portal, change)
    if change.archives:
        return Evidence("nothing", contact)
    author = await portal.ledger.author()
    effect = arrived(change, contact, entry, author)
    if effect is None:
        return Evidence("doubt", contact)
    if effect:
        return Evidence("half" if is_half(change, contact, author) else "ours", contact)
    return Evidence("nothing" if differing(change.values, contact.properties) else "same", contact)


async def _holder(portal: Portal, change: Change) -> Contact | None:
    """The contact that has the email of a creation; HubSpot looks up an email without lag."""
    email = change.values.get("email")
    if not email:
        return None
    try:
        found = await portal.gateway.get_by_email(email, ("email",))
    except errors.NotFound:
        return None
    return await _whole(portal, found.id, change)


async def _whole(portal: Portal, contact_id: str, change: Change) -> Contact | None:
    names = (*properties_of(change), *_MADE_BY, "createdate")
    try:
        return await portal.gateway.get(contact_id, names, history=list(change.values))
    except errors.NotFound:
        return None


async def _created_meanwhile(portal: Portal, change: Change, entry: LedgerEntry) -> list[Contact] | None:
    """The contacts created while the call may have taken effect; None where they are too many, or nobody can tell.

    They are returned whatever their names: somebody may have corrected a name since.
    """
    born = await _born(portal, *effect_window(entry))
    if born is None:
        return None
    known = await portal.ledger.created(effect_window(entry)[0]) | {twin.contact_id for twin in change.twins}
    new = {c.id: c for c in born if c.id not in known and _maker(c).source in PROGRAMS}
    alike = {id_: c for id_, c in new.items() if not differing(_asked(change), c.properties)}
    candidates = new if len(new) <= MOST_READ else alike  # an import made many: then only those still called so
    if len(candidates) > MOST_READ:
        return None
    whole = await asyncio.gather(*(_whole(portal, contact_id, change) for contact_id in candidates))
    there = {contact_id: now for contact_id, now in zip(candidates, whole, strict=True) if now is not None}
    # one that was archived meanwhile may have been ours, and nobody can tell any more
    return list(there.values()) if alike.keys() <= there.keys() else None


async def _born(portal: Portal, since: datetime, until: datetime) -> list[Contact] | None:
    """All contacts created between the two moments; None where they fill more than ``PAGES`` pages."""
    created: list[Filter] = [
        {"propertyName": "createdate", "operator": "GTE", "value": _milliseconds(since)},
        {"propertyName": "createdate", "operator": "LTE", "value": _milliseconds(until)},
    ]
    body, born = request([created], properties=(*_IDENTITY, *_MADE_BY), limit=PAGE), list[Contact]()
    for page in range(PAGES):
        found = await portal.gateway.search({**body, "after": str(page * PAGE)})
        born += found.contacts
        if len(born) >= found.total:
            return born
    return None


def _is_creation(contact: Contact, change: Change, entry: LedgerEntry, author: str) -> bool | None:
    """Whether the creation made this contact, judged by its author, its time and its first values."""
    since, until = effect_window(entry)
    born = moment(contact.properties.get("createdate"))
    if born is None:
        return None
    first = {name: versions[-1].value for name, versions in contact.history.items() if versions}
    if not since <= born <= until or differing(_asked(change), first):
        return False
    return wrote(_maker(contact), author)


def _asked(change: Change) -> dict[str, str]:
    return {name: change.values[name] for name in _IDENTITY if change.values.get(name)}


def _maker(contact: Contact) -> Version:
    source, source_id = (contact.properties.get(name) or "" for name in _MADE_BY)
    return Version("", "", source, source_id)


def _milliseconds(when: datetime) -> str:
    return str(int(when.timestamp() * 1000))
