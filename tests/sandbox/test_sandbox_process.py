"""The process: start, end, and several over one file."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.patience import patiently

ROOT = Path(__file__).parents[2]
CONTACTS = "/crm/v3/objects/contacts"


def test_processes_share_a_file(launch: Any, tmp_path: Path) -> None:
    """Processes started at once over a new file seed it once, and each sees what the other wrote."""
    options = ("--db", str(tmp_path / "crm.db"))
    with ThreadPoolExecutor(4) as pool:
        running = list(pool.map(lambda _: launch(*options), range(4)))
    assert [each.control("GET", "health")["contacts"] for each in running] == [204] * 4
    contact_id = running[0].create(email="a@nordlys.example")
    assert running[1].http.get(f"{CONTACTS}/{contact_id}").status_code == 200
    assert running[2].found(query="a@nordlys.example") == [contact_id]
    taken = running[3].http.post(CONTACTS, json={"properties": {"email": "a@nordlys.example"}})
    assert taken.status_code == 409 and contact_id in taken.json()["message"]


def test_one_winner_among_processes(launch: Any, tmp_path: Path) -> None:
    """Of many creates with one email in several processes exactly one succeeds; the others name it."""
    running = [launch("--db", str(tmp_path / "crm.db"), "--seed", "none") for _ in range(3)]

    def create(number: int) -> httpx.Response:
        email = f"a{number // 6}@nordlys.example"
        answer: httpx.Response = running[number % 3].http.post(CONTACTS, json={"properties": {"email": email}})
        return answer

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(create, range(60)))
    assert sorted(answer.status_code for answer in answers) == [201] * 10 + [409] * 50
    assert running[0].search()["total"] == 10


def test_a_file_keeps_its_contacts(launch: Any, tmp_path: Path) -> None:
    """A file keeps its contacts over a restart and is not seeded again."""
    first = launch("--db", str(tmp_path / "crm.db"))
    (gone,) = first.found(query="kontakt@strandtand.example")
    first.http.delete(f"{CONTACTS}/{gone}")
    first.process.terminate()
    first.process.wait(10)
    second = launch("--db", str(tmp_path / "crm.db"))
    assert second.control("GET", "health")["contacts"] == 203


def test_ends_with_the_pipe(launch: Any) -> None:
    """With --parent-pipe the process ends promptly when its stdin ends, even while a client is connected."""
    running = launch("--parent-pipe", stdin=subprocess.PIPE)
    assert running.http.get(CONTACTS).status_code == 200
    started = time.monotonic()
    running.process.stdin.close()
    assert running.process.wait(5) == 0
    assert time.monotonic() - started < patiently(3)


def test_ends_with_a_killed_parent() -> None:
    """With --parent-pipe the process ends when its parent is killed."""
    code = (
        "import subprocess, sys, time\n"
        "command = [sys.executable, '-m', 'sandbox', '--port', '0', '--parent-pipe']\n"
        "child = subprocess.Popen(command, stdin=subprocess.PIPE)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().split()[-1]
        assert httpx.get(url + "/_sandbox/health").status_code == 200
        parent.send_signal(signal.SIGKILL)
        # The child inherited this pipe too: it ends when the child does.
        assert parent.stdout.read() == ""
    with pytest.raises(httpx.ConnectError):
        httpx.get(url + "/_sandbox/health")


def test_stdin_is_left_alone(launch: Any) -> None:
    """Without --parent-pipe an ended stdin changes nothing and nothing is read from it."""
    reading, writing = os.pipe()
    os.write(writing, b"x")
    os.close(writing)
    running = launch(stdin=reading)
    assert running.http.get(CONTACTS).status_code == 200
    assert os.read(reading, 1) == b"x"
    os.close(reading)


def test_one_line_on_stdout(launch: Any) -> None:
    """The ready line is all that stands on stdout, and nothing personal is on stderr."""
    running = launch("--seed", "none", stderr=subprocess.PIPE)
    running.create(email="a@nordlys.example")
    running.http.post(CONTACTS, content=b"{")
    running.process.terminate()
    out, err = running.process.communicate(timeout=patiently(10))
    assert out == "" and "nordlys" not in err


def test_interrupt_is_quiet(launch: Any) -> None:
    """An interrupt from the keyboard ends the process without a traceback."""
    running = launch("--seed", "none", stderr=subprocess.PIPE)
    running.process.send_signal(signal.SIGINT)
    _, err = running.process.communicate(timeout=patiently(10))
    assert err == ""


def test_taken_port(launch: Any) -> None:
    """A taken port is a sentence and a failure."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "sandbox", "--port", port]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=patiently(20), check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert f"Cannot listen on 127.0.0.1:{port}" in done.stderr and "Traceback" not in done.stderr


def test_any_port_where_one_is_taken(launch: Any) -> None:
    """With `--any-port` a taken port is no failure: another one serves."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        running = launch("--any-port", "--port", str(taken.getsockname()[1]))
        assert running.http.get(CONTACTS).status_code == 200


def test_token_and_lag_options(launch: Any) -> None:
    """Token and search lag are taken from the command line."""
    running = launch("--token", "pat-eu1-mine", "--search-lag", "30", "--seed", "demo")
    assert running.http.get(CONTACTS).status_code == 401
    running.http.headers["Authorization"] = "Bearer pat-eu1-mine"
    running.create(email="a@nordlys.example")
    assert running.found(query="a@nordlys.example") == []
    assert running.search(query="mette hansen")["total"] >= 4


def test_imports_nothing_of_the_project() -> None:
    """The sandbox imports only itself and its few libraries."""
    allowed = set(sys.stdlib_module_names) | {"sandbox", "starlette", "uvicorn", "phonenumbers"}
    for path in (ROOT / "sandbox").rglob("*.py"):
        found = re.findall(r"^\s*(?:from|import) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert set(found) <= allowed, path


def test_demo_token_is_no_real_one() -> None:
    """The demo token does not look like a real one to a secret scanner."""
    from sandbox import DEMO_TOKEN

    assert not re.match(r"pat-(na|eu)[0-9]+-[0-9a-f]{8}-", DEMO_TOKEN)


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"origin": "http://evil.example"}])
def test_other_sites_get_nothing(launch: Any, headers: dict[str, str]) -> None:
    """A sandbox on loopback refuses requests under a foreign name and those that another site's page sends."""
    running = launch("--db", ":memory:")
    for path in ("/_sandbox/writes", "/_sandbox/reset", "/"):
        assert running.http.get(path, headers=headers).status_code == 403
        assert running.http.post(path, headers=headers, content="{}").status_code == 403
