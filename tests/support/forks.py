"""Work in forked processes, which may be killed while they are at it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


def run_in_children(work: Callable[[], Any], count: int = 1) -> list[Json | None]:
    """What an async function came to in so many processes at once; None for one that was killed."""
    return [_answer(*child) for child in [_start(work) for _ in range(count)]]


def _start(work: Callable[[], Any]) -> tuple[int, int]:
    reader, answer = os.pipe()
    child = os.fork()
    if child:
        os.close(answer)
        return child, reader
    status = 1
    try:
        with os.fdopen(answer, "w") as out:
            json.dump(asyncio.run(work()), out)
        status = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


def _answer(child: int, reader: int) -> Json | None:
    with os.fdopen(reader) as said:
        text = said.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return None
    if status != 0:
        raise RuntimeError("the child failed; what it said stands on stderr")
    return json.loads(text) or {}
