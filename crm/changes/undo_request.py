"""Which change an undo is asked of: the request, and the entry of the ledger that it means."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from crm.domain import (
    Actor,
    Change,
    LedgerEntry,
    Outcome,
    errors,
    folded_words,
    same_name,
    spoken,
)
from crm.portal import Portal

_UNFINISHED_EMAIL = re.compile(r"[^@]+@[^@.]*")  # "mette@nord"
_EVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class UndoRequest:
    """The change to take back. Without any argument: the last change of the conversation that still stands.

    ``change_id`` names any change of the user. Else the last change is meant that fits all that is given: ``action``
    (``create`` or ``update``), ``contact`` (id, email, or name as people say it, so "Mettes" too) and ``field`` (any
    name that the schema knows).
    """

    change_id: str = ""
    action: str = ""
    contact: str = ""
    field: str = ""

    @property
    def spans_conversations(self) -> bool:
        """Whether all conversations of the user are searched: the list of changes names contacts of all of them."""
        return bool(self.contact or self.field)

    @property
    def not_found(self) -> errors.UndoUnknown:
        """The error that no change fits this request."""
        if self.change_id or not self.spans_conversations:
            return errors.UndoUnknown()
        return errors.UndoNotFound(name=" · ".join(filter(None, [self.contact, self.field])))


async def requested_entry(portal: Portal, request: UndoRequest, actor: Actor) -> LedgerEntry | None:
    """The entry of the change that the request means.

    Where every change that fits was taken back already, the newest of them; None where none fits.
    """
    ledger = portal.ledger
    if request.change_id:
        return await ledger.by_id(request.change_id)
    written = await (ledger.applied_since(_EVER, actor) if request.spans_conversations else ledger.applied_here(actor))
    newest_first = list(reversed(written))
    fitting = await _fitting(portal, newest_first, request)
    for entry in fitting:
        if entry.change is None or entry.change.action == "undo":
            continue
        wholly = _continues(newest_first[0].change, entry.change)
        if not await ledger.undone(entry.change.id, wholly=wholly):
            return entry
    return fitting[0] if fitting else None


async def blocks(
    portal: Portal, unsettled: LedgerEntry, request: UndoRequest, entry: LedgerEntry | None, actor: Actor
) -> bool:
    """Whether an undo must wait for this change, whose outcome is not known yet.

    It must where the request may mean this change instead of ``entry``, or where it is an undo of ``entry``.
    """
    change = unsettled.change
    if change is None or unsettled.actor.user != actor.user or not unsettled.waited_for:
        return False
    if entry is not None and entry.change is not None and change.undoes == entry.change.id:
        return True
    if request.change_id:
        return change.id == request.change_id
    here = unsettled.actor.conversation == actor.conversation
    if request == UndoRequest():
        return here
    later = entry is None or unsettled.claimed_at > entry.claimed_at
    if not later or not (here or request.spans_conversations):
        return False
    as_if_applied = replace(unsettled, outcome=unsettled.outcome or Outcome("unknown", change))
    return bool(await _fitting(portal, [as_if_applied], request))


async def _fitting(portal: Portal, entries: Iterable[LedgerEntry], request: UndoRequest) -> list[LedgerEntry]:
    """The entries that fit the action, the contact and the field of the request."""
    found = [entry for entry in entries if _has_action(entry, request.action)]
    field = request.field
    if request.contact:
        of_contact = [entry for entry in found if _is_of(entry, request.contact)]
        if of_contact or field:
            found = of_contact
        else:  # only the schema knows a portal's own field from a name: "fortryd ændringen af skostørrelse"
            field = request.contact
    if field:
        prop = (await portal.schema()).called(field)
        found = [entry for entry in found if prop and _sets(entry, prop.name, request.action)]
    return found


def _has_action(entry: LedgerEntry, action: str) -> bool:
    """Whether the change has this action; one whose values were erased fits where no action is asked for."""
    if entry.change is None:
        return not action
    return entry.effect is not None and action in ("", entry.effect.action)


def _is_of(entry: LedgerEntry, contact: str) -> bool:
    """Whether the change is of the contact with this id, email or name, as they were before or after the change."""
    if "@" in contact:
        return any(_is_email(contact.casefold(), email) for email in _emails(entry))
    if contact == _contact_id(entry):
        return True
    asked = folded_words(contact)
    # "Mettes" is Mette and "Jens" is Jens: only beside the name can a genitive be told from a name that ends in s
    return any(spoken(asked, folded_words(name), lambda said, known: same_name(known, said)) for name in _names(entry))


def _is_email(asked: str, email: str) -> bool:
    return asked == email or (bool(_UNFINISHED_EMAIL.fullmatch(asked)) and email.startswith(asked))


def _contact_id(entry: LedgerEntry) -> str | None:
    return entry.outcome.contact_id if entry.outcome else None


def _emails(entry: LedgerEntry) -> list[str]:
    """The emails that the contact had before the change and has after it, in lower case."""
    rows = [row for row in entry.change.rows if row.property == "email"] if entry.change else []
    read = entry.outcome.contact if entry.outcome else None
    found = [
        read.properties.get("email") if read else None,
        *(value for row in rows for value in (row.before, row.after)),
    ]
    return [email.casefold() for email in found if email]


def _names(entry: LedgerEntry) -> Sequence[str]:
    """What the contact is called: its name before and after the change, and what stands before the @ of its emails."""
    read = entry.outcome.contact if entry.outcome else None
    local_parts = [email.partition("@")[0] for email in _emails(entry)]
    return [*local_parts, *([read.name] if read else []), *([entry.change.display] if entry.change else [])]


def _sets(entry: LedgerEntry, prop: str, action: str) -> bool:
    """Whether the change sets this property; a creation counts only where creations are asked for: it sets them all."""
    change = entry.effect
    return change is not None and prop in change.values and (action == "create" or change.action != "create")


def _continues(last: Change | None, change: Change) -> bool:
    """Whether the last change is an undo that brought back what an undo of this earlier change had to leave."""
    if last is None or last.action != "undo" or last.undoes == change.id:
        return False
    return last.contact_id == change.contact_id and bool(change.values.keys() & last.values.keys())
