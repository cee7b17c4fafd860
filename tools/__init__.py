"""The LangChain tools of the assistant: typed schemas and words for the model, over ``crm``."""

from importlib import import_module
from pkgutil import iter_modules

from langchain_core.tools import BaseTool

from tools.arguments import form, meant, problems, schema_of, unknown
from tools.changes import ChangesListed, WrittenChange
from tools.declare import ToolContext, action_of, is_read, step_key
from tools.results import (
    ContactRecord,
    ContactsFound,
    ContactShown,
    Proposal,
    ToolResult,
    row,
)

__all__ = [
    "ChangesListed",
    "ContactRecord",
    "ContactShown",
    "ContactsFound",
    "Proposal",
    "ToolContext",
    "ToolResult",
    "WrittenChange",
    "action_of",
    "all_tools",
    "form",
    "is_read",
    "meant",
    "problems",
    "row",
    "schema_of",
    "step_key",
    "unknown",
]


def _declared() -> tuple[BaseTool, ...]:
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    declared = [value for module in modules for value in vars(module).values() if isinstance(value, BaseTool)]
    tools: dict[str, BaseTool] = {}
    for tool in declared:
        if tools.setdefault(tool.name, tool) is not tool:
            raise TypeError(f"two tools are called {tool.name}")
    return tuple(tools.values())


# found when this is imported: a server that runs the graph (LangGraph Studio) lets nobody look through folders later
_TOOLS = _declared()


def all_tools() -> tuple[BaseTool, ...]:
    """Every tool that a file of this folder declares, ordered by the names of the files."""
    return _TOOLS
