"""One SQLite database that several processes may share, through SQLAlchemy Core.

All that is particular to SQLite stands here: files, locks, write-ahead logs and error codes, so that another engine
could be used in its place. Opening a database migrates its tables, forwards only, after a backup was made beside it.
"""

import asyncio
import errno
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import URL, Connection, NullPool, create_engine, inspect
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError, ProgrammingError

from crm.domain import errors
from crm.store import migrations
from crm.store.files import private_file, private_folder

T = TypeVar("T")
BUSY_SECONDS = 30.0
COMPACT_SECONDS = 2.0
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_KINDS: dict[int, type[errors.StoreError]] = {
    sqlite3.SQLITE_FULL: errors.StoreFull,
    sqlite3.SQLITE_CORRUPT: errors.StoreBroken,
    sqlite3.SQLITE_NOTADB: errors.StoreBroken,
    sqlite3.SQLITE_BUSY: errors.StoreBusy,
    sqlite3.SQLITE_LOCKED: errors.StoreBusy,
}


class UnusableDatabase(Exception):
    """The file cannot be used; the message tells the operator which file it is and what to do next.

    ``why``: only what is wrong with the file.
    """

    def __init__(self, message: str, why: str = "") -> None:
        self.why = why or message
        super().__init__(message)


class NewerDatabase(UnusableDatabase):
    """The file was written by a newer version of the assistant."""


def unusable(path: Path, why: object) -> UnusableDatabase:
    """The error for a file that SQLite or the operating system cannot open."""
    message = f"{path} cannot be used: {why}. Run make doctor, or name another folder in ASSISTANT_DATABASE_URL."
    return UnusableDatabase(message, str(why))


class _Lane:
    """One connection, used by one thread: no more than one piece of work waits for a lock of the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread: ThreadPoolExecutor | None = None
        self._connection: Connection | None = None

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in the thread, after all that was given before; the first work opens the file."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix=self._path.name)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, work)

    def _run(self, work: Callable[[Connection], T]) -> T:
        with typed_errors():
            if self._connection is None:
                self._connection = opened(self._path)
            return work(self._connection)

    def close(self) -> None:
        """Close the connection, after all that was given before, and end the thread."""
        if self._thread is not None:
            self._thread.shutdown()
        if self._connection is not None:
            self._connection.close()
        self._thread = self._connection = None


class Database:
    """One file. Writes are done one after the other, and reads beside them, which SQLite's write-ahead log allows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writes, self._reads = _Lane(path), _Lane(path)

    async def open(self) -> None:
        """Open the file now and migrate its tables. Raises UnusableDatabase."""
        try:
            await self._writes.run(lambda connection: None)
        except errors.StoreError as error:
            raise unusable(self.path, error.why) from None

    def close(self) -> None:
        """Close the file; a later call opens it again."""
        self._writes.close()
        self._reads.close()

    async def do(self, work: Callable[[Connection], T], *, durable: bool = True, reads: bool = False) -> T:
        """Run ``work`` in one transaction and return its result: everything that it writes is kept, or nothing is.

        ``durable``: wait for the disk, so that a power cut cannot undo the transaction. ``reads``: ``work`` writes
        nothing and waits for no other process. Raises StoreError where the file cannot be read or written.
        """

        def run(connection: Connection) -> T:
            with transaction(connection, durable=durable, reads=reads):
                return work(connection)

        return await (self._reads if reads else self._writes).run(run)


@contextmanager
def transaction(connection: Connection, *, durable: bool = True, reads: bool = False) -> Iterator[None]:
    """Run the block in one transaction. A writing one takes the lock at once, so two processes never deadlock."""
    with connection.begin():
        if not reads:
            connection.exec_driver_sql(f"pragma synchronous={'full' if durable else 'normal'}")
        connection.exec_driver_sql("begin" if reads else "begin immediate")
        yield


@contextmanager
def typed_errors() -> Iterator[None]:
    """Turn the errors that SQLite, SQLAlchemy and the system raise for a file into a StoreError with a code."""
    try:
        yield
    except (IntegrityError, ProgrammingError, sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise  # a mistake of ours
    except BrokenPipeError:
        raise  # no file: whoever reads what is printed has seen enough
    except (OperationalError, DatabaseError) as error:
        raise _kind_of(error.orig)(str(error.orig)) from None
    except (sqlite3.OperationalError, sqlite3.DatabaseError, OSError) as error:
        raise _kind_of(error)(str(error)) from None


def _kind_of(error: BaseException | None) -> type[errors.StoreError]:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return _KINDS.get(code & 0xFF, errors.StoreError)
    full = isinstance(error, OSError) and error.errno in _FULL
    return errors.StoreFull if full else errors.StoreError


def connect(path: Path) -> Connection:
    """Connect to a database and make it where it is missing.

    The driver begins no transaction by itself: ``transaction`` does that. Errors never contain the values of a
    statement.
    """
    # not a URL's own defaults: the driver would begin transactions as it sees fit, and refuse another thread
    given = {"timeout": BUSY_SECONDS, "isolation_level": None, "check_same_thread": False}
    url = URL.create("sqlite", database=str(private_file(path)))
    return create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=given).connect()


