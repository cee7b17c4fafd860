"""Finding out what became of a write whose answer never came: the CRM is asked, and nothing is written here.

A contact with an email is looked up by it, which does not lag. One without is known only by the intent, the
ledger's claim from before the call: a contact with these values that was created since then.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from crm import errors
from crm.candidates import Filter, equals
from crm.changes import Change, Row, differing
from crm.contact import Contact, Version
from crm.hubspot import CALL_SECONDS
from crm.ledger import Entry
from crm.lookup import request
from crm.outcomes import Outcome
from crm.portal import INDEX_SECONDS, Portal
from crm.recheck import properties_of

WRITE_SECONDS = CALL_SECONDS + 15  # the longest that a write may take with all of its tries and looks
# from its claim on, a change may be on its way for so long; after that whoever claimed it is gone
UNDER_WAY_SECONDS = WRITE_SECONDS + 5
LATE_SECONDS = 10.0  # a call that was given up may still take effect for so long
STAGE = "lifecyclestage"
SKEW = timedelta(minutes=2)  # HubSpot's clock beside ours
_IDENTITY = ("email", "firstname", "lastname", "phone", "mobilephone")


async def created(portal: Portal, change: Change, claimed_at: datetime) -> Contact | None:
    """The contact that a creation made, or None where the CRM does not show it. Raises as the gateway does."""
    names = [*properties_of(change), "createdate"]
    if email := change.values.get("email"):
        try:
            candidates = [await portal.gateway.get_by_email(email, names)]
        except errors.NotFound:
            return None
    else:
        candidates = await _created_since(portal, change, claimed_at, names)
    made = [c for c in candidates if _is_it(c, change, claimed_at)]
    return made[0] if len(made) == 1 else None


async def _created_since(portal: Portal, change: Change, claimed_at: datetime, names: Iterable[str]) -> list[Contact]:
    since = str(int((claimed_at - SKEW).timestamp() * 1000))
    created: Filter = {"propertyName": "createdate", "operator": "GTE", "value": since}
    same = [equals(p, change.values[p]) for p in ("firstname", "lastname") if change.values.get(p)]
    found = await portal.gateway.search(request([[created, *same]], properties=names, limit=100))
    known = {c.id for c in await portal.recent()} | {t.contact_id for t in change.twins}
    return [contact for contact in found.contacts if contact.id not in known]


def _is_it(contact: Contact, change: Change, claimed_at: datetime) -> bool:
    try:
        created = datetime.fromisoformat(contact.properties.get("createdate") or "1970-01-01T00:00:00Z").astimezone(UTC)
    except ValueError:  # not HubSpot's notation: nothing can be told from it
        return False
    asked = {p: change.values.get(p, "") for p in _IDENTITY}
    return created >= claimed_at - SKEW and not differing(asked, contact.properties)


async def settle(portal: Portal, change: Change) -> Outcome:
    """What became of a claimed change: ``look``, once nobody is at work on it, as their own report tells more."""
    entry = await portal.ledger.entry(change)
    assert entry is not None
    return await look(portal, change) if quiet(entry) >= 0 else Outcome("unknown", change)


async def look(portal: Portal, change: Change) -> Outcome:
    """What became of a claimed change, as far as the CRM tells. Raises nothing of ``crm.errors``.

    ``applied`` or ``partly`` where it shows; ``refused`` where it does not and no longer can; ``unknown`` until then.
    """
    entry = await portal.ledger.entry(change)
    assert entry is not None
    try:
        if change.contact_id is None:
            contact = await created(portal, change, entry.claimed_at)
            patience = LATE_SECONDS if change.values.get("email") else INDEX_SECONDS
            arrived: bool | None = contact is not None
        else:
            contact, patience = await _read(portal, change), LATE_SECONDS
            arrived = False if change.archives else _arrived(change, contact)
    except errors.NotFound:
        return Outcome("applied" if change.archives else "gone", change)
    except errors.CrmError:
        return Outcome("unknown", change)
    if arrived and contact is not None and not _half(change, contact):
        return verified(change, contact)
    if arrived is False and quiet(entry) > patience:
        return Outcome("refused", change, error=errors.CutOff())
    return Outcome("unknown", change)


async def _read(portal: Portal, change: Change) -> Contact:
    assert change.contact_id is not None
    return await portal.gateway.get(change.contact_id, properties_of(change), history=list(change.values))


def quiet(entry: Entry) -> float:
    """For how many seconds nobody has been at work on the change; below zero while somebody may be."""
    latest = entry.claimed_at + timedelta(seconds=UNDER_WAY_SECONDS)
    over = entry.finished_at or min(entry.over_at or latest, latest)
    return (datetime.now(UTC) - over).total_seconds()


def _arrived(change: Change, contact: Contact) -> bool | None:
    """Whether an update or undo took effect, whoever wrote over it since; None where nobody can tell.

    HubSpot takes a call whole or not at all, so one value of ours from after the card tells; values that it left as
    they were are no proof.
    """
    if not differing(change.values, contact.properties):
        return True
    if not change.updated_at:  # of a version that did not note it
        return None
    reaches = True
    for row in change.rows:
        versions, since = contact.history.get(row.property, ()), _since(change, contact, row.property)
        ours = (row.after, "") if change.rows == (row,) and _twice(change, row) else (row.after,)
        if any(version.value in ours for version in since):
            return True
        reaches = reaches and (len(since) < len(versions) or not row.before)
    return False if reaches else None


def _since(change: Change, contact: Contact, name: str) -> list[Version]:
    """The values that a property was given after the card was made, newest first, by HubSpot's own clock."""
    if not change.updated_at:
        return []
    made = datetime.fromisoformat(change.updated_at)
    return [v for v in contact.history.get(name, ()) if v.at and datetime.fromisoformat(v.at) > made]


