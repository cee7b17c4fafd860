"""What shows that a write of ours took effect whose answer never came: HubSpot's history, its authors and its times.

A value alone shows nothing: somebody else may have written the same. HubSpot notes for each value when and by what it
was set (sourceType and sourceId); the assistant is an integration, and people and imports are none.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crm.domain import PROGRAMS, Change, Contact, LedgerEntry, Row, Version, differing, errors, moment
from crm.hubspot import CALL_SECONDS, Filter, request
from crm.portal import Portal
from crm.write.precondition import properties_of

WRITE_SECONDS = CALL_SECONDS + 15  # the longest that a write may take with all of its tries and looks
# from its claim on, a change may be on its way for so long; after that whoever claimed it is gone
UNDER_WAY_SECONDS = WRITE_SECONDS + 5
LATE_SECONDS = 20.0  # a call that was given up may still be on its way, and take effect, for so long
STAGE = "lifecyclestage"
SKEW = timedelta(minutes=2)  # HubSpot's clock beside ours
MOST = 10  # contacts whose history is read to find one creation
PAGE, PAGES = 200, 5  # contacts that are looked at for it, among all that were made then (a search brings 200 at most)
_MADE_BY = ("hs_object_source", "hs_object_source_id")
_IDENTITY = ("email", "firstname", "lastname", "phone", "mobilephone")


@dataclass(frozen=True)
class Made:
    """What the CRM shows of a creation: the contact, or nothing; ``doubt``: perhaps, and nobody can tell.

    ``holder``: another contact that has the email, which a creation of ours can then not have been given.
    """

    contact: Contact | None = None
    doubt: bool = False
    holder: Contact | None = None


async def made(portal: Portal, change: Change, entry: LedgerEntry) -> Made:
    """What the CRM shows of a claimed creation. Raises as the gateway does."""
    holder = await _holder(portal, change)
    candidates = [holder] if holder is not None else await _created_since(portal, change, entry)
    if candidates is None:
        return Made(doubt=True)
    author = await portal.ledger.author()
    verdicts = [(contact, _is_it(contact, change, entry, author)) for contact in candidates]
    ours = [contact for contact, verdict in verdicts if verdict]
    if len(ours) == 1 and all(verdict is not None for _, verdict in verdicts):
        return Made(ours[0])
    return Made(doubt=any(verdict is not False for _, verdict in verdicts), holder=holder)


async def _holder(portal: Portal, change: Change) -> Contact | None:
    email = change.values.get("email")
    if not email:
        return None
    try:  # an email is looked up without lag
        found = await portal.gateway.get_by_email(email, ("email",))
    except errors.NotFound:
        return None
    return await _still_there(portal, found.id, change)


async def _whole(portal: Portal, contact_id: str, change: Change) -> Contact:
    names = (*properties_of(change), *_MADE_BY, "createdate")
    return await portal.gateway.get(contact_id, names, history=list(change.values))


async def _created_since(portal: Portal, change: Change, entry: LedgerEntry) -> list[Contact] | None:
    """The contacts made while the call may have taken effect; None where they are too many to look at.

    Whatever they are called by now: somebody may have corrected the name since.
    """
    since, until = _window(entry)
    made_then: list[Filter] = [
        {"propertyName": "createdate", "operator": "GTE", "value": _ms(since)},
        {"propertyName": "createdate", "operator": "LTE", "value": _ms(until)},
    ]
    body, born = request([made_then], properties=(*_IDENTITY, *_MADE_BY), limit=PAGE), list[Contact]()
    for page in range(PAGES):
        found = await portal.gateway.search({**body, "after": str(page * PAGE)})
        born += found.contacts
        if len(born) >= found.total:
            break
    else:
        return None
    known = await portal.ledger.created(since) | {t.contact_id for t in change.twins}
    new = [c for c in born if c.id not in known and _author(c).source in PROGRAMS]
    if len(new) > MOST:  # an import, say: then only those that are called so still
        new = [c for c in new if not differing(_asked(change), c.properties)]
    if len(new) > MOST:
        return None
    whole = await asyncio.gather(*(_still_there(portal, contact.id, change) for contact in new))
    if any(now is None and not differing(_asked(change), c.properties) for c, now in zip(new, whole, strict=True)):
        return None  # it may have been ours, and nobody can tell any more
    return [contact for contact in whole if contact is not None]


async def _still_there(portal: Portal, contact_id: str, change: Change) -> Contact | None:
    try:
        return await _whole(portal, contact_id, change)
    except errors.NotFound:
        return None


def _is_it(contact: Contact, change: Change, entry: LedgerEntry, author: str) -> bool | None:
    """Whether the creation made this contact, by its author, its time and the values that it began with."""
    since, until = _window(entry)
    born = moment(contact.properties.get("createdate"))
    if born is None:
        return None
    first = {name: versions[-1].value for name, versions in contact.history.items() if versions}
    if not since <= born <= until or differing(_asked(change), first):
        return False
    return wrote(_author(contact), author)


def _window(entry: LedgerEntry) -> tuple[datetime, datetime]:
    """Between when the call may have taken effect, by any clock."""
    latest = entry.claimed_at + timedelta(seconds=UNDER_WAY_SECONDS)
    over = min(entry.finished_at or latest, entry.over_at or latest, latest)
    return entry.claimed_at - SKEW, over + timedelta(seconds=LATE_SECONDS) + SKEW


def _asked(change: Change) -> dict[str, str]:
    return {name: change.values[name] for name in _IDENTITY if change.values.get(name)}


def _author(contact: Contact) -> Version:
    source, source_id = (contact.properties.get(name) or "" for name in _MADE_BY)
    return Version("", "", source, source_id)


def wrote(version: Version, author: str) -> bool | None:
    """Whether a value is the assistant's own; None: of an integration, but not what it was last (``author``)."""
    if version.source not in PROGRAMS:
        return False
    return True if not author or author == signed(version) else None


