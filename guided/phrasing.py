"""What to say after the tools have answered."""

from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import ToolMessage

from .turn import Say

_LONGEST_QUERY = 80


def after_tools(
    results: Sequence[ToolMessage], arguments: Mapping[str, Mapping[str, Any]], can_create: bool
) -> str | Say:
    """The reply to what the tools answered: the tools' own sentence for an error, else one short sentence.

    ``arguments`` holds those of each call by its id.
    """
    errors = list(dict.fromkeys(_sentence(m) for m in results if _kind(m) == "error" and _sentence(m)))
    if errors:
        return "\n\n".join(errors)
    for message in results:
        if _kind(message) == "contacts":
            return _found(message.artifact, arguments.get(message.tool_call_id, {}), can_create)
    if any(_kind(m) == "contact" for m in results):
        return Say("guided-contact-shown")
    if can_create and any(_kind(m) == "changes" and m.artifact.get("changes") for m in results):
        return Say("guided-changes-shown")
    return Say("guided-done")


def _sentence(message: ToolMessage) -> str:
    """What to say of an error; its text may also hold rows that are meant for a language model."""
    given = message.artifact.get("sentence") if isinstance(message.artifact, Mapping) else None
    return str(given or message.text).strip()


def _kind(message: ToolMessage) -> str:
    if message.status == "error":
        return "error"
    return str(message.artifact.get("kind") or "") if isinstance(message.artifact, Mapping) else ""


def _found(artifact: Mapping[str, Any], arguments: Mapping[str, Any], can_create: bool) -> Say:
    listed = artifact.get("contacts")
    shown = len(listed) if isinstance(listed, list) else 0
    total = artifact.get("total")
    count = max(total, shown) if isinstance(total, int) else shown
    if count == 0:
        query = str(arguments.get("query") or "").strip()
        if query and can_create and not arguments.get("filters"):
            short = query if len(query) <= _LONGEST_QUERY else f"{query[:_LONGEST_QUERY]}…"
            return Say("guided-found-none", {"query": short})
        return Say("guided-found-none-plain")
    if count > shown > 0:
        return Say("guided-found-more")
    return Say("guided-found", {"count": count})
