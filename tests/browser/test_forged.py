"""Whatever is sent to the chat, its log says kinds and references: no text, no value, no traceback. No browser."""

import json
import sqlite3
import sys
import time
from contextlib import closing, suppress
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed

from support.children import Sandbox
from support.page import message, open_page

METTE = "mette.hansen@nordlys.example"
EVENTS = (
    *("connect", "disconnect", "connection_successful", "client_message", "clear_session", "stop", "edit_message"),
    *("message_favorite", "fetch_favorites", "window_message", "audio_start", "audio_chunk", "audio_end"),
    *("chat_settings_change", "chat_settings_edit", "call_fn", "ask", METTE),
)
DEEP = "[" * 100_000 + "]" * 100_000
ARGUMENTS: tuple[list[Any], ...] = (
    [],
    [None],
    [METTE],
    [[METTE]],
    [{METTE: METTE}],
    [METTE, METTE, METTE],
    [{"message": METTE}],
    [{"message": {"id": METTE, "output": METTE}}],
    [{"message": message(METTE, id=METTE)}],
    [{"message": message(METTE, createdAt=None, metadata=METTE)}],
    [{"message": message(METTE, type=METTE), "fileReferences": METTE}],
    [{"HTTP_COOKIE": METTE}, {"sessionId": METTE, "clientType": METTE, "userEnv": METTE}],
)
FRAMES = (
    *("", "4", "42", "42[", f"42{METTE}", f'42["{METTE}"', "42[]", f'42[{{"{METTE}":1}}]', "9", METTE),
    *(f'43["{METTE}"]', f'4399["{METTE}"]', f'451-["{METTE}",{{"_placeholder":true,"num":0}}]', f"40/{METTE},"),
    *(f'44{{"message":"{METTE}"}}', "41", f'40{{"sessionId":"{METTE}"}}', "40", f'40"{METTE}"', "42" + DEEP),
)
HELLOS: tuple[Any, ...] = (
    *(None, METTE, [METTE], {}, {"sessionId": METTE}, {"sessionId": {METTE: METTE}, "clientType": "webapp"}),
    *({"sessionId": "x", "clientType": METTE}, {"sessionId": "x", "clientType": "webapp", "userEnv": METTE}),
    {"sessionId": "x", "clientType": "webapp", "threadId": {METTE: METTE}, "chatProfile": METTE},
)
BODIES = (b"", METTE.encode(), b"[]", json.dumps({"session_id": [METTE]}).encode(), b"\xff" + METTE.encode())
REQUESTS = (
    *(("POST", path) for path in ("/set-session-cookie", "/project/action", "/project/threads", "/auth/header")),
    *(("PUT", "/project/thread"), ("DELETE", "/project/thread"), ("PUT", "/project/element")),
    *(("PUT", "/feedback"), ("POST", "/mcp"), ("POST", "/login"), ("POST", "/project/file")),
    ("POST", "/logout"),  # the last: it takes the cookie
)


def test_what_is_forged_leaves_no_text_in_the_log(restartable: Any, crm: Sandbox) -> None:
    """Every event and route, with every wrong shape of what it takes, logs a line of kinds at most, and goes on."""
    for hello in HELLOS:
        with open_page(restartable.url, hello=hello) as page, suppress(ConnectionClosed):
            page.emit("connection_successful")
            list(page.frames(0.1))
    for event in EVENTS:
        with open_page(restartable.url) as page:
            for arguments in ARGUMENTS:
                page.emit(event, *arguments)
            list(page.frames(0.2))
    for frame in FRAMES:
        with open_page(restartable.url) as page, suppress(ConnectionClosed):
            page.send(frame)
            list(page.frames(0.1))
    with open_page(restartable.url) as page:
        page.greeted()
        closing = {"connection": "close", "content-type": "application/json"}
        wrong: tuple[Any, ...] = (
            {},
            {"name": METTE},
            {"name": "approve", METTE: METTE},
            {"name": "use", "payload": METTE},
        )
        for action in wrong:
            for session in (page.session, METTE):
                page.http.post("/project/action", json={"sessionId": session, "action": action}, headers=closing)
        for method, path in REQUESTS:
            for body in BODIES:
                page.http.request(method, path, content=body, headers=closing)
        assert page.say(f"find {METTE}")
    assert_private(restartable)
    assert crm.writes() == []


def test_a_button_that_is_pressed_after_a_restart(server: Any) -> None:
    """A press for a session that the chat does not know, as after a restart, is a line of kinds in the log."""
    before = len(server.log.read_text())
    with open_page(server.url) as page:
        page.session = str(uuid4())
        assert page.action("approve", id=METTE).status_code == 500
    time.sleep(0.5)
    (line,) = server.log.read_text()[before:].splitlines()
    assert "reference" in line
    assert METTE not in line


def test_a_file_that_breaks_while_the_chat_runs(restartable: Any) -> None:
    """What SQLite says of a statement that fails, with what was to be written, is not in the log."""
    with open_page(restartable.url) as page, closing(sqlite3.connect(restartable.folder / "chat.db")) as db:
        page.greeted()
        db.execute("alter table steps rename to gone")
        try:
            page.emit("client_message", {"message": message(f"find {METTE}")})
            list(page.frames(2.0))
        finally:
            db.execute("alter table gone rename to steps")
    assert_private(restartable)


def assert_private(restartable: Any) -> None:
    time.sleep(0.5)
    log = restartable.log.read_text()
    assert METTE not in log
    assert "Traceback" not in log
    assert max(len(line) for line in log.splitlines()) < 400


@pytest.mark.parametrize("statement", ["raise_in_thread", "warn", "log"])
def test_other_ways_to_the_log(statement: str) -> None:
    """A thread that ends with an error, a warning and a library's record say no more than kinds either."""
    import subprocess

    scripts = {
        "raise_in_thread": "import threading; t = threading.Thread(target=lambda: int(text)); t.start(); t.join()",
        "warn": "import warnings; warnings.warn(text)",
        "log": "import logging; logging.getLogger('library').error('%s', text, exc_info=ValueError(text))",
    }
    setup = f"from ui import errors; import logging; logging.basicConfig(); errors.tell_no_texts(); text = '{METTE}'; "
    done = subprocess.run(
        [sys.executable, "-c", setup + scripts[statement]], capture_output=True, text=True, timeout=60, check=True
    )
    assert "reference" in done.stderr or "UserWarning" in done.stderr
    assert METTE not in done.stderr.replace(setup, "")
