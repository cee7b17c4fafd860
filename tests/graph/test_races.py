"""Two things at the same moment: one outcome, told truthfully."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from langgraph.types import Command

from settings import Settings
from support.children import ROOT, Sandbox, clean_environment
from support.licences import answer
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
UPDATE = f"ret stilling på {METTE} til CFO"
DONE, CANCELLED = "er opdateret", "er annulleret"


async def until_sent(crm: Sandbox, method: str = "PATCH") -> None:
    """Waits until a call of the assistant has reached the CRM, where a planned fault keeps it."""
    for _ in range(200):
        found = await asyncio.to_thread(crm.requests)
        if any(request["method"] == method and not request["path"].endswith("/search") for request in found):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"no {method} was sent")


async def test_five_clicks_at_once_have_one_effect(talk: Talk, crm: Sandbox) -> None:
    """Five approvals of an update at the same moment write once, and each of them is told that it is done."""
    await talk.say(UPDATE)
    assert talk.card is not None
    given = Command(resume=answer(talk.card, "approve"))
    results = await asyncio.gather(*(talk.graph.ainvoke(given, talk.config) for _ in range(5)))
    assert len(crm.writes()) == 1
    assert all(DONE in out["messages"][-1].text for out in results)


@pytest.mark.parametrize("first", ["approve", "reject"])
async def test_approve_against_cancel_at_once(opener: Any, crm: Sandbox, first: str) -> None:
    """Of an approval and a cancellation at the same moment one stands, and the other says that it came too late."""
    async with opener() as graph:
        for n in range(8):
            one, two = (Talk(graph, thread=f"t{n}") for _ in range(2))
            await one.say(f"ret stilling på {METTE} til Chef {first} {n}")
            two.card = one.card
            before, order = len(crm.writes()), (first, "reject" if first == "approve" else "approve")
            replies = await asyncio.gather(one.decide(order[0]), two.decide(order[1]))
            written = len(crm.writes()) - before
            told = " ".join(replies)
            assert (written, DONE in told, CANCELLED in told) in ((1, True, False), (0, False, True)), replies


async def test_a_cancellation_while_it_is_being_written(opener: Any, crm: Sandbox) -> None:
    """Who cancels while the approval of another tab is being written is told that it is written."""
    async with opener() as graph:
        one, two = Talk(graph), Talk(graph)
        await one.say(UPDATE)
        two.card = one.card
        crm.forget()
        crm.fail(match={"method": "PATCH"}, delay=0.6)
        writing = asyncio.create_task(one.decide("approve"))
        await until_sent(crm)
        late = await two.decide("reject")
        assert DONE in await writing
        assert DONE in late
        assert CANCELLED not in late
        assert len(crm.writes()) == 1


@pytest.mark.parametrize("words", ["find Pieter van der Berg", "nej", "nej, Direktør"])
async def test_a_message_while_it_is_being_written(opener: Any, crm: Sandbox, words: str) -> None:
    """A message that arrives during the write first learns what became of it, and never that nothing was written."""
    async with opener() as graph:
        one, two = Talk(graph), Talk(graph)
        await one.say(UPDATE)
        crm.forget()
        crm.fail(match={"method": "PATCH"}, delay=0.6)
        writing = asyncio.create_task(one.decide("approve"))
        await until_sent(crm)
        reply = await two.say(words)
        assert DONE in await writing
        assert DONE in reply
        assert "intet er skrevet" not in reply
        assert [w["properties"] for w in crm.writes()] == [{"jobtitle": "CFO"}]


async def test_approve_against_a_new_message_at_once(opener: Any, crm: Sandbox) -> None:
    """Of an approval and other words at the same moment one has the card, and nobody is told what is not so."""
    async with opener() as graph:
        for n in range(8):
            one, two = (Talk(graph, thread=f"t{n}") for _ in range(2))
            await one.say(f"ret stilling på {METTE} til Chef {n}")
            before = len(crm.writes())
            approved, said = await asyncio.gather(one.decide("approve"), two.say("find Pieter van der Berg"))
            written = len(crm.writes()) - before
            assert written == (DONE in f"{approved} {said}"), (approved, said)
            assert not (written and "intet er skrevet" in said), said
            assert "Pieter" in f"{approved} {said}"


async def test_two_edits_at_once_are_one(opener: Any, crm: Sandbox) -> None:
    """Two tabs that edit the same card to different values at the same moment write one of them."""
    async with opener() as graph:
        one, two = Talk(graph), Talk(graph)
        await one.say(UPDATE)
        two.card = one.card
        await asyncio.gather(
            one.decide("edit", values={"jobtitle": "COO"}), two.decide("edit", values={"jobtitle": "CTO"})
        )
        assert [w["properties"]["jobtitle"] for w in crm.writes()] in (["COO"], ["CTO"])


@pytest.mark.parametrize(
    "words", [UPDATE, "opret Per Testesen, 22 33 11 44", "opret Per Testesen, per@nordlys.example"]
)
async def test_one_edit_in_two_processes_is_written_once(opener: Any, crm: Sandbox, words: str) -> None:
    """The same edit, carried out by two assistants over one folder at once, is one write, told as done by both."""
    async with opener() as here, opener() as there:
        for n in range(4):
            one, two = Talk(here, thread=f"t{n}"), Talk(there, thread=f"t{n}")
            await one.say(words)
            two.card = one.card
            crm.control("DELETE", "writes")
            values = {"jobtitle": f"Chef {n}"}
            replies = await asyncio.gather(one.decide("edit", values=values), two.decide("edit", values=values))
            assert len(crm.writes()) == 1
            assert all("er oprettet" in reply or DONE in reply for reply in replies), replies
            assert (one.card, two.card) == (None, None)
            crm.reset()


@pytest.fixture(scope="module")
def racers() -> Iterator[list[subprocess.Popen[str]]]:
    """Two processes that answer cards."""
    environment = clean_environment(PYTHONPATH=f"{ROOT}{os.pathsep}{ROOT / 'tests'}")
    command = [sys.executable, "-m", "support.racer"]
    with ExitStack() as stack:  # the end of their stdin, which the stack closes, ends them
        yield [
            stack.enter_context(
                subprocess.Popen(
                    command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
                )
            )
            for _ in range(2)
        ]


@pytest.mark.parametrize("second", ["approve", "reject", "find Pieter van der Berg"])
def test_two_processes_over_one_folder(
    racers: list[subprocess.Popen[str]], settings: Settings, crm: Sandbox, tmp_path: Path, second: str
) -> None:
    """Two processes that answer one card at the same moment have one effect, and both report what is true."""
    card = asyncio.run(waiting_card(settings))
    other = answer(card, second) if second in ("approve", "reject") else second
    replies = race(racers, crm.environment(tmp_path), [answer(card, "approve"), other])
    told, writes = " ".join(replies), len(crm.writes())
    assert writes <= 1
    assert (DONE in told) == bool(writes)
    assert not (writes and (CANCELLED in told or "intet er skrevet" in told)), replies
    if second == "approve":
        assert all(DONE in reply for reply in replies), replies


async def waiting_card(settings: Settings) -> dict[str, Any]:
    from graph import open_assistant

    async with open_assistant(settings) as graph:
        talk = Talk(graph)
        await talk.say(UPDATE)
        assert talk.card is not None
        return talk.card


def race(racers: list[subprocess.Popen[str]], settings: dict[str, str], answers: list[Any]) -> list[str]:
    """The replies of processes that answer at the same moment."""

    def tell(racer: subprocess.Popen[str], what: Any) -> None:
        assert racer.stdin is not None
        racer.stdin.write(json.dumps(what) + "\n")
        racer.stdin.flush()

    def hear(racer: subprocess.Popen[str]) -> str:
        assert racer.stdout is not None
        return racer.stdout.readline()

    for racer in racers:
        tell(racer, settings)
    assert [hear(racer) for racer in racers] == ["ready\n"] * len(racers)
    for racer, given in zip(racers, answers, strict=True):
        tell(racer, given)
    return [str(json.loads(hear(racer))["reply"]) for racer in racers]
