"""Prepares the start of the chat: this machine only, a free port, a secret, and no telemetry of Chainlit."""

import asyncio
import hmac
import os
import secrets
import socket
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from urllib.parse import quote

from crm.store import private_file, private_folder

ROOT = Path(__file__).parent.parent
LOOPBACK = ("127.0.0.1", "localhost", "::1")

# each of these would make Chainlit connect to something by itself
_CONNECTING = ("DATABASE_URL", "LITERAL_API_KEY", "DISCORD_BOT_TOKEN", "SLACK_BOT_TOKEN", "TEAMS_APP_ID")


def quiet() -> None:
    """Switch off everything that Chainlit would send elsewhere, whatever the environment says."""
    os.environ["TRACELOOP_TELEMETRY"] = "false"
    # Chainlit imports it for the service of LITERAL_API_KEY: 300 modules and a fifth of the time that a start takes
    unused = ModuleType("traceloop.sdk")
    unused.Traceloop = None  # type: ignore[attr-defined]
    sys.modules.setdefault(unused.__name__, unused)
    for name in _CONNECTING:
        os.environ.pop(name, None)


def believe_no_proxy() -> None:
    """Keep the client's real address: by default uvicorn takes it from a header of local clients."""
    os.environ["FORWARDED_ALLOW_IPS"] = ""


def language(setting: str) -> str:
    """The language of the terminal, from the setting or the locale: Danish unless that is English."""
    if setting != "auto":
        return setting
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "en" if locale.startswith("en") else "da"


def port_is_taken(host: str, port: int) -> bool:
    """Whether another program listens on the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # as the server does: a port that was in use a moment ago is free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def secret(var_dir: Path) -> str:
    """The secret that signs the session cookie, made at the first start and readable by its owner only."""
    private_folder(var_dir)
    path = var_dir / "chat.secret"
    if not path.exists():
        handle, temporary = tempfile.mkstemp(dir=var_dir)  # mode 0600
        try:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(48))
            # never seen half written, and of two processes one wins
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            Path(temporary).unlink()
    private_file(path)
    return path.read_text().strip()


def chat_token(setting: str | None, secret: str) -> str:
    """The token that opens the chat where the system cannot tell who connects; it stays the same between starts."""
    return setting or hmac.new(secret.encode(), b"address", "sha256").hexdigest()[:32]


def url(host: str, port: int, token: str = "") -> str:
    """The address to open in a browser."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}" + (
        f"/?token={quote(token, safe='')}" if token else ""
    )


async def listening(host: str, port: int) -> bool:
    """Wait until the server answers on its port."""
    for _ in range(100):
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return True
    return False
