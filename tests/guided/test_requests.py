"""Requests about contacts, written by somebody who has not seen the rules: so many are understood whole."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from crm.domain import fold
from guided.policy import decide
from guided.turn import Call

FOLDER = Path(__file__).parent


def requests(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text("utf-8").splitlines() if line]


def plain(value: str) -> str:
    digits = re.sub(r"\D", "", value)
    return digits if len(digits) > 5 and "@" not in value else " ".join(fold(word) for word in value.split())


def flat(arguments: dict[str, Any]) -> dict[str, str]:
    found = {name: value for name, value in arguments.items() if isinstance(value, str)}
    for nested in (value for value in arguments.values() if isinstance(value, dict)):
        found |= nested
    return {name: plain(value) for name, value in found.items() if value}


# the first: a fifth misspelt, a third in small letters without punctuation; the others: long-winded and telegram style,
# stories in several sentences, corrections of cards. At first sight 37 % of the second and 40 % of the third were
# understood whole; of the last, which the rules' author has not read, 37 % before stories were read
@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("requests.jsonl", 0.78),
        ("requests_fresh.jsonl", 0.79),
        ("requests_told.jsonl", 0.68),
        ("requests_unseen.jsonl", 0.45),
    ],
)
def test_requests_are_understood_whole(name: str, least: float) -> None:
    """The right tool with the right arguments, and nothing else."""
    listed, right = requests(name), 0
    for request in listed:
        step = decide(request["text"], request.get("desk") or {}, "DK")
        if isinstance(step, Call) and step.name == request["tool"]:
            right += flat(step.arguments) == flat(request["args"])
    assert right >= least * len(listed), right


def test_a_request_is_never_taken_for_another_one() -> None:
    """A request to create is never read as an update, nor an update as a creation."""
    wrong = []
    for request in requests("requests.jsonl"):
        step = decide(request["text"], {}, "DK")
        if (
            isinstance(step, Call)
            and step.name != request["tool"]
            and "search_contacts" not in (step.name, request["tool"])
        ):
            wrong.append(request["text"])
    assert wrong == []
