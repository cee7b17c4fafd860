"""Mutation testing of what decides about writes and makes them; ``pyproject.toml`` names the modules and tests."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.children import ROOT, clean_environment

LEAST = 0.9
OUT = {".venv", "var", ".git", "mutants", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache", ".hypothesis"}


@pytest.mark.proof
@pytest.mark.timeout(4 * 3_600)
def test_mutants_are_killed(tmp_path: Path) -> None:
    """Of the small wrong changes that mutmut makes to these modules, tests notice nine in ten."""
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT, checkout, ignore=lambda _, names: OUT & set(names))
    mutmut = [sys.executable, "-m", "mutmut"]
    options = {"cwd": checkout, "env": clean_environment(), "text": True, "capture_output": True, "check": False}
    run = subprocess.run([*mutmut, "run", "--max-children", str(os.cpu_count() or 1)], **options)
    assert "Running mutation testing" in run.stdout, run.stdout[-3_000:] + run.stderr[-3_000:]
    subprocess.run([*mutmut, "export-cicd-stats"], **options)
    stats = json.loads((checkout / "mutants" / "mutmut-cicd-stats.json").read_text("utf-8"))
    print(json.dumps(stats))
    print(subprocess.run([*mutmut, "results"], **options).stdout)
    assert (stats["killed"] + stats["timeout"]) / stats["total"] >= LEAST
