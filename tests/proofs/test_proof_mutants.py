"""Mutation testing of what decides about writes and makes them; ``pyproject.toml`` names the modules and tests."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.children import ROOT, clean_environment
from support.survivors import explained

LEAST = 0.9
OUT = {".venv", "var", ".git", "mutants", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache", ".hypothesis"}


@pytest.mark.proof
@pytest.mark.timeout(4 * 3_600)
def test_mutants_are_killed(tmp_path: Path) -> None:
    """Of the small wrong changes that mutmut makes, tests notice nine in ten, and of each other one it is said why."""
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT, checkout, ignore=lambda _, names: OUT & set(names))
    options = {"cwd": checkout, "env": clean_environment(), "text": True, "capture_output": True, "check": False}
    mutmut = [sys.executable, "-m", "mutmut"]
    children = 4 * (os.cpu_count() or 1)  # most tests wait most of the time
    run = subprocess.run([*mutmut, "run", "--max-children", str(children)], **options)
    assert "Running mutation testing" in run.stdout, run.stdout[-3_000:] + run.stderr[-3_000:]
    subprocess.run([*mutmut, "export-cicd-stats"], **options)
    stats = json.loads((checkout / "mutants" / "mutmut-cicd-stats.json").read_text("utf-8"))
    print(json.dumps(stats))
    survived = unnoticed(checkout)
    print("\n".join(survived))
    assert (stats["killed"] + stats["timeout"]) / stats["total"] >= LEAST
    assert sorted(set(survived) - explained()) == []
    assert sorted(explained() - set(survived)) == []  # none is known that is no more, or that a test notices


def unnoticed(checkout: Path) -> list[str]:
    """The mutants that survived; another process tells them, as mutmut goes by the folder that it is in."""
    command = [sys.executable, "-m", "support.survivors"]
    environment = clean_environment(PYTHONPATH=str(checkout / "tests"))
    told = subprocess.run(command, cwd=checkout, env=environment, text=True, capture_output=True, check=True)
    return list(json.loads(told.stdout))
