"""The graph as LangGraph Studio sees it: served by ``langgraph dev``, driven with the SDK that Studio uses."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient

from support.children import ROOT, Sandbox, clean_environment, free_port, running_sandbox
from support.other_account import as_other

pytest.importorskip("langgraph_api", reason="needs the studio set: make studio installs it")

GRAPH = "contacts"
NODES = {"welcome", "router", "guide", "agent", "tools", "approve", "apply"}
OFFLINE = {"LANGGRAPH_CLI_NO_ANALYTICS": "1", "LANGGRAPH_NO_VERSION_CHECK": "true", "LANGSMITH_TRACING": "false"}
EMAIL = "per.testesen@nordlys.example"
CREATE = f"Opret Per Testesen, {EMAIL}"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def studio(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncLangGraphClient]:
    """The development server over links to the checkout, so that what it keeps stays out of it."""
    folder = tmp_path_factory.mktemp("studio")
    for path in ROOT.iterdir():
        if not path.name.startswith(".") and path.name != "var":
            (folder / path.name).symlink_to(path)
    port = free_port()
    command = [sys.executable, "-m", "langgraph_cli", "dev", "--no-browser", "--no-reload", "--port", str(port)]
    log = folder / "server.log"
    environment = clean_environment(**OFFLINE, **sandbox.environment(folder / "var"))
    with log.open("w") as out, subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=out) as child:
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_up(url, child, log)
            with get_sync_client(url=url) as client:
                yield client
        finally:
            child.terminate()
            print(log.read_text()[-6000:])


def wait_until_up(url: str, child: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert child.poll() is None, log.read_text()
        try:
            if httpx.get(f"{url}/ok").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"the server is not up after 60 s:\n{log.read_text()}")


@pytest.fixture
def thread(studio: SyncLangGraphClient) -> str:
    return str(studio.threads.create()["thread_id"])


def run(studio: SyncLangGraphClient, thread: str, **given: Any) -> Any:
    return studio.runs.wait(thread, GRAPH, config={"configurable": {"language": "da"}}, **given)


def says(studio: SyncLangGraphClient, thread: str, text: str) -> Any:
    return run(studio, thread, input={"messages": [{"role": "user", "content": text}]})


def waiting(studio: SyncLangGraphClient, thread: str) -> list[Any]:
    """The cards that wait, as Studio would list them."""
    state = studio.threads.get_state(thread)
    return [interrupt["value"] for task in state["tasks"] for interrupt in task["interrupts"]]


def approval(card: Any) -> dict[str, Any]:
    decisions = {c["id"]: {"decision": "approve", "acknowledge": c["acknowledge"]} for c in card["changes"]}
    return {"approval_id": card["id"], "decisions": decisions}


def test_the_drawing_shows_the_named_nodes(studio: SyncLangGraphClient) -> None:
    """People see every node of the contract in Studio, under its name."""
    assistant = studio.assistants.search(graph_id=GRAPH)[0]
    drawn = studio.assistants.get_graph(assistant["assistant_id"])
    assert {node["id"] for node in drawn["nodes"]} >= NODES


def test_an_empty_input_greets(studio: SyncLangGraphClient, thread: str) -> None:
    """A new conversation is opened with an empty input, and the assistant speaks first."""
    state = run(studio, thread, input={})
    assert [message["type"] for message in state["messages"]] == ["ai"]
    assert state["messages"][0]["content"]


def test_a_button_gives_its_instruction(studio: SyncLangGraphClient, thread: str) -> None:
    """A button's choice is answered by the assistant without anything being asked of the CRM."""
    run(studio, thread, input={})
    state = run(studio, thread, input={"choice": "create"})
    assert [message["type"] for message in state["messages"]][-1] == "ai"
    assert len(state["messages"]) >= 2
    assert waiting(studio, thread) == []


def test_a_card_is_approved_once(studio: SyncLangGraphClient, thread: str, sandbox: Sandbox) -> None:
    """Text leads to a card; a malformed answer is refused and the card stays; the right answer writes, once."""
    run(studio, thread, input={})
    out = says(studio, thread, CREATE)
    (card,) = waiting(studio, thread)
    assert out["__interrupt__"][0]["value"] == card
    assert card["kind"] == "approval"
    assert card["changes"][0]["action"] == "create"
    assert sandbox.find(EMAIL) is None

    for wrong in (
        {"approval_id": "another", "decisions": {}},
        {"approval_id": card["id"], "decisions": {}},
        "godkend!",
    ):
        with pytest.raises(Exception, match=r"."):
            run(studio, thread, command={"resume": wrong})
        assert waiting(studio, thread) == [card]
    assert sandbox.find(EMAIL) is None

    state = run(studio, thread, command={"resume": approval(card)})
    assert waiting(studio, thread) == []
    assert state["messages"][-1]["type"] == "ai"
    found = sandbox.find(EMAIL)
    assert found is not None

    before = len(sandbox.writes())
    run(studio, thread, command={"resume": approval(card)})
    assert len(sandbox.writes()) == before


@pytest.mark.parametrize(("word", "written"), [("ja", True), ("nej", False)])
def test_a_typed_word_answers_the_card(
    studio: SyncLangGraphClient, thread: str, sandbox: Sandbox, word: str, written: bool
) -> None:
    """In Studio people type: a plain yes approves the card that waits, a plain no rejects it."""
    email = f"{word}.testesen@nordlys.example"
    run(studio, thread, input={})
    says(studio, thread, f"Opret {word.title()} Testesen, {email}")
    assert len(waiting(studio, thread)) == 1
    says(studio, thread, word)
    assert waiting(studio, thread) == []
    assert (sandbox.find(email) is not None) is written


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"X-Forwarded-For": "127.0.0.1:9"}, 403),
        ({"Origin": "https://smith.langchain.com"}, 200),
        ({}, 200),
    ],
)
def test_only_studio_may_ask(studio: SyncLangGraphClient, headers: dict[str, str], status: int) -> None:
    """A page of any other site, or one whose name points here, gets nothing done; Studio and local programs do."""
    body = b'{"metadata": {}}'
    url = f"{str(studio.http.client.base_url).rstrip(chr(47))}/threads"
    answer = httpx.post(url, content=body, headers={"Content-Type": "text/plain", **headers})
    assert answer.status_code == status
    allowed = answer.headers.get("access-control-allow-origin", "")
    assert allowed in ("", headers.get("Origin")) and "evil" not in allowed


def test_another_account_may_not_ask(studio: SyncLangGraphClient) -> None:
    """Another account of the machine, which can open the port as well, gets nothing done."""
    port = studio.http.client.base_url.port
    assert port is not None
    assert as_other(port, "/threads", method="POST").startswith("HTTP/1.1 403")
