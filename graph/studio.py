"""LangGraph Studio: the graph for ``langgraph dev``, which brings its own persistence."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from graph.assistant import RECURSION_LIMIT, open_graph


@asynccontextmanager
async def make_graph() -> AsyncIterator[Any]:
    """The compiled graph without a checkpointer, for as long as the server wants it."""
    async with open_graph() as graph:
        yield graph.compile().with_config(recursion_limit=RECURSION_LIMIT)
