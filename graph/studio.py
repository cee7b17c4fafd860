"""The graph for LangGraph Studio: ``langgraph dev`` brings its own persistence."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import graph.build  # noqa: F401  # now: the server refuses what blocks within a run, and importing does
from graph.assistant import RECURSION_LIMIT, open_graph
from settings import load_settings

# the server asks for the graph at every run and has no word for its end: what is opened stays open with it,
# and nothing of it (a child on a pipe, idle threads) keeps the process from ending
_opened: dict[str, Any] = {}
_opening = asyncio.Lock()
_resources = AsyncExitStack()


async def make_graph() -> Any:
    """Return the compiled graph without a checkpointer, the same one for every run of the process."""
    async with _opening:
        if not _opened:
            settings = await asyncio.to_thread(load_settings)
            uncompiled = await _resources.enter_async_context(open_graph(settings))
            _opened["graph"] = uncompiled.compile().with_config(recursion_limit=RECURSION_LIMIT)
    return _opened["graph"]
