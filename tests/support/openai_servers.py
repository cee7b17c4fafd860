"""What servers that speak OpenAI's chat completions refuse; each function is a ``guard`` of the fake one.

Their words are those of the real ones, as far as they are published.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from support.fake_openai import Recorded
from support.openai_wire import Reply

Guard = Callable[[Recorded], Reply | None]


def _refused(why: str, status: int = 400) -> Reply:
    return Reply(status=status, text=why)


def refuses(name: str, *, named: bool = True, status: int = 422) -> Guard:
    """Refuse a request with such a field, in the body or in a message; ``named``: the error says which one it was."""

    def guard(request: Recorded) -> Reply | None:
        if name not in request.body and not any(name in message for message in request.messages):
            return None
        return _refused(f"Extra inputs are not permitted: {name}" if named else "Invalid request", status)

    return guard


def refuses_streams(request: Recorded) -> Reply | None:
    """As a gateway that cannot stream tool calls."""
    return _refused("Streaming is not supported: set stream to false") if request.body.get("stream") else None


def wants_signatures(request: Recorded) -> Reply | None:
    """As Gemini: a function call comes back with the signature that it was sent with."""
    for call in _calls(request):
        if not call.get("extra_content", {}).get("google", {}).get("thought_signature"):
            return _refused("Function call is missing a thought_signature in functionCall parts.")
    return None


def wants_reasoning(request: Recorded) -> Reply | None:
    """As DeepSeek: a message that calls tools comes back with its reasoning, and no other message has any."""
    for message in request.messages:
        if bool(message.get("tool_calls")) != ("reasoning_content" in message) and message["role"] == "assistant":
            return _refused("The reasoning_content in the thinking mode must be passed back to the API.")
    return None


def wants_alternating_roles(request: Recorded) -> Reply | None:
    """As the chat templates of Mistral's and Google's open models."""
    roles = [message["role"] for message in request.messages]
    chat = roles[1:] if roles[0] == "system" else roles
    allowed = {
        ("user", "assistant"),
        ("assistant", "user"),
        ("assistant", "tool"),
        ("tool", "tool"),
        ("tool", "assistant"),
    }
    if "system" in chat or not chat or chat[0] != "user" or not allowed.issuperset(pairwise(chat)):
        return _refused("Conversation roles must alternate user/assistant/user/assistant/...")
    return None


def _calls(request: Recorded) -> list[dict[str, Any]]:
    return [call for message in request.messages for call in message.get("tool_calls") or ()]
