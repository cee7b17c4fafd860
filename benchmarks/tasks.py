"""Measures the calls and tokens of a task: search, create and update, each in a fresh conversation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command

from benchmarks.report import Figure
from graph import open_assistant
from settings import Settings
from support import o200k
from support.children import SANDBOX_TOKEN, Sandbox
from support.fake_openai import FakeOpenAI
from support.openai_wire import Reply, ToolCall, calls, says

PREFIX_TOKENS = 1_200


@dataclass(frozen=True)
class Task:
    """What the user writes, what a sensible model answers, and the limits of the task."""

    name: str
    text: str
    script: Sequence[Reply]
    models: int
    crm: int
    crm_after: int
    tokens: int


def tasks(name: str, email: str) -> list[Task]:
    """The three tasks, about a contact that exists and one that does not."""
    new = {"firstname": "Per", "lastname": "Testesen", "email": "per.testesen@nordlys.example"}
    search = [calls(ToolCall("search_contacts", {"query": name})), says("Her er den, jeg fandt.")]
    create = [calls(ToolCall("create_contact", {"properties": new}))]
    update = [calls(ToolCall("update_contact", {"contact": email, "properties": {"phone": "22334455"}}))]
    return [
        Task("search", f"Find {name}", search, 2, 1, 0, 3_000),
        Task("create", f"Opret Per Testesen, {new['email']}", create, 1, 2, 3, 1_600),
        Task("update", f"Ret telefonnummeret for {email} til 22 33 44 55", update, 1, 1, 3, 1_600),
    ]


def known_contact(sandbox: Sandbox) -> tuple[str, str]:
    """Name and email of the first seeded contact that has both."""
    page = sandbox.http.get("/crm/v3/objects/contacts", params={"limit": 50}).raise_for_status().json()
    for contact in page["results"]:
        values = contact["properties"]
        if values.get("email") and values.get("firstname") and values.get("lastname"):
            return f"{values['firstname']} {values['lastname']}", str(values["email"])
    raise LookupError("the demo portal has no contact with a name and an email")


def approval(card: dict[str, Any]) -> dict[str, Any]:
    """The answer of somebody who approves everything."""
    decisions = {c["id"]: {"decision": "approve", "acknowledge": c["acknowledge"]} for c in card["changes"]}
    return {"approval_id": card["id"], "decisions": decisions}


async def measure(sandbox: Sandbox, folder: Path) -> list[Figure]:
    """Every task once, after a search that warms the process up."""
    found = tasks(*known_contact(sandbox))
    with FakeOpenAI() as server:
        settings = Settings(
            _env_file=None,
            hubspot_access_token=SANDBOX_TOKEN,
            hubspot_api_url=sandbox.url,
            openai_base_url=server.base_url,
            database_url=f"sqlite:///{folder}",
        )
        async with open_assistant(settings) as graph:
            await _costs(graph, server, sandbox, replace(found[0], name="warm-up"))
            figures = [figure for task in found for figure in await _costs(graph, server, sandbox, task)]
        first = server.requests[2]
    system = [message for message in first.messages if message["role"] in ("system", "developer")]
    prefix = o200k.count_request(system, first.tools)
    return [*figures, Figure("system prompt, empty desk, tool schemas: tokens", prefix, PREFIX_TOKENS)]


async def _costs(graph: Any, server: FakeOpenAI, sandbox: Sandbox, task: Task) -> list[Figure]:
    config: RunnableConfig = {"configurable": {"thread_id": uuid4().hex, "language": "da"}}
    await graph.ainvoke({}, config)
    server.play(task.script)
    asked = len(server.requests)
    sandbox.forget()
    out = await graph.ainvoke({"messages": [{"role": "user", "content": task.text}]}, config)
    before = len(sandbox.requests())
    sandbox.forget()
    if task.crm_after:
        await graph.ainvoke(Command(resume=approval(out["__interrupt__"][0].value)), config)
        assert sandbox.writes(), f"{task.name} wrote nothing"
    after = len(sandbox.requests())
    assert server.left == 0, f"{task.name} asked the model less often than it must"
    requests = server.requests[asked:]
    tokens = sum(o200k.count_request(request.messages, request.tools) for request in requests)
    return [
        Figure(f"{task.name}: model calls", len(requests), task.models),
        Figure(f"{task.name}: CRM calls up to the card or the answer", before, task.crm),
        Figure(f"{task.name}: CRM calls after the click", after, task.crm_after),
        Figure(f"{task.name}: input tokens over the task", tokens, task.tokens),
    ]
