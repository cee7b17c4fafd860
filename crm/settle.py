"""Finding out what became of a write whose answer never came: the CRM is asked, and nothing is written here.

A contact with an email is looked up by it, which does not lag. One without is known only by the intent, the
ledger's claim from before the call: a contact with these values that was created since then.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from crm import errors
from crm.candidates import Filter, equals
from crm.changes import Change, differing
from crm.contact import Contact
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


async def written(portal: Portal, change: Change, claimed_at: datetime) -> Contact | None:
    """The contact as the change left it, or None where the CRM does not show the change. Raises as the gateway does."""
    names = [*properties_of(change), "createdate"]
    if change.contact_id is not None:
        contact = await portal.gateway.get(change.contact_id, names, history=list(change.values))
        return None if change.archives or differing(change.values, contact.properties) else contact
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
    """What became of a claimed change, as far as the CRM tells. Raises nothing of ``crm.errors``.

    ``applied`` or ``partly`` where it shows; ``refused`` where it does not and no longer can; ``unknown`` until then.
    """
    entry = await portal.ledger.entry(change)
    assert entry is not None
    try:
        contact = await written(portal, change, entry.claimed_at)
        if contact is not None:
            return verified(change, contact)
        if await _as_before(portal, change, quiet(entry)):
            return Outcome("refused", change, error=errors.CutOff())
    except errors.NotFound:
        return Outcome("applied" if change.archives else "gone", change)
    except errors.CrmError:
        pass
    return Outcome("unknown", change)


def quiet(entry: Entry) -> float:
    """For how many seconds nobody has been at work on the change; below zero while somebody may be."""
    latest = entry.claimed_at + timedelta(seconds=UNDER_WAY_SECONDS)
    over = entry.finished_at or min(entry.over_at or latest, latest)
    return (datetime.now(UTC) - over).total_seconds()


async def _as_before(portal: Portal, change: Change, seconds: float) -> bool:
    """Whether the CRM stands as it did before the change, and would show it by now had it taken effect."""
    if change.contact_id is None and not change.values.get("email"):
        return seconds > INDEX_SECONDS
    if seconds < LATE_SECONDS or change.contact_id is None:
        return seconds > LATE_SECONDS
    now = await portal.gateway.get(change.contact_id, properties_of(change))
    return not differing({row.property: row.before or "" for row in change.rows}, now.properties)


async def cut_in_half(portal: Portal, change: Change) -> bool:
    """Whether only the stage is left of an undo that was cut off between its two calls. Raises as the gateway does."""
    entry = await portal.ledger.entry(change)
    if change.action != "undo" or not change.values.get(STAGE) or entry is None or quiet(entry) < LATE_SECONDS:
        return False
    assert change.contact_id is not None
    now = await portal.gateway.get(change.contact_id, properties_of(change))
    was_set = any(row.before for row in change.rows if row.property == STAGE)
    return was_set and not now.properties.get(STAGE) and set(differing(change.values, now.properties)) == {STAGE}


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
        values = [version.value for version in contact.history.get(row.property, ())]
        if row.after in values[1:] and values[0] not in (row.after, row.before or ""):
            found[row.property] = values[0]
    return found


def _overwritten(change: Change, contact: Contact) -> dict[str, str]:
    """Values that stood right before ours and were not on the card: somebody else wrote them in that instant."""
    found = {}
    for row in change.rows if change.contact_id else ():
        values = [version.value for version in contact.history.get(row.property, ())]
        earlier = [value for value in values if value != row.after]  # a repeated write may leave ours twice
        if change.action == "undo" and row.property == STAGE and row.before:
            earlier = earlier[1:] if earlier[:1] == [""] else earlier  # our own: a stage goes back by way of none
        if values[:1] == [row.after] and earlier and earlier[0] != (row.before or ""):
            found[row.property] = earlier[0]
    return found