def signed(version: Version) -> str:
    """Who wrote a value, in one word: HubSpot's sourceType and sourceId."""
    return f"{version.source}/{version.source_id}"


def arrived(change: Change, contact: Contact, entry: LedgerEntry, author: str) -> bool | None:
    """Whether an update or undo took effect, whoever wrote over it since; None where nobody can tell.

    HubSpot takes a call whole or not at all, so one value of ours tells; values that it left as they were are no proof.
    """
    until, doubt = _window(entry)[1], False
    for row in change.rows:
        versions, later = contact.history.get(row.property, ()), since_card(change, contact, row.property)
        ours = (row.after, "") if change.rows == (row,) and twice(change, row) else (row.after,)
        verdicts = [(wrote(v, author), _at(v) <= until) for v in later if v.value in ours]
        if (True, True) in verdicts:
            return True
        # one that came too late is another's, unless our clock is slow
        doubt = doubt or any(verdict is not False for verdict, _ in verdicts)
        doubt = doubt or (len(later) == len(versions) and bool(row.before))
    return None if doubt or not change.updated_at else False


def since_card(change: Change, contact: Contact, name: str) -> Sequence[Version]:
    """The values that a property was given after the card was made, newest first, by HubSpot's own clock."""
    if change.contact_id is None:
        return contact.history.get(name, ())
    seen = moment(change.updated_at)
    if seen is None:  # of a version that did not note it
        return []
    return [version for version in contact.history.get(name, ()) if _at(version) > seen]


def twice(change: Change, row: Row) -> bool:
    """Whether it is the stage of an undo, which HubSpot takes back in two calls: cleared, and set."""
    return change.action == "undo" and row.property == STAGE and bool(row.before and row.after)


def half(change: Change, contact: Contact, author: str) -> bool:
    """Whether of an undo that arrived the second call is left to make: the stage stands cleared, by the first one."""
    last = next(iter(since_card(change, contact, STAGE)), None)
    cleared = last is not None and last.value == "" and wrote(last, author) is True
    return cleared and any(twice(change, row) for row in change.rows)


def _at(version: Version) -> datetime:
    return moment(version.at) or datetime.min.replace(tzinfo=UTC)


def _ms(when: datetime) -> str:
    return str(int(when.timestamp() * 1000))
