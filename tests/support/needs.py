"""What a test needs besides Python. Where that is missing, the test skips and says so; in ``.ci/run`` it fails."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
ALLOWED_IN_CI = ("shared data", "live:")


def chromium() -> str:
    """The path of a Chromium browser."""
    for name in CHROMIUM_NAMES:
        if path := shutil.which(name):
            return path
    pytest.skip("needs Chromium, which is not installed")


def node() -> str:
    """The path of Node.js."""
    if path := shutil.which("node"):
        return path
    pytest.skip("needs Node.js, which is not installed")


def npm() -> str:
    """The path of npm."""
    if path := shutil.which("npm"):
        return path
    pytest.skip("needs npm, which is not installed")


def as_root() -> list[str]:
    """The words that run a command as root, where this user is not root."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    pytest.skip("needs root, to act as another account of this machine")


def data(name: str) -> Path:
    """A file of test data that is kept beside the checkout, never in it."""
    folder = Path(os.environ.get("ASSISTANT_TEST_DATA") or ROOT.parent / "shared" / "data")
    if (path := folder / name).exists():
        return path
    pytest.skip(f"needs shared data: {name} is not there (ASSISTANT_TEST_DATA names the folder)")


def skip_is_failure(reason: str) -> bool:
    """Whether this skip hides something. In CI, only live tests and tests without the shared data may skip."""
    return bool(os.environ.get("ASSISTANT_CI")) and not any(word in reason for word in ALLOWED_IN_CI)
