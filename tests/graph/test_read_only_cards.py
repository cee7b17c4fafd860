"""A card that waits while the assistant is set to read only: it is put aside with the reason, and cannot be used up."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from langgraph.types import Command

from support.children import Sandbox
from support.licences import answer
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
READ_ONLY = "sat til kun at læse"


@pytest.fixture
async def talk(opener: Any) -> AsyncIterator[Talk]:
    """A conversation whose card waits from before the assistant was set to read only."""
    async with opener() as graph:
        before = Talk(graph)
        await before.say(f"ret stilling på {METTE} til CFO")
    async with opener(read_only=True) as graph:
        after = Talk(graph)
        after.card, after.known = before.card, before.known
        yield after


def turn(talk: Talk, kind: str) -> Any:
    assert talk.card
    if kind in ("approve", "reject"):
        return Command(resume=answer(talk.card, kind))
    return {
        "yes": {"messages": [("user", "ja")]},
        "yes as an answer": Command(resume={"text": "ja"}),
        "words": {"messages": [("user", f"find {METTE}")]},
        "button": {"choice": "search"},
        "opened": {},
    }[kind]


@pytest.mark.parametrize("kind", ["approve", "reject", "yes", "yes as an answer", "words", "button", "opened"])
async def test_a_card_from_before_is_put_aside(talk: Talk, crm: Sandbox, kind: str) -> None:
    """Whatever comes next, the card is withdrawn and why is said; nothing is approved, and nothing written."""
    said = await talk._run(turn(talk, kind))
    assert "lagt væk, og intet er skrevet" in said
    assert READ_ONLY in said
    assert talk.statuses == []
    assert (talk.card, crm.writes()) == (None, [])


async def test_words_and_buttons_are_answered_all_the_same(talk: Talk, crm: Sandbox) -> None:
    """The search that put the card aside is carried out."""
    assert "1. **Mette Hansen**" in await talk.say(f"find {METTE}")


async def test_the_card_does_not_come_back(talk: Talk, opener: Any, crm: Sandbox) -> None:
    """Where writing is allowed again later, a yes does not write what was put aside."""
    old = talk.card
    await talk.open()
    async with opener() as graph:
        later = Talk(graph)
        await later.say("ja")
        assert (later.card, crm.writes()) == (None, [])
        assert old
        await later.answer(answer(old, "approve"))
    assert crm.writes() == []


async def test_a_stranger_meets_no_card_either(talk: Talk, crm: Sandbox) -> None:
    """Another user's turn does not wait on a card that nobody can use."""
    stranger = Talk(talk.graph, user="eve")
    await stranger.press("search")
    assert (stranger.card, crm.writes()) == (None, [])
