"""Hostile strings as messages, as values in the CRM and as new values: nothing unapproved, no crash, all literal."""

import asyncio
import csv
import io
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from cli.audit import main
from cli.audit_formats import visible
from crm.hubspot.gateway import Gateway
from crm.hubspot.rate_limiter import RateLimiter
from crm.portal import Portal
from crm.store.engine import Database
from crm.store.ledger import Ledger
from graph import build_graph
from graph.models import open_model
from graph.words import short
from support.children import SANDBOX_TOKEN, Sandbox
from support.fake_openai import FakeOpenAI
from support.hostile import chunks, hostile, seed
from support.openai_wire import ToolCall, calls
from support.talk import Graph, Talk

FIELDS = ("company", "jobtitle", "city", "address", "zip", "state", "message")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
PUT_BEFORE = re.compile(r"((?:^|[;\t\r\n])[\s\"]*)'")  # where an apostrophe makes text of a formula
TALKS = 4  # conversations at once
# a sixth of the strings, and all of them among the proofs
PARTS = pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.proof)])
Wide = Callable[..., AbstractAsyncContextManager[Graph]]


@pytest.fixture
def wide(crm: Sandbox, tmp_path: Path) -> Wide:
    """The graph over a sandbox that may be asked as fast as it answers: hundreds of turns are taken."""

    @asynccontextmanager
    async def opened(model: Any = None, **options: Any) -> AsyncIterator[Graph]:
        rate_limiter = RateLimiter(searches=100_000, others=100_000)
        gateway, database = (
            Gateway(token=SANDBOX_TOKEN, api_url=crm.url, rate_limiter=rate_limiter),
            Database(tmp_path / "ledger.db"),
        )
        crm.control("POST", "rate-limits", {"window_max": 10_000})  # answers name it, and the gateway keeps to it
        try:
            portal = Portal(gateway, Ledger(database), changes_per_hour=10_000)
            yield build_graph(model=model, crm=portal, **options).compile(checkpointer=InMemorySaver())
        finally:
            crm.control("POST", "rate-limits", {"window_max": 100})
            gateway.close()
            database.close()

    return opened


@PARTS
async def test_hostile_messages_write_nothing(wide: Wide, crm: Sandbox, every: int) -> None:
    """Every string is answered as a message, nothing is written, and the conversation goes on."""
    strings = hostile(every)

    async def converse(graph: Graph, number: int) -> None:
        talk = Talk(graph, f"t{number}")
        for text in strings[number::TALKS]:
            await talk.say(text)
            assert talk.card is not None or talk.replies, text
        assert "1. **Mette Hansen**" in await talk.say("find mette.hansen@nordlys.example")

    async with wide() as graph:
        await asyncio.gather(*(converse(graph, number) for number in range(TALKS)))
    assert crm.writes() == []


@PARTS
async def test_hostile_contacts_are_shown_literally(wide: Wide, crm: Sandbox, every: int) -> None:
    """Every string that stands in a contact is in the list as the characters that it is, and starts nothing."""
    strings = hostile(every)
    groups = seed(crm, strings)

    async def look(talk: Talk, name: str, texts: Any) -> None:
        reply = await talk.say(f"find {name}")
        for text in texts:
            assert short(text) in reply or short(text.strip()) in reply, (name, text)
        assert talk.card is None

    async with wide() as graph:
        pages = list(zip(groups, chunks(strings, 10), strict=True))
        for some in chunks(pages, TALKS):
            await asyncio.gather(*(look(Talk(graph, name), name, texts) for name, texts in some))
        talk = Talk(graph, "details")
        details = await talk.say("find h5@nordlys.example") + await talk.say("vis alt om h5@nordlys.example")
        assert short(strings[5]) in details
    assert crm.writes() == []


@PARTS
async def test_hostile_values_are_written_only_as_approved(
    wide: Wide, crm: Sandbox, server: FakeOpenAI, tmp_path: Path, capsys: pytest.CaptureFixture[str], every: int
) -> None:
    """A model that proposes every string: each is on a card, written only if approved, and in audit and CSV."""
    strings = hostile(every)
    contacts = [crm.create(email=f"v{n}@nordlys.example", firstname=f"V{n}") for n in range(8)]
    crm.control("DELETE", "writes")
    cards = list(chunks(list(chunks(strings, len(FIELDS))), len(contacts)))
    approved: list[tuple[str, dict[str, str]]] = []
    async with (
        open_model(model="scripted", api_key=None, base_url=server.base_url) as model,
        wide(model, changes_per_card=len(contacts)) as graph,
    ):
        talk = Talk(graph)
        for number, card in enumerate(cards):
            proposals = [proposal(contact, texts) for contact, texts in zip(contacts, card, strict=False)]
            server.play([calls(*proposals)])
            await talk.say("skriv dem alle")
            if talk.card is None:
                continue
            changes = talk.card["changes"]
            assert json.loads(json.dumps(talk.card)) == talk.card
            decisions = {c["id"]: decision(c, approve=(number + n) % 3 > 0) for n, c in enumerate(changes)}
            approved += [
                (c["contact_id"], {row["property"]: row["after"] for row in c["rows"]})
                for c in changes
                if decisions[c["id"]]["decision"] == "approve"
            ]
            await talk.answer({"approval_id": talk.card["id"], "decisions": decisions})
        assert await talk.press("search")
    writes = [(w["objectId"], w["properties"]) for w in crm.writes()]
    assert len(approved) > 30 / every
    left = [values for _, values in approved]
    for _, properties in writes:
        match = next((values for values in left if properties.items() <= values.items()), None)
        assert match is not None, properties
        left.remove(match)
    told(tmp_path / "ledger.db", approved, capsys)


def proposal(contact: str, texts: Any) -> ToolCall:
    values = dict(zip(FIELDS, texts, strict=False))
    return ToolCall("update_contact", {"contact": contact, "properties": values}, id=f"c{contact}")


def decision(change: dict[str, Any], *, approve: bool) -> dict[str, Any]:
    return {"decision": "approve", "acknowledge": change["acknowledge"]} if approve else {"decision": "reject"}


def told(ledger: Path, approved: list[tuple[str, dict[str, str]]], capsys: pytest.CaptureFixture[str]) -> None:
    """Every approved value is in the list and in the CSV, where it is text to any spreadsheet."""
    values = [value for _, properties in approved for value in properties.values() if value]
    assert main(["--file", str(ledger)]) == 0
    listed = capsys.readouterr().out
    assert not [value for value in values if visible(value) not in listed]
    assert main(["--file", str(ledger), "--format", "csv"]) == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out, newline="")))
    cells = {cell for row in rows for cell in row}
    assert not [cell for cell in cells if cell.lstrip().startswith(FORMULA) or cell.startswith(FORMULA)]
    raw = cells | {PUT_BEFORE.sub(r"\1", cell) for cell in cells}
    assert not [value for value in values if value not in raw]
    assert main(["verify", "--file", str(ledger)]) == 0
