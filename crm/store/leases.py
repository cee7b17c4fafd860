"""Shows which changes a living process is working on: it locks a file for each, and the lock ends with the process.

A process's number can be reused, and a time can be too short; a lock cannot be wrong. ``flock`` is used where it
exists, and ``msvcrt`` on Windows. Where files cannot be locked, a change counts as under way for as long as a write may
take. PostgreSQL would need locks of its own kind here.

Callers hold the database's write lock, so two processes never open, lock and remove a file at the same moment.
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
    """The locks that this process holds, each on a file in ``folder`` with the name of its lease."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mine: dict[str, int] = {}

    def take(self, name: str) -> bool:
        """Take the lease and return True; False where anybody holds it, or where files cannot be locked."""
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
        """When any process first saw that the holder has ended; None while it lives, or where nobody can tell."""
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
        """Unlock the file but keep it, as a crash would: others see that the holder has ended."""
        file = self._mine.pop(name, None)
        if file is not None:
            os.close(file)

    def leave(self, name: str) -> None:
        """Put the file of an ended lease back, unlocked: the outcome could not be stored, so others must find it."""
        self.drop(name)
        with suppress(OSError):  # where the disk is full the change counts as under way, by its time
            os.close(os.open(self._folder / name, os.O_RDWR | os.O_CREAT, 0o600))

    def end(self, name: str, *, others: bool = False) -> None:
        """Unlock and remove the file; ``others``: also a file that another process has left."""
        file = self._mine.pop(name, None)
        if file is not None:
            os.close(file)  # Windows removes no open file
        if file is not None or others:
            with suppress(PermissionError):  # so does it for a file that another process has open
                (self._folder / name).unlink(missing_ok=True)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Run the block in one process at a time, by a lock on the file; where files cannot be locked, nothing waits."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        with suppress(OSError):
            _lock(file, wait=True)
        yield
    finally:
        os.close(file)
