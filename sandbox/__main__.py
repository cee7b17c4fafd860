"""`python -m sandbox`: the command line."""

import argparse
import os
import sys

from sandbox import DEMO_TOKEN
from sandbox.app import build
from sandbox.context import Sandbox
from sandbox.limits import Limits
from sandbox.loopback import HOSTS, Loopback
from sandbox.seed import FORMS, is_seed, seed_once
from sandbox.server import listen, serve
from sandbox.state.index import OldSqlite
from sandbox.state.portal import Portal
from sandbox.state.store import Store, WrongLayout

INTERRUPTED = 130
PRIVATE = "SANDBOX_TOKEN"  # unlike an option, no other account of the machine sees it


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A HubSpot-compatible CRM server.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8765, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--any-port", action="store_true", help="take a free port where that one is taken")
    parser.add_argument("--db", default=":memory:", help="SQLite file, or :memory: (default: %(default)s)")
    parser.add_argument("--seed", type=_seed, default="demo", help=f"contacts of a new file: {FORMS} (default: demo)")
    parser.add_argument(
        "--token", help=f"the bearer token accepted (default: {PRIVATE} in the environment, {DEMO_TOKEN})"
    )
    parser.add_argument("--search-lag", type=float, default=0.0, metavar="SECONDS", help="how old the search index is")
    parser.add_argument("--rate-limits", choices=("on", "off"), default="off", help="enforce HubSpot's rate limits")
    parser.add_argument("--parent-pipe", action="store_true", help="exit when stdin ends")
    return parser.parse_args()


def _seed(text: str) -> str:
    if not is_seed(text):
        raise argparse.ArgumentTypeError(f"it is {FORMS}")
    return text


def main() -> int:
    """Open the file, seed it if it is new, and serve."""
    given = arguments()
    try:
        portal = Portal(Store(given.db), lag_seconds=given.search_lag)
    except (WrongLayout, OldSqlite) as problem:
        print(problem, file=sys.stderr)
        return 1
    seed_once(portal, given.seed)
    limits = Limits(given.rate_limits == "on", portal.clock, portal.details()["timeZone"])
    own = os.environ.get(PRIVATE)
    private = own is not None and given.token is None
    sandbox = Sandbox(portal, token=given.token or own or DEMO_TOKEN, private=private, limits=limits)
    try:
        application = build(sandbox)
        listener = listen(given.host, given.port, or_any=given.any_port)
        serve(Loopback(application) if given.host in HOSTS else application, given.host, listener, given.parent_pipe)
    except OSError as problem:
        print(f"Cannot listen on {given.host}:{given.port}: {problem.strerror}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        portal.store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
