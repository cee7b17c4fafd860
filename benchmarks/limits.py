"""Measures fifty conversations at once under HubSpot's rate limits: refusals, and the share of the limit that is used.

The limit of 5 searches a second binds: each conversation searches twice, all at the same time, and creates a contact.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.runnables import RunnableConfig
from langgraph.types import Command

from benchmarks.report import Figure
from benchmarks.tasks import approval, known_contact
from graph import open_assistant
from prompts import Prompts
from settings import Settings
from support.children import SANDBOX_TOKEN, Sandbox, running_sandbox
from support.scripted import Scripted

CONVERSATIONS, SEARCHES = 50, 2
SEARCHES_A_SECOND = 5


class Obedient(Scripted):
    """A model that calls the tool named in the message with the JSON after it, and else answers with a word."""

    async def _astream(
        self, messages: list[BaseMessage], *args: Any, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        last = messages[-1]
        message = AIMessageChunk(content="Værsgo.")
        if isinstance(last, HumanMessage):
            tool, _, arguments = last.text.partition(" ")
            call = tool_call_chunk(name=tool, args=arguments, id=uuid4().hex, index=0)
            message = AIMessageChunk(content="", tool_call_chunks=[call])
        message.response_metadata = {"finish_reason": "stop"}
        yield ChatGenerationChunk(message=message)


async def measure(folder: Path, conversations: int = CONVERSATIONS) -> list[Figure]:
    """The figures of one run on a sandbox of its own."""
    with running_sandbox("--rate-limits", "on") as sandbox:
        return await _run(sandbox, folder, conversations)


async def _run(sandbox: Sandbox, folder: Path, conversations: int) -> list[Figure]:
    name, _ = known_contact(sandbox)
    settings = Settings(
        _env_file=None,
        hubspot_access_token=SANDBOX_TOKEN,
        hubspot_api_url=sandbox.url,
        database_url=f"sqlite:///{folder}",
    )
    async with open_assistant(settings, model=Obedient()) as graph:
        users = [User(graph, number) for number in range(conversations)]
        await users[0].open()  # the schema is read once in a process
        await users[0].search(name)
        sandbox.forget()
        await asyncio.gather(*(user.open() for user in users[1:]))
        seen: list[tuple[float, int]] = []
        watching = asyncio.create_task(_watch(sandbox, seen))
        await asyncio.gather(*(user.searches(name) for user in users))
        watching.cancel()
        await asyncio.gather(*(user.create() for user in users))
    requests = sandbox.requests()
    pause = Prompts().say("da", "error-crm-rate-limited")
    told = sum(pause in reply for user in users for reply in user.replies)
    created = sum(bool(write["method"] == "POST") for write in sandbox.writes())
    return [
        Figure(f"{conversations} conversations at once: users told to wait", told, 0),
        Figure(f"{conversations} conversations at once: calls refused with 429", _refused(requests), 0),
        Figure(f"{conversations} conversations at once: contacts created", created, conversations, at_least=True),
        Figure(
            f"{len(requests)} calls under the limits: searches made / allowed",
            100 * _share(seen, conversations * SEARCHES),
            90,
            "%",
            True,
        ),
    ]


async def _watch(sandbox: Sandbox, seen: list[tuple[float, int]]) -> None:
    """Record when the sandbox has accepted how many searches."""
    async with httpx.AsyncClient(base_url=sandbox.url, trust_env=False) as http:
        while True:
            counters = (await http.get("/_sandbox/rate-limits")).json()
            seen.append((time.monotonic(), int(counters["searches"])))
            await asyncio.sleep(0.05)


def _share(seen: list[tuple[float, int]], searches: int) -> float:
    """Accepted searches as a share of those allowed, between the first and the last tenth, while all conversations
    wait.
    """
    base = seen[0][1]
    begin, end = (
        next((at, count) for at, count in seen if count - base >= bound)
        for bound in (searches // 10, searches * 9 // 10)
    )
    return (end[1] - begin[1]) / (SEARCHES_A_SECOND * (end[0] - begin[0]))


def _refused(requests: list[dict[str, Any]]) -> int:
    return sum(request["status"] == 429 for request in requests)


class User:
    """One conversation: what was replied in it."""

    def __init__(self, graph: Any, number: int) -> None:
        self.replies: list[str] = []
        self._graph, self._number = graph, number
        self._config: RunnableConfig = {"configurable": {"thread_id": f"limits-{number}", "language": "da"}}

    async def open(self) -> None:
        """A new conversation."""
        await self._turn({})

    async def search(self, name: str) -> None:
        """One search."""
        await self._turn({"messages": [HumanMessage(f'search_contacts {{"query": "{name}"}}')]})

    async def searches(self, name: str) -> None:
        """Searches, one after the other."""
        for _ in range(SEARCHES):
            await self.search(name)

    async def create(self) -> None:
        """A new contact, approved."""
        values = f'{{"firstname": "Nummer{self._number}", "email": "nr{self._number}@nordlys.example"}}'
        out = await self._turn({"messages": [HumanMessage(f'create_contact {{"properties": {values}}}')]})
        await self._turn(Command(resume=approval(out["__interrupt__"][0].value)))

    async def _turn(self, given: Any) -> dict[str, Any]:
        out = dict(await self._graph.ainvoke(given, self._config))
        self.replies += [message.text for message in out["messages"]]
        return out
