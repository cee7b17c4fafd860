"""Measures what our nodes, memory and checkpoints add to a turn, whether that grows, and how much a long conversation
stores.

Model and CRM answer at once inside the process, for both graphs, so their time is not counted as ours. Our graph and
the bare one take turns, so that other load affects both.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from benchmarks.bare import bare_graph
from benchmarks.report import Figure
from crm.domain.contact import SUMMARY, Contact, Found
from crm.hubspot.gateway import Gateway
from crm.portal import Portal
from crm.store.engine import Database, empty_log
from crm.store.ledger import Ledger
from graph import build_graph
from graph.checkpoint import open_saver
from support.children import SANDBOX_TOKEN, Sandbox
from support.scripted import Scripted
from tools import row

RUNS = 5  # of all of it: the figures are medians of these
PAIRS = 6  # conversations of each graph
TURNS = 6  # turns of each of them
LONG = 200
SAMPLES = 15
SEARCH, TALK = "Find alle hos Nordlys", "Hvad kan du hjælpe mig med?"


class Instant(Scripted):
    """A model that calls the search tool for ``SEARCH`` and answers anything else in words, at once."""

    async def _astream(
        self, messages: list[BaseMessage], *args: Any, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        last = messages[-1]
        if isinstance(last, HumanMessage) and last.text == SEARCH:
            call = tool_call_chunk(name="search_contacts", args='{"query": "Nordlys"}', id=uuid4().hex, index=0)
            message = AIMessageChunk(content="", tool_call_chunks=[call])
        else:
            message = AIMessageChunk(content="Jeg kan finde, oprette og rette kontakter i HubSpot.")
        message.response_metadata = {"finish_reason": "stop"}
        yield ChatGenerationChunk(message=message)


class Canned(Gateway):
    """A gateway to a sandbox whose searches are answered from memory."""

    def __init__(self, contacts: list[Contact], **options: Any) -> None:
        super().__init__(**options)
        self._canned = contacts

    async def search(self, request: Mapping[str, Any]) -> Found:
        return Found(list(self._canned), len(self._canned))


def canned_contacts(sandbox: Sandbox) -> list[Contact]:
    """Ten contacts as the sandbox has them."""
    params = {"limit": "10", "properties": ",".join(SUMMARY)}
    page = sandbox.http.get("/crm/v3/objects/contacts", params=params).raise_for_status().json()
    return [Contact(c["id"], c["properties"], c["updatedAt"], "") for c in page["results"]]


@asynccontextmanager
async def both(sandbox: Sandbox, folder: Path) -> AsyncIterator[tuple[Any, Any, Any]]:
    """Our graph, and the bare one over LangGraph's own saver and over ours, each with a file of its own."""
    contacts = canned_contacts(sandbox)
    listing = "\n".join(row(contact, number) for number, contact in enumerate(contacts, 1))
    await asyncio.to_thread(folder.mkdir, parents=True)
    async with AsyncExitStack() as stack:
        gateway = Canned(contacts, token=SANDBOX_TOKEN, api_url=sandbox.url)
        stack.callback(gateway.close)
        database = Database(folder / "ledger.db")
        stack.callback(database.close)
        portal = Portal(gateway, Ledger(database))
        saver = await stack.enter_async_context(open_saver(folder / "ours.db"))
        plain = await stack.enter_async_context(AsyncSqliteSaver.from_conn_string(str(folder / "bare.db")))
        same = await stack.enter_async_context(open_saver(folder / "same.db"))
        bare = bare_graph(Instant(), listing)
        ours = build_graph(model=Instant(), crm=portal).compile(checkpointer=saver)
        yield ours, bare.compile(checkpointer=plain), bare.compile(checkpointer=same)


async def opened(graph: Any) -> RunnableConfig:
    """A new conversation, greeted."""
    config: RunnableConfig = {"configurable": {"thread_id": uuid4().hex, "language": "da"}, "recursion_limit": 50}
    await graph.ainvoke({}, config, durability="sync")
    return config


async def turn(graph: Any, config: RunnableConfig, number: int) -> float:
    """The seconds of one turn: a search in even turns, talk in odd ones."""
    text = TALK if number % 2 else SEARCH
    started = time.perf_counter()
    await graph.ainvoke({"messages": [HumanMessage(text)]}, config, durability="sync")
    return time.perf_counter() - started


async def measure(sandbox: Sandbox, folder: Path) -> list[Figure]:
    """Overhead as the median over pairs of turns; growth and size in a long conversation; repeated in several runs."""
    runs = [await _run(sandbox, folder / str(number)) for number in range(RUNS)]
    overheads, alike, growths, sizes = zip(*runs, strict=True)
    return [
        Figure(f"a turn of ours / a turn of a bare graph{_spread(overheads)}", median(overheads), 1.5, "x"),
        Figure(f"the same, where that has our saver too{_spread(alike)}", median(alike), None, "x"),
        Figure(f"turn {LONG} / turn 2{_spread(growths)}", median(growths), 1.15, "x"),
        Figure(f"checkpoint file after {LONG} turns", max(sizes) / 1e6, 3, "MB"),
    ]


def _spread(values: Sequence[float]) -> str:
    return f" (median of {len(values)} runs: {min(values):.2f} to {max(values):.2f})"


async def _run(sandbox: Sandbox, folder: Path) -> tuple[float, float, float, int]:
    async with both(sandbox, folder / "pairs") as (ours, bare, same):
        assert await _steps(ours) == await _steps(bare), "the bare graph no longer has the shape of ours"
        await _steps(same)
        overhead, alike = await _overhead(ours, bare), await _overhead(ours, same)
    async with both(sandbox, folder / "long") as (ours, _, _):
        growth, size = await _long(ours, folder / "long" / "ours.db")
    return overhead, alike, growth, size


async def _steps(graph: Any) -> int:
    """The supersteps of each kind of turn in one conversation; this also warms the graph up."""
    config = await opened(graph)
    for number in (1, 2, 3, 4):
        await turn(graph, config, number)
    state = await graph.aget_state(config)
    return int(state.metadata["step"])


async def _overhead(ours: Any, bare: Any) -> float:
    ratios = []
    for _ in range(PAIRS):
        mine, theirs = await opened(ours), await opened(bare)
        for number in range(1, TURNS + 1):
            ratio = await turn(ours, mine, number) / await turn(bare, theirs, number)
            ratios.append(ratio)
    return median(ratios)


async def _long(graph: Any, file: Path) -> tuple[float, int]:
    """Compare turn 200 and its neighbours with the second turns of fresh conversations, taken in turn."""
    config = await opened(graph)
    for number in range(1, LONG - SAMPLES + 1):
        await turn(graph, config, number)
    size, late, early = 0, [], []
    for number in range(LONG - SAMPLES + 1, LONG + SAMPLES + 1):
        seconds = await turn(graph, config, number)
        if number == LONG:
            assert await asyncio.to_thread(empty_log, file)
            size = (await asyncio.to_thread(file.stat)).st_size
        if number % 2 == 0:
            late.append(seconds)
            fresh = await opened(graph)
            await turn(graph, fresh, 1)
            early.append(await turn(graph, fresh, 2))
    return median(late) / median(early), size