def connect_to_read(path: Path) -> Connection:
    """Connect for reading to one snapshot of an existing database.

    In a damaged file, bytes that are not text are read as escapes.
    """

    def dial() -> sqlite3.Connection:
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        db.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
        return db

    connection = create_engine("sqlite://", creator=dial, poolclass=NullPool, hide_parameters=True).connect()
    connection.exec_driver_sql("begin")
    return connection


def opened(path: Path) -> Connection:
    """Open the file and migrate its tables to this version. Raises NewerDatabase."""
    private_folder(path.parent)
    connection = connect(path)
    try:
        use_wal(cast("sqlite3.Connection", connection.connection.dbapi_connection))
        _migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def use_wal(connection: sqlite3.Connection) -> None:
    """Switch the file to a write-ahead log. SQLite does not wait for others here, so two first starts would fail."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _migrate(connection: Connection, path: Path) -> None:
    with transaction(connection, reads=True):
        if migrations.revision(connection) == migrations.HEAD:
            return
    with transaction(connection):
        revision = migrations.revision(connection)
        if revision == migrations.HEAD:
            return  # another process was faster
        if revision is None and inspect(connection).has_table("changes"):
            raise UnusableDatabase(
                f"{path} was made by a version before 0.1.0. Start the assistant once, which moves it aside."
            )
        if revision is not None:
            if not migrations.is_known(revision):
                raise NewerDatabase(
                    f"{path} was written by a newer version of the assistant. Start that version, "
                    "or name another folder in ASSISTANT_DATABASE_URL."
                )
            _backup(path, revision)
        migrations.upgrade(connection)


def _backup(path: Path, revision: str) -> None:
    """Make a complete copy beside the file, or none. The caller holds the lock, so nobody else writes meanwhile.

    An older copy for the same revision, from before somebody went back to that version, is replaced.
    """
    kept = path.with_name(f"{path.name}.v{revision}")
    begun = path.with_name(f"{kept.name}.part")
    begun.unlink(missing_ok=True)  # of a start that was cut off
    private_file(begun)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(begun)) as copy:
        source.backup(copy)
    begun.replace(kept)


def backups(path: Path) -> list[Path]:
    """The copies that were made before the file's tables were migrated."""
    return sorted(path.parent.glob(f"{path.name}.v*"))


def overwrite(db: Connection) -> None:
    """Make this connection overwrite what it deletes; otherwise the data stays in the file's free pages."""
    db.exec_driver_sql("pragma secure_delete = on")


def empty_log(path: Path, wait: float = 0.5) -> bool:
    """Move the write-ahead log into the file, because overwritten data stands in the log until then.

    Returns False where others use the file for longer than ``wait`` seconds, or where the file is damaged. It opens a
    connection of its own, so that callers of the shared one need not wait.
    """
    if not path.is_file():
        return True
    with closing(sqlite3.connect(path, timeout=wait, isolation_level=None)) as db:
        try:
            return bool(db.execute("pragma wal_checkpoint(truncate)").fetchone()[0] == 0)
        except sqlite3.DatabaseError:
            return False


def compact(path: Path) -> None:
    """Rewrite the file so that it holds no remains of erased data. Raises StoreError; StoreBusy while others use it."""
    if not path.is_file():
        return
    with typed_errors(), closing(sqlite3.connect(path, timeout=COMPACT_SECONDS, isolation_level=None)) as db:
        db.execute("vacuum")
    if not empty_log(path, COMPACT_SECONDS):
        raise errors.StoreBusy


def all_values(path: Path) -> Iterator[Sequence[Any]]:
    """Yield every row of every table of any SQLite file, with bytes decoded as text."""
    with closing(connect_to_read(path)) as db:
        for table in inspect(db).get_table_names():
            for row in db.exec_driver_sql(f'select * from "{table}"'):  # noqa: S608  # the name is the file's own
                yield [value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in row]
