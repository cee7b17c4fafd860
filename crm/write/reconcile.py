"""Finds out what became of a write whose answer is missing, by one table from what HubSpot shows to a conclusion."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from crm.domain import Change, LedgerEntry, Outcome, errors
from crm.portal import Portal
from crm.write import timing
from crm.write.evidence import Evidence, Shown, arrived, evidence_of, is_half
from crm.write.precondition import update_instead
from crm.write.requests import HalfDone, set_stage
from crm.write.verification import archived, read_contact, verified

logger = logging.getLogger(__name__)
Asked = Literal["create", "update", "archive"]
# verify: it took effect, which is verified field by field; complete: make the second call of an undo of a stage
Conclusion = Literal[
    "verify", "verify archived", "complete", "already so", "update instead", "cut off", "gone", "unknown"
]

# asked of HubSpot    shown by HubSpot           concluded while a call may still be on its way, and after that
TABLE: tuple[tuple[set[Asked], set[Shown], Conclusion, Conclusion], ...] = (
    ({"create", "update"}, {"ours"}, "verify", "verify"),
    ({"create"}, {"gone", "merged"}, "gone", "gone"),
    ({"create"}, {"taken"}, "unknown", "update instead"),
    ({"create"}, {"nothing"}, "unknown", "cut off"),
    ({"update"}, {"gone"}, "gone", "gone"),
    ({"update"}, {"half"}, "unknown", "complete"),
    ({"update"}, {"same"}, "unknown", "already so"),
    ({"update"}, {"nothing"}, "unknown", "cut off"),
    ({"archive"}, {"gone"}, "verify archived", "verify archived"),
    ({"archive"}, {"nothing"}, "unknown", "cut off"),
    ({"create", "update"}, {"doubt"}, "unknown", "unknown"),
)


def conclude(asked: Asked, shown: Shown, *, late: bool) -> Conclusion:
    """Look up the conclusion in ``TABLE``; ``late``: no call of the change can take effect any more."""
    for actions, shows, early_conclusion, late_conclusion in TABLE:
        if asked in actions and shown in shows:
            return late_conclusion if late else early_conclusion
    raise AssertionError(f"HubSpot does not show {shown} of a write that asked to {asked}")


def asked_of(change: Change) -> Asked:
    """What a change asks of HubSpot: an undo is an update or an archiving."""
    if change.contact_id is None:
        return "create"
    return "archive" if change.archives else "update"


def idle_seconds(entry: LedgerEntry) -> float:
    """For how many seconds nobody has worked on the change; negative while somebody may be working on it."""
    latest = entry.claimed_at + timedelta(seconds=timing.UNDER_WAY_SECONDS)
    over = entry.finished_at or min(entry.over_at or latest, latest)
    return (datetime.now(UTC) - over).total_seconds()


def is_late(change: Change, entry: LedgerEntry) -> bool:
    """Whether all calls of the change have taken effect and are visible by now, or never will be."""
    searched = change.contact_id is None and not change.values.get("email")  # the search lags behind the calls
    return idle_seconds(entry) > (timing.INDEX_SECONDS if searched else timing.LATE_SECONDS)


async def look(portal: Portal, change: Change) -> Outcome:
    """Find out the outcome of a claimed change from HubSpot. Writes nothing. Raises only StoreError."""
    return (await _concluded(portal, change, await _entry(portal, change)))[1]


async def settled(portal: Portal, change: Change, *, completes: bool = True) -> Outcome:
    """Find out the outcome of a claimed change and record it, where it is known.

    It is ``unknown`` while somebody works on the change, who will know better. ``completes``: also make the second call
    of an undo that is half done. Raises StoreError, and no CrmError.
    """
    entry = await _entry(portal, change)
    if idle_seconds(entry) < 0:
        return Outcome("unknown", change)
    conclusion, outcome = await _concluded(portal, change, entry)
    if conclusion == "complete" and completes and not portal.read_only:
        with suppress(errors.CrmError):
            outcome = await to_its_end(portal, complete(portal, change, entry)) or outcome
    if outcome.status != "unknown":
        await portal.ledger.finish(outcome)
    return outcome


async def complete(portal: Portal, change: Change, judged: LedgerEntry) -> Outcome | None:
    """Make the second call of an undo that was cut off; None where somebody else works on it, or has done so since.

    ``judged``: the entry that showed the undo to be half done.
    """
    if not await portal.ledger.take_over(change, judged):
        return None
    try:
        calls: tuple[str, ...] = ()
        if await _shows_half(portal, change, judged):  # another may have completed it since
            with suppress(HalfDone):
                calls = await set_stage(portal, change)
        return replace(await look(portal, change), correlation_ids=calls)
    finally:
        try:
            await portal.ledger.let_go(change)
        except BaseException:  # whoever comes next must not wait for this run
            portal.ledger.abandon(change)
            raise


async def to_its_end(portal: Portal, work: Coroutine[Any, Any, Outcome | None]) -> Outcome | None:
    """Finish this work even if the run that waits for it is stopped, and return its result.

    A call cannot be taken back once it is sent. Whoever stopped the run learns the outcome when they ask.
    """
    task = asyncio.create_task(work)
    portal.writing.add(task)
    task.add_done_callback(portal.writing.discard)
    return await asyncio.shield(task)


async def settle_open(portal: Portal, user: str | None = None, *, lately: bool = False) -> int:
    """Settle every change that was cut off; return how many are still unknown.

    ``user``: only this user's changes. ``lately``: only changes that others wait for. Raises StoreError, and no
    CrmError.
    """
    left = 0
    for entry in await portal.ledger.unsettled():
        if entry.change is None or user not in (None, entry.actor.user):
            continue
        if lately and not entry.waited_for:
            continue
        outcome = await settled(portal, entry.change)
        left += outcome.status == "unknown"
    return left


async def settle_for(portal: Portal, user: str) -> None:
    """Settle a user's changes before they are listed or undone; takes a few seconds at most."""
    with suppress(TimeoutError):
        async with asyncio.timeout(timing.ASKED_SECONDS):
            await settle_open(portal, user)


