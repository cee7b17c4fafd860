"""Child processes for tests and benchmarks: a sandbox on a port of its own, and an environment without settings."""

import os
import re
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
SANDBOX_TOKEN = "pat-eu1-sandbox"
# the server closes a connection that was idle for 5 seconds, just when httpx would use it for the last time
SHORT = httpx.Limits(keepalive_expiry=1.0)
COLLEAGUE = "CRM_UI/userId:7"  # whoever changes contacts behind the assistant's back does so in HubSpot's pages
OURS = ("ASSISTANT_", "HUBSPOT_", "OPENAI_", "LANGSMITH_", "LANGCHAIN_", "LANGGRAPH_")


def clean_environment(**more: str) -> dict[str, str]:
    """This process's environment without anything that configures the assistant, and with ``more``."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)} | more


def free_port() -> int:
    """Return a free port outside the range from which the system chooses ports for outgoing connections."""
    while True:
        port = 15_000 + secrets.randbelow(15_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox and its control API."""

    url: str
    http: httpx.Client

    def environment(self, folder: Path) -> dict[str, str]:
        """Settings of an assistant on this sandbox that keeps everything in ``folder``."""
        return {
            "HUBSPOT_ACCESS_TOKEN": SANDBOX_TOKEN,
            "HUBSPOT_API_URL": self.url,
            "ASSISTANT_DATABASE_URL": f"sqlite:///{folder}",
        }

    def requests(self) -> list[dict[str, Any]]:
        """The CRM calls since the last ``forget``."""
        return list(self.control("GET", "requests")["requests"])

    def writes(self) -> list[dict[str, Any]]:
        """The writes since the start or the last reset."""
        return list(self.control("GET", "writes")["writes"])

    def forget(self) -> None:
        """Clears the log of CRM calls."""
        self.control("DELETE", "requests")

    def reset(self) -> None:
        """The demo's contacts as they were at the start, no faults, no lag, all scopes."""
        self.control("POST", "lag", {"seconds": 0})
        self.control("POST", "reset", {"seed": "demo"})  # logs, faults and scopes with it

    def fail(self, **fault: Any) -> None:
        """Makes the next matching calls go wrong (``/_sandbox/faults``)."""
        self.control("POST", "faults", fault)

    def under_way(self, method: str, path: str = "") -> bool:
        """Whether a call with this method, and a path that matches, has come that is not answered yet."""
        waiting = (request for request in self.requests() if request["ms"] is None)
        return any(request["method"] == method and re.search(path, request["path"]) for request in waiting)

    def made(self) -> str:
        """The id of the contact that was created last; "" where none was."""
        return next((w["objectId"] for w in reversed(self.writes()) if w["method"] == "POST"), "")

    def wrote(self, **properties: str) -> int:
        """How many writes had just these properties, by whomever."""
        return sum(write["properties"] == properties for write in self.writes())

    def get(self, contact_id: str, *properties: str) -> dict[str, Any]:
        """The properties of a contact."""
        answer = self.http.get(f"/crm/v3/objects/contacts/{contact_id}", params={"properties": ",".join(properties)})
        return dict(answer.raise_for_status().json()["properties"])

    def set(self, contact_id: str, **properties: str) -> None:
        """Changes a contact behind the assistant's back."""
        self.http.patch(f"/crm/v3/objects/contacts/{contact_id}", json={"properties": properties}).raise_for_status()

    def late(self, contact_id: str | None, *, author: str = "INTEGRATION", **properties: str) -> None:
        """Changes a contact, or creates one, as a call of the assistant's own does that arrives late."""
        method, path = ("PATCH", f"/{contact_id}") if contact_id else ("POST", "")
        self.http.request(
            method, f"/crm/v3/objects/contacts{path}", json={"properties": properties},
            headers={"X-Sandbox-Author": author},
        ).raise_for_status()  # fmt: skip

    def create(self, **properties: str) -> str:
        """Creates a contact behind the assistant's back; its id."""
        answer = self.http.post("/crm/v3/objects/contacts", json={"properties": properties})
        return str(answer.raise_for_status().json()["id"])

    def archive(self, contact_id: str) -> None:
        """Archives a contact behind the assistant's back."""
        self.http.delete(f"/crm/v3/objects/contacts/{contact_id}").raise_for_status()

    def find(self, email: str) -> dict[str, Any] | None:
        """A contact by its email."""
        answer = self.http.get(f"/crm/v3/objects/contacts/{email}", params={"idProperty": "email"})
        return None if answer.status_code == 404 else dict(answer.raise_for_status().json())

    def control(self, method: str, name: str, body: Any = None) -> dict[str, Any]:
        """One call of the control API."""
        answer = self.http.request(method, f"/_sandbox/{name}", json=body).raise_for_status()
        return dict(answer.json() or {}) if answer.content else {}


@contextmanager
def running_sandbox(*options: str) -> Iterator[Sandbox]:
    """``python -m sandbox`` on a free port; it ends with the context, and with this process."""
    command: Sequence[str] = [sys.executable, "-m", "sandbox", "--port", "0", "--parent-pipe", *options]
    with subprocess.Popen(
        command, cwd=ROOT, env=clean_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        try:
            assert child.stdout is not None
            url = child.stdout.readline().removeprefix("sandbox ready ").strip()
            assert url.startswith("http://"), "the sandbox did not start"
            headers = {"Authorization": f"Bearer {SANDBOX_TOKEN}", "X-Sandbox-Author": COLLEAGUE}
            with httpx.Client(base_url=url, headers=headers, timeout=30, limits=SHORT) as http:
                yield Sandbox(url, http)
        finally:
            child.terminate()
