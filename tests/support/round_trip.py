"""Random updates, creations, undos and edits by others: an undo must do exactly what its card says.

The expected result is computed from snapshots of the CRM alone, not from what the assistant recorded.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from crm.domain import errors
from crm.hubspot.gateway import Gateway
from crm.hubspot.rate_limiter import RateLimiter
from crm.portal import Portal
from crm.store.engine import Database
from crm.store.ledger import Ledger
from support.children import SANDBOX_TOKEN, Sandbox
from support.snapshots import Snapshot, carried_out, changed, is_another, moved, said
from support.stories import VALUES
from support.undoing import Undoing

FREE = 1_000_000  # calls in a window: a sandbox of the test's own has no limits to keep


@dataclass
class Done:
    """A change as snapshots show it: the changed fields before and after."""

    contact: str
    took: dict[str, tuple[str, str]]
    made: dict[str, str] | None = None  # a new contact, as it was right after
    given: frozenset[str] = frozenset()  # its fields that were asked for; HubSpot sets others
    undos: "list[Done]" = field(default_factory=list)
    archive: bool = False
    left: bool = False  # an undo that had to leave fields as they are

    @property
    def undone(self) -> bool:
        return any(not undo.undone for undo in self.undos)

    @property
    def wholly_undone(self) -> bool:
        return any(not undo.undone and not undo.left for undo in self.undos)


@dataclass
class World:
    """The CRM of a story, and the changes made in it, by id."""

    crm: Sandbox
    user: Undoing
    settable: list[str]
    done: dict[str, Done] = field(default_factory=dict)
    noted: set[str] = field(default_factory=set)
    seen: Counter[str] = field(default_factory=Counter)

    def look(self) -> Snapshot:
        """Every contact with every settable property; cleared and never set are the same."""
        found: Snapshot = {}
        after: dict[str, str] = {}
        while True:
            query = {"limit": "100", "properties": ",".join(self.settable), **after}
            page = self.crm.http.get("/crm/v3/objects/contacts", params=query).raise_for_status().json()
            for contact in page["results"]:
                found[contact["id"]] = {n: v for n in self.settable if (v := contact["properties"].get(n))}
            if "paging" not in page:
                return found
            after = {"after": page["paging"]["next"]["after"]}

    def others_do(self, acts: list[Any]) -> None:
        """Change the CRM as other people; what HubSpot refuses them is skipped."""
        for act, index, given in acts:
            contact = dict(enumerate(sorted(self.look()))).get(index, "")
            if act == "new":
                self._add(given)
            elif act == "meddle":
                self._meddle(index)
            elif not contact:
                continue
            elif act == "archive":
                self.crm.archive(contact)
            elif act == "note":
                self._note(contact)
            elif given:
                answer = self.crm.http.patch(f"/crm/v3/objects/contacts/{contact}", json={"properties": given})
                assert answer.status_code in (200, 400, 409), answer.text

    def _meddle(self, number: int) -> None:
        """Change a field of the last change, or give the email that it replaced to somebody else."""
        last = next(reversed(self.done.values()), None)
        if last is None or not last.took:
            return
        freed = number % 2 and last.took.get("email", ("",))[0]
        name = "email" if freed else sorted(last.took)[number % len(last.took)]
        if name == "email":
            self._add({"email": last.took[name][0]})
        elif name in VALUES:
            given = {"properties": {name: VALUES[name][number % len(VALUES[name])]}}
            self.crm.http.patch(f"/crm/v3/objects/contacts/{last.contact}", json=given)

    def _add(self, given: Mapping[str, str]) -> None:
        answer = self.crm.http.post("/crm/v3/objects/contacts", json={"properties": {"lastname": "Ek", **given}})
        assert answer.status_code in (httpx.codes.CREATED, httpx.codes.CONFLICT)

    def _note(self, contact: str) -> None:
        given = {"properties": {"hs_timestamp": "2026-11-20T10:00:00Z", "hs_note_body": "x"}}
        note = self.crm.http.post("/crm/v3/objects/notes", json=given).raise_for_status().json()["id"]
        self.crm.http.put(f"/crm/v4/objects/notes/{note}/associations/default/contacts/{contact}").raise_for_status()
        self.noted.add(contact)

    async def assistant_does(self, act: str, index: int, given: Mapping[str, str]) -> None:
        """Update or create through the assistant, and note the change as the snapshots show it."""
        before = self.look()
        contacts = sorted(before)
        try:
            if act == "create":
                outcome = await self.user.create(**given)
            elif contacts:
                outcome = await self.user.update(contacts[index % len(contacts)], **given)
            else:
                return
        except errors.Question:
            assert self.look() == before
            return
        after = self.look()
        contact = next(iter(changed(before, after)), "")
        if not contact:
            return
        assert outcome.status in ("applied", "partly"), outcome
        made = after[contact] if act == "create" else None
        self.done[outcome.change.id] = Done(
            contact, moved(before.get(contact, {}), after[contact]), made, frozenset(outcome.change.values)
        )
        self.seen[act] += 1

    async def undo(self, index: int, meanwhile: list[Any]) -> None:
        """Undo a change, with edits by others while the card waits, and compare with the expected result."""
        if not self.done:
            return
        change_id = list(self.done)[index % len(self.done)]
        done, before = self.done[change_id], self.look()
        expected = self.expected(done, before)
        try:
            card = await self.user.proposed(change_id)
        except (errors.Question, errors.Refused) as error:
            self.seen[error.code] += 1
            if expected is not None:
                raise
            assert self.look() == before
            return
        assert expected is not None and said(card) == expected, (card, expected)
        shown = before[done.contact]
        self.others_do(meanwhile)
        before = self.look()
        outcome = await self.user.apply(card)
        after = self.look()
        if expected != self.expected(done, before) or is_another(shown, before[done.contact]):
            assert outcome.status not in ("applied", "partly", "unknown"), outcome
            assert after == before
            self.seen[f"card {outcome.status}"] += 1
            return
        assert outcome.status == "applied" and not outcome.overwritten, outcome
        assert after == carried_out(card, before)
        took, left = moved(before[done.contact], after.get(done.contact, {})), bool(card.kept or card.taken)
        undo = Done(done.contact, took, archive=card.archives, left=left)
        done.undos.append(undo)
        self.done[card.id] = undo
        self.seen["archived" if card.archives else "restored"] += 1
        self.seen += Counter(kept=bool(card.kept), taken=bool(card.taken))

    def expected(self, done: Done, now: Snapshot) -> Any:
        """What the card must say: fields with old values, those kept, those taken; None where there is no undo."""
        if done.archive or done.wholly_undone or done.contact not in now:
            return None
        held = now[done.contact]
        if done.made is not None:
            # that what HubSpot set by itself was cleared is nothing that anybody has added
            looked_at = [name for name in {**done.made, **held} if name in done.given or held.get(name)]
            touched = any(held.get(name, "") != done.made.get(name, "") for name in looked_at)
            return None if touched or done.contact in self.noted else ("archive", frozenset(), frozenset())
        back = {name: old for name, (old, new) in done.took.items() if held.get(name, "") == new}
        kept = frozenset(name for name, both in done.took.items() if held.get(name, "") not in both)
        emails = {values.get("email") for contact, values in now.items() if contact != done.contact}
        taken = frozenset(name for name in back if name == "email" and back[name] and back[name] in emails)
        rows = frozenset((name, old) for name, old in back.items() if name not in taken)
        return (rows, kept, taken) if rows else None


@asynccontextmanager
async def opened_world(crm: Sandbox, folder: Path) -> AsyncIterator[World]:
    """The portal of a sandbox of the test's own without rate limits; ``told`` begins each story."""
    crm.control("POST", "rate-limits", {"window_max": FREE, "search_max": FREE})
    gateway = Gateway(token=SANDBOX_TOKEN, api_url=crm.url, rate_limiter=RateLimiter(searches=FREE, others=FREE))
    database = Database(folder / "ledger.db")
    try:
        portal = Portal(gateway, Ledger(database), changes_per_hour=FREE)
        yield World(crm, Undoing(portal), (await portal.schema()).settable())
    finally:
        gateway.close()
        database.close()


async def told(world: World, story: Any) -> None:
    """One story, from an empty CRM."""
    people, steps, undos = story
    world.crm.control("POST", "reset", {"seed": "none"})
    world.done.clear()
    world.noted.clear()
    for given in people:
        world.others_do([("new", 0, given)])
    for act, first, second in [*steps, *undos]:
        if act == "theirs":
            world.others_do(first)
        elif act == "undo":
            await world.undo(first, second)
        else:
            await world.assistant_does(act, first, second)


def run(runner: asyncio.Runner, world: World, story: Any) -> None:
    """A story for hypothesis, which knows no coroutines."""
    runner.run(told(world, story))
