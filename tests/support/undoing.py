"""Makes and undoes changes directly through ``crm``, as an approved card does."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from crm.changes.propose import propose_create, propose_update
from crm.changes.undo import propose_undo
from crm.changes.undo_request import UndoRequest
from crm.domain.actor import Actor
from crm.domain.change import Change
from crm.domain.errors import CrmError
from crm.domain.outcome import Outcome, Status
from crm.portal import Portal, open_portal
from crm.write.executor import apply
from crm.write.reconcile import settle_open
from support.children import SANDBOX_TOKEN, Sandbox
from support.stopping import until

BY = {"user": "anna", "conversation": "c1", "card_id": "card"}
ANNA_HERE = Actor(**BY)
ELSEWHERE, ANOTHER_USER = Actor(**{**BY, "conversation": "another"}), Actor(**{**BY, "user": "another"})
ANNA = {"email": "anna.ek@nordlys.example", "firstname": "Anna", "lastname": "Ek"}


@asynccontextmanager
async def opened_portal(crm: Sandbox, folder: Path, **options: Any) -> AsyncIterator[Portal]:
    """The sandbox's portal with its ledger in the folder; no limit on changes unless given."""
    given: dict[str, Any] = {"changes_per_hour": 1_000_000, **options}
    async with open_portal(token=SANDBOX_TOKEN, api_url=crm.url, ledger=folder / "ledger.db", **given) as portal:
        yield portal


class Undoing:
    """One user in one conversation, unless a call says otherwise; ``outcomes`` holds those of all applied changes."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.outcomes: list[Outcome] = []

    async def proposed_update(self, contact: str, **values: str) -> Change:
        """The update of a contact, as a card shows it."""
        return await propose_update(
            self.portal, contact, values, source_of=lambda name, given, after: "user", phone_settled=contact
        )

    async def proposed_create(self, **values: str) -> Change:
        """The creation of a contact, as a card shows it."""
        return await propose_create(self.portal, values, source_of=lambda name, given, after: "user")

    async def proposed(self, change_id: str = "", *, by: Actor = ANNA_HERE, **asked: str) -> Change:
        """The undo of the last change, of the one with this id, or of the last one that fits what is asked for."""
        return await propose_undo(self.portal, UndoRequest(change_id, **asked), by)

    async def apply(self, change: Change, **actor: str) -> Outcome:
        """Apply an approved change."""
        self.outcomes.append(await apply(self.portal, change, Actor(**{**BY, **actor})))
        return self.outcomes[-1]

    async def update(self, contact: str, **values: str) -> Outcome:
        """An update that is proposed and applied."""
        return await self.apply(await self.proposed_update(contact, **values))

    async def create(self, **values: str) -> Outcome:
        """A creation that is proposed and applied."""
        return await self.apply(await self.proposed_create(**values))

    async def undo(self, change_id: str = "", **asked: Any) -> Outcome:
        """An undo that is proposed and applied."""
        return await self.apply(await self.proposed(change_id, **asked))

    async def recorded(self, change: Change, outcome: Status) -> None:
        """Put a change with this outcome into the ledger."""
        assert await self.portal.ledger.claim(change, Actor(**BY), per_hour=60)
        await self.portal.ledger.finish(Outcome(outcome, change))

    async def cut_off(self, crm: Sandbox, change: Change, *, arrives: bool) -> None:
        """End everything that applies the change, as the end of its process does; its call arrives late, or never."""
        path, method = r"/contacts/\d+$", "DELETE" if change.archives else "PATCH"
        if change.contact_id is None:
            path, method = r"/contacts$", "POST"
        crm.fail(match={"method": method, "path_matches": path}, delay=0.8, **({} if arrives else {"status": 503}))
        applying = asyncio.create_task(self.apply(change))
        await until(lambda: crm.under_way(method, path))
        await self.end(applying)
        await until(lambda: not crm.under_way(method, path))
        crm.control("DELETE", "faults")

    async def end(self, applying: "asyncio.Task[Outcome]") -> None:
        """End a run and its write at once, as the end of their process does."""
        for task in [*self.portal.writing, applying]:
            task.cancel()
        await asyncio.gather(applying, return_exceptions=True)

    async def cut_before_reading_back(self, crm: Sandbox, change: Change, *, calls: int = 1) -> None:
        """End everything that applies the change after its calls were answered, before the contact is read back."""
        written = len(crm.writes())
        crm.fail(match={"method": "GET", "path_contains": f"/contacts/{change.contact_id}", "nth": 2}, delay=3)
        applying = asyncio.create_task(self.apply(change))
        await until(lambda: len(crm.writes()) == written + calls)
        await until(lambda: crm.under_way("GET", rf"/contacts/{change.contact_id}\b"))
        await self.end(applying)
        crm.control("DELETE", "faults")

    async def leave_half_done(self, crm: Sandbox, change: Change) -> None:
        """Apply the undo of a stage so that only its first call arrives: the stage stays cleared."""
        crm.fail(match={"method": "PATCH", "nth": 2}, status=503, times=3)
        assert (await self.apply(change)).status == "unknown"
        crm.control("DELETE", "faults")

    async def undone_in_half(self, crm: Sandbox) -> Change:
        """The undo of a stage, cut off between its two calls."""
        change = await self.proposed()
        await self.leave_half_done(crm, change)
        return change

    async def looked_twice(self) -> int:
        """How many writes are still unknown once a late call must have arrived, counted from the first look."""
        await settle_open(self.portal)
        await asyncio.sleep(0.4)
        return await settle_open(self.portal)

    async def record(self, change: Change) -> Outcome:
        """The recorded outcome of a change."""
        entry = await self.portal.ledger.entry(change)
        assert entry is not None and entry.outcome is not None
        return entry.outcome

    async def overtaken(
        self, crm: Sandbox, contact: str, ours: dict[str, str], theirs: dict[str, str], after: float = 0.3
    ) -> Outcome:
        """An update during which somebody else changes the contact."""
        change = await self.proposed_update(contact, **ours)
        crm.fail(match={"method": "PATCH"}, delay=after * 3)
        writing = asyncio.create_task(self.apply(change))
        await until(lambda: crm.under_way("PATCH"))
        crm.set(contact, **theirs)
        return await writing


Opened = Callable[..., AbstractAsyncContextManager[Undoing]]


def rows(change: Change) -> dict[str, tuple[str | None, str]]:
    """Property -> before and after, as the card of a change shows them."""
    return {row.property: (row.before, row.after) for row in change.rows}


async def refused(undoing: Undoing, kind: type[CrmError], change_id: str = "", **asked: Any) -> CrmError:
    """The error with which an undo is refused."""
    with pytest.raises(kind) as raised:
        await undoing.proposed(change_id, **asked)
    assert type(raised.value) is kind
    return raised.value


def merge(crm: Sandbox, primary: str, other: str) -> None:
    """Merge two contacts, as somebody does in HubSpot."""
    body = {"primaryObjectId": primary, "objectIdToMerge": other}
    crm.http.post("/crm/v3/objects/contacts/merge", json=body).raise_for_status()
