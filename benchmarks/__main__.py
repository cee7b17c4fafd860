"""Runs every measurement once, and prints one table with the targets."""

import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import chat, creates, duplicates, imports, ledger, limits, sandbox_search, tasks, turns
from benchmarks.report import Figure, table
from support.children import OURS, running_sandbox


def main() -> int:
    """Print the table; return 1 where a figure misses its target. Arguments name the parts to measure; none: all."""
    wanted = sys.argv[1:]
    data = duplicates.data_file()
    for name in [name for name in os.environ if name.startswith(OURS)]:
        del os.environ[name]  # what is measured does not depend on what this machine is configured for
    started = time.monotonic()
    figures: list[Figure] = []
    with running_sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        parts: dict[str, Callable[[], list[Figure]]] = {
            "tasks": lambda: asyncio.run(tasks.measure(sandbox, Path(folder) / "tasks")),
            "turns": lambda: asyncio.run(turns.measure(sandbox, Path(folder) / "turns")),
            "chat": lambda: chat.measure(sandbox, Path(folder) / "chat"),
            "ledger": lambda: ledger.measure(sandbox, Path(folder) / "ledger"),
            "imports": imports.measure,
            "duplicates": lambda: duplicates.measure(data),
            "limits": lambda: asyncio.run(limits.measure(Path(folder) / "limits")),
            "sandbox": sandbox_search.measure,
            "creates": lambda: creates.measure(Path(folder) / "creates"),
        }
        for name, measure in parts.items():
            if wanted and name not in wanted:
                continue
            print(f"measuring {name} ...", file=sys.stderr)
            figures += measure()
    print(table(figures))
    print(
        f"\nOne run, {time.monotonic() - started:.0f} s, Python {platform.python_version()}, {os.cpu_count()} cores. "
        "Counted after one conversation that warmed the process up (schema, account, connections). "
        "Tokens: o200k; tools as the compact JSON that is sent."
    )
    return 0 if all(figure.met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
