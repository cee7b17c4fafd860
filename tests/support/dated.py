"""A server with a Date header of its own, because the sandbox never forges that header."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def dated(date: Callable[[], str], status: int = 200) -> Iterator[str]:
    """The address of a server that sends this date ("": none) with each answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"results": []}'
            self.send_response_only(status)
            if said := date():
                self.send_header("Date", said)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_PATCH = do_POST = do_GET  # noqa: N815  # the names are the library's

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def clock(difference: timedelta) -> Callable[[], str]:
    """A clock that differs from this machine's by so much."""
    return lambda: format_datetime(datetime.now(UTC) + difference, usegmt=True)
