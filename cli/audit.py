"""``python -m cli.audit``: lists, filters, exports and verifies the audit trail without changing it."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import get_args

from sqlalchemy import Connection, func, select

from cli.audit_formats import Mask, write_csv, write_jsonl, write_text
from crm.domain import errors
from crm.store import LEDGER, Event, Kind, connect_to_read, events, tables, typed_errors, verify
from settings import SettingsError, load_settings

BROKEN = {
    "line": "BROKEN: line {line} does not fit the one before, or was changed.",
    "values": "BROKEN: the values of line {line} are gone, and no line says that they were erased.",
    "ledger": "BROKEN: what the ledger keeps of the change is not what line {line} says, or is gone.",
    "unknown": "BROKEN: the ledger keeps a change that no line is about.",
}
WHY = {"store_broken": "it is no database, or a damaged one", "store_busy": "another program holds it"}
WHY |= {"store_failed": "it is not there, has no audit trail, or is not ours to read"}
FORMATS = {"text": write_text, "csv": write_csv, "jsonl": write_jsonl}
# option -> column
FILTERS = {"user": "user", "conversation": "conversation", "change": "change_id", "contact": "contact_id"}
FILTERS |= {"kind": "kind", "outcome": "outcome"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command on the configured ledger, or the given file; return the exit status.

    1: the chain is broken. 2: there is nothing to read, or the arguments or settings are wrong.
    """
    given = _parser().parse_args(arguments)
    try:
        file = given.file or load_settings().var_dir / LEDGER
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="")  # type: ignore[union-attr]
    try:
        if not file.is_file():
            raise errors.StoreError
        with typed_errors(), closing(connect_to_read(file)) as db:
            return _verify(db, given.head) if given.command == "verify" else _list(db, given)
    except errors.StoreError as error:
        print(f"{file} cannot be read: {WHY.get(error.code, error.code)}.", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="audit", description=__doc__)
    parser.add_argument("command", nargs="?", choices=("list", "verify"), default="list")
    parser.add_argument("--file", type=Path, help="a ledger's database; else the configured one")
    parser.add_argument("--since", type=_since, help="a date, or a moment in ISO 8601; local time")
    parser.add_argument("--until", type=_until, help="a date (included) or a moment (not included)")
    for name in FILTERS:
        parser.add_argument(f"--{name}", choices=get_args(Kind) if name == "kind" else None)
    parser.add_argument("--format", choices=FORMATS, default="text")
    parser.add_argument("--mask", action="store_true", help="without personal data")
    parser.add_argument("--head", help="verify: a hash that was printed before, and must still be in the chain")
    return parser


def _since(text: str) -> str:
    return tables.iso(datetime.fromisoformat(text))


def _until(text: str) -> str:
    whole_day = len(text) == len("2026-12-31")
    return tables.iso(datetime.fromisoformat(text) + timedelta(days=1 if whole_day else 0))


def _list(db: Connection, given: argparse.Namespace) -> int:
    where = {column: value for name, column in FILTERS.items() if (value := getattr(given, name)) is not None}
    found: Iterator[Event] = events(db, since=given.since or "", until=given.until or "9", **where)
    if given.mask:
        trail = tables.trail.c
        users = select(trail.user).group_by(trail.user).order_by(func.min(trail.seq))
        found = map(Mask(db.execute(users).scalars().all()), found)
    FORMATS[given.format](found, sys.stdout)
    sys.stdout.flush()
    return 0


def _verify(db: Connection, known: str | None) -> int:
    verdict = verify(db)
    if verdict.broken is not None:
        print(BROKEN[verdict.why if verdict.broken else "unknown"].format(line=verdict.broken))
        return 1
    hashes = chain([verdict.head], db.execute(select(tables.trail.c.hash)).scalars())
    if known is not None and known not in hashes:
        print(f"BROKEN: the line with the hash {known} is gone.")
        return 1
    print(f"ok: {verdict.lines} lines, of which {verdict.erased} had their personal values erased; head {verdict.head}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
