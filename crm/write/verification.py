"""What a write did, field by field, from the contact as it was read back."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from crm.domain import DERIVED, DETAILS, PROGRAMS, Change, Contact, Outcome, Row, Version, differing, errors, moment
from crm.portal import Portal

STAGE = "lifecyclestage"


def properties_of(change: Change) -> tuple[str, ...]:
    """What is read of a contact around a write: all that is ever shown of it, and what the change writes."""
    return tuple(dict.fromkeys((*DETAILS, *change.values)))


async def read_contact(portal: Portal, change: Change, contact_id: str | None = None) -> Contact:
    """A change's contact as it is, with the history of what the change writes. Raises as the gateway does."""
    contact_id = contact_id or change.contact_id
    assert contact_id is not None
    return await portal.gateway.get(contact_id, properties_of(change), history=list(change.values))


def verified(change: Change, contact: Contact, correlation_ids: tuple[str, ...] = ()) -> Outcome:
    """The outcome of a change that took effect: which values HubSpot holds, and what somebody else wrote around it."""
    replaced = _replaced(change, contact)
    unchanged = tuple(name for name in differing(change.values, contact.properties) if name not in replaced)
    return Outcome(
        "partly" if unchanged else "applied", change, contact, unchanged=unchanged, replaced=replaced,
        overwritten=_overwritten(change, contact), correlation_ids=correlation_ids, sent="yes",
        author=_author(change, contact) if correlation_ids else "",
    )  # fmt: skip


async def archived(portal: Portal, change: Change) -> Outcome:
    """The outcome of an archiving that took effect, with what somebody wrote into the contact just before.

    Raises as the gateway does, where HubSpot cannot tell for now.
    """
    late: dict[str, str] = {}
    with suppress(errors.Refused, errors.BadToken, errors.MissingScope):  # then HubSpot will not tell later either
        late = await _written_before_archiving(portal, change)
    return Outcome("applied", change, overwritten=late)


def wrote(version: Version, author: str) -> bool | None:
    """Whether the assistant wrote a value; None: an integration did, but not under our last name (``author``)."""
    if version.source not in PROGRAMS:
        return False
    return True if not author or author == signed(version) else None


def signed(version: Version) -> str:
    """Who wrote a value, in one word: HubSpot's sourceType and sourceId."""
    return f"{version.source}/{version.source_id}"


def since_card(change: Change, contact: Contact, name: str) -> Sequence[Version]:
    """The values that a property was given after the card was made, newest first, by HubSpot's own clock."""
    if change.contact_id is None:
        return contact.history.get(name, ())
    seen = moment(change.updated_at)
    if seen is None:
        return []
    return [version for version in contact.history.get(name, ()) if set_at(version) > seen]


def set_at(version: Version) -> datetime:
    """When a value was set; the beginning of time where HubSpot does not say."""
    return moment(version.at) or datetime.min.replace(tzinfo=UTC)


def takes_two_calls(change: Change, row: Row) -> bool:
    """Whether it is the stage of an undo: HubSpot takes a stage back in two calls, one clears it and one sets it."""
    return change.action == "undo" and row.property == STAGE and bool(row.before and row.after)


async def _written_before_archiving(portal: Portal, change: Change) -> dict[str, str]:
    """What people and programs wrote into a contact after its card, which the last look did not show yet."""
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
    """HubSpot's note of who wrote a value that we surely wrote."""
    for row in change.rows:
        newest = next(iter(since_card(change, contact, row.property)), None)
        if newest is not None and newest.value == row.after and wrote(newest, ""):
            return signed(newest)
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
    """Values that stand right before ours and were not on the card: somebody else wrote them in that instant."""
    found = {}
    for row in change.rows if change.contact_id else ():
        values = [version.value for version in contact.history.get(row.property, ())]
        earlier = [value for value in values if value != row.after]  # a repeated write may leave ours twice
        if takes_two_calls(change, row):
            earlier = earlier[1:] if earlier[:1] == [""] else earlier  # our own first call cleared the stage
        if values[:1] == [row.after] and earlier and earlier[0] != (row.before or ""):
            found[row.property] = earlier[0]
    return found
