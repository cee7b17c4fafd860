"""Sends requests to a port as another account of this machine."""

import base64
import subprocess
import sys

from support.needs import as_root

NUMBER = 65533
_KNOCK = f"""
import base64, encodings.idna, os, socket, sys
os.setgroups([]); os.setgid({NUMBER}); os.setuid({NUMBER})
client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
client.settimeout(10)
client.sendall(base64.b64decode(sys.argv[2]))
received = client.recv(65536)
while received:
    sys.stdout.buffer.write(received)
    received = client.recv(65536)
"""


def as_other(port: int, path: str, *headers: str, method: str = "GET") -> str:
    """The answer that another account gets when it asks as a page of that port would."""
    closing = () if any(header.startswith("Connection:") for header in headers) else ("Connection: close",)
    host = f"127.0.0.1:{port}"
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Origin: http://{host}", *closing, *headers]
    request = base64.b64encode("\r\n".join([*lines, "Content-Length: 0", "", ""]).encode()).decode()
    command = [*as_root(), sys.executable, "-c", _KNOCK, str(port), request]
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()
