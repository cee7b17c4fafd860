"""A sandbox in a process of its own, and the official client for it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from hubspot import HubSpot

from support.children import SHORT, running_sandbox
from support.portals import NotAllowed, Portal, connected, live_portal

ROOT = Path(__file__).parents[2]
TOKEN = "pat-eu1-sandbox"
CONTACTS = "/crm/v3/objects/contacts"


@dataclass
class Running:
    """A running sandbox: raw HTTP with the token in `http`, the control API through `control`."""

    url: str
    process: subprocess.Popen[str]
    http: httpx.Client

    def control(self, method: str, name: str, body: Any = None) -> Any:
        """One call of the control API; its answer."""
        answer = self.http.request(method, f"/_sandbox/{name}", json=body)
        answer.raise_for_status()
        return answer.json()

    def create(self, **properties: str) -> str:
        """A new contact's id."""
        answer = self.http.post(CONTACTS, json={"properties": properties})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def search(self, **body: Any) -> Any:
        """The answer to a search."""
        answer = self.http.post(f"{CONTACTS}/search", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def found(self, **body: Any) -> list[str]:
        """The ids a search finds."""
        return [result["id"] for result in self.search(**body)["results"]]


Launch = Callable[..., Running]


@pytest.fixture(scope="session")
def launch() -> Iterator[Launch]:
    """Start sandboxes with the given options; all end with the session."""
    started: list[Running] = []

    def start(*options: str, **popen: Any) -> Running:
        command = [sys.executable, "-m", "sandbox", "--port", "0", *options]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, **popen)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("sandbox ready http://"), line
        url = line.split()[-1]
        http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30, limits=SHORT)
        running = Running(url, process, http)
        started.append(running)
        return running

    yield start
    for running in started:
        running.http.close()
        running.process.terminate()
    for running in started:
        running.process.wait(10)
        if running.process.stdout is not None:
            running.process.stdout.close()


@pytest.fixture(scope="session")
def shared(launch: Launch) -> Running:
    """One sandbox in memory for most tests."""
    return launch("--db", ":memory:", "--seed", "none")


@pytest.fixture
def sandbox(shared: Running) -> Running:
    """An empty sandbox in its first state."""
    shared.control("POST", "reset", {"seed": "none"})
    return shared


@pytest.fixture
def demo(shared: Running) -> Running:
    """A sandbox with the demo contacts."""
    shared.control("POST", "reset", {"seed": "demo"})
    return shared


@pytest.fixture
def client(sandbox: Running) -> HubSpot:
    """The official client over the empty sandbox, without retries of its own."""
    return HubSpot(access_token=TOKEN, host=sandbox.url, retry=False)


@pytest.fixture(scope="session", params=["v3", "2026-09"])
def portal(request: pytest.FixtureRequest) -> Iterator[Portal]:
    """A sandbox with the demo's contacts, or with ``--live --portal ID`` that account; left as it was found."""
    wanted = request.config.getoption("--portal")
    if wanted is None:
        with running_sandbox("--db", ":memory:") as sandbox:
            yield from _cleaned(connected(sandbox.url, TOKEN, False, request.param))
        return
    try:
        live = live_portal(wanted, request.param)
    except NotAllowed as refusal:
        pytest.exit(str(refusal), returncode=pytest.ExitCode.USAGE_ERROR)
    yield from _cleaned(live)


def _cleaned(portal: Portal) -> Iterator[Portal]:
    try:
        yield portal
    finally:
        portal.clean()
