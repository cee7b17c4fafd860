"""What holds before the chat serves."""

import os
import socket
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from support.children import free_port
from support.patience import patiently
from ui import startup

ROOT = Path(__file__).resolve().parents[2]


def test_one_secret_however_many_start(tmp_path: Path) -> None:
    """Starts at the same moment agree on one secret, which only its owner can read."""
    with ThreadPoolExecutor(16) as threads:
        found = set(threads.map(lambda _: startup.secret(tmp_path / "var"), range(64)))
    assert len(found) == 1
    assert len(found.pop()) >= 32
    files = list((tmp_path / "var").iterdir())
    assert [file.name for file in files] == ["chat.secret"]
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600


def test_a_taken_port_is_seen() -> None:
    """A port on which something listens is taken, and free again afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert startup.port_is_taken("127.0.0.1", port)
    assert not startup.port_is_taken("127.0.0.1", port)


@pytest.mark.parametrize(
    ("setting", "locale", "language"),
    [("auto", "en_GB.UTF-8", "en"), ("auto", "da_DK.UTF-8", "da"), ("auto", "C", "da"), ("en", "da_DK", "en")],
)
def test_the_terminal_speaks_danish_or_english(
    setting: str, locale: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The setting decides, else the locale, else Danish."""
    monkeypatch.setenv("LC_ALL", locale)
    assert startup.language(setting) == language


def test_chainlit_connects_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No service that Chainlit would connect to by itself survives the start."""
    monkeypatch.setattr(os, "environ", {"LITERAL_API_KEY": "x", "DATABASE_URL": "postgresql://x", "HOME": "/"})
    startup.quiet()
    assert os.environ == {"HOME": "/", "TRACELOOP_TELEMETRY": "false"}


@pytest.mark.parametrize("command", [["-m", "ui"], ["-m", "chainlit", "run", "-h", "ui/app.py"]])
def test_another_host_is_refused(command: list[str], tmp_path: Path) -> None:
    """Without login the chat does not start for other machines, whichever way it is started."""
    environment = {**os.environ, "ASSISTANT_DATABASE_URL": f"sqlite:///{tmp_path}", "ASSISTANT_LANGUAGE": "en"}
    ended = subprocess.run(
        [sys.executable, *command, "--host", "0.0.0.0"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=patiently(60),
    )  # fmt: skip
    assert ended.returncode == 2
    assert ended.stderr.strip().startswith("Cannot start on 0.0.0.0")


def start(folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """A chat over these files that is not expected to serve."""
    environment = {**os.environ, "ASSISTANT_DATABASE_URL": f"sqlite:///{folder}", **more}
    return subprocess.run(
        [sys.executable, "-m", "ui", "--port", str(free_port())],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=patiently(60),
    )  # fmt: skip


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    """A chat that is older than its files says so in a sentence and does not start."""
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as db, db:
        db.execute("create table alembic_version (version_num text)")
        db.execute("insert into alembic_version values ('99')")
    ended = start(tmp_path)
    assert ended.returncode == 2
    assert "ledger.db was written by a newer version of the assistant." in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("ledger.db", 0),
        pytest.param("conversations.db", 100, marks=pytest.mark.proof),
        pytest.param("chat.db", 0, marks=pytest.mark.proof),
        pytest.param("ledger.db", 100, marks=pytest.mark.proof),
    ],
)
def test_a_broken_database_is_refused(tmp_path: Path, name: str, kept: int) -> None:
    """A file that is no database, or only begins as one, is one sentence with its name and the next step."""
    with closing(sqlite3.connect(tmp_path / name)) as db:
        db.execute("create table steps (id)")
    header = (tmp_path / name).read_bytes()[:kept]
    (tmp_path / name).write_bytes(header + b"garbage " * 2000)
    ended = start(tmp_path)
    assert ended.returncode == 2
    (sentence,) = ended.stderr.splitlines()
    assert f"{tmp_path / name} cannot be used" in sentence
    assert "make doctor" in sentence


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """Where the folder of the files cannot be made, the chat says so in a sentence with the next step."""
    (tmp_path / "file").write_text("in the way")
    ended = start(tmp_path / "file" / "var")
    assert ended.returncode == 2
    (sentence,) = ended.stderr.splitlines()
    assert f"{tmp_path / 'file' / 'var'} cannot be used" in sentence
    assert "make doctor" in sentence


def test_a_short_token_is_refused(tmp_path: Path) -> None:
    """A token that could be guessed is refused with a sentence that does not repeat it."""
    ended = start(tmp_path, ASSISTANT_CHAT_TOKEN="hunter2")
    assert ended.returncode == 2
    assert "ASSISTANT_CHAT_TOKEN" in ended.stderr
    assert "hunter2" not in ended.stderr
