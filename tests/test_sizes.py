"""Short files: past 250 lines a file says why."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 250
REASON = "Longer than 250 lines because "
SKIPPED = {"var", "node_modules"}


def too_long(source: str) -> bool:
    """Whether the source is past the limit and its first docstring does not say why."""
    if len(source.splitlines()) <= LIMIT:
        return False
    docstring = ast.get_docstring(ast.parse(source)) or ""
    return REASON not in " ".join(docstring.split())


def files() -> list[str]:
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*.py"))
    return sorted(str(path) for path in found if not path.parts[0].startswith(".") and path.parts[0] not in SKIPPED)


@pytest.mark.parametrize("path", files())
def test_a_long_file_says_why(path: str) -> None:
    """No file is over 250 lines unless its first docstring gives the reason."""
    assert not too_long((ROOT / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1\n" * 250, False),
        ("x = 1\n" * 251, True),
        ('"""A table."""\n' + "x = 1\n" * 300, True),
        ('"""A table.\n\nLonger than 250 lines\nbecause it is one table.\n"""\n' + "x = 1\n" * 300, False),
    ],
)
def test_the_limit_is_seen(source: str, expected: bool) -> None:
    """The limit is 250 lines, and a reason in the docstring lifts it."""
    assert too_long(source) is expected
