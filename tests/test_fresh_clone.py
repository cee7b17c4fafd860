"""A newcomer's first command, on what git holds and nothing else."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from support.children import ROOT, clean_environment


def checkout(folder: Path) -> None:
    """The tracked files as they stand now, uncommitted changes included, as a clone would have them."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
            (folder / name).chmod((ROOT / name).stat().st_mode)


@contextmanager
def make_chat(folder: Path) -> Iterator[str]:
    """``make chat`` in a checkout; the address it serves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    inherited = {
        n: v for n, v in clean_environment().items() if n not in ("ARGS", "MAKEFLAGS", "MAKELEVEL", "VIRTUAL_ENV")
    }
    command = ["make", "chat", f"PORT={port}"]
    with (folder / "make.log").open("wb") as log:
        child = subprocess.Popen(command, cwd=folder, env=inherited, stdout=log, stderr=log, start_new_session=True)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(child.pid, signal.SIGTERM)
            child.wait(20)


def served(url: str, folder: Path) -> str:
    """The page, once it is served."""
    for _ in range(1000):
        try:
            return httpx.get(url, timeout=5).text
        except httpx.TransportError:
            assert "Error 1" not in (folder / "make.log").read_text(), (folder / "make.log").read_text()
            time.sleep(0.1)
    pytest.fail((folder / "make.log").read_text())


@pytest.mark.timeout(300)
def test_make_chat_serves_from_nothing(tmp_path: Path) -> None:
    """``make chat`` in a fresh checkout sets itself up and serves the chat; the chat set alone is enough."""
    checkout(tmp_path)
    with make_chat(tmp_path) as url:
        assert "Kontaktassistent" in served(url, tmp_path)
    assert (tmp_path / ".venv" / "installed-chat").exists()
    assert not (tmp_path / ".venv" / "installed-dev").exists()