def _twice(change: Change, row: Row) -> bool:
    """Whether it is the stage of an undo, which HubSpot takes back in two calls: cleared, and set."""
    return change.action == "undo" and row.property == STAGE and bool(row.before and row.after)


def _half(change: Change, contact: Contact) -> bool:
    """Whether of an undo that arrived the second call is left to make: the stage stands cleared."""
    twice = any(_twice(change, row) for row in change.rows)
    return twice and not contact.properties.get(STAGE)


async def cut_in_half(portal: Portal, change: Change) -> bool:
    """Whether an undo was cut off between its two calls. Raises as the gateway does."""
    entry = await portal.ledger.entry(change)
    if entry is None or quiet(entry) < LATE_SECONDS or not any(_twice(change, row) for row in change.rows):
        return False
    now = await _read(portal, change)
    return bool(_arrived(change, now)) and _half(change, now)


def verified(change: Change, contact: Contact, correlation_ids: tuple[str, ...] = ()) -> Outcome:
    """The outcome of a change, from the contact as it was read back: field by field, and what was there just before."""
    replaced = _replaced(change, contact)
    unchanged = tuple(name for name in differing(change.values, contact.properties) if name not in replaced)
    return Outcome(
        "partly" if unchanged else "applied", change, contact, unchanged=unchanged, replaced=replaced,
        overwritten=_overwritten(change, contact), correlation_ids=correlation_ids,
    )  # fmt: skip


def _replaced(change: Change, contact: Contact) -> dict[str, str]:
    """Values that stand right after ours, which somebody else wrote before it was read back."""
    found = {}
    for row in change.rows if change.contact_id else ():
        values = [version.value for version in _since(change, contact, row.property)]
        if row.after in values[1:] and values[0] != row.after:
            found[row.property] = values[0]
    return found


def _overwritten(change: Change, contact: Contact) -> dict[str, str]:
    """Values that stood right before ours and were not on the card: somebody else wrote them in that instant."""
    found = {}
    for row in change.rows if change.contact_id else ():
        values = [version.value for version in contact.history.get(row.property, ())]
        earlier = [value for value in values if value != row.after]  # a repeated write may leave ours twice
        if _twice(change, row):
            earlier = earlier[1:] if earlier[:1] == [""] else earlier  # our own: a stage goes back by way of none
        if values[:1] == [row.after] and earlier and earlier[0] != (row.before or ""):
            found[row.property] = earlier[0]
    return found
