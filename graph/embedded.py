"""The sandbox as a child process: what answers where no HubSpot token is set."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from crm.store import private_file, private_folder

TOKEN = "pat-eu1-sandbox"  # noqa: S105  # the sandbox's own, published, for loopback only
READY = "sandbox ready "
START_SECONDS = 30.0
_ROOT = Path(__file__).parents[1]


class SandboxError(RuntimeError):
    """The sandbox did not start."""


@asynccontextmanager
async def embedded_sandbox(folder: Path, *, quiet: bool = False) -> AsyncIterator[str]:
    """The address of a sandbox over ``folder/sandbox.db``, started as a child that ends with this process.

    It keeps its port from one start to the next where it is free, so that links in old conversations still work.
    ``quiet``: what it writes to stderr is dropped. Raises SandboxError where it does not answer in 30 seconds.
    """
    remembered = folder / "sandbox.port"
    port = await asyncio.to_thread(_free, remembered)
    database = await asyncio.to_thread(private_file, folder / "sandbox.db")
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--port", str(port), "--db", str(database)),
        *("--token", TOKEN, "--parent-pipe"),
        cwd=_ROOT,
        env=_environment(),
        stdin=asyncio.subprocess.PIPE,  # its end, however this process ends, ends the child
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL if quiet else None,
        start_new_session=True,  # Ctrl-C is for the parent: it still has answers to read
    )
    try:
        assert child.stdout is not None
        try:
            line = (await asyncio.wait_for(child.stdout.readline(), START_SECONDS)).decode()
        except TimeoutError:
            line = ""
        if not line.startswith(READY):
            raise SandboxError("the embedded sandbox did not start")
        url = line.removeprefix(READY).strip()
        await asyncio.to_thread(remembered.write_text, url.rpartition(":")[2])
        yield url
    finally:
        with suppress(ProcessLookupError):
            child.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(child.wait(), 5)


def _environment() -> dict[str, str]:
    """What a child needs to run; tokens and keys are none of it."""
    ours = ("ASSISTANT_", "CHAINLIT_", "HUBSPOT_", "OPENAI_", "LANGSMITH_", "LANGCHAIN_")
    return {n: v for n, v in os.environ.items() if not n.startswith(ours)} | {"PYTHONPATH": str(_ROOT)}


def _free(remembered: Path) -> int:
    """The port of last time where nothing listens on it, or 0 for any; makes the folder."""
    private_folder(remembered.parent)
    try:
        port = int(remembered.read_text())
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except (OSError, ValueError, OverflowError):
        return 0
    return port
