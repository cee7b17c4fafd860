"""Moves the files of versions before 0.1.0 aside, because their tables have no revision and cannot be migrated.

Nothing reads these files any more. They go into a folder named after the day. It is deleted after as many days as
personal values are kept, and ``make erase`` searches it until then.
"""

import shutil
from contextlib import closing, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import inspect

from crm.domain import errors
from crm.store.engine import connect_to_read, empty_log, typed_errors, unusable
from crm.store.files import CHATS, CONVERSATIONS, LEDGER, private_folder
from crm.store.leases import alone

MOVED = (CONVERSATIONS, CHATS, LEDGER)  # the ledger last: it tells that there is something to move
_BESIDE = ("", "-wal", "-shm", "-journal", ".claims", ".v*")
_NAME, _LOCK = "old-", ".moving"


def set_aside(folder: Path) -> Path | None:
    """Move an earlier version's files into a new folder inside ``folder`` and return it; None where there are none.

    Several processes may start at the same moment: only one of them moves the files. Raises UnusableDatabase.
    """
    if not _is_earlier(folder / LEDGER):
        return None
    try:
        with typed_errors(), alone(private_folder(folder) / _LOCK):
            target = _moved(folder)
    except errors.StoreError as error:
        raise unusable(folder, error.why) from None
    with suppress(OSError):
        (folder / _LOCK).unlink()  # it is only ever taken where there is something to move
    return target


def _moved(folder: Path) -> Path | None:
    if not _is_earlier(folder / LEDGER):
        return None  # another process was faster
    target = _target(folder)
    for name in MOVED:
        empty_log(folder / name)
        for path in sorted({path for part in _BESIDE for path in folder.glob(f"{name}{part}")}, reverse=True):
            if path.is_file():
                path.chmod(0o600)
            path.rename(target / path.name)
    return target


def folders(folder: Path) -> list[Path]:
    """The folders that ``set_aside`` has made."""
    return sorted(path for path in folder.glob(f"{_NAME}*") if path.is_dir() and _day(path))


def expire_folders(folder: Path, days: int) -> None:
    """Delete the folders that ``set_aside`` made more than ``days`` days ago."""
    before = datetime.now(UTC).date() - timedelta(days=days)
    for path in folders(folder):
        if (_day(path) or before) < before:
            shutil.rmtree(path, ignore_errors=True)  # another process sweeps as well


def _target(folder: Path) -> Path:
    day = f"{_NAME}{datetime.now(UTC).date().isoformat()}"
    names = [day, *(f"{day}-{number}" for number in range(2, 1_000))]
    # one that a cut off move began has no ledger yet
    path = next(folder / name for name in names if not (folder / name / LEDGER).exists())
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def _day(path: Path) -> date | None:
    try:
        return date.fromisoformat(path.name.removeprefix(_NAME)[: len("2026-12-31")])
    except ValueError:
        return None


def _is_earlier(file: Path) -> bool:
    if not file.is_file():
        return False
    try:
        with typed_errors(), closing(connect_to_read(file)) as db:
            tables = inspect(db).get_table_names()
    except errors.StoreError:  # whoever opens it says what is wrong with it
        return False
    return "changes" in tables and "alembic_version" not in tables
