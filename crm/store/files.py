"""The files in which data is kept, and how they are made: only their owner can read them."""

import os
from contextlib import suppress
from pathlib import Path
from stat import S_IMODE

LEDGER, CONVERSATIONS, CHATS = "ledger.db", "conversations.db", "chat.db"
_OTHERS = 0o077


def private_folder(path: Path) -> Path:
    """Return the folder; make it, without access for other accounts of the machine, where it is missing."""
    if not path.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)  # the mode of mkdir is cut by the umask, and does not hold for parents
    return path


def private_file(path: Path) -> Path:
    """Return the file; make it where it is missing, and take access to it from other accounts of the machine.

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
