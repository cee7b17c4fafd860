"""Finding out what became of a write whose answer never came: the CRM is asked, and nothing is written here."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from crm.domain import DERIVED, Change, Contact, LedgerEntry, Outcome, differing, errors
from crm.portal import INDEX_SECONDS, Portal
from crm.write import evidence
from crm.write.evidence import since_card, twice
from crm.write.precondition import properties_of, update_instead

LATE_SECONDS = evidence.LATE_SECONDS
UNDER_WAY_SECONDS = evidence.UNDER_WAY_SECONDS


async def settle(portal: Portal, change: Change) -> Outcome:
    """What became of a claimed change: ``look``, once nobody is at work on it, as their own report tells more."""
    entry = await portal.ledger.entry(change)
    assert entry is not None
    return await look(portal, change) if quiet(entry) >= 0 else Outcome("unknown", change)


async def look(portal: Portal, change: Change) -> Outcome:
    """What became of a claimed change, as far as the CRM tells. Raises nothing of ``crm.domain.errors``.

    ``applied`` or ``partly`` where it shows; where it does not and no longer can, ``refused``, or what stands in its
    place: ``stale`` (another contact has the email), ``already_so`` (somebody else wrote the same); else ``unknown``.
    """
    entry = await portal.ledger.entry(change)
    assert entry is not None
    try:
        return await (_creation if change.contact_id is None else _of_contact)(portal, change, entry)
    except errors.NotFound:
        if not change.archives:
            return Outcome("gone", change, sent="perhaps")
        with suppress(errors.CrmError):
            return replace(await archived(portal, change), sent="perhaps")
    except errors.CrmError:
        pass
    return Outcome("unknown", change)


async def _creation(portal: Portal, change: Change, entry: LedgerEntry) -> Outcome:
    if entry.outcome and entry.outcome.contact_id:  # HubSpot answered, and it could not be read back
        contact = await read(portal, change, entry.outcome.contact_id)
        merged = contact.id != entry.outcome.contact_id  # then it is another one that shows
        return Outcome("gone", change, sent="yes") if merged else verified(change, contact)
    found = await evidence.made(portal, change, entry)
    if found.contact is not None:
        return verified(change, found.contact)
    with_email = bool(change.values.get("email"))
    if found.doubt or quiet(entry) <= (LATE_SECONDS if with_email else INDEX_SECONDS):
        return Outcome("unknown", change)
    if found.holder is not None:
        return await update_instead(portal, change, found.holder.id)
    return Outcome("refused", change, error=errors.CutOff())


async def _of_contact(portal: Portal, change: Change, entry: LedgerEntry) -> Outcome:
    contact = await read(portal, change)
    author = await portal.ledger.author()
    late = False if change.archives else evidence.arrived(change, contact, entry, author)
    if late and not evidence.half(change, contact, author):
        return verified(change, contact)
    if late is False and quiet(entry) > LATE_SECONDS:
        there = not change.archives and not differing(change.values, contact.properties)
        return Outcome("already_so", change, contact) if there else Outcome("refused", change, error=errors.CutOff())
    return Outcome("unknown", change)


async def read(portal: Portal, change: Change, contact_id: str | None = None) -> Contact:
    """A change's contact as it is, with the history of what the change writes. Raises as the gateway."""
    contact_id = contact_id or change.contact_id
    assert contact_id is not None
    return await portal.gateway.get(contact_id, properties_of(change), history=list(change.values))


def quiet(entry: LedgerEntry) -> float:
    """For how many seconds nobody has been at work on the change; below zero while somebody may be."""
    latest = entry.claimed_at + timedelta(seconds=UNDER_WAY_SECONDS)
    over = entry.finished_at or min(entry.over_at or latest, latest)
    return (datetime.now(UTC) - over).total_seconds()


async def cut_in_half(portal: Portal, change: Change) -> LedgerEntry | None:
    """The ledger's entry of an undo that was cut off between its two calls. Raises as the gateway does."""
    entry = await portal.ledger.entry(change)
    if entry is None or quiet(entry) < LATE_SECONDS or not any(twice(change, row) for row in change.rows):
        return None
    return entry if await is_half(portal, change, entry) else None


async def is_half(portal: Portal, change: Change, entry: LedgerEntry) -> bool:
    """Whether the first of an undo's two calls took effect, and is the last thing that was done since."""
    now, author = await read(portal, change), await portal.ledger.author()
    return bool(evidence.arrived(change, now, entry, author)) and evidence.half(change, now, author)


async def archived(portal: Portal, change: Change) -> Outcome:
    """The outcome of an archiving that took effect, with what somebody wrote into the contact just before.

    Raises as the gateway does, where HubSpot cannot tell for now.
    """
    late: dict[str, str] = {}
    with suppress(errors.Refused, errors.BadToken, errors.MissingScope):  # then HubSpot will not tell later either
        late = await _late(portal, change)
    return Outcome("applied", change, overwritten=late)


async def _late(portal: Portal, change: Change) -> dict[str, str]:
    """What people and programs wrote into a contact after its card, which the last look did not show yet."""
    assert change.contact_id is not None
    before = {
        **dict.fromkeys((await portal.schema()).settable(), ""),
        **{r.property: r.before or "" for r in change.rows},
    }
    gone = await portal.gateway.batch_read([change.contact_id], list(before), archived=True)
    now = gone[0].properties if gone else before
    different = {name: now.get(name) or "" for name in differing(before, now)}  # with what was cleared, too
    if not different:
        return {}
    past = await portal.gateway.get(change.contact_id, (), history=list(different), archived=True)
    since = {name: since_card(change, past, name) for name in different}
    return {name: value for name, value in different.items() if any(v.source not in DERIVED for v in since[name])}


def verified(change: Change, contact: Contact, correlation_ids: tuple[str, ...] = ()) -> Outcome:
    """The outcome of a change, from the contact as it was read back: field by field, and what was there just before."""
    replaced = _replaced(change, contact)
    unchanged = tuple(name for name in differing(change.values, contact.properties) if name not in replaced)
    return Outcome(
        "partly" if unchanged else "applied", change, contact, unchanged=unchanged, replaced=replaced,
        overwritten=_overwritten(change, contact), correlation_ids=correlation_ids, sent="yes",
        author=_author(change, contact) if correlation_ids else "",
    )  # fmt: skip


def _author(change: Change, contact: Contact) -> str:
    """As whom HubSpot noted a value that we surely wrote."""
    for row in change.rows:
        newest = next(iter(since_card(change, contact, row.property)), None)
        if newest is not None and newest.value == row.after and evidence.wrote(newest, ""):
            return evidence.signed(newest)
    return ""


def _replaced(change: Change, contact: Contact) -> dict[str, str]:
    """Values that stand right after ours, which somebody else wrote before it was read back."""
    found = {}
    for row in change.rows:
        values = [version.value for version in since_card(change, contact, row.property)]
        if row.after in values[1:] and values[0] != row.after:
            found[row.property] = values[0]
    return found


def _overwritten(change: Change, contact: Contact) -> dict[str, str]:
    """Values that stood right before ours and were not on the card: somebody else wrote them in that instant."""
    found = {}
    for row in change.rows if change.contact_id else ():
        values = [version.value for version in contact.history.get(row.property, ())]
        earlier = [value for value in values if value != row.after]  # a repeated write may leave ours twice
        if twice(change, row):
            earlier = earlier[1:] if earlier[:1] == [""] else earlier  # our own: a stage goes back by way of none
        if values[:1] == [row.after] and earlier and earlier[0] != (row.before or ""):
            found[row.property] = earlier[0]
    return found
