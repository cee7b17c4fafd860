"""Serving: the socket, the line that says ready, and an end together with the parent process."""

import os
import socket
import threading
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

GRACE_SECONDS = 2.0
STDIN = 0


class Server(uvicorn.Server):
    """A uvicorn server that prints one line once it accepts connections."""

    address = ""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so on stdout: whoever started this process waits for the line."""
        await super().startup(sockets)
        if self.started:
            print(f"sandbox ready {self.address}", flush=True)


def serve(application: ASGIApp, host: str, listener: socket.socket, parent_pipe: bool) -> None:
    """Serve until a signal, or with `parent_pipe` until stdin ends."""
    config = uvicorn.Config(
        application,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=75,
        h11_max_incomplete_event_size=65_536,  # its own limit is below the length at which HubSpot answers 414
    )
    server = Server(config)
    shown = f"[{host}]" if ":" in host else host
    server.address = f"http://{shown}:{listener.getsockname()[1]}"
    if parent_pipe:
        threading.Thread(target=_follow_parent, args=(server,), daemon=True).start()
    server.run(sockets=[listener])


def listen(host: str, port: int, *, or_any: bool = False) -> socket.socket:
    """A socket that listens on the port, or where it is taken on any. Raises OSError where it cannot."""
    try:
        return _listen(host, port)
    except OSError:
        if not or_any:
            raise
        return _listen(host, 0)


def _listen(host: str, port: int) -> socket.socket:
    # asyncio only switches Nagle's algorithm off on sockets that name TCP as their protocol, which those of
    # `socket.create_server` do not; with it on, every answer takes some 40 ms.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(512)
    except OSError:
        listener.close()
        raise
    return listener


def _follow_parent(server: uvicorn.Server) -> None:
    # The kernel closes the parent's end of the pipe whatever ends the parent, SIGKILL included.
    with suppress(OSError):
        while os.read(STDIN, 65_536):
            pass
    server.should_exit = True
    threading.Event().wait(GRACE_SECONDS)
    os._exit(0)
