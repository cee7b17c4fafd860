"""The choice of chat model, and asking it: streamed, bounded in time, and strict about tool calls."""

import asyncio
import json
from collections.abc import Sequence
from uuid import uuid4

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage, BaseMessage
from langchain_core.tools import BaseTool

CALL_SECONDS, TURN_SECONDS = 45.0, 90.0
RETRIES = 2


class ModelFault(Exception):
    """The model's provider failed, or its answer was cut off or malformed. Says nothing of what it said."""


def open_model(*, model: str, api_key: str | None, base_url: str | None) -> BaseChatModel:
    """A chat model of OpenAI or of any server that speaks its chat completions."""
    from langchain.chat_models import init_chat_model

    found = init_chat_model(
        f"openai:{model}",
        api_key=api_key or "not-needed",  # a local server takes any, the constructor takes none
        base_url=base_url,
        timeout=CALL_SECONDS,
        max_retries=RETRIES,
        stream_usage=True,
        use_responses_api=False,
    )
    assert isinstance(found, BaseChatModel)
    return found


async def ask(
    model: BaseChatModel, tools: Sequence[BaseTool], messages: Sequence[AnyMessage], *, seconds: float
) -> AIMessage:
    """The model's answer within ``seconds``. Raises ModelFault for any failure, and for tool calls that are
    not whole: langchain completes truncated JSON of a streamed call into a valid one, so the raw text is checked.
    """
    bound = model.bind_tools(list(tools)) if tools else model
    total: AIMessageChunk | None = None
    raw: dict[int | str, str] = {}
    try:
        async with asyncio.timeout(seconds):
            async for part_of_it in bound.astream(list(messages)):
                chunk = _chunk(part_of_it)
                for part in chunk.tool_call_chunks:
                    key = part["index"] if part["index"] is not None else part["id"] or ""
                    raw[key] = raw.get(key, "") + (part["args"] or "")
                total = chunk if total is None else total + chunk
    except Exception as error:
        raise ModelFault(type(error).__name__) from None
    if total is None:
        raise ModelFault("no answer")
    _check(total, raw)
    return AIMessage(
        # words beside a call are no reply: they may claim what has not happened yet
        content="" if total.tool_calls else total.text,
        tool_calls=[{**call, "id": call["id"] or f"call_{uuid4().hex}"} for call in total.tool_calls],
        additional_kwargs={k: v for k, v in total.additional_kwargs.items() if k == "draft"},
        usage_metadata=total.usage_metadata,
        id=total.id,
    )


def _chunk(message: BaseMessage) -> AIMessageChunk:
    """What a model streamed; one that cannot stream yields its answer as a whole message."""
    if isinstance(message, AIMessageChunk):
        return message
    return AIMessageChunk(**message.model_dump(exclude={"type"}))


def _check(answer: AIMessageChunk, raw: dict[int | str, str]) -> None:
    reason = answer.response_metadata.get("finish_reason")
    if reason in ("length", "content_filter"):
        raise ModelFault(reason)
    if answer.invalid_tool_calls or len(raw) != len(answer.tool_calls):
        raise ModelFault("malformed tool call")
    for text in raw.values():
        try:
            whole = isinstance(json.loads(text or "{}"), dict)
        except ValueError:
            whole = False
        if not whole:
            raise ModelFault("malformed tool call")
    if not answer.text.strip() and not answer.tool_calls:
        raise ModelFault("empty answer")
    if reason is None and answer.response_metadata.get("model_provider") == "openai":
        raise ModelFault("cut off")  # the stream ended without saying that it was complete
