"""Checks this machine: the settings, and the folder in which everything is kept."""

import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

from phonenumbers import SUPPORTED_REGIONS

from cli.finding import Finding, ok, problem, warning
from crm.store import CHATS, CONVERSATIONS, LEDGER
from prompts import PromptError, load
from settings import Settings

FEW_BYTES, TOO_FEW_BYTES = 500_000_000, 20_000_000
DATABASES = (CONVERSATIONS, CHATS, LEDGER, "sandbox.db")
_OTHERS = {"ASSISTANT_TEST_DATA", "ASSISTANT_CI"}  # of our tests


def settings_findings(settings: Settings, environment: Mapping[str, str]) -> list[Finding]:
    """Check for unknown settings, a region without phone numbers, and prompt overrides that do not fit."""
    known = {(field.alias or name).upper() for name, field in Settings.model_fields.items()} | _OTHERS
    unknown = sorted(name for name in environment if name.startswith("ASSISTANT_") and name not in known)
    found = [warning("settings", "doctor-settings-unknown", names=", ".join(unknown))] if unknown else []
    if settings.region not in SUPPORTED_REGIONS:
        found.append(problem("settings", "doctor-settings-region", region=settings.region))
    try:
        load(settings.prompts_dir)
    except (PromptError, OSError, UnicodeDecodeError) as error:
        found.append(problem("settings", "doctor-settings-prompts", why=str(error)[:300]))
    return found or [ok("settings", "doctor-settings-ok")]


def database_findings(folder: Path) -> list[Finding]:
    """Check that the folder can be written, is private and has room, and that each SQLite file in it opens."""
    if not folder.is_dir():
        return _to_be_made(folder)
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix="doctor-") as file:
            file.write(b"x")
            file.flush()
    except OSError as error:
        return [problem("database", "doctor-database-unwritable", folder=str(folder), why=error.strerror or "?")]
    return [*_broken(folder), *_exposed(folder), *_room(folder)] or [
        ok("database", "doctor-database-ok", folder=str(folder), free=_readable(shutil.disk_usage(folder).free))
    ]


def _to_be_made(folder: Path) -> list[Finding]:
    above = next(path for path in folder.parents if path.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        return [problem("database", "doctor-database-unmakable", folder=str(folder), above=str(above))]
    return [*_room(above)] or [ok("database", "doctor-database-new", folder=str(folder))]


def _room(folder: Path) -> Iterable[Finding]:
    free = shutil.disk_usage(folder).free
    if free < FEW_BYTES:
        say = problem if free < TOO_FEW_BYTES else warning
        yield say("database", "doctor-database-full", folder=str(folder), free=_readable(free))


def _exposed(folder: Path) -> Iterable[Finding]:
    if os.name == "posix" and stat.S_IMODE(folder.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        yield warning("database", "doctor-database-open", folder=str(folder))


def _broken(folder: Path) -> Iterable[Finding]:
    for path in (folder / name for name in DATABASES):
        if not path.is_file():
            continue
        try:
            with closing(sqlite3.connect(path, timeout=3, isolation_level=None)) as connection:
                connection.execute("begin immediate")  # a lock for writing, which nothing is written under
                connection.execute("select count(*) from sqlite_master").fetchone()
                connection.execute("rollback")
        except sqlite3.OperationalError as error:  # locked, or not writable
            yield problem("database", "doctor-database-locked", file=str(path), why=str(error))
        except sqlite3.DatabaseError:
            yield problem("database", "doctor-database-broken", file=str(path))


def _readable(size: int) -> str:
    return f"{size / 1e9:.0f} GB" if size >= 1e10 else f"{size / 1e6:.0f} MB"
