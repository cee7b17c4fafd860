"""Who is at work on a change right now: a lock on a file, which ends with its process however that ends.

The number of a process may be given to another process, and a time says little; a lock can be neither too old nor
somebody else's. Callers hold the database's transaction for writing, so two processes never open, lock and remove
a file at the same moment.
"""

import fcntl
import os
from datetime import UTC, datetime
from pathlib import Path


class Leases:
    """The locks of this process, each on a file in ``folder`` that is named like what it holds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mine: dict[str, int] = {}

    def take(self, name: str) -> bool:
        """Whether the caller holds it now; False where anybody does already, or where files cannot be locked."""
        if name in self._mine:
            return False
        self._folder.mkdir(mode=0o700, exist_ok=True)
        file = os.open(self._folder / name, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(file)
            if not isinstance(error, BlockingIOError):
                (self._folder / name).unlink(missing_ok=True)  # a free file would say that its holder is gone
            return False
        os.ftruncate(file, 0)
        self._mine[name] = file
        return True

    def free_since(self, name: str) -> datetime | None:
        """When its holder was first seen to be gone, by any process; None where one lives, or nobody can tell."""
        try:
            file = os.open(self._folder / name, os.O_RDWR)
        except OSError:
            return None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(file).st_size == 0:
                os.write(file, b"gone\n")  # the time of this is kept with the file
            return datetime.fromtimestamp(os.fstat(file).st_mtime, UTC)
        except OSError:
            return None
        finally:
            os.close(file)  # which also ends the lock

    def drop(self, name: str) -> None:
        """Lets go of it as a crash would: others see since when nobody holds it."""
        file = self._mine.pop(name, None)
        if file is not None:
            os.close(file)

    def end(self, name: str, *, others: bool = False) -> None:
        """Lets go of it; with ``others``, as nobody need hold it any more."""
        file = self._mine.pop(name, None)
        if file is not None or others:
            (self._folder / name).unlink(missing_ok=True)
        if file is not None:
            os.close(file)
