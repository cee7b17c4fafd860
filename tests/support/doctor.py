"""Running ``python -m cli.doctor`` as an operator does, and reading what it prints."""

import re
import socket
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass

from support.children import ROOT, SANDBOX_TOKEN, clean_environment
from support.patience import patiently


@dataclass(frozen=True)
class Said:
    """The output of the command: for each check (its English name) the level and the sentence, and the exit status."""

    status: int
    text: str
    seconds: float

    def level(self, check: str) -> str:
        return self._line(check)[1]

    def sentence(self, check: str) -> str:
        return self._line(check)[2]

    def _line(self, check: str) -> re.Match[str]:
        found = re.search(rf"^(ok|warning|PROBLEM) +{check}: (.*)$", self.text, re.MULTILINE)
        assert found, self.text
        return found

    def levels(self) -> set[str]:
        return set(re.findall(r"^(ok|warning|PROBLEM) ", self.text, re.MULTILINE))


def doctor(**environment: str) -> Said:
    """Run the command without this process's settings and without the folder's .env."""
    clean = clean_environment(**{"ASSISTANT_LANGUAGE": "en"} | environment)
    started = time.monotonic()
    command = [sys.executable, "-m", "cli.doctor"]
    done = subprocess.run(
        command, cwd=ROOT, env=clean, capture_output=True, text=True, timeout=patiently(60), check=False
    )
    assert done.stderr == ""
    assert SANDBOX_TOKEN not in done.stdout
    assert "Traceback" not in done.stdout
    return Said(done.returncode, done.stdout, time.monotonic() - started)


def closed_port() -> int:
    """A loopback port where nothing listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
