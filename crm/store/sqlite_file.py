"""Runs work on one SQLite file in one thread, in order; what waits is committed together."""

import asyncio
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, TypeVar

from crm.domain import errors
from crm.store.engine import BUSY_SECONDS, typed_errors, unusable, use_wal
from crm.store.files import private_file, private_folder

T = TypeVar("T")
logger = logging.getLogger(__name__)
SOON = 0.02  # seconds that work for which nobody waits may wait for more of its kind
MOST = 200  # jobs in one transaction: whoever waits for the first of them waits for all

Kind = Literal["writes", "reads", "alone"]


@dataclass(frozen=True)
class _Job:
    work: Callable[[sqlite3.Connection], Any]
    kind: Kind
    future: asyncio.Future[Any] | None = None  # nobody waits for it


Jobs = queue.SimpleQueue[list[_Job] | None]
Result = tuple[_Job, Any, BaseException | None]


class SqliteFile:
    """The file at ``path``. The first work opens it, and ``prepare`` then makes the tables that are missing.

    A hop to another thread and a commit cost more than a small statement. So each piece of work is one hop, and all
    work that came in during the last transaction shares the next one. A commit outlives the process. A power cut may
    lose the last commits, but never a part of one; what must not be lost even then belongs in the ledger.
    """

    def __init__(self, path: Path, prepare: Callable[[sqlite3.Connection], None]) -> None:
        self.path = path
        self._prepare = prepare
        self._jobs: Jobs = queue.SimpleQueue()
        self._later: list[_Job] = []
        self._thread: threading.Thread | None = None
        self._given = 0  # jobs; only the event loop counts these
        self._done = 0  # and only the thread these

    async def open(self) -> None:
        """Open the file now, readable by its owner only, and make missing tables. Raises UnusableDatabase."""
        try:
            with typed_errors():
                await asyncio.to_thread(private_folder, self.path.parent)
                await asyncio.to_thread(private_file, self.path)
            await self.do(_nothing, reads=True)
        except errors.StoreError as error:
            raise unusable(self.path, error.why) from None

    async def do(self, work: Callable[[sqlite3.Connection], T], *, reads: bool = False) -> T:
        """Run ``work`` in the file's thread and return its result once it is committed, wholly or not at all.

        ``work`` begins no transaction itself. ``reads``: it writes nothing. Raises StoreError.
        """
        return await self._give(work, "reads" if reads else "writes")

    async def alone(self, work: Callable[[Path], T]) -> T:
        """Run ``work`` over a connection of its own while the shared one does nothing. Raises StoreError."""
        return await self._give(lambda _: work(self.path), "alone")

    async def later(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """Run ``work`` in its turn; nobody waits for it, unless the disk falls behind. A failure is logged."""
        if len(self._later) + self._given - self._done < MOST:
            if not self._later:
                asyncio.get_running_loop().call_later(SOON, self._hand_over)
            self._later.append(_Job(work, "writes"))
            return
        try:
            await self.do(work)
        except (errors.StoreError, sqlite3.Error, UnicodeError) as error:
            _log(error)

    def _hand_over(self) -> None:
        if self._later:
            self._put(self._later)
            self._later = []

    async def _give(self, work: Callable[[sqlite3.Connection], T], kind: Kind) -> T:
        self._hand_over()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._put([_Job(work, kind, future)])
        with typed_errors():
            return await future

    def _put(self, jobs: list[_Job]) -> None:
        if self._thread is None:
            # a daemon, so that a file that nobody closed keeps no process alive
            self._thread = threading.Thread(target=self._serve, args=(self._jobs,), daemon=True, name=self.path.name)
            self._thread.start()
        self._given += len(jobs)
        self._jobs.put(jobs)

    async def close(self) -> None:
        """Finish all waiting work and close the file; later work opens it again."""
        if self._thread is None and not self._later:
            return
        await self._drained()
        while self._later or not self._jobs.empty():  # whoever was waiting has more
            await self._drained()
        assert self._thread is not None
        thread, self._thread = self._thread, None
        self._jobs.put(None)
        self._jobs = queue.SimpleQueue()
        await asyncio.to_thread(thread.join)

    async def _drained(self) -> None:
        with suppress(errors.StoreError):  # whoever gave the work has been told, or the log
            await self.do(_nothing, reads=True)

    def _serve(self, given: Jobs) -> None:
        connection: sqlite3.Connection | None = None
        while waiting := _waiting(given):
            for alone, group in groupby(waiting, lambda job: job.kind == "alone"):
                jobs = list(group)
                try:
                    connection = connection or self._opened()
                    _tell([_tried(connection, job) for job in jobs] if alone else _together(connection, jobs))
                except BaseException as error:
                    _tell([(job, None, error) for job in jobs])
            self._done += len(waiting)
        if connection is not None:
            connection.close()

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            use_wal(connection)
            connection.execute("pragma synchronous = normal")
            # what is deleted or replaced must not stay in free pages of the file
            connection.execute("pragma secure_delete = on")
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def _nothing(connection: sqlite3.Connection) -> None:
    pass


def _waiting(given: Jobs) -> list[_Job]:
    """All waiting work, in order; nothing at the end."""
    waiting: list[_Job] = []
    with suppress(queue.Empty):
        some = given.get()
        while some is not None:
            waiting += some
            if len(waiting) >= MOST:
                break
            some = given.get_nowait()
        else:
            if waiting:
                given.put(None)  # for the next time
    return waiting


def _together(connection: sqlite3.Connection, jobs: Sequence[_Job]) -> list[Result]:
    """Do the jobs and commit them together; return their results."""
    # a transaction that begins with a read could not write after another process has
    connection.execute("begin" if all(job.kind == "reads" for job in jobs) else "begin immediate")
    try:
        outcomes = [_alone(connection, job) for job in jobs]
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:  # after some errors SQLite has rolled back by itself
            connection.execute("rollback")
        raise
    return outcomes


def _alone(connection: sqlite3.Connection, job: _Job) -> Result:
    """Do one job and return its result; where it fails, nothing of it is kept."""
    if job.kind == "reads":
        return _tried(connection, job)
    connection.execute("savepoint job")
    outcome = _tried(connection, job)
    if outcome[2] is not None:
        if not connection.in_transaction:  # a full disk, say: SQLite has rolled back what the others wrote as well
            raise outcome[2]
        connection.execute("rollback to job")
    connection.execute("release job")
    return outcome


def _tried(connection: sqlite3.Connection, job: _Job) -> Result:
    try:
        return job, job.work(connection), None
    except Exception as error:
        return job, None, error


def _tell(outcomes: Sequence[Result]) -> None:
    """Wake the callers, with one call for each event loop."""
    awaited = [(job.future, result, failure) for job, result, failure in outcomes if job.future is not None]
    for loop in {future.get_loop() for future, _, _ in awaited}:
        with suppress(RuntimeError):  # the loop was closed, and nobody waits any more
            loop.call_soon_threadsafe(_settle, [one for one in awaited if one[0].get_loop() is loop])
    for job, _, failure in outcomes:
        if job.future is None and failure is not None:
            _log(failure)


def _settle(awaited: Sequence[tuple[asyncio.Future[Any], Any, BaseException | None]]) -> None:
    for future, result, failure in awaited:
        if future.done():  # cancelled
            continue
        if failure is None:
            future.set_result(result)
        else:
            future.set_exception(failure)


def _log(failure: BaseException) -> None:
    logger.warning("Something could not be saved: %s", reason(failure))


def reason(failure: BaseException) -> str:
    """What may be logged of a failure: SQLite's own words name no values, those of others may."""
    if isinstance(failure, errors.StoreError):
        return failure.why
    return str(failure) if isinstance(failure, sqlite3.Error) else type(failure).__name__
