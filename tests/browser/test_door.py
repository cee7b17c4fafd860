"""The door before Chainlit: what of it is served, to whom, and how much at once. No browser is needed."""

import re
import select
import socket
import sqlite3
import time
import warnings
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from support.children import Sandbox
from support.other_account import as_other
from support.page import browser, message, open_page
from ui import door, startup

startup.quiet()
with warnings.catch_warnings():
    # what Chainlit imports warns of itself, and warnings are errors in these tests
    warnings.simplefilter("ignore")
    from chainlit import server as chainlits

METTE = "mette.hansen@nordlys.example"
UPDATE = f"ret stilling på {METTE} til CFO"

# what this version of Chainlit has besides: whatever a later one adds must be put here, or on the door's list
REFUSED_ROUTES = {
    *(("GET", path) for path in ("/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc", "/copilot/x", "/x")),
    *(("HEAD", path) for path in ("/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc")),
    *(("POST", path) for path in ("/login", "/auth/jwt", "/auth/oauth/azure-ad-hybrid/callback", "/mcp")),
    *(("GET", path) for path in ("/auth/oauth/x", "/auth/oauth/x/callback", "/project/share/x", "/project/thread/x")),
    *(("GET", path) for path in ("/project/thread/x/element/x", "/project/file/x", "/ws/socket.io/")),
    *((method, path) for method in ("PUT", "DELETE") for path in ("/feedback", "/project/element")),
    *(("PUT", "/project/thread/share"), ("DELETE", "/mcp"), ("POST", "/project/file"), ("POST", "/ws/socket.io/")),
}
REFUSED_EVENTS = {
    *("edit_message", "message_favorite", "fetch_favorites", "window_message", "audio_start", "audio_chunk"),
    *("audio_end", "chat_settings_change", "chat_settings_edit"),
}


def address(own_server: Any) -> str:
    """The address that was printed at start."""
    for _ in range(100):
        if found := re.search(r"er klar: (\S+)", own_server.log.read_text()):
            return found[1]
        time.sleep(0.1)
    raise AssertionError("no address was printed")


def routes(app: Any) -> Iterator[tuple[str, str]]:
    """Every route that is registered, with something in place of what differs; a mounted socket as one."""
    for route in app.routes:
        inside = getattr(route, "original_router", None)
        if inside is not None:
            yield from routes(inside)
            continue
        path = re.sub(r"\{[^}]*\}", "x", route.path)
        if route.__class__.__name__ == "Mount":
            yield from ((method, f"{path}/") for method in ("GET", "POST"))
        else:
            yield from ((method, path) for method in route.methods)


WEBSOCKET = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
WEBSOCKET += ("Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",)


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", ()),
        ("GET", "/thread/x", ()),
        ("GET", "/user", ()),
        ("POST", "/auth/header", ()),
        ("POST", "/project/action", ()),
        ("DELETE", "/project/thread", ()),
        ("GET", "/ws/socket.io/?EIO=4&transport=websocket", WEBSOCKET),
    ],
)
def test_another_account_is_not_let_in(server: Any, method: str, path: str, headers: tuple[str, ...]) -> None:
    """Neither a page nor a request nor a socket is open to another account, and nothing signs it in."""
    answer = as_other(server.port, path, *headers, method=method)
    assert answer.startswith("HTTP/1.1 403")
    assert "set-cookie" not in answer.lower()


@pytest.mark.parametrize(
    ("asks_for", "says"), [("da-DK,da;q=0.9,en;q=0.8", "Åbn den adresse"), ("en-GB,en", "Open the address")]
)
def test_another_account_is_told_what_to_do(server: Any, asks_for: str, says: str) -> None:
    """The refusal is a page in the browser's language that names the next step."""
    answer = as_other(server.port, "/", f"Accept-Language: {asks_for}")
    assert "content-type: text/html" in answer
    assert says in answer


def test_another_account_cannot_borrow_a_connection(server: Any) -> None:
    """A header that names a connection of the account that serves is not believed."""
    with socket.create_connection(("127.0.0.1", server.port)) as ours:
        host, port = ours.getsockname()
        for header in (f"X-Forwarded-For: {host}:{port}", f"Forwarded: for={host}:{port}"):
            assert as_other(server.port, "/", header).startswith("HTTP/1.1 403")


