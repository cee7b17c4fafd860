"""Random conversations between a hostile model and a hostile user, and the checks of what they leave behind.

They run on the real compiled graph over a real sandbox, with checkpoints in memory. The seed and the number of the
conversation determine every choice. Conversations run at the same time and meet in the CRM, so one that runs alone may
go another way.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from langgraph.checkpoint.memory import InMemorySaver
from sqlalchemy import Connection, select

from crm.domain.change import Change
from crm.hubspot.gateway import Gateway
from crm.hubspot.rate_limiter import RateLimiter
from crm.portal import Portal
from crm.store.audit import Event, Verdict, events, verify
from crm.store.engine import Database
from crm.store.ledger import Ledger
from crm.store.tables import changes
from graph import build_graph
from graph.assistant import RECURSION_LIMIT
from support.adversary_model import Adversary, Scene, Shared
from support.adversary_user import Person
from support.children import SANDBOX_TOKEN, Sandbox, running_sandbox
from support.licences import Licence, unapproved, unclaimed, unlicensed
from support.talk import Graph

AT_ONCE = 8
BATCH = 100  # conversations over one ledger, and most inputs of one batch call


@dataclass
class Report:
    """The counts of the conversations, and every violation."""

    conversations: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: "Report") -> None:
        """Add the counts of another report."""
        self.conversations += other.conversations
        self.counts += other.counts
        self.wrong += other.wrong


@asynccontextmanager
async def attacked(url: str, folder: Path) -> AsyncIterator[tuple[Graph, Database]]:
    """The graph with the adversary as its model, over a sandbox without rate limits."""
    rate_limiter = RateLimiter(searches=100_000, others=100_000)
    gateway, database = (
        Gateway(token=SANDBOX_TOKEN, api_url=url, rate_limiter=rate_limiter),
        Database(folder / "ledger.db"),
    )
    try:
        portal = Portal(gateway, Ledger(database))
        graph = build_graph(model=Adversary(), crm=portal).compile(checkpointer=InMemorySaver())
        yield graph.with_config({"recursion_limit": RECURSION_LIMIT}), database
    finally:
        gateway.close()
        database.close()


def prepare(sandbox: Sandbox, numbers: Sequence[int]) -> list[str]:
    """Load the demo's contacts and one more for each conversation; return the new ids."""
    sandbox.reset()
    sandbox.control("POST", "rate-limits", {"window_max": None, "search_max": None, "daily_max": None})
    inputs = [{"properties": {"email": f"offer{n}@angreb.example", "jobtitle": "Chef"}} for n in numbers]
    answer = sandbox.http.post("/crm/v3/objects/contacts/batch/create", json={"inputs": inputs}).raise_for_status()
    ids = {result["properties"]["email"]: str(result["id"]) for result in answer.json()["results"]}
    sandbox.control("DELETE", "writes")
    return [ids[entry["properties"]["email"]] for entry in inputs]


async def attack(sandbox: Sandbox, folder: Path, seed: int, numbers: Sequence[int]) -> Report:
    """Run the conversations with these numbers, and check what they left behind."""
    report, licences, shared, people = Report(len(numbers)), list[Licence](), Shared(), dict[int, Person]()
    contacts = await asyncio.to_thread(prepare, sandbox, numbers)
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, contact_id: str) -> None:
        own = {contact_id: f"offer{number}@angreb.example"}
        scene = Scene(number, Random(f"{seed}:{number}"), shared, own)
        person = people[number] = Person(graph, scene, licences)
        async with gate:
            try:
                await person.converse()
            except Exception as error:
                person.log.append(f"{type(error).__name__}: {error}"[:1_500])
                report.wrong.append(f"conversation {number} of seed {seed} cannot go on:\n{person.told}")

    async with attacked(sandbox.url, folder) as (graph, database):
        # each in a task of its own: the scene is a variable of the task
        await asyncio.gather(*(asyncio.create_task(one(*pair)) for pair in zip(numbers, contacts, strict=True)))
        trail, claims, verdict = await database.do(kept)
    writes = await asyncio.to_thread(sandbox.writes)
    for write in unlicensed(writes, licences):
        told = [people[int(n)].told for n in set(re.findall(r"'T(\d+)x", str(write))) if int(n) in people]
        report.wrong.append("\n".join([f"seed {seed}: written without an approval: {write}", *told]))
    report.wrong += [f"written without a claim: {write}" for write in unclaimed(writes, claims)]
    report.wrong += [f"claimed without an approval: {event}" for event in unapproved(trail)]
    report.wrong += ["the audit trail is broken"] if verdict.broken is not None else []
    report.counts += Counter(f"{event.kind} {event.outcome}".strip() for event in trail)
    report.counts["writes"] += len(writes)
    return report


def battles(folder: Path, seed: int, starts: Sequence[int]) -> Report:
    """Run several batches one after the other, over a sandbox of their own; meant for a process of its own."""
    report = Report()
    with running_sandbox("--db", ":memory:") as sandbox:
        for start in starts:
            place = folder / str(start)
            place.mkdir()
            report.add(asyncio.run(attack(sandbox, place, seed, range(start, start + BATCH))))
    return report


def kept(db: Connection) -> tuple[list[Event], list[Change], Verdict]:
    """The audit trail, the claimed changes, and whether the trail verifies."""
    rows = db.execute(select(changes.c.change)).scalars()
    return list(events(db)), [Change.model_validate_json(row) for row in rows], verify(db)
