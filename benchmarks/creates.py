"""Measures missing and duplicate contacts: 250 people are requested twice each, from the assistant and from a naive
search-then-create.

HubSpot's search lags and calls fail at random. A scripted user who knows the truth answers the cards. Afterwards, every
person must be in the CRM once.
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from hubspot import HubSpot
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from benchmarks.people import LOOK_ALIKES, Person, Request, people, requests
from benchmarks.report import Figure
from graph import open_assistant
from settings import Settings
from support.children import SANDBOX_TOKEN, Sandbox, running_sandbox
from support.scripted import Scripted
from support.talk import Talk

LAGS = (0, 2, 30)
AT_ONCE = 4
SEED = 20261122
WHO = "jobtitle"  # carries who a contact really is, for the user who knows the truth; likeness does not look at it
FAULTS: tuple[dict[str, Any], ...] = (
    {"status": 502, "html": True},
    {"status": 503},
    {"status": 429},
    {"drop": "before"},
    {"drop": "after"},
    {"truncate": True},
)
FAULT_RATE = 0.05
TRIES = 60


@dataclass
class Tally:
    """The counts of a run of all requests; ``contacts``: person -> number of contacts in the CRM."""

    asked: int = 0
    needless: int = 0
    needless_look_alike: int = 0
    missed: int = 0
    gave_up: int = 0
    contacts: Counter[str] = field(default_factory=Counter)

    def missing(self, everybody: Sequence[Person]) -> int:
        """How many people are not in the CRM."""
        return sum(f"P{p.number}" not in self.contacts for p in everybody)

    @property
    def doubles(self) -> int:
        """How many contacts there are too many."""
        return sum(count - 1 for count in self.contacts.values())


class Obedient(Scripted):
    """A model that calls the tool with the JSON in the message, and says nothing else."""

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        last, message = messages[-1], AIMessage("OK", response_metadata={"finish_reason": "stop"})
        if isinstance(last, HumanMessage):
            call = {"name": "create_contact", "args": {"properties": json.loads(last.text)}, "id": uuid4().hex}
            message = AIMessage("", tool_calls=[call], response_metadata={"finish_reason": "stop"})
        return ChatResult(generations=[ChatGeneration(message=message)])


class User:
    """A user who requests one person, knows everybody, and repeats until it is done."""

    def __init__(self, graph: Any, sandbox: Sandbox, request: Request, look_alikes: int, tally: Tally) -> None:
        self._talk = Talk(graph, thread=uuid4().hex, user=uuid4().hex)  # each asks for themselves
        self._sandbox, self._request, self._tally = sandbox, request, tally
        self._who, self._look_alike = f"P{request.person}", request.person < look_alikes
        self._words = json.dumps({**request.values, WHO: self._who}, ensure_ascii=False)
        self._counted = False

    async def run(self, created: set[str]) -> None:
        """Repeat until the person is in the CRM, as a new contact or as an existing one."""
        await self._talk.say(self._words)
        for attempt in range(TRIES):
            if self._talk.card:
                await self._decide(self._talk.card["changes"][0], created)
            elif await self._done():
                return
            else:
                await self._talk.say(self._words)
            if await self._done():
                created.add(self._who)
                return
            await asyncio.sleep(min(0.05 * 2**attempt, 3.0))
        self._tally.gave_up += 1

    async def _decide(self, change: dict[str, Any], created: set[str]) -> None:
        if change["action"] != "create":
            await self._talk.decide("approve", acknowledge=change["acknowledge"])
            return
        twins = {t["contact_id"]: await self._person(t["contact_id"]) for t in change["twins"]}
        same = [contact for contact, who in twins.items() if who == self._who]
        exists = self._who in created
        self._count(bool(twins), bool(same) or exists)
        if same:
            await self._talk.decide("use_existing", contact_id=same[0])
            return
        await self._talk.decide("approve", acknowledge=change["acknowledge"])
        # a card that was shown before the person was created comes back with them on it
        self._tally.missed += exists and await self._done()

    def _count(self, asked: bool, exists: bool) -> None:
        if self._counted:
            return
        self._counted = True
        self._tally.asked += asked
        if asked and not exists:
            self._tally.needless += 1
            self._tally.needless_look_alike += self._look_alike

    async def _person(self, contact_id: str) -> str:
        while True:
            with suppress(httpx.HTTPError):  # the faults meet this user too
                found = await asyncio.to_thread(self._sandbox.get, contact_id, WHO)
                return str(found[WHO])

    async def _done(self) -> bool:
        if self._talk.card:
            return False
        state = await self._talk.values()
        outcomes = state["messages"][-1].additional_kwargs.get("outcomes") or [{}]
        question = ((state.get("desk") or {}).get("question") or {}).get("code")
        return outcomes[0].get("status") in ("applied", "partly", "already_so") or question in (
            "contact_exists",
            "nothing_to_change",
        )


async def assistant(sandbox: Sandbox, folder: Path, asked: list[Request], look_alikes: int) -> Tally:
    """Send all requests through the compiled graph, a few at a time."""
    settings = Settings(
        _env_file=None,
        hubspot_access_token=SANDBOX_TOKEN,
        hubspot_api_url=sandbox.url,
        database_url=f"sqlite:///{folder}",
    )
    tally, created, turn = Tally(), set[str](), asyncio.Semaphore(AT_ONCE)
    async with open_assistant(settings, model=Obedient()) as graph:

        async def one(request: Request) -> None:
            async with turn:
                await User(graph, sandbox, request, look_alikes, tally).run(created)

        await asyncio.gather(*(one(request) for request in asked))
    tally.contacts = _contacts(sandbox)
    return tally


def naive(sandbox: Sandbox, asked: list[Request]) -> Tally:
    """Handle the same requests by a search by email or name, and a create where it finds nothing, tried three times."""
    client = HubSpot(access_token=SANDBOX_TOKEN, host=sandbox.url, retry=False)
    basic, search, tally = client.crm.contacts.basic_api, client.crm.contacts.search_api, Tally()
    for request in asked:
        values = {name: value.strip() for name, value in request.values.items()} | {WHO: f"P{request.person}"}
        names = ["email"] if "email" in values else ["firstname", "lastname"]
        filters = [{"propertyName": name, "operator": "EQ", "value": values[name]} for name in names]
        for attempt in range(3):
            try:
                found = search.do_search({"filterGroups": [{"filters": filters}], "limit": 1}, _request_timeout=5)
                if not found.results:
                    basic.create({"properties": values, "associations": []}, _request_timeout=5)
                break
            except Exception as error:  # whatever it was: the naive way is to try again
                if getattr(error, "status", None) == 409:
                    break
                tally.gave_up += attempt == 2
    tally.contacts = _contacts(sandbox)
    return tally


def _contacts(sandbox: Sandbox) -> Counter[str]:
    sandbox.control("DELETE", "faults")
    found: Counter[str] = Counter()
    after = ""
    while True:
        page = sandbox.http.get(f"/crm/v3/objects/contacts?limit=100&properties={WHO}{after}").raise_for_status().json()
        found.update(contact["properties"][WHO] or "?" for contact in page["results"])
        if "paging" not in page:
            return found
        after = f"&after={page['paging']['next']['after']}"


def prepare(sandbox: Sandbox, lag: float) -> None:
    """Empty the account and set this search lag and random failures."""
    sandbox.control("POST", "reset", {"seed": "none"})
    sandbox.control("POST", "lag", {"seconds": lag})
    sandbox.fail(match={"path_contains": "/crm/"}, random={"seed": SEED, "rate": FAULT_RATE, "faults": list(FAULTS)})


def measure(folder: Path, count: int = 250, lags: Sequence[float] = LAGS) -> list[Figure]:
    """Both ways with each lag, side by side."""
    figures = []
    for lag in lags:
        everybody = people(count, random.Random(SEED))
        asked = requests(everybody, random.Random(SEED + 1))
        with running_sandbox("--seed", "none") as sandbox:
            prepare(sandbox, lag)
            ours = asyncio.run(assistant(sandbox, folder / f"lag{lag}", asked, 2 * min(LOOK_ALIKES, count // 5)))
            prepare(sandbox, lag)
            theirs = naive(sandbox, asked)
        name = f"{len(asked)} creates, search lag {lag:g} s"
        figures += [
            Figure(f"{name}: contacts too many", ours.doubles, 0),
            Figure(f"{name}: people missing", ours.missing(everybody), 0),
            Figure(f"{name}: the same person, and the user was not asked", ours.missed, 0),
            Figure(f"{name}: given up", ours.gave_up, 0),
            Figure(f"{name}: asked", ours.asked, None),
            Figure(f"{name}: asked needlessly, of look-alikes", ours.needless_look_alike, None),
            Figure(f"{name}: asked needlessly, of others", ours.needless - ours.needless_look_alike, None),
            Figure(f"{name}: naive: contacts too many", theirs.doubles, None),
            Figure(f"{name}: naive: people missing", theirs.missing(everybody), None),
            Figure(f"{name}: naive: given up", theirs.gave_up, None),
        ]
    return figures
