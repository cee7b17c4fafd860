"""What a chat model of a few lines needs besides the lines: it says whatever ``_astream`` of its class streams."""

import asyncio
from collections.abc import Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.chat_models import agenerate_from_stream
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from langchain_core.runnables import Runnable


class Scripted(BaseChatModel):
    """A chat model without a provider, which calls tools that it was not given, too."""

    @property
    def _llm_type(self) -> str:
        return type(self).__name__.lower()

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, Any]:
        """Itself: a script knows which tools it calls."""
        return self

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        """The whole of what it streams."""
        return asyncio.run(agenerate_from_stream(self._astream(messages)))
