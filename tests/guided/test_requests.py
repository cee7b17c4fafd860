"""Requests about contacts, written by somebody who has not seen the rules: so many are understood whole."""

import json
import re
from pathlib import Path
from typing import Any

from crm.domain import fold
from guided.policy import decide
from guided.turn import Call

LINES = Path(__file__).with_name("requests.jsonl").read_text("utf-8").split("\n")
REQUESTS = [json.loads(line) for line in LINES if line]
LEAST = 0.72  # with a fifth of them misspelt, and a third in small letters without punctuation


def plain(value: str) -> str:
    digits = re.sub(r"\D", "", value)
    return digits if len(digits) > 5 and "@" not in value else " ".join(fold(word) for word in value.split())


def flat(arguments: dict[str, Any]) -> dict[str, str]:
    found = {name: value for name, value in arguments.items() if isinstance(value, str)}
    for nested in (value for value in arguments.values() if isinstance(value, dict)):
        found |= nested
    return {name: plain(value) for name, value in found.items() if value}


def test_requests_are_understood_whole() -> None:
    """The right tool with the right arguments, and nothing else; and a request is never taken for another contact's."""
    right, wrong = 0, []
    for request in REQUESTS:
        step = decide(request["text"], {}, "DK")
        if isinstance(step, Call) and step.name == request["tool"]:
            right += flat(step.arguments) == flat(request["args"])
        elif isinstance(step, Call) and "search_contacts" not in (step.name, request["tool"]):
            wrong.append(request["text"])
    assert right >= LEAST * len(REQUESTS), right
    assert wrong == ["Make Victor Amsel sales manager at Bridgehouse"]  # "make" creates, as in "make a contact"
