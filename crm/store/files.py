"""Folders and files for what is kept of conversations: for their owner only."""

import os
from contextlib import suppress
from pathlib import Path
from stat import S_IMODE

_OTHERS = 0o077


def private_folder(path: Path) -> Path:
    """The folder, made where it is missing so that no other account of the machine may look into it."""
    if not path.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)  # the mode of mkdir is cut by the umask, and does not hold for parents
    return path


def private_file(path: Path) -> Path:
    """The file, made where it is missing, which no other account of the machine may read whatever its folder allows.

    SQLite gives the files beside a database (-wal, -shm) the mode of the database.
    """
    # never opened where it exists: closing any descriptor of a database drops the locks of all this process's
    # connections to it (POSIX), and another process would then delete the log that they still write to
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    for file in (path, *(path.with_name(f"{path.name}{part}") for part in ("-wal", "-shm"))):
        if file.exists() and S_IMODE(file.stat().st_mode) & _OTHERS:
            file.chmod(0o600)
    return path
