"""Chooses the messages that the model sees: the last chat messages within a budget, and the whole current turn.

LangChain's own trimming cuts by count or by tokens anywhere: it may separate a tool's answer from its call, or drop the
question itself. Here, only chat messages of earlier turns are kept, so no call can lose its answer, and the current
turn is never cut.
"""

import re
from collections.abc import Sequence
from math import ceil
from typing import cast

from langchain_core.messages import (
    AIMessage,
    AnyMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
    merge_message_runs,
)

MESSAGES, TOKENS = 5, 800
KEPT = 12  # chat messages of earlier turns that stay in the state
_PIECE = re.compile(r"\s+|[A-Za-z]+|[0-9]+|[^\W\d_]+|\d+|[^\w\s]|_")
_VOWELLESS = re.compile(r"[^aeiouyAEIOUY]{5}")


def estimate(text: str) -> int:
    """Estimate the tokens of the text, rather too many than too few; needs no tables and no network."""
    return ceil(1.15 * sum(_cost(match[0]) for match in _PIECE.finditer(text)))


def _cost(piece: str) -> float:
    if piece.isspace():
        return len(piece) - 1 + 0.5 * piece.count("\n")
    if not piece.isascii():
        # letters of Latin alphabets share tokens; other scripts, digits and emoji cost up to one a byte and a half
        return max(1, len(piece.encode()) * (0.5 if piece.isalpha() and max(piece) < "\u0250" else 0.75))
    if piece.isdigit():
        return ceil(len(piece) / 3)
    odd = piece[1:].lower() != piece[1:] or _VOWELLESS.search(piece)
    return max(1, ceil(len(piece) * (0.7 if odd else 0.28)))


def said(message: AnyMessage) -> str:
    """The message's text as the model sees it in later turns: without the list that code put above a reply."""
    own = message.additional_kwargs.get("said") if isinstance(message, AIMessage) else None
    return own if isinstance(own, str) else message.text


def split(messages: Sequence[AnyMessage]) -> tuple[list[AnyMessage], list[AnyMessage]]:
    """Split the messages into those of earlier turns and those of the current one, which the user's last message
    begins.
    """
    for index in range(len(messages) - 1, -1, -1):
        if isinstance(messages[index], HumanMessage):
            return list(messages[:index]), list(messages[index:])
    return list(messages), []


def window(messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    """The last 5 chat messages within 800 tokens, the current one included, and the whole current turn."""
    earlier, turn = split(messages)
    budget = TOKENS - sum(estimate(m.text) for m in turn[:1])
    kept: list[AnyMessage] = []
    for message in reversed([m for m in earlier if is_chat(m)]):
        budget -= estimate(said(message))
        if len(kept) == MESSAGES - 1 or budget < 0:
            break
        kept.insert(0, _plain(message))
    return [*kept, *_answered(turn)]


def alternating(prompt: Sequence[AnyMessage]) -> list[AnyMessage]:
    """The prompt as strict chat templates demand it: the first message after the system's is the user's, and no two of
    the user's or of the assistant's follow each other.
    """
    head = next((n for n, message in enumerate(prompt) if not isinstance(message, SystemMessage)), len(prompt))
    begins = next((n for n, message in enumerate(prompt) if isinstance(message, HumanMessage)), head)
    merged = merge_message_runs([*prompt[:head], *prompt[begins:]], chunk_separator="\n\n")
    return cast(list[AnyMessage], merged)


def outdated(messages: Sequence[AnyMessage]) -> list[RemoveMessage]:
    """Removals of what the model no longer needs: old chat messages, and calls and answers of earlier turns."""
    earlier, turn = split(messages)
    keep = {m.id for m in [m for m in earlier if is_chat(m)][-KEPT:]}
    replies = [m for m in turn[1:] if isinstance(m, AIMessage) and not m.tool_calls]
    forgotten = [*(m for m in earlier if m.id not in keep), *replies[:-KEPT]]
    return [RemoveMessage(id=m.id) for m in forgotten if m.id is not None]


def notice(text: str) -> AIMessage:
    """Make a message from code to the user that no model sees; otherwise the turn would look answered to it."""
    return AIMessage(text, additional_kwargs={"notice": True})


def is_chat(message: AnyMessage) -> bool:
    """Whether the user or the assistant has said the message."""
    if isinstance(message, AIMessage):
        return not message.tool_calls and not message.additional_kwargs.get("notice")
    return isinstance(message, HumanMessage)


def _plain(message: AnyMessage) -> AnyMessage:
    return HumanMessage(message.text) if isinstance(message, HumanMessage) else AIMessage(said(message))


def _answered(turn: Sequence[AnyMessage]) -> list[AnyMessage]:
    """The turn without unanswered calls: a stopped run leaves some, and providers refuse them."""
    answers = {m.tool_call_id for m in turn if isinstance(m, ToolMessage)}
    whole = {
        call["id"]
        for m in turn
        if isinstance(m, AIMessage) and answers.issuperset(c["id"] for c in m.tool_calls)
        for call in m.tool_calls
    }
    return [
        m
        for m in turn
        if not (isinstance(m, AIMessage) and (not m.tool_calls or m.tool_calls[0]["id"] not in whole))
        and not (isinstance(m, ToolMessage) and m.tool_call_id not in whole)
    ]
