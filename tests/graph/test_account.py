"""Whose the other end of a connection is, asked of real sockets."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graph import account
from support.needs import as_root

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux, which tells whose a socket is")

OTHER = 65533
# it says one word when it is connected, and when it is told to, hangs up with something still to be read
KNOCK = f"""
import encodings.idna, os, socket, sys
os.setgroups([]); os.setgid({OTHER}); os.setuid({OTHER})
client = socket.create_connection((sys.argv[1], int(sys.argv[2])))
client.sendall(b"x")
print("in", flush=True)
sys.stdin.readline()
client.close()
print("out", flush=True)
sys.stdin.readline()
"""


@pytest.fixture(params=["the kernel's answer", "the table of sockets"])
def told_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The two ways; a kernel that does not answer cannot be had here, so it is left out instead."""
    left_out = "_listed" if request.param == "the kernel's answer" else "_asked"
    monkeypatch.setattr(account, left_out, lambda local, remote: None)


@pytest.fixture(params=["127.0.0.1", "::1"])
def server(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    """A listener on this machine."""
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.create_server((request.param, 0), family=family) as listening:
        yield listening


def scope(accepted: socket.socket) -> dict[str, Any]:
    return {"client": accepted.getpeername()[:2], "server": accepted.getsockname()[:2]}


@pytest.mark.usefixtures("told_by")
async def test_a_client_of_this_account_is_ours_until_it_hangs_up(server: socket.socket) -> None:
    """A program of the same account is known by its socket; one that hung up is not, as nothing tells whose it was."""
    client = socket.create_connection(server.getsockname()[:2])
    with server.accept()[0] as accepted:
        assert await account.is_ours(scope(accepted)) is True
        client.close()
        assert await account.is_ours(scope(accepted)) is False


@pytest.mark.usefixtures("told_by")
async def test_another_account_is_not_ours(server: socket.socket) -> None:
    """A program of another account is not let in, also where it hangs up at once and its socket seems to be root's."""
    host, port = server.getsockname()[:2]
    command = [*as_root(), sys.executable, "-c", KNOCK, host, str(port)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
    with subprocess.Popen(command, **pipes) as child:  # noqa: ASYNC220  # nothing else runs in the loop
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == "in\n"
        with server.accept()[0] as accepted:
            assert await account.is_ours(scope(accepted)) is False
            child.stdin.write("\n")
            assert child.stdout.readline() == "out\n"
            assert await account.is_ours(scope(accepted)) is False
        child.stdin.write("\n")


@pytest.mark.usefixtures("told_by")
async def test_a_listener_is_no_client(server: socket.socket) -> None:
    """A port of ours on which something listens does not make a client of whoever names it."""
    address = server.getsockname()[:2]
    assert await account.is_ours({"client": address, "server": (address[0], 9)}) is False


async def test_what_cannot_be_told(monkeypatch: pytest.MonkeyPatch, server: socket.socket, tmp_path: Path) -> None:
    """Without an address, and where neither kernel nor table answers, nothing is told."""
    assert await account.is_ours({"client": None, "server": ("127.0.0.1", 8000)}) is None
    assert await account.is_ours({"client": ("testclient", 50000), "server": ("127.0.0.1", 8000)}) is None
    monkeypatch.setattr(account, "_asked", lambda local, remote: None)
    monkeypatch.setattr(account, "TABLES", tmp_path)
    with socket.create_connection(server.getsockname()[:2]), server.accept()[0] as accepted:
        assert await account.is_ours(scope(accepted)) is None