def test_the_printed_address_lets_in(restartable: Any) -> None:
    """The token of the printed address becomes a cookie, which lets in a page behind a proxy or of another account."""
    url = restartable.url
    forwarded = {"x-forwarded-for": "192.0.2.7"}
    assert httpx.get(url, headers=forwarded).status_code == 403
    assert httpx.get(f"{url}/?token=wrong", headers=forwarded).status_code == 403
    moved = httpx.get(address(restartable), headers=forwarded)
    assert moved.status_code == 200
    assert 'content="0; url=/"' in moved.text
    cookie = moved.headers["set-cookie"]
    assert cookie.startswith(f"contacts_token_{restartable.port}=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert address(restartable).rpartition("=")[2] not in cookie
    kept = cookie.partition(";")[0]
    assert httpx.get(url, headers=forwarded | {"cookie": kept}).status_code == 200
    assert as_other(restartable.port, "/user", f"Cookie: {kept}").startswith("HTTP/1.1 401")
    restartable.stop()
    restartable.start()
    assert httpx.get(url, headers=forwarded | {"cookie": kept}).status_code == 200


def test_nobody_of_this_account_notices(server: Any) -> None:
    """A page of the same account opens without a token, and keeps none where it was opened with one."""
    assert httpx.get(server.url).status_code == 200
    moved = httpx.get(address(server))
    assert moved.status_code == 200
    assert "set-cookie" not in moved.headers


SET = "en lang & hemmelig æske"


@pytest.mark.parametrize("more_settings", [{"ASSISTANT_CHAT_TOKEN": SET}])
def test_a_token_that_is_set(own_server: Any) -> None:
    """``ASSISTANT_CHAT_TOKEN`` is the token, whatever characters it has."""
    assert address(own_server) == f"{own_server.url}/?token={quote(SET, safe='')}"
    assert "set-cookie" in httpx.get(address(own_server), headers={"x-forwarded-for": "192.0.2.7"}).headers


@pytest.mark.parametrize("more_settings", [{"ASSISTANT_CHAT_TOKEN": "off"}])
def test_without_a_token(own_server: Any) -> None:
    """With ``off`` whoever comes by a proxy is let in, and another account is still refused, with another sentence."""
    assert address(own_server) == own_server.url
    assert httpx.get(own_server.url, headers={"x-forwarded-for": "192.0.2.7"}).status_code == 200
    answer = as_other(own_server.port, "/")
    assert answer.startswith("HTTP/1.1 403")
    assert "kun den konto" in answer


def test_routes_that_are_not_listed_are_refused(server: Any) -> None:
    """Of all routes that Chainlit registers, those that the product does not use answer 403."""
    registered = set(routes(chainlits.app))
    apart = {"connection": "close"}  # the server closes a connection after an error of Chainlit's
    with browser(server.url) as http:
        status = {(of, path): http.request(of, path, headers=apart).status_code for of, path in registered}
    assert {route for route in registered if status[route] == 403} == REFUSED_ROUTES


def test_routes_that_are_listed_are_served(server: Any) -> None:
    """Each route on the list does what the page wants of it."""
    with open_page(server.url) as page:
        page.greeted()
        page.say("find mette")
        threads = {"pagination": {"first": 20}, "filter": {}}
        thread = page.http.post("/project/threads", json=threads).json()["data"][0]["id"]
        asset = re.search(r"/assets/[\w.-]+\.js", page.http.get("/").text)
        assert asset is not None
        calls: list[tuple[str, str, Any]] = [
            *(("GET", path, None) for path in (asset[0], "/public/chat.css", "/avatars/kontaktassistent", "/favicon")),
            *(("GET", path, None) for path in ("/logo", "/health", "/", f"/thread/{thread}", "/login")),
            *(("GET", path, None) for path in ("/login/callback", "/auth/config", "/user", "/project/translations")),
            *(("GET", "/project/settings", None), ("HEAD", "/", None), ("POST", "/auth/header", None)),
            ("POST", "/set-session-cookie", {"session_id": page.session}),
            ("POST", "/project/threads", threads),
            ("PUT", "/project/thread", {"threadId": thread, "name": "Mette"}),
            ("DELETE", "/project/thread", {"threadId": thread}),
            ("POST", "/logout", None),
        ]
        assert page.action("more").status_code in (200, 404)
        for method, path, body in calls:
            assert page.http.request(method, path, json=body).status_code == 200, path
    called = [*calls, ("POST", "/project/action", None), ("websocket", "/ws/socket.io/", None)]
    for method, template in (*door.STATIC, *door.ROUTES):
        assert any(of == method and door.pattern(template).match(path) for of, path, _ in called), template


def test_events_that_are_not_listed_are_refused(server: Any) -> None:
    """Of all events that Chainlit registers, those that the product does not use are neither done nor acknowledged."""
    events = set(chainlits.sio.handlers["/"])
    assert events - set(door.EVENTS) == REFUSED_EVENTS
    with open_page(server.url) as page:
        page.greeted()
        for event in REFUSED_EVENTS - {"audio_start", "audio_end", "fetch_favorites"}:
            assert not page.ask(event, {"message": message("x")}, seconds=0.3), event
        for event in ("audio_start", "audio_end", "fetch_favorites"):
            assert not page.ask(event, seconds=0.3), event
        hello = {"sessionId": str(uuid4()), "clientType": "webapp"}
        assert not page.ask("connect", {"HTTP_COOKIE": "x"}, hello, seconds=0.3)
        assert page.ask("connection_successful")
        assert page.ask("client_message", {"message": message("hej")})
        assert page.messages()
        assert page.ask("stop")
        assert page.ask("clear_session")
        assert page.ask("disconnect")


@pytest.mark.parametrize("thread", ["somebody:else", "x", "1" * 37])
def test_a_conversation_is_named_by_a_uuid(server: Any, thread: str) -> None:
    """A page cannot choose an id that reads as one of another user's conversation."""
    hello = {"sessionId": str(uuid4()), "clientType": "webapp", "threadId": thread}
    with open_page(server.url, hello=hello) as page:
        assert not [frame for frame in page.frames(1.0) if frame.startswith("40")]


def test_a_forged_frame_rewrites_nothing(server: Any, crm: Sandbox) -> None:
    """What a card shows is not changed by a frame that names its message, on the page or in the file."""
    with open_page(server.url) as page:
        page.greeted()
        card = next(m for m in page.say(UPDATE) if "CFO" in m["output"] and m["type"] == "assistant_message")
        stored = shown(server, card["id"])
        forged = {"message": message("Alt er i orden.", id=card["id"], type="assistant_message")}
        for event in ("edit_message", "client_message"):
            page.emit(event, forged)
            assert not [frame for frame in page.frames(1.0) if "Alt er i orden" in frame]
            assert shown(server, card["id"]) == stored
    assert "CFO" in stored
    assert crm.writes() == []


def shown(server: Any, step_id: str) -> str:
    """A message's text in the file, once it is there."""
    for _ in range(50):
        with closing(sqlite3.connect(server.folder / "chat.db")) as db:
            row = db.execute("select output from steps where id = ?", (step_id,)).fetchone()
        if row:
            return str(row[0])
        time.sleep(0.1)
    raise AssertionError("the message was not kept")


def peak(server: Any) -> int:
    """The most memory that the chat had since this was reset, in MB."""
    status = Path(f"/proc/{server.child.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) // 1024


def post(port: int, header: str) -> socket.socket:
    """A connection on which a body is announced."""
    with httpx.Client() as http:
        cookie = "; ".join(f"{n}={v}" for n, v in http.get(f"http://127.0.0.1:{port}/").cookies.items())
    lines = ["POST /project/threads HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Origin: http://127.0.0.1:{port}"]
    lines += [f"Cookie: {cookie}", "Content-Type: application/json", header, "", ""]
    client = socket.create_connection(("127.0.0.1", port), timeout=30)
    client.sendall("\r\n".join(lines).encode())
    return client


def refusal(client: socket.socket, body: bytes) -> bytes:
    """The answer to a body of which no more is sent once the answer is there."""
    for start in range(0, len(body), 50_000):
        if select.select([client], [], [], 0.02)[0]:
            break
        client.sendall(body[start : start + 50_000])
    return client.recv(1000)


MB = 1_000_000


def test_a_body_that_is_announced_as_too_large(server: Any) -> None:
    """A body above the bound is refused before any of it came."""
    with post(server.port, f"Content-Length: {200 * MB}") as client:
        assert client.recv(1000).startswith(b"HTTP/1.1 413")


def test_large_bodies_and_frames_take_no_memory(restartable: Any) -> None:
    """200 MB, announced or in chunks, end with 413, and large frames with the socket, without memory for them."""
    Path(f"/proc/{restartable.child.pid}/clear_refs").write_text("5")  # resets the peak
    before = peak(restartable)
    for header in (f"Content-Length: {200 * MB}", "Transfer-Encoding: chunked"):
        chunk = b"%x\r\n%s\r\n" % (MB, b" " * MB) if "chunked" in header else b" " * MB
        with post(restartable.port, header) as client, suppress(ConnectionError):
            for _ in range(200):
                client.sendall(chunk)
        with post(restartable.port, header) as client:
            assert refusal(client, chunk + chunk[:100_000]).startswith(b"HTTP/1.1 413")
    assert peak(restartable) - before < 40
    for _ in range(5):
        with open_page(restartable.url) as page:
            page.greeted()
            page.emit("client_message", {"message": message("x" * 12 * MB)})
            assert not [frame for frame in page.frames(2.0) if "new_message" in frame]
    assert peak(restartable) - before < 120
    with open_page(restartable.url) as page:
        page.greeted()
        assert page.say("x" * 100_000)
