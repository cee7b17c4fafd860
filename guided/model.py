"""The guided model as a LangChain chat model."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.base import LanguageModelInput
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import Field

from crm.domain import label
from prompts import Prompts

from .policy import steps
from .replies import reply_to_results
from .turn import Call, Say, Step

# sentences that leave the user without a next step: the three buttons are it
_WITH_CHOICES = ("guided-unclear", "guided-out-of-scope", "guided-help", "guided-greeting", "guided-empty")
_WORD = re.compile(r"\s*\S+\s*$|\s*\S+")


class GuidedChatModel(BaseChatModel):
    """A rule-based chat model: it reads Danish and English sentences about contacts and calls the bound tools.

    Input: a SystemMessage whose ``additional_kwargs`` are ``{"desk": {...}, "language": "da" | "en", "fields":
    {"foldedlabel": "name"}}``, earlier messages, and the current turn. Output: an AIMessage with a sentence or with
    tool calls; beside a sentence stand in ``additional_kwargs`` perhaps a ``draft`` for the desk, and an ``offer`` of
    the three ``choices``. It does no I/O, and no text makes it raise.
    """

    prompts: Prompts = Field(exclude=True, repr=False)
    region: str = "DK"

    @property
    def _llm_type(self) -> str:
        return "guided"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": "guided", "region": self.region}

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The model with the tools that it may call; ``tool_choice`` is ignored."""
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._reply(messages, _bound(kwargs)))])

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return self._generate(messages, stop, None, **kwargs)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for chunk in _chunks(self._reply(messages, _bound(kwargs))):
            if run_manager:
                run_manager.on_llm_new_token(str(chunk.text), chunk=chunk)
            yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        # in a thread, so that other conversations go on while a long message is read
        reply = await asyncio.to_thread(self._reply, messages, _bound(kwargs))
        for chunk in _chunks(reply):
            if run_manager:
                await run_manager.on_llm_new_token(str(chunk.text), chunk=chunk)
            yield chunk

    def _reply(self, messages: list[BaseMessage], tools: frozenset[str]) -> AIMessage:
        language, desk = _context(messages)
        at = max((i for i, m in enumerate(messages) if isinstance(m, HumanMessage)), default=-1)
        results = [m for m in messages[at + 1 :] if isinstance(m, ToolMessage)]
        if results:
            reply = reply_to_results(results, _arguments(messages[at + 1 :]), "create_contact" in tools)
            return AIMessage(reply) if isinstance(reply, str) else self._say(reply, language, tools)
        return self._take(steps(str(messages[at].text) if at >= 0 else "", desk, self.region), language, tools)

    def _take(self, taken: Sequence[Step], language: str, tools: frozenset[str]) -> AIMessage:
        """The message that takes these steps: a sentence, or tool calls."""
        calls = [step for step in taken if isinstance(step, Call)]
        said = next((step for step in taken if isinstance(step, Say)), None)
        if said is None and not tools.issuperset(call.name for call in calls):
            said = Say("guided-unavailable")
        return self._say(said, language, tools) if said else AIMessage("", tool_calls=list(map(_tool_call, calls)))

    def _say(self, say: Say, language: str, tools: frozenset[str]) -> AIMessage:
        variables = dict(say.variables)
        if "field" in variables:
            variables["field"] = label(str(variables["field"]), language) or variables["field"]
        read_only = f"{say.key}-read-only"
        key = read_only if "create_contact" not in tools and self.prompts.has(read_only) else say.key
        text = self.prompts.say(language, key, **variables)
        changes_draft = say.draft is not None or say.key == "guided-closed"  # which drops the draft
        beside: dict[str, Any] = {"draft": say.draft} if changes_draft else {}
        if say.key in _WITH_CHOICES:
            beside["offer"] = "choices"
        return AIMessage(text, additional_kwargs=beside)


def _bound(kwargs: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(convert_to_openai_tool(tool)["function"]["name"] for tool in kwargs.get("tools") or ())


def _context(messages: Sequence[BaseMessage]) -> tuple[str, Mapping[str, Any]]:
    first = messages[0] if messages and isinstance(messages[0], SystemMessage) else None
    given = first.additional_kwargs if first else {}
    desk, fields = given.get("desk"), given.get("fields")
    known = {"fields": fields} if isinstance(fields, Mapping) else {}
    return ("en" if given.get("language") == "en" else "da"), {**(desk if isinstance(desk, Mapping) else {}), **known}


def _arguments(messages: Sequence[BaseMessage]) -> dict[str, Mapping[str, Any]]:
    return {str(c["id"]): c["args"] for m in messages if isinstance(m, AIMessage) for c in m.tool_calls}


def _tool_call(call: Call) -> dict[str, Any]:
    return {"name": call.name, "args": call.arguments, "id": f"call_{uuid4().hex}", "type": "tool_call"}


def _chunks(message: AIMessage) -> Iterator[ChatGenerationChunk]:
    """The message in chunks of one word; the last one carries the tool calls and the draft."""
    words = _WORD.findall(str(message.text)) or [""]
    for i, word in enumerate(words):
        last = i == len(words) - 1
        chunk = AIMessageChunk(
            content=word,
            additional_kwargs=message.additional_kwargs if last else {},
            tool_call_chunks=[
                tool_call_chunk(name=c["name"], args=json.dumps(c["args"], ensure_ascii=False), id=c["id"], index=n)
                for n, c in enumerate(message.tool_calls)
            ]
            if last
            else [],
            chunk_position="last" if last else None,
        )
        yield ChatGenerationChunk(message=chunk)
