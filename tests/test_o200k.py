"""The token counter that the figures rest on."""

import hashlib
import json

import pytest

from support import o200k


@pytest.fixture(scope="module", autouse=True)
def _encoding() -> None:
    o200k.encoding_or_skip()


def test_the_table_is_the_real_one() -> None:
    """The rebuilt file has the hash that tiktoken itself expects of its download."""
    content = (o200k.CACHE / o200k.TABLE_NAME).read_bytes()
    assert hashlib.sha256(content).hexdigest() == o200k.TABLE_SHA256


@pytest.mark.parametrize(("text", "tokens"), [("hello world", [24912, 2375]), ("Ret telefonnummeret", None), ("", [])])
def test_text_survives_the_encoding(text: str, tokens: list[int] | None) -> None:
    """Known text has its known tokens, and every text comes back as it went in."""
    encoded = o200k.encoding().encode(text)
    assert tokens is None or encoded == tokens
    assert o200k.encoding().decode(encoded) == text


def test_a_request_counts_messages_calls_and_tools() -> None:
    """A request costs its texts, the names and arguments of its calls, 3 tokens a message, 3 more, and its tools."""
    messages = [
        {"role": "user", "content": "hello world"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_1", "function": {"name": "find", "arguments": '{"q":"hello"}'}}],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": [{"type": "text", "text": "hello"}]},
    ]
    arguments = o200k.count('{"q":"hello"}')
    assert o200k.count_request(messages) == 3 + (3 + 1 + 2) + (3 + 1 + 1 + arguments) + (3 + 1 + 1)
    tools = [{"type": "function", "function": {"name": "find", "description": "Søg", "parameters": {}}}]
    compact = json.dumps(tools, ensure_ascii=False, separators=(",", ":"))
    assert o200k.count_request(messages, tools) == o200k.count_request(messages) + o200k.count(compact)


def test_the_table_is_put_together_from_runs_of_tokens() -> None:
    """A line of js-tiktoken's table names the first rank and the tokens that follow from there."""
    assert o200k.table("! 0 YQ== Yg==\n! 5 Yw==\n") == b"YQ== 0\nYg== 1\nYw== 5\n"
