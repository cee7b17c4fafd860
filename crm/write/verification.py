"""Verifies a write field by field, from the contact as it was read back."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from crm.domain import DERIVED, DETAILS, PROGRAMS, Change, Contact, Outcome, Row, Version, differing, errors, moment
from crm.portal import Portal

STAGE = "lifecyclestage"


def properties_of(change: Change) -> tuple[str, ...]:
    """The properties to read around a write: all that are ever shown, and those that the change writes."""
    return tuple(dict.fromkeys((*DETAILS, *change.values)))


async def read_contact(portal: Portal, change: Change, contact_id: str | None = None) -> Contact:
    """Read the change's contact, with the history of the properties that it writes. Raises as the gateway does."""
    contact_id = contact_id or change.contact_id
    assert contact_id is not None
    return await portal.gateway.get(contact_id, properties_of(change), history=list(change.values))


def verified(change: Change, contact: Contact, correlation_ids: tuple[str, ...] = ()) -> Outcome:
    """The outcome of a change that took effect: which values HubSpot holds, and what others wrote at the same time."""
    replaced = _replaced(change, contact)
    unchanged = tuple(name for name in differing(change.values, contact.properties) if name not in replaced)
    return Outcome(
        "partly" if unchanged else "applied", change, contact, unchanged=unchanged, replaced=replaced,
        overwritten=_overwritten(change, contact), correlation_ids=correlation_ids, sent="yes",
        author=_author(change, contact) if correlation_ids else "",
    )  # fmt: skip


async def archived(portal: Portal, change: Change) -> Outcome:
    """The outcome of an archiving that took effect, with what somebody wrote into the contact just before it.

    Raises as the gateway does.
    """
    late: dict[str, str] = {}
    with suppress(errors.Refused, errors.BadToken, errors.MissingScope):  # then HubSpot will not tell later either
        late = await _written_before_archiving(portal, change)
    return Outcome("applied", change, overwritten=late)


def wrote(version: Version, author: str) -> bool | None:
    """Whether the assistant wrote a value; None where some integration did, but not under our last known ``author``."""
    if version.source not in PROGRAMS:
        return False
    return True if not author or author == signed(version) else None


def signed(version: Version) -> str:
    """Who wrote a value, as one word: HubSpot's sourceType and sourceId."""
    return f"{version.source}/{version.source_id}"


def since_card(change: Change, contact: Contact, name: str) -> Sequence[Version]:
    """The values that a property was given after the card was made, newest first, by HubSpot's clock."""
    if change.contact_id is None:
        return contact.history.get(name, ())
    seen = moment(change.updated_at)
    if seen is None:
        return []
    return [version for version in contact.history.get(name, ()) if set_at(version) > seen]


def set_at(version: Version) -> datetime:
    """When a value was set; the earliest possible date where HubSpot does not say."""
    return moment(version.at) or datetime.min.replace(tzinfo=UTC)


def takes_two_calls(change: Change, row: Row) -> bool:
    """Whether the row moves a lifecycle stage back, which takes two calls: one to clear it, one to set it."""
    return change.action == "undo" and row.property == STAGE and bool(row.before and row.after)


async def _written_before_archiving(portal: Portal, change: Change) -> dict[str, str]:
    """What people and programs wrote into a contact after the card that the last read did not show."""
    assert change.contact_id is not None
    before = {
        **dict.fromkeys((await portal.schema()).settable(), ""),
        **{row.property: row.before or "" for row in change.rows},
    }
    gone = await portal.gateway.batch_read([change.contact_id], list(before), archived=True)
    now = gone[0].properties if gone else before
    different = {name: now.get(name) or "" for name in differing(before, now)}  # a value that was cleared, too
    if not different:
        return {}
    past = await portal.gateway.get(change.contact_id, (), history=list(different), archived=True)
    since = {name: since_card(change, past, name) for name in different}
    return {name: value for name, value in different.items() if any(v.source not in DERIVED for v in since[name])}


def _author(change: Change, contact: Contact) -> str:
    """HubSpot's note of who wrote a value that is surely ours."""
    for row in change.rows:
        newest = next(iter(since_card(change, contact, row.property)), None)
        if newest is not None and newest.value == row.after and wrote(newest, ""):
            return signed(newest)
    return ""


def _replaced(change: Change, contact: Contact) -> dict[str, str]:
    """Values that somebody else wrote over ours before it was read back."""
    found = {}
    for row in change.rows:
        values = [version.value for version in since_card(change, contact, row.property)]
        if row.after in values[1:] and values[0] != row.after:
            found[row.property] = values[0]
    return found


def _overwritten(change: Change, contact: Contact) -> dict[str, str]:
    """Values right before ours that were not on the card: somebody else wrote them just before our call."""
    found = {}
    for row in change.rows if change.contact_id else ():
        values = [version.value for version in contact.history.get(row.property, ())]
        earlier = [value for value in values if value != row.after]  # a repeated write may leave ours twice
        if takes_two_calls(change, row):
            earlier = earlier[1:] if earlier[:1] == [""] else earlier  # our own first call cleared the stage
        if values[:1] == [row.after] and earlier and earlier[0] != (row.before or ""):
            found[row.property] = earlier[0]
    return found
