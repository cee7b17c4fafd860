"""A base class for scripted chat models: a subclass only defines ``_astream``."""

import asyncio
from collections.abc import Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.chat_models import agenerate_from_stream
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from langchain_core.runnables import Runnable


class Scripted(BaseChatModel):
    """A chat model without a provider. It may also call tools that it was not given."""

    @property
    def _llm_type(self) -> str:
        return type(self).__name__.lower()

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, Any]:
        """Return the model itself: a script knows which tools it calls."""
        return self

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        """The whole message that ``_astream`` yields in chunks."""
        return asyncio.run(agenerate_from_stream(self._astream(messages)))
