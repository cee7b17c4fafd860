"""Who may talk to the page, and what the page may fetch."""

import hashlib
from base64 import b64encode
from typing import Any

import pytest

from ui import page

OURS = "http://localhost:8000"


def scope(method: str = "GET", kind: str = "http", host: str = "localhost:8000", **headers: str) -> dict[str, Any]:
    named = {"host": host} | {name.replace("_", "-"): value for name, value in headers.items()}
    encoded = [(name.encode(), value.encode()) for name, value in named.items()]
    scheme = "ws" if kind == "websocket" else "http"
    return {"type": kind, "method": method, "scheme": scheme, "headers": encoded, "path": "/"}


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:1", "[::1]:8000"])
def test_this_machine_is_let_in(host: str) -> None:
    """The page answers under the names of this machine, on any port."""
    assert page.allowed(scope(host=host))


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io:8000", "0.0.0.0", ""])
def test_other_names_are_refused(host: str) -> None:
    """A name that somebody points at this machine is not ours (DNS rebinding)."""
    assert not page.allowed(scope(host=host))


def test_two_hosts_are_refused() -> None:
    """Which of two Host headers counts is not left to chance."""
    doubled = scope()
    doubled["headers"].append((b"host", b"localhost"))
    assert not page.allowed(doubled)


@pytest.mark.parametrize("request_of", [{"method": "POST"}, {"method": "DELETE"}, {"kind": "websocket"}])
@pytest.mark.parametrize(
    ("origin", "let_in"),
    [
        (OURS, True),
        ("http://localhost:3000", False),
        ("https://localhost:8000", False),
        ("http://evil.example", False),
        ("null", False),
        (None, False),
    ],
)
def test_sockets_and_writes_come_from_our_page(request_of: dict[str, str], origin: str | None, let_in: bool) -> None:
    """A socket or a request that changes something must carry our own origin."""
    headers = {} if origin is None else {"origin": origin}
    assert page.allowed(scope(**request_of, **headers)) is let_in


@pytest.mark.parametrize(
    ("headers", "let_in"),
    [
        ({}, True),
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "none", "sec_fetch_mode": "navigate"}, True),
        ({"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}, True),
        ({"sec_fetch_site": "cross-site", "sec_fetch_mode": "no-cors"}, False),
        ({"sec_fetch_site": "same-site", "sec_fetch_mode": "no-cors"}, False),
        ({"origin": "http://evil.example"}, False),
    ],
)
def test_other_sites_cannot_read(headers: dict[str, str], let_in: bool) -> None:
    """A link from elsewhere may be followed; another site's script or picture gets nothing."""
    assert page.allowed(scope(**headers)) is let_in


async def answer(request: dict[str, Any]) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing is read")

    await page.Guard(app, policy="default-src 'self'")(request, receive, send)
    return sent


async def test_every_answer_has_the_headers() -> None:
    """What is let in and what is refused both carry the security headers."""
    for request, status in ((scope(), 200), (scope(host="evil.example"), 403)):
        started = (await answer(request))[0]
        headers = dict(started["headers"])
        assert started["status"] == status
        assert headers[b"content-security-policy"] == b"default-src 'self'"
        assert headers[b"x-content-type-options"] == b"nosniff"
        assert headers[b"referrer-policy"] == b"no-referrer"


async def test_a_foreign_socket_is_closed() -> None:
    """A socket from elsewhere is closed before it opens."""
    assert await answer(scope(kind="websocket", origin="http://evil.example")) == [
        {"type": "websocket.close", "code": 1008}
    ]


def test_nothing_comes_from_elsewhere() -> None:
    """Links to other hosts leave the page, and its own files stay."""
    html = (
        '<html lang="en"><link rel="preconnect" href="https://fonts.gstatic.com" crossorigin />'
        '<link\n rel="stylesheet"\n href="https://cdn.example/katex.css"\n/><meta property="og:image" content="https://x">'
        '<link rel="icon" href="/favicon" />'
    )
    assert page.only_ours(lambda _: html, "da")("") == '<html lang="da"><link rel="icon" href="/favicon" />'
    assert page.only_ours(lambda _: html, "auto")("").startswith("<html>")


def test_inline_scripts_are_allowed_by_hash_only() -> None:
    """The policy names the page's own inline scripts, and allows no other and no eval."""
    policy = page.policy("<script>one()</script><script src='/a.js'></script>")
    digest = b64encode(hashlib.sha256(b"one()").digest()).decode()
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert scripts == f"script-src 'self' 'sha256-{digest}'"
    assert "frame-ancestors 'none'" in policy
