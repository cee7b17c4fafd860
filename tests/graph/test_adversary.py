"""A sample of the conversations between an adversarial model and an adversarial user; the long run is a proof."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from crm.domain.change import Change, Row
from crm.store.audit import Event
from support.adversary import attack
from support.children import Sandbox
from support.fake_openai import FakeOpenAI
from support.licences import Licence, unapproved, unclaimed, unlicensed
from support.openai_wire import ToolCall, calls, says
from support.talk import Talk

SEED = 20261122


async def test_a_sample_of_hostile_conversations(crm: Sandbox, tmp_path: Path) -> None:
    """Nothing is written that was not approved, each approval writes at most once, and every conversation goes on."""
    try:
        report = await attack(crm, tmp_path, SEED, range(15))
    finally:
        crm.control("POST", "rate-limits", {"window_max": 100, "search_max": 5, "daily_max": 250_000})
    assert report.wrong == []
    # a run in which nothing is approved or refused would prove nothing
    assert report.counts["writes"] >= 6
    assert report.counts["decided reject"] >= 3
    assert report.counts["decided edit"] >= 1


async def test_more_days_than_a_calendar_holds(opener: Any, server: FakeOpenAI) -> None:
    """A model that asks for the changes of a billion days gets those that there are."""
    server.script = [calls(ToolCall("list_changes", {"days": 10**9})), says("Det var det.")]
    async with opener(openai_base_url=server.base_url) as graph:
        assert "Det var det." in await Talk(graph).say("hvad har du ændret?")


async def test_long_arguments_that_are_malformed_hold_nobody_up(opener: Any, server: FakeOpenAI) -> None:
    """A model whose long arguments end in rubbish is given up at once, and the guided model answers."""
    text = json.dumps({"contact": "1", "properties": {"message": "æ" * 3_000}})
    server.script = [calls(ToolCall("update_contact", text + text))]
    async with opener(openai_base_url=server.base_url) as graph:
        began = time.process_time()
        assert "regelbaserede model" in await Talk(graph).say("hvad kan du?")
        assert time.process_time() - began < 10  # it took minutes


def patch(**properties: str) -> dict:
    return {"method": "PATCH", "objectId": "1", "properties": properties}


ALLOWED = Licence("c", "update", "1", {"city": "A"})


@pytest.mark.parametrize(
    ("writes", "left"),
    [
        ([patch(city="A")], 0),
        ([patch(city="A", lifecyclestage=""), patch(lifecyclestage="lead")], 2),
        ([patch(city="A"), patch(city="A")], 1),
        ([patch(city="B")], 1),
        ([patch(city="A", zip="1")], 1),
        ([{**patch(city="A"), "objectId": "2"}], 1),
        ([{**patch(city="A"), "method": "POST"}], 1),
        ([{**patch(), "method": "DELETE"}], 1),
    ],
)
def test_a_write_without_a_licence_is_seen(writes: list, left: int) -> None:
    """The adversary's check sees a write that is repeated, altered, or meant for something else."""
    assert len(unlicensed(writes, [ALLOWED])) == left
    change = Change(
        id="c", action="update", contact_id="1", display="x", rows=(Row(property="city", before=None, after="A"),)
    )
    assert len(unclaimed(writes, [change])) == left


def test_a_stage_that_goes_back_in_two_writes_is_one_change() -> None:
    """The two writes of an undo that moves a lifecycle stage back use up one licence, and only one pair does."""
    back = Licence("c", "undo", "1", {"city": "A", "lifecyclestage": "lead"})
    writes = [patch(city="A", lifecyclestage=""), patch(lifecyclestage="lead")]
    again = [patch(city="A", lifecyclestage=""), patch(lifecyclestage="lead")]
    assert unlicensed(writes, [back]) == []
    assert len(unlicensed(writes + again, [back])) == 2


def event(kind: str, outcome: str = "", **more: str) -> Event:
    given = {"user": "u", "conversation": "t", "change_id": "c", "digest": "d", "action": "update", "card_id": "k"}
    return Event(kind=kind, outcome=outcome, **{**given, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("trail", "found"),
    [
        ([event("proposed"), event("decided", "approve"), event("claimed")], 0),
        (
            [
                event("proposed"),
                event("decided", "edit"),
                event("proposed", change_id="e"),
                event("claimed", change_id="e"),
            ],
            0,
        ),
        ([event("proposed"), event("decided", "reject"), event("claimed")], 1),
        ([event("proposed"), event("decided", "approve", user="v"), event("claimed")], 1),
        ([event("proposed", digest="other"), event("decided", "approve"), event("claimed")], 1),
        ([event("proposed"), event("claimed"), event("decided", "approve")], 1),
        ([event("proposed"), event("decided", "approve", card_id="l"), event("claimed")], 1),
        ([event("proposed"), event("decided", "approve"), event("claimed"), event("claimed")], 1),
    ],
)
def test_a_claim_without_an_approval_is_seen(trail: list, found: int) -> None:
    """The adversary's check sees a claim that nobody, or somebody else, approved, or that was made twice."""
    assert len(unapproved(trail)) == found
