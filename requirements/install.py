"""Installs one lock file into ``.venv/``. Started by ``install.sh``; needs nothing but Python with pip."""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
UNFINISHED = VENV / "unfinished"


def runs(*command: str | Path) -> bool:
    """Whether the command exists and ends well."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def pip_command() -> list[str | Path]:
    """The pip that installs into the environment: its own, or that of this Python (Debian may lack ensurepip)."""
    if runs(PYTHON, "-m", "pip", "--version"):
        return [PYTHON, "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", PYTHON]


def make_venv() -> None:
    """A new, empty environment, where there is none that works."""
    version = "import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))"
    if not UNFINISHED.exists() and runs(PYTHON, "-c", version):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.mkdir()
    UNFINISHED.touch()
    without_pip = [] if importlib.util.find_spec("ensurepip") else ["--without-pip"]
    subprocess.run([sys.executable, "-m", "venv", *without_pip, VENV], check=True)


def install(lock: Path) -> None:
    """Everything the lock file names, with its hashes; by pip where uv cannot (an index that only pip is told of)."""
    pip = [*pip_command(), "install", "-q", "--require-hashes"]
    if not runs(UV, "--version"):
        subprocess.run([*pip, "-r", ROOT / "requirements" / "uv.txt"], check=False)
    # without compiled files every start takes twice as long where PYTHONDONTWRITEBYTECODE is set
    uv: list[str | Path] = [
        UV,
        "pip",
        "install",
        "--python",
        PYTHON,
        "--require-hashes",
        "--compile-bytecode",
        "-r",
        lock,
    ]
    if UV.exists() and subprocess.run(uv, check=False).returncode == 0:
        return
    print("uv could not install the packages; pip tries.", file=sys.stderr)
    subprocess.run([*pip, "--no-deps", "-r", lock], check=True)


def _alone() -> None:
    """Waits for a second command that was started meanwhile; on Windows nothing can be waited for."""
    if os.name == "posix":
        import fcntl

        fcntl.flock(os.open(ROOT, os.O_RDONLY), fcntl.LOCK_EX)


def main(name: str) -> None:
    """Brings ``.venv/`` to what ``requirements/<name>.txt`` says, one process at a time."""
    lock = ROOT / "requirements" / f"{name}.txt"
    _alone()
    stamp = VENV / f"installed-{name}"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes() and runs(PYTHON, "-c", ""):
        return
    started = time.monotonic()
    print(f"Setting up .venv for '{name}' (Python {sys.version.split()[0]})", file=sys.stderr)
    make_venv()
    for old in VENV.glob("installed-*"):
        old.unlink()  # the versions of an older lock are about to be replaced
    UNFINISHED.touch()
    install(lock)
    shutil.copyfile(lock, stamp)
    UNFINISHED.unlink()
    print(f"Ready after {time.monotonic() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except subprocess.CalledProcessError as error:
        sys.exit(f"The set-up did not succeed: {error.cmd[0]} ended with {error.returncode}. The lines above say why.")
