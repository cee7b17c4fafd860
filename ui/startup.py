"""Prepares the start of the chat: this machine only, a free port, a secret, and no telemetry of Chainlit."""

import asyncio
import hmac
import os
import secrets
import socket
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import NoReturn
from urllib.parse import quote

import prompts
from crm.domain import StoreError
from crm.store import UnusableDatabase, private_file, private_folder, set_aside, typed_errors, unusable
from settings import Settings, SettingsError, load_settings

ROOT = Path(__file__).parent.parent
LOOPBACK = ("127.0.0.1", "localhost", "::1")

# each of these would make Chainlit connect to something by itself
_CONNECTING = ("DATABASE_URL", "LITERAL_API_KEY", "DISCORD_BOT_TOKEN", "SLACK_BOT_TOKEN", "TEAMS_APP_ID")


@dataclass(frozen=True)
class Ready:
    """What the chat starts with; ``language`` is the terminal's, ``token`` opens the chat, ``secret`` signs cookies."""

    settings: Settings
    texts: prompts.Prompts
    language: str
    token: str
    secret: str


@cache
def prepare(host: str, port: int) -> Ready:
    """Read the settings and make the folder and its secret, once in a process.

    Ends the process with status 2 and a sentence for the operator where the chat cannot start.
    """
    try:
        settings = load_settings()
        texts = prompts.load(settings.prompts_dir)
    except (SettingsError, prompts.PromptError) as error:
        refuse(str(error))
    terminal, say = language(settings.language), texts.say
    if host not in LOOPBACK:
        refuse(say(terminal, "ui-host-refused", host=host))
    if port_is_taken(host, port):
        refuse(say(terminal, "ui-port-taken", host=host, port=str(port)))
    try:
        with typed_errors():
            aside, signing = set_aside(settings.var_dir), secret(settings.var_dir)
    except StoreError as error:
        refuse(str(unusable(settings.var_dir, error.why)))
    except UnusableDatabase as error:
        refuse(str(error))
    if aside:
        print(say(terminal, "moved-aside", folder=str(aside)), flush=True)
    chosen = settings.chat_token.get_secret_value() if settings.chat_token else None
    return Ready(settings, texts, terminal, chat_token(chosen, signing), signing)


def refuse(sentence: str) -> NoReturn:
    """End the process before anything is served, with a sentence for the operator."""
    print(sentence, file=sys.stderr)
    sys.exit(2)


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