async def settle_once(portal: Portal, *, lately: bool = False) -> None:
    """Settle once what is open. Raises nothing: users are also told when they ask."""
    try:
        async with asyncio.timeout(timing.PASS_SECONDS):
            await settle_open(portal, lately=lately)
    except TimeoutError:
        return
    except Exception as error:
        logger.error("writes that were cut off could not be settled: %s", type(error).__name__)  # no values in a log


async def keep_settled(portal: Portal) -> None:
    """Settle what is open after a start, and then, every minute, the changes that others wait for."""
    for pause in timing.FIRST_PASSES:
        await asyncio.sleep(pause)
        await settle_once(portal)
    while True:
        await asyncio.sleep(timing.PASS_SECONDS)
        await settle_once(portal, lately=True)


async def _concluded(portal: Portal, change: Change, entry: LedgerEntry) -> tuple[Conclusion, Outcome]:
    try:
        evidence = await evidence_of(portal, change, entry)
        conclusion = conclude(asked_of(change), evidence.shown, late=is_late(change, entry))
        return conclusion, await _OUTCOMES[conclusion](portal, change, evidence)
    except errors.NotFound:
        return "gone", Outcome("gone", change, sent="perhaps")
    except errors.CrmError:
        return "unknown", Outcome("unknown", change)


async def _entry(portal: Portal, change: Change) -> LedgerEntry:
    entry = await portal.ledger.entry(change)
    assert entry is not None
    return entry


async def _shows_half(portal: Portal, change: Change, entry: LedgerEntry) -> bool:
    now, author = await read_contact(portal, change), await portal.ledger.author()
    return arrived(change, now, entry, author) is True and is_half(change, now, author)


async def _verify(portal: Portal, change: Change, evidence: Evidence) -> Outcome:
    assert evidence.contact is not None
    return verified(change, evidence.contact)


async def _verify_archived(portal: Portal, change: Change, evidence: Evidence) -> Outcome:
    try:
        return replace(await archived(portal, change), sent="perhaps")
    except errors.CrmError:
        return Outcome("unknown", change)


async def _already_so(portal: Portal, change: Change, evidence: Evidence) -> Outcome:
    return Outcome("already_so", change, evidence.contact)


async def _update_instead(portal: Portal, change: Change, evidence: Evidence) -> Outcome:
    assert evidence.contact is not None
    return await update_instead(portal, change, evidence.contact.id)


async def _cut_off(portal: Portal, change: Change, evidence: Evidence) -> Outcome:
    return Outcome("refused", change, error=errors.CutOff())


async def _gone(portal: Portal, change: Change, evidence: Evidence) -> Outcome:
    return Outcome("gone", change, sent="yes" if evidence.shown == "merged" else "perhaps")


async def _unknown(portal: Portal, change: Change, evidence: Evidence) -> Outcome:
    return Outcome("unknown", change)


_OUTCOMES: dict[Conclusion, Callable[[Portal, Change, Evidence], Awaitable[Outcome]]] = {
    "verify": _verify,
    "verify archived": _verify_archived,
    "complete": _unknown,  # only who may write completes it: ``settled``
    "already so": _already_so,
    "update instead": _update_instead,
    "cut off": _cut_off,
    "gone": _gone,
    "unknown": _unknown,
}
