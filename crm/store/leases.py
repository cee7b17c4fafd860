"""Who is at work on a change right now: a lock on a file, which ends with its process however that ends.

The number of a process may be given to another process, and a time says little; a lock can be neither too old nor
somebody else's. The system's own locks are used: ``flock`` where there is one, else those of Windows (``msvcrt``).
Where there is neither, or the file system has no locks, nobody holds anything: a change then counts as under way for
as long as a write may take, by its time. A database that is no file (PostgreSQL) will need a lock of its own kind
here.

Callers hold the database's transaction for writing, so two processes never open, lock and remove a file at the same
moment.
"""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # Windows lets nobody read what is locked: a byte that no file has

    def _lock(file: int, *, wait: bool = False) -> None:
        """Locks an open file. Raises OSError where somebody else has, or where files cannot be locked."""
        os.lseek(file, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except PermissionError:
            raise BlockingIOError(errno.EAGAIN, "held by another process") from None
        finally:
            os.lseek(file, 0, os.SEEK_SET)
else:
    try:
        import fcntl
    except ImportError:  # a system without locks on files

        def _lock(file: int, *, wait: bool = False) -> None:
            raise OSError(errno.ENOLCK, "this system has no locks")
    else:

        def _lock(file: int, *, wait: bool = False) -> None:
            """Locks an open file. Raises OSError where somebody else has, or where files cannot be locked."""
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


class Leases:
    """The locks of this process, each on a file in ``folder`` that is named like what it is for."""

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
            _lock(file)
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
            _lock(file)
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

    def leave(self, name: str) -> None:
        """Leaves it as a crash would, though it was ended: what was concluded could not be kept."""
        self.drop(name)
        with suppress(OSError):  # where the disk is full the change counts as under way, by its time
            os.close(os.open(self._folder / name, os.O_RDWR | os.O_CREAT, 0o600))

    def end(self, name: str, *, others: bool = False) -> None:
        """Lets go of it; with ``others``, as nobody need hold it any more."""
        file = self._mine.pop(name, None)
        if file is not None:
            os.close(file)  # Windows removes no open file
        if file is not None or others:
            with suppress(PermissionError):  # so does it for a file that another process has open
                (self._folder / name).unlink(missing_ok=True)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """For one process at a time, by a lock on the file; where files cannot be locked, for all."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        with suppress(OSError):
            _lock(file, wait=True)
        yield
    finally:
        os.close(file)
