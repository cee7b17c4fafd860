"""The lock files: versions and hashes only, one version of each package, everything of pyproject.toml in them."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements"
LOCKS = ["chat", "studio", "dev", "inspect", "uv"]

PIN = re.compile(r"([a-z0-9][a-z0-9.-]*)==([^ ;]+)( ; [^\\]+?)? \\")
HASH = re.compile(r" {4}--hash=sha256:[0-9a-f]{64}( \\)?")


def read(name: str) -> str:
    return (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")


def pins(name: str) -> set[tuple[str, str, str]]:
    """(package, version, marker) of every pin; a package may have several, for different Pythons."""
    return {(m[1], m[2], (m[3] or "").strip(" ;")) for m in map(PIN.fullmatch, read(name).splitlines()) if m}


def packages(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package, version, _ in pins(name):
        found.setdefault(package, set()).add(version)
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_is_pins_and_hashes_only(name: str) -> None:
    """A lock file holds nothing but pinned packages and their hashes: no index, no host, no address, no path."""
    odd = [line for line in read(name).splitlines() if not PIN.fullmatch(line) and not HASH.fullmatch(line)]
    assert odd == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash(name: str) -> None:
    """A pin is followed by at least one hash, so that an installation checks what it gets."""
    lines = read(name).splitlines()
    bare = [one for one, two in pairwise([*lines, ""]) if PIN.fullmatch(one) and not HASH.fullmatch(two)]
    assert bare == []


@pytest.mark.parametrize(("narrow", "wide"), [("chat", "studio"), ("studio", "dev")])
def test_the_wider_lock_holds_the_narrower(narrow: str, wide: str) -> None:
    """What the wider set installs satisfies the narrower one: the same packages in the same versions."""
    wider = packages(wide)
    assert {name: versions for name, versions in packages(narrow).items() if wider.get(name) != versions} == {}


def test_the_chat_lock_holds_every_dependency() -> None:
    """Every dependency of the project is in the lock that ``make chat`` installs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {re.split(r"[\[<>=!~ ;]", line, maxsplit=1)[0] for line in project["dependencies"]}
    normalised = {re.sub(r"[._]", "-", name).lower() for name in named}
    assert normalised - packages("chat").keys() == set()


def test_the_chat_lock_leaves_out_what_only_developers_need() -> None:
    """Nobody who only chats installs the test tools or the development server with its licence of its own."""
    assert packages("chat").keys() & {"pytest", "mypy", "ruff", "playwright", "langgraph-api", "langgraph-cli"} == set()
