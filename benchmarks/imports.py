"""Measures the time to import the assistant, as a ratio to LangGraph itself."""

import subprocess
import sys
from statistics import median

from benchmarks.report import Figure
from support.children import ROOT, clean_environment

ROUNDS = 7
OURS = "from graph import open_assistant"
WIRED = "import graph.build"
BARE = "import langgraph.graph"


def seconds(statement: str) -> float:
    """How long the statement takes in a new process."""
    code = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=True)
    return float(done.stdout)


def measure() -> list[Figure]:
    """The ratio of the medians, of processes started in turn; the first round only fills the disk cache."""
    rounds = [(seconds(OURS), seconds(WIRED), seconds(BARE)) for _ in range(ROUNDS + 1)][1:]
    ours, wired, bare = (median(column) for column in zip(*rounds, strict=True))
    return [
        Figure("import of graph / import of langgraph.graph", ours / bare, 1.5, "x"),
        Figure("import of every node / import of langgraph.graph", wired / bare, None, "x"),
    ]
