"""The audit trail is complete both ways, and no log says who it was about."""

import logging
import random
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from langgraph.errors import is_invalid_resume

from crm.store.audit import Event, events, verify
from crm.store.engine import connect_to_read
from support.children import ROOT, SANDBOX_TOKEN, Sandbox, clean_environment
from support.fake_openai import FakeOpenAI
from support.openai_wire import Reply, ToolCall, calls, says
from support.patience import patiently
from support.talk import Talk

METTE = "mette.hansen@nordlys.example"
PEOPLE = (METTE, "mh@fjordbyg.example", "ny.person@nordlys.example")
WALK = 60  # steps
KEY = "sk-secret-of-the-test"


def trail(folder: Path) -> list[Event]:
    with closing(connect_to_read(folder / "ledger.db")) as db:
        assert verify(db).broken is None
        return list(events(db))


async def step(talk: Talk, crm: Sandbox, rng: random.Random, number: int) -> None:
    """Something that a user does, while HubSpot may be in trouble."""
    if talk.card is not None and rng.random() < 0.8:
        await answer(talk, crm, rng, number)
    elif rng.random() < 0.2:
        await talk.press("undo", change_id="")
    elif rng.random() < 0.3:
        await talk.say(f"opret Person{number} Nummer{number}, person{number}@nordlys.example")
    elif rng.random() < 0.2:
        await talk.say("opret Mette Hansen, stilling: Chef")
    else:
        await talk.say(f"ret stilling på {rng.choice(PEOPLE)} til Chef {number}")


async def answer(talk: Talk, crm: Sandbox, rng: random.Random, number: int) -> None:
    assert talk.card is not None
    change = talk.card["changes"][0]
    crm.control("DELETE", "faults")
    match rng.randrange(8):
        case 0:
            crm.fail(
                match={"method": rng.choice(["PATCH", "POST"]), "path_contains": "/objects/contacts"}, drop="after"
            )
        case 1:
            crm.fail(
                match={"method": rng.choice(["PATCH", "POST"])}, status=rng.choice([400, 403, 409, 429, 500]), times=9
            )
        case 2 if change["contact_id"]:
            crm.set(change["contact_id"], jobtitle=f"Andres {number}")
    match rng.randrange(8):
        case 0:
            await talk.decide("reject")
        case 1 if change["action"] != "undo":
            await talk.decide("edit", values={"jobtitle": f"Rettet {number}"})
        case 2 if change["twins"]:
            await talk.decide("use_existing", contact_id=change["twins"][0]["contact_id"])
        case 3:
            await talk.say("nej")
        case _:
            await talk.decide("approve", acknowledge=change["acknowledge"])
    crm.control("DELETE", "faults")


async def test_the_words_that_led_to_a_card_stand_beside_it(talk: Talk, tmp_path: Path) -> None:
    """What was proposed stands in the trail with what the user wrote for it."""
    said = f"ret stilling på {METTE} til CFO"
    await talk.say("hej")
    await talk.say(said)
    assert [event.personal["words"] for event in trail(tmp_path) if event.kind == "proposed"] == [said]


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.proof)])
async def test_every_write_has_its_record_and_every_record_its_write(
    opener: Any, crm: Sandbox, tmp_path: Path, seed: int
) -> None:
    """After a random walk of approvals, edits, undos and failures, writes and records of writes match one to one."""
    rng = random.Random(seed)
    others: set[int] = set()  # writes of somebody else
    async with opener(changes_per_hour=1_000) as graph:
        talks = [Talk(graph, f"t{n}", user=f"u{n}") for n in range(3)]
        for number in range(WALK):
            before = {w["seq"] for w in crm.writes()}
            talk = rng.choice(talks)
            await step(talk, crm, rng, number)
            new = [w for w in crm.writes() if w["seq"] not in before]
            others |= {w["seq"] for w in new if str(w["properties"].get("jobtitle", "")).startswith("Andres")}
    lines = trail(tmp_path)
    records = [e for e in lines if e.kind == "outcome" and e.outcome in ("applied", "partly")]
    writes = [w for w in crm.writes() if w["seq"] not in others]
    assert len(records) > 5
    for record in records:
        mine = [w for w in writes if w["correlationId"] in record.correlation_ids]
        # where the answer to a write was lost, HubSpot's name for it was lost as well
        mine = mine or [w for w in writes if is_told(w, record)][:1]
        assert mine, f"seed {seed}: no write for {record}"
        writes = [w for w in writes if w not in mine]
    assert writes == [], f"seed {seed}: no record of this"
    assert {"approve", "reject", "edit"} <= {e.outcome for e in lines if e.kind == "decided"}
    for record in records:
        kinds = [e.kind for e in lines if e.change_id == record.change_id]
        assert kinds.index("proposed") < kinds.index("claimed") < kinds.index("outcome")


