"""Which change an undo is asked of: the request, and the entry of the ledger that it means."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from crm.domain import (
    Actor,
    Change,
    LedgerEntry,
    Outcome,
    errors,
    folded_words,
    occurs_in,
    same_name,
)
from crm.portal import Portal

_UNFINISHED_EMAIL = re.compile(r"[^@]+@[^@.]*")  # "mette@nord"


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
    if request.change_id:
        return await portal.ledger.by_id(request.change_id)
    newest: LedgerEntry | None = None
    last: Change | None = None
    async for entry in _written(portal, request, actor):
        newest = newest or entry
        if entry.change is None or entry.change.action == "undo":
            continue
        last = last or await _last_change(portal, request, actor)
        if not await portal.ledger.undone(entry.change.id, wholly=_continues(last, entry.change)):
            return entry
    return newest


async def _written(portal: Portal, request: UndoRequest, actor: Actor) -> AsyncIterator[LedgerEntry]:
    """The written changes that fit the request, newest first; no more are read than the caller takes."""
    if not request.spans_conversations:
        for entry in reversed(await portal.ledger.applied_here(actor)):
            if _has_action(entry, request.action):
                yield entry
        return
    called = request.contact
    if called and not request.field and not await _has_changes(portal, request, actor):
        called = ""  # the name is a field's, which only the schema knows: "fortryd ændringen af skostørrelse"
    async for entry in portal.ledger.newest(actor, called=called):
        if await _fits(portal, entry, request):
            yield entry


async def _has_changes(portal: Portal, request: UndoRequest, actor: Actor) -> bool:
    """Whether a change with the action of the request was written to a contact that is called so."""
    async for entry in portal.ledger.newest(actor, called=request.contact):
        if _has_action(entry, request.action) and _is_of(entry, request.contact):
            return True
    return False


async def _last_change(portal: Portal, request: UndoRequest, actor: Actor) -> Change | None:
    """The last change that was written: in all conversations of the user, or in this one."""
    if request.spans_conversations:
        return (await anext(portal.ledger.newest(actor))).change
    return (await portal.ledger.applied_here(actor))[-1].change


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
    return await _fits(portal, as_if_applied, request)


async def _fits(portal: Portal, entry: LedgerEntry, request: UndoRequest) -> bool:
    """Whether the entry fits the action, the contact and the field of the request."""
    field = request.field
    if request.contact and not _is_of(entry, request.contact):
        if field:
            return False
        field = request.contact
    if not _has_action(entry, request.action):
        return False
    prop = (await portal.schema()).called(field) if field else None
    return not field or (prop is not None and _sets(entry, prop.name, request.action))


def _has_action(entry: LedgerEntry, action: str) -> bool:
    """Whether the change has this action; one whose values were erased fits where no action is asked for."""
    if entry.change is None:
        return not action
    return entry.effect is not None and action in ("", entry.effect.action)


def _is_of(entry: LedgerEntry, contact: str) -> bool:
    """Whether the change is of the contact with this id, email or name, as they were before or after the change."""
    if "@" in contact:
        return any(_is_email(contact.casefold(), email) for email in entry.emails)
    if contact == _contact_id(entry):
        return True
    asked = folded_words(contact)
    # "Mettes" is Mette and "Jens" is Jens: only beside the name can a genitive be told from a name that ends in s
    return any(
        occurs_in(asked, folded_words(name), lambda said, known: same_name(known, said)) for name in entry.called
    )


def _is_email(asked: str, email: str) -> bool:
    return asked == email or (bool(_UNFINISHED_EMAIL.fullmatch(asked)) and email.startswith(asked))


def _contact_id(entry: LedgerEntry) -> str | None:
    return entry.outcome.contact_id if entry.outcome else None


def _sets(entry: LedgerEntry, prop: str, action: str) -> bool:
    """Whether the change sets this property; a creation counts only where creations are asked for: it sets them all."""
    change = entry.effect
    return change is not None and prop in change.values and (action == "create" or change.action != "create")


def _continues(last: Change | None, change: Change) -> bool:
    """Whether the last change is an undo that brought back what an undo of this earlier change had to leave."""
    if last is None or last.action != "undo" or last.undoes == change.id:
        return False
    return last.contact_id == change.contact_id and bool(change.values.keys() & last.values.keys())
