"""Counts the calls of chat models and the tokens of their input.

Messages are counted by the estimator of the assistant's own budget. It takes JSON for three times what it is, so the
tools' schemas and the arguments of calls are counted by their length. Both are rather too many than too few.
"""

import json
from math import ceil
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, BaseMessage

from graph.memory import estimate

CHARACTERS_PER_TOKEN = 4  # of JSON; o200k has 4.6 in the schemas of the assistant's tools


class Meter(BaseCallbackHandler):
    """Hears of every call in a conversation. ``guided``: those that the guided model answered."""

    raise_error = True

    def __init__(self) -> None:
        self.calls = self.guided = self.tokens = 0

    def on_chat_model_start(
        self, serialized: dict[str, Any], messages: list[list[BaseMessage]], *, run_id: UUID, **kwargs: Any
    ) -> None:
        """Count one call."""
        parameters = kwargs.get("invocation_params") or {}
        self.calls += 1
        self.guided += parameters.get("_type") == "guided"
        self.tokens += _of_json(parameters.get("tools") or [])
        self.tokens += sum(_of_message(message) for batch in messages for message in batch)


def _of_message(message: BaseMessage) -> int:
    calls = message.tool_calls if isinstance(message, AIMessage) else []
    return estimate(str(message.text)) + sum(_of_json([call["name"], call["args"]]) for call in calls)


def _of_json(value: Any) -> int:
    return ceil(len(json.dumps(value, ensure_ascii=False, separators=(",", ":"))) / CHARACTERS_PER_TOKEN)
