"""The commands that people type, and the rules of the test run itself."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.children import ROOT, clean_environment
from support.needs import skip_is_failure

COMMANDS = ["chat", "test", "check", "proofs", "sandbox", "studio", "bench", "evals", "doctor", "audit", "erase"]


def make(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in clean_environment().items() if name not in ("MAKEFLAGS", "PORT", "HOST")}
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=cwd, env=clean | environment, capture_output=True, text=True, check=False)


def test_make_alone_lists_the_commands() -> None:
    """``make`` without a target says what there is."""
    listed = [line.split()[1] for line in make().stdout.splitlines()]
    assert set(COMMANDS) <= set(listed)


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        (["chat"], {}, "-m ui --host 127.0.0.1 --port 8000"),
        (["chat", "PORT=9", "HOST=::1"], {}, "-m ui --host ::1 --port 9"),
        (["chat"], {"PORT": "9", "HOST": "name-of-the-machine"}, "-m ui --host 127.0.0.1 --port 9"),
        (["sandbox"], {}, "-m sandbox --host 127.0.0.1 --port 8765"),
        (["sandbox", "ARGS=--seed none"], {}, "--port 8765 --seed none"),
        (["test", "ARGS=-k 'card and not slow'"], {}, "-m pytest -n auto --dist worksteal -k 'card and not slow'"),
    ],
)
def test_arguments_are_passed_on(arguments: list[str], environment: dict[str, str], expected: str) -> None:
    """Port, host and further arguments reach the program; a HOST that the shell exports does not."""
    assert expected in make("-n", *arguments, **environment).stdout


def test_a_command_that_is_not_there_yet_says_so(tmp_path: Path) -> None:
    """A command whose program is missing ends with one sentence and status 2, and sets nothing up."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    done = make("evals", cwd=tmp_path)
    assert done.returncode == 2
    assert "make evals comes later" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_no_usable_python_is_a_sentence(tmp_path: Path) -> None:
    """Where no Python from 3.11 to 3.13 runs, the set-up says what to install, and does not leave half of it."""
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    shutil.copy(ROOT / "Makefile", tmp_path)
    done = make("chat", f"PYTHON={shutil.which('false')}", cwd=tmp_path)
    assert done.returncode == 2
    assert "No Python from 3.11 to 3.13" in done.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize(
    ("reason", "in_ci", "failure"),
    [
        ("needs Chromium, which is not installed", "1", True),
        ("needs Chromium, which is not installed", "", False),
        ("needs Node.js: npm is not installed", "1", True),
        ("needs shared data: hostile.jsonl is not there", "1", False),
        ("live: runs only with --live", "1", False),
    ],
)
def test_a_skip_that_hides_something_fails_in_ci(
    monkeypatch: pytest.MonkeyPatch, reason: str, in_ci: str, failure: bool
) -> None:
    """In ``.ci/run`` a test that skips for want of a browser or Node.js fails; absent data and live tests may skip."""
    monkeypatch.setenv("ASSISTANT_CI", in_ci)
    assert skip_is_failure(reason) is failure


@pytest.mark.parametrize(("in_ci", "outcome"), [("1", "1 failed"), ("", "1 skipped")])
def test_the_test_run_applies_that_rule(tmp_path: Path, in_ci: str, outcome: str) -> None:
    """The rule holds for a real run of pytest over a test that skips."""
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_one.py").write_text(
        "import pytest\n\ndef test_one():\n    pytest.skip('needs Chromium')\n", encoding="utf-8"
    )
    environment = clean_environment(PYTHONPATH=str(ROOT / "tests"), ASSISTANT_CI=in_ci)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        str(ROOT / "pyproject.toml"),
        "test_one.py",
    ]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert outcome in done.stdout
