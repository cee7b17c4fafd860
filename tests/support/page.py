"""The chat's page without a browser: sends requests and socket events as our page does, or any others."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

SECONDS = 15.0


@dataclass
class Page:
    """An open page: ``http`` with its cookies, and the socket."""

    http: httpx.Client
    socket: ClientConnection
    session: str = field(default_factory=lambda: str(uuid4()))
    _asked: int = 0

    def send(self, frame: str) -> None:
        """A frame as it is."""
        self.socket.send(frame)

    def emit(self, event: str, *arguments: Any) -> None:
        """An event that wants no answer."""
        self.send("42" + json.dumps([event, *arguments]))

    def ask(self, event: str, *arguments: Any, seconds: float = SECONDS) -> bool:
        """Whether an event is acknowledged, which happens once its handler has ended."""
        self._asked += 1
        self.send(f"42{self._asked}" + json.dumps([event, *arguments]))
        end = f"43{self._asked}["
        return any(frame.startswith(end) for frame in self.frames(seconds, until=end))

    def frames(self, seconds: float, *, until: str | None = None) -> Iterator[str]:
        """The frames that the server sends until it is silent for ``seconds``, or until one begins with ``until``."""
        while True:
            try:
                frame = str(self.socket.recv(timeout=seconds))
            except (TimeoutError, ConnectionClosed):
                return
            if frame == "2":
                self.send("3")
                continue
            yield frame
            if until is not None and frame.startswith(until):
                return

    def greeted(self) -> list[dict[str, Any]]:
        """Say hello, and return the messages of the greeting."""
        self.emit("connection_successful")
        return self.messages(2)

    def messages(self, ends: int = 1) -> list[dict[str, Any]]:
        """The messages that come before this many tasks have ended."""
        found = []
        for frame in self.frames(SECONDS):
            event, *arguments = json.loads(frame[2:]) if frame.startswith("42") else ("",)
            if event == "new_message":
                found.append(arguments[0])
            ends -= event == "task_end"
            if not ends:
                return found
        raise AssertionError("the chat does not answer")

    def say(self, text: str, **more: Any) -> list[dict[str, Any]]:
        """Writes a message, and returns those that answer it."""
        self.emit("client_message", {"message": message(text, **more), "fileReferences": []})
        return self.messages()

    def action(self, name: str, **payload: Any) -> httpx.Response:
        """Presses a button."""
        action = {"name": name, "payload": payload, "label": "", "tooltip": "", "forId": "", "id": str(uuid4())}
        return self.http.post("/project/action", json={"sessionId": self.session, "action": action})


def message(text: str, **more: Any) -> dict[str, Any]:
    """A message as the page sends it."""
    return {"id": str(uuid4()), "type": "user_message", "output": text, "name": "local", "createdAt": "", **more}


@contextmanager
def browser(url: str) -> Iterator[httpx.Client]:
    """Requests as the page sends them, signed in."""
    with httpx.Client(base_url=url, headers={"origin": url}, timeout=30) as http:
        http.get("/")
        yield http


_OURS = object()


@contextmanager
def open_page(url: str, *, hello: Any = _OURS) -> Iterator[Page]:
    """Open a connected page; ``greeted`` then sends the hello. ``hello``: what the page says of itself."""
    with browser(url) as http:
        cookies = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
        address = f"{url.replace('http', 'ws', 1)}/ws/socket.io/?EIO=4&transport=websocket"
        cookie = {"Cookie": cookies}
        with connect(address, origin=Origin(url), additional_headers=cookie, legacy=True) as socket:
            page = Page(http, socket)
            assert str(socket.recv(timeout=SECONDS)).startswith("0")
            ours = {"sessionId": page.session, "threadId": "", "clientType": "webapp", "userEnv": "{}"}
            page.send("40" + json.dumps(ours | {"chatProfile": ""} if hello is _OURS else hello))
            assert hello is not _OURS or str(socket.recv(timeout=SECONDS)).startswith("40")
            yield page
