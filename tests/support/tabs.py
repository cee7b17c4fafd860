"""Browser tabs without a browser: a socket, and requests for the buttons; and the chat servers they use."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import socketio  # type: ignore[import-untyped]

from support.children import ROOT, clean_environment, free_port
from support.patience import patiently

START_SECONDS, ANSWER_SECONDS = patiently(60.0), patiently(60.0)
WAIT = 20  # seconds that a browser waits for its connection


@dataclass(frozen=True)
class Server:
    """One chat, and the path with which a client signs in."""

    name: str
    url: str
    sign_in: tuple[str, str] | None
    child: subprocess.Popen[bytes]


@dataclass
class Tab:
    """One tab: it connects, is greeted, and presses buttons."""

    server: Server
    http: aiohttp.ClientSession
    cookie: str
    session: str = field(default_factory=lambda: str(uuid4()))
    buttons: list[dict[str, Any]] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    thread: str = ""

    def __post_init__(self) -> None:
        self._socket = socketio.AsyncClient(reconnection=False)
        self._changed = asyncio.Condition()
        self._socket.on("action", self._button)
        self._socket.on("new_message", self._message)
        self._socket.on("first_interaction", self._named)

    async def _button(self, button: dict[str, Any]) -> None:
        self.buttons.append(button)
        await self._tell()

    async def _message(self, step: dict[str, Any]) -> None:
        if step["type"] == "assistant_message":
            self.replies.append(step["output"])
        await self._tell()

    async def _named(self, conversation: dict[str, Any]) -> None:
        self.thread = conversation["thread_id"]

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(ANSWER_SECONDS), self._changed:
            await self._changed.wait_for(holds)

    async def greeted(self) -> float:
        """The seconds from connecting to a greeting with its three buttons."""
        started = time.perf_counter()
        auth = {"clientType": "webapp", "sessionId": self.session, "threadId": "", "userEnv": "{}", "chatProfile": ""}
        await self._socket.connect(
            self.server.url, headers=self._headers(), auth=auth, transports=["websocket"],
            socketio_path="/ws/socket.io", wait_timeout=WAIT,
        )  # fmt: skip
        await self._socket.emit("connection_successful")
        await self._until(lambda: len(self.replies) == 1 and len(self.buttons) == 3)
        return time.perf_counter() - started

    async def answered(self) -> float:
        """The seconds from pressing a button to its reply, after the request was answered as well."""
        before, started = len(self.replies), time.perf_counter()
        pressed = {"action": self.buttons[0], "sessionId": self.session}
        request = self.http.post(f"{self.server.url}/project/action", json=pressed, headers=self._headers())
        async with request as response:
            response.raise_for_status()
        await self._until(lambda: len(self.replies) > before)
        return time.perf_counter() - started

    def _headers(self) -> dict[str, str]:
        own = {"Origin": self.server.url, "Accept-Language": "da-DK"}
        return own | ({"Cookie": self.cookie} if self.cookie else {})

    async def leave(self) -> None:
        """Close the tab."""
        await self._socket.disconnect()


@asynccontextmanager
async def visitor(server: Server) -> AsyncIterator[Callable[[], Tab]]:
    """Opens tabs of one signed-in browser; they close with the context."""
    tabs: list[Tab] = []
    # a browser has a connection for each of its requests; here that must hold for everybody at once
    connections = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connections, cookie_jar=aiohttp.DummyCookieJar()) as http:
        cookie = await _signed_in(server, http)

        def tab() -> Tab:
            tabs.append(Tab(server, http, cookie))
            return tabs[-1]

        try:
            yield tab
        finally:
            await asyncio.gather(*(each.leave() for each in tabs))


async def _signed_in(server: Server, http: aiohttp.ClientSession) -> str:
    if server.sign_in is None:
        return ""
    method, path = server.sign_in
    async with http.request(method, server.url + path, headers={"Origin": server.url}) as response:
        response.raise_for_status()
        return "; ".join(f"{name}={cookie.value}" for name, cookie in response.cookies.items())


@contextmanager
def our_chat(folder: Path, **settings: str) -> Iterator[Server]:
    """Our chat, which writes its log into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    command, environment = [sys.executable, "-m", "ui"], clean_environment(**settings)
    with serving("ours", command, folder, environment, ("GET", "/")) as server:
        yield server


@contextmanager
def serving(
    name: str, command: Sequence[str], folder: Path, environment: Mapping[str, str], sign_in: tuple[str, str] | None
) -> Iterator[Server]:
    """The chat that the command serves on a port appended to it, once it answers there."""
    port = free_port()
    command = [*command, "--port", str(port)]
    log = folder / "server.log"
    with log.open("wb") as out, subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out) as child:
        try:
            deadline = time.monotonic() + START_SECONDS
            while not _listens(port):
                if child.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{' '.join(command)} does not serve:\n{log.read_text()}")
                time.sleep(0.1)
            yield Server(name, f"http://127.0.0.1:{port}", sign_in, child)
        finally:
            child.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
