"""Running ``make doctor``, and reading what it prints."""

import io
import logging
import os
import re
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from unittest.mock import patch

from cli.doctor import main
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
    """Run the command without this process's settings, in a thread of this process, which saves its start."""
    clean = clean_environment(**{"ASSISTANT_LANGUAGE": "en"} | environment)
    started = time.monotonic()
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with patch.dict(os.environ, clean, clear=True), redirect_stdout(out), redirect_stderr(err):
        try:
            with ThreadPoolExecutor(1) as thread:
                status = thread.submit(main).result(patiently(60))
        finally:
            logging.disable(logging.NOTSET)
    printed, failed = (stream.detach().getvalue().decode() for stream in (out, err))
    return _said(status, printed, failed, started)


def doctor_command(**environment: str) -> Said:
    """Run ``python -m cli.doctor`` as an operator does."""
    clean = clean_environment(**{"ASSISTANT_LANGUAGE": "en"} | environment)
    started = time.monotonic()
    command = [sys.executable, "-m", "cli.doctor"]
    done = subprocess.run(
        command, cwd=ROOT, env=clean, capture_output=True, text=True, timeout=patiently(60), check=False
    )
    return _said(done.returncode, done.stdout, done.stderr, started)


def _said(status: int, printed: str, failed: str, started: float) -> Said:
    assert failed == ""
    assert SANDBOX_TOKEN not in printed
    assert "Traceback" not in printed
    return Said(status, printed, time.monotonic() - started)


def closed_port() -> int:
    """A loopback port where nothing listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
