"""The page for whoever adds a tool, followed word for word."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from support.children import ROOT, clean_environment

PAGE = (ROOT / "docs" / "adding-a-tool.md").read_text("utf-8")
BLOCK = re.compile(r"^\*\*`(?P<path>[^`]+)`\*\*\n\n```\w+\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
ROOMS = ("crm", "graph", "guided", "language", "prompts", "sandbox", "tools", "tests/support")
FILES = ("pyproject.toml", "settings.py", "tests/conftest.py", "tests/graph/conftest.py")


def test_a_tool_is_added_by_the_page_alone(tmp_path: Path) -> None:
    """What the page says to write makes a tool: one new file, one sentence per language, and a test that passes."""
    for name in (*ROOMS, *FILES):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        ignored = shutil.ignore_patterns("__pycache__")
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    written = {found["path"]: found["text"] for found in BLOCK.finditer(PAGE)}
    new = [path for path in written if not (tmp_path / path).exists()]
    assert [path.split("/")[0] for path in new] == ["tools", "tests"]
    assert [path.split("/")[0] for path in written if path not in new] == ["prompts", "prompts"]
    for path, text in written.items():
        with (tmp_path / path).open("a", encoding="utf-8") as file:
            file.write(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", new[-1]]
    ran = subprocess.run(command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "1 passed" in ran.stdout


def test_there_is_little_to_read() -> None:
    """The page fits on a page, and the files that it names have at most 300 lines together."""
    named = {name for name in re.findall(r"`([\w/.-]+\.\w+)`", PAGE) if (ROOT / name).is_file()}
    assert {"tools/declare.py", "tools/results.py"} <= named
    lines = {name: len((ROOT / name).read_text("utf-8").splitlines()) for name in named}
    assert sum(lines.values()) <= 300, lines
    assert len(PAGE.splitlines()) <= 100
