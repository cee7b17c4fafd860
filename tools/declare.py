"""Declares tools: their kind, and what they are given when they run.

A tool is an async function with the decorator ``read_tool`` or ``write_tool``. Its name is the function's name, the
model reads its docstring, and the model fills in each parameter except ``runtime``. It returns a text for the model and
a ``ToolResult`` for code. It lets the errors of ``crm.domain.errors`` pass: the node that runs the tools turns them
into sentences. While it runs, the chat shows the sentence ``step-<name>``.
"""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from langchain.tools import ToolRuntime, tool
from langchain_core.tools import BaseTool

from crm import Portal
from crm.domain import Actor, SourceOf
from tools.results import Proposal, ToolResult

Action = Literal["create", "update", "undo"]
Reads = Callable[..., Awaitable[tuple[str, ToolResult]]]
Writes = Callable[..., Awaitable[tuple[str, Proposal]]]

__all__ = [
    "Action",
    "ToolContext",
    "ToolRuntime",
    "action_of",
    "is_read",
    "read_tool",
    "step_key",
    "write_tool",
]


@dataclass(frozen=True)
class ToolContext:
    """What a tool finds in ``runtime.context``, the same for all calls of one answer of the model.

    ``actor``: for whom it runs. ``source_of``: tells where a value comes from. ``known_ids``: the contacts that were
    shown last or are in focus. ``phone_settled``: the contact for which the user has said which number is meant.
    ``owner``: which of the portal's owners the user is, in any spelling; "": not known.
    """

    portal: Portal
    actor: Actor
    source_of: SourceOf
    known_ids: tuple[str, ...] = ()
    phone_settled: str | None = None
    owner: str = ""


def read_tool(function: Reads) -> BaseTool:
    """Declares a tool that looks something up: it runs at once, and its text goes back to the model."""
    return _declared(function, {"kind": "read"})


def write_tool(action: Action) -> Callable[[Writes], BaseTool]:
    """Declares a tool that proposes a change and writes nothing itself: a person approves the proposal on a card."""
    return lambda function: _declared(function, {"kind": "write", "action": action})


def _declared(function: Reads | Writes, metadata: dict[str, str]) -> BaseTool:
    if "runtime" not in inspect.signature(function).parameters:
        raise TypeError(f"{function.__name__} needs a parameter runtime: ToolRuntime[ToolContext]")
    declared: BaseTool = tool(function.__name__, response_format="content_and_artifact")(function)
    declared.metadata = metadata
    return declared


def is_read(declared: BaseTool) -> bool:
    """Whether the tool only looks things up; one that does not say so counts as a write."""
    return (declared.metadata or {}).get("kind") == "read"


def action_of(declared: BaseTool | None) -> Action | None:
    """What a write tool proposes to do; None for a read."""
    action: Action | None = ((declared.metadata if declared else None) or {}).get("action")
    return action


def step_key(name: str) -> str:
    """The key of the sentence that the chat shows while the tool runs."""
    return f"step-{name.replace('_', '-')}"