def is_told(write: dict[str, Any], record: Event) -> bool:
    """Whether a write of the sandbox's is what a record tells of, by what it did to which contact."""
    if str(write["objectId"]) != record.contact_id:
        return False
    if write["method"] == "DELETE":
        return record.action == "undo"
    after = (record.personal or {}).get("after") or {}
    return all(after.get(name) == value for name, value in write["properties"].items())


def assert_silent(text: str) -> None:
    for secret in (SANDBOX_TOKEN, KEY, METTE, METTE.replace("@", "%40"), "Hemmeligtitel", "Hemmeligby", "Mette Hansen"):
        assert secret not in text, secret


async def test_no_log_holds_a_secret_or_a_person(
    opener: Any, crm: Sandbox, server: FakeOpenAI, caplog: pytest.LogCaptureFixture
) -> None:
    """At the level DEBUG, over searches, cards, writes, an undo and trouble, no log names a key or a person."""
    from pydantic import SecretStr

    caplog.set_level(logging.DEBUG)
    update = calls(ToolCall("update_contact", {"contact": METTE, "properties": {"jobtitle": "Hemmeligtitel"}}))
    search = calls(ToolCall("search_contacts", {"query": "Mette Hansen"}))
    server.script = [search, says("Mette Hansen er her."), update, Reply(status=500, text=METTE), update]
    async with opener(openai_base_url=server.base_url, openai_api_key=SecretStr(KEY)) as graph:
        talk = Talk(graph)
        await talk.open()
        await talk.say("find Mette Hansen")
        await talk.say(f"ret stilling på {METTE} til Hemmeligtitel")
        assert "er opdateret" in await talk.decide("approve")
        await talk.press("undo", change_id=(await changed(graph, talk)))
        await talk.say(f"find {METTE}")
        for fault in ({"status": 401}, {"status": 500}, {"drop": "before"}, {"drop": "after"}, {"status": 429}):
            crm.fail(times=1, **fault)
            await talk.say(f"find {METTE}")
        await talk.say(f"ret by på {METTE} til Hemmeligby")
        with pytest.raises(Exception) as refused:  # langgraph re-raises what the model raised
            await talk.answer({"approval_id": METTE})
        assert is_invalid_resume(refused.value)
    assert_silent("\n".join(f"{r.name} {r.getMessage()} {r.exc_text or ''}" for r in caplog.records))


async def changed(graph: Any, talk: Talk) -> str:
    messages = (await talk.values())["messages"]
    return str(messages[-1].additional_kwargs["outcomes"][0]["change_id"])


SCRIPT = """
import asyncio, logging
logging.basicConfig(level=logging.DEBUG)
from graph import open_assistant
from langgraph.types import Command

async def main():
    async with open_assistant() as graph:
        config = {"configurable": {"thread_id": "t"}}
        words = "ret stilling på mette.hansen@nordlys.example til Hemmeligtitel"
        out = await graph.ainvoke({"messages": [{"role": "user", "content": words}]}, config)
        card = out["__interrupt__"][0].value
        decisions = {c["id"]: {"decision": "approve"} for c in card["changes"]}
        out = await graph.ainvoke(Command(resume={"approval_id": card["id"], "decisions": decisions}), config)
        assert "Hemmeligtitel" in out["messages"][-1].content

asyncio.run(main())
"""


def test_the_whole_process_writes_neither(tmp_path: Path) -> None:
    """A process that logs everything, with its embedded sandbox, writes no token and no person to its terminal."""
    environment = clean_environment(ASSISTANT_DATABASE_URL=f"sqlite:///{tmp_path}", OPENAI_LOG="debug")
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=patiently(60), check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert_silent(done.stdout + done.stderr)
