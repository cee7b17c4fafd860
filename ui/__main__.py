"""``python -m ui``: serves the web chat on this machine."""

import argparse
import os
import shutil

from ui import startup


def main() -> None:
    """Prepare the settings that Chainlit reads when it is imported, then start Chainlit."""
    parser = argparse.ArgumentParser(prog="python -m ui", description=__doc__)
    parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    arguments = parser.parse_args()
    startup.quiet()
    # left behind where a process was killed
    shutil.rmtree(startup.ROOT / ".files", ignore_errors=True)
    os.environ.update(
        CHAINLIT_APP_ROOT=str(startup.ROOT),
        CHAINLIT_HOST=arguments.host,
        CHAINLIT_PORT=str(arguments.port),
        CHAINLIT_ROOT_PATH="",
        CHAINLIT_COOKIE_SAMESITE="strict",
        # cookies are shared by all ports of a host: two chats must not sign each other out
        CHAINLIT_AUTH_COOKIE_NAME=f"contacts_{arguments.port}",
    )

    from chainlit.cli import run_chainlit
    from chainlit.config import config

    config.run.headless = True
    run_chainlit(str(startup.ROOT / "ui" / "app.py"))


if __name__ == "__main__":
    main()
