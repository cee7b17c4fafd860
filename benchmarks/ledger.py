"""Measures the ledger's queries at 1,000 and at 100,000 changes: they must not grow with the number of old changes."""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Connection, insert

from benchmarks.report import Figure
from crm.changes import UndoRequest, propose_undo
from crm.domain import Actor, Change, Contact, Outcome, Row, folded_words
from crm.hubspot import Gateway
from crm.portal import Portal
from crm.store import Database, Ledger
from crm.store.tables import asked, changes, concluded, iso, names
from support.children import SANDBOX_TOKEN, Sandbox

SMALL, LARGE = 1_000, 100_000
TODAY = 20  # of the changes: what a list of today shows
TARGET = 1.5
TIMES = 30
ACTOR = Actor("anna", "bench")
FIRST = [f"{a}{b}e" for a in ("Mett", "Lars", "Anj", "Hann", "Bent", "Kirst", "Ols", "Per") for b in "aeiouyl"]
LAST = [f"{a}{b}sen" for a in ("Hans", "Niel", "Pet", "Sør", "And", "Ras", "Jor", "Mad", "Kri") for b in "aeiouytr"]

Question = Callable[[Portal], Awaitable[object]]


def measure(sandbox: Sandbox, folder: Path) -> list[Figure]:
    """The ratio of each query's time in the large ledger to that in the small one."""
    folder.mkdir(parents=True)
    sandbox.reset()
    sandbox.control("POST", "rate-limits", {"window_max": 100_000})
    contact = sandbox.create(email="ada.unik@nordlys.example", firstname="Ada", lastname="Unik", city="Ribe")
    try:
        return asyncio.run(_measure(sandbox, folder, contact))
    finally:
        sandbox.reset()


async def _measure(sandbox: Sandbox, folder: Path, contact: str) -> list[Figure]:
    with ExitStack() as stack:
        gateway = stack.enter_context(closing(Gateway(token=SANDBOX_TOKEN, api_url=sandbox.url)))
        portals = []
        for count in (SMALL, LARGE):
            database = stack.enter_context(closing(Database(folder / f"{count}.db")))
            await database.do(lambda db, count=count: _fill(db, count, contact))  # type: ignore[misc]
            portals.append(Portal(gateway, Ledger(database), changes_per_hour=10**9))
        figures = []
        for name, question in questions().items():
            small, large = await _taken(question, *portals)
            figures.append(Figure(f"ledger of {SMALL:,} changes: {name}", small, None, "ms"))
            figures.append(Figure(f"ledger of {LARGE:,} to one of {SMALL:,}: {name}", large / small, TARGET))
        return figures


def questions() -> dict[str, Question]:
    """The queries that the assistant makes during a conversation."""
    numbers = iter(range(10**9))

    async def listing(portal: Portal) -> object:
        now = datetime.now(UTC)
        return await portal.ledger.applied_between(now - timedelta(hours=12), now, ACTOR, most=TODAY)

    async def undo(portal: Portal) -> object:
        return await propose_undo(portal, UndoRequest(contact="Ada Unik"), ACTOR)

    async def undone(portal: Portal) -> object:
        return await portal.ledger.undos([f"c{number}" for number in range(20)])

    async def claim(portal: Portal) -> object:
        number = next(numbers)
        return await portal.ledger.claim(_change(f"new{number}", "7", "Ny Person"), Actor("bo", "b"), per_hour=10**9)

    return {"a list of today": listing, "an undo by name": undo, "whether 20 are undone": undone, "a claim": claim}


async def _taken(question: Question, small: Portal, large: Portal) -> tuple[float, float]:
    """The median milliseconds in both ledgers, measured in turns, so that other load affects both."""
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(TIMES + 5):
        for portal, times in zip((small, large), taken, strict=True):
            began = time.perf_counter()
            await question(portal)
            if turn >= 5:  # the first ones warm up
                times.append((time.perf_counter() - began) * 1000)
    return median(taken[0]), median(taken[1])


def _fill(db: Connection, count: int, contact: str) -> None:
    """Add this many applied changes of one user: the newest of today, and among the old ones those of Ada Unik."""
    rng, now = random.Random(7), datetime.now(UTC)
    rows, words = list[dict[str, Any]](), list[dict[str, Any]]()
    for number in range(count):
        name = "Ada Unik" if number == count // 2 else f"{rng.choice(FIRST)} {rng.choice(LAST)}"
        whose = contact if number == count // 2 else str(10_000 + number)
        at = now - (timedelta(minutes=count - number) if number >= count - TODAY else timedelta(days=2))
        rows.append(_row(number + 1, _change(f"c{number}", whose, name), iso(at)))
        words += [{"user": ACTOR.user, "word": word, "change_seq": number + 1} for word in folded_words(name)]
    for table, values in ((changes, rows), (names, words)):
        for part in _parts(values):
            db.execute(insert(table), part)


def _parts(values: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    return (values[start : start + 5_000] for start in range(0, len(values), 5_000))


def _change(name: str, contact: str, display: str) -> Change:
    rows = (Row(property="city", before="Vejle", after="Ribe"), Row(property="zip", before=None, after="6760"))
    given: dict[str, Any] = {"display": display, "rows": rows, "salt": "salt"}
    return Change(id=name, action="update", contact_id=contact, **given)


def _row(seq: int, change: Change, at: str) -> dict[str, Any]:
    contact = Contact(str(change.contact_id), {**change.values, "firstname": change.display})
    outcome = Outcome("applied", change, contact, sent="yes", author="INTEGRATION/1")
    known = {"seq": seq, "digest": change.digest, "change_id": change.id, "claimed_at": at, "finished_at": at}
    known |= {"conversation": f"c{seq // 10}", "user": ACTOR.user, "change": change.model_dump_json()}
    return {
        **known,
        **asked(change),
        **concluded(outcome),
        "outcome": "applied",
        "details": json.dumps(outcome.details()),
    }
