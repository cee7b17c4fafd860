"""What to say after the tools have answered."""

from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import ToolMessage

from .turn import Say

_MAX_QUERY = 80  # characters of the query in a sentence


def reply_to_results(
    results: Sequence[ToolMessage], arguments: Mapping[str, Mapping[str, Any]], can_create: bool
) -> str | Say:
    """The reply to the results of the tools: the sentences of the errors, or else one short sentence.

    ``arguments`` holds the arguments of each call by its id.
    """
    errors = list(dict.fromkeys(_error_sentence(m) for m in results if _kind(m) == "error" and _error_sentence(m)))
    if errors:
        return "\n\n".join(errors)
    by_kind = {_kind(m): m for m in reversed(results)}  # the first result of each kind
    if found := by_kind.get("contacts"):
        return _search_reply(found.artifact, arguments.get(found.tool_call_id, {}), can_create)
    if "contact" in by_kind:
        return Say("guided-contact-shown")
    if can_create and any(_kind(m) == "changes" and m.artifact.get("changes") for m in results):
        return Say("guided-changes-shown")
    return Say("guided-done")


def _error_sentence(message: ToolMessage) -> str:
    """The sentence of an error; the message's text may also hold rows that are meant for a language model."""
    sentence = message.artifact.get("sentence") if isinstance(message.artifact, Mapping) else None
    return str(sentence or message.text).strip()


def _kind(message: ToolMessage) -> str:
    if message.status == "error":
        return "error"
    return str(message.artifact.get("kind") or "") if isinstance(message.artifact, Mapping) else ""


def _search_reply(artifact: Mapping[str, Any], arguments: Mapping[str, Any], can_create: bool) -> Say:
    contacts = artifact.get("contacts")
    shown = len(contacts) if isinstance(contacts, list) else 0
    total = artifact.get("total")
    count = max(total, shown) if isinstance(total, int) else shown
    if count == 0:
        return _nothing_found(arguments, can_create)
    return found_sentence(count, shown, int(artifact.get("start") or 0))


def found_sentence(total: int, shown: int, start: int) -> Say:
    """What to say below a list of contacts: ``shown`` of ``total``, with ``start`` before them."""
    if start + shown < total:
        return Say("guided-found-more", {"count": total})
    return Say("guided-found-end" if start else "guided-found", {"count": total})


def _nothing_found(arguments: Mapping[str, Any], can_create: bool) -> Say:
    query = str(arguments.get("query") or "").strip()
    if not query or not can_create or arguments.get("filters"):
        return Say("guided-found-none-plain")
    return Say("guided-found-none", {"query": query if len(query) <= _MAX_QUERY else f"{query[:_MAX_QUERY]}…"})
