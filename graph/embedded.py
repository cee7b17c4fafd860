"""Starts the sandbox as a child process, for use without a HubSpot token."""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from crm.store import private_file, private_folder

READY = "sandbox ready "
START_SECONDS = 30.0
_ROOT = Path(__file__).parents[1]


class Embedded(NamedTuple):
    """The address of a running sandbox, and its token. The token is new at each start, as every account can reach the
    port.
    """

    url: str
    token: str


class SandboxError(RuntimeError):
    """The sandbox did not start."""


@asynccontextmanager
async def embedded_sandbox(folder: Path, *, passing: bool = False) -> AsyncIterator[Embedded]:
    """Start a sandbox over ``folder/sandbox.db`` as a child that ends with this process.

    Several processes may each start one over the same file at the same moment. The port of the very first start is
    remembered. Later starts use it again where it is free, so that links in old conversations still work; otherwise
    they take any port. ``passing``: for a short look while others are at work: any port, not remembered, and the
    child's stderr is dropped. Raises SandboxError where the sandbox does not answer within 30 seconds.
    """
    file = folder / "sandbox.port"
    await asyncio.to_thread(private_folder, folder)
    database = await asyncio.to_thread(private_file, folder / "sandbox.db")
    port = 0 if passing else await asyncio.to_thread(_remembered, file)
    token = f"pat-sandbox-{secrets.token_urlsafe(24)}"
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--port", str(port), "--any-port", "--db", str(database)),
        "--parent-pipe",
        cwd=_ROOT,
        env=_environment() | {"SANDBOX_TOKEN": token},  # what stands on a command line is seen by every account
        stdin=asyncio.subprocess.PIPE,  # its end, however this process ends, ends the child
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL if passing else None,
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
        if not passing and not port:
            await asyncio.to_thread(_remember, file, url.rpartition(":")[2])
        yield Embedded(url, token)
    finally:
        with suppress(ProcessLookupError):
            child.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(child.wait(), 5)


def _environment() -> dict[str, str]:
    """The variables that a child needs to run; tokens and keys are not among them."""
    ours = ("ASSISTANT_", "CHAINLIT_", "HUBSPOT_", "OPENAI_", "LANGSMITH_", "LANGCHAIN_")
    return {n: v for n, v in os.environ.items() if not n.startswith(ours)} | {"PYTHONPATH": str(_ROOT)}


def _remembered(file: Path) -> int:
    """The remembered port of the first start, or 0."""
    try:
        port = int(file.read_text())
    except (OSError, ValueError):
        return 0
    return port if 0 < port < 65_536 else 0


def _remember(file: Path, port: str) -> None:
    # whole or not at all: others may read it at this moment
    begun = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    begun.write_text(port)
    begun.replace(file)
