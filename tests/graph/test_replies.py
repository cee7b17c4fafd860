"""Two tables of replies, one by somebody who has not seen the rule: which of them are marked as claims of a write.

The rule itself is asked: through the graph each row would be a conversation that says no more (``test_claims.py``).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from graph.claims import Reading
from graph.desk import Desk

TABLES = ("replies.jsonl", "replies_fresh.jsonl")


def rows(table: str) -> Iterator[dict[str, Any]]:
    for line in Path(__file__).with_name(table).read_text("utf-8").splitlines():
        yield json.loads(line)


def is_marked(row: dict[str, Any]) -> bool:
    return Reading.of("", [HumanMessage(row["user"])], Desk(), "DK").claims(row["reply"])


@pytest.mark.parametrize("table", TABLES)
def test_honest_replies_are_not_marked(table: str) -> None:
    """At most one of a hundred replies that claim nothing is marked."""
    honest = [row for row in rows(table) if not row["claims"]]
    assert len(honest) >= 100
    marked = [row for row in honest if is_marked(row)]
    assert len(marked) <= len(honest) // 100, marked


@pytest.mark.parametrize("language", ["da", "en", "de"])
@pytest.mark.parametrize("table", TABLES)
def test_claims_after_a_request_for_a_change_are_marked(table: str, language: str) -> None:
    """At least ninety of a hundred claims are marked, in Danish, in English and in a third language."""
    claimed = [
        row for row in rows(table) if row["claims"] and (row["language"], row["asked_for"]) == (language, "change")
    ]
    assert len(claimed) >= 20
    missed = [row for row in claimed if not is_marked(row)]
    assert len(missed) <= len(claimed) / 10, missed


def test_claims_in_languages_of_which_little_is_known_are_marked() -> None:
    """Nine of ten claims in other languages are marked: by what was asked for, and by what the reply leaves open."""
    both = [row for table in TABLES for row in rows(table) if row["claims"]]
    claimed = [row for row in both if row["language"] not in ("da", "en", "de")]
    assert len(claimed) >= 30
    missed = [row for row in claimed if not is_marked(row)]
    assert len(missed) <= len(claimed) / 10, missed


def test_plain_claims_are_marked_though_nobody_asked() -> None:
    """Who asked for no change is not told that one was made."""
    claimed = [row for row in rows("replies.jsonl") if row["claims"] and row["asked_for"] != "change"]
    assert claimed
    assert [row for row in claimed if not is_marked(row)] == []
