"""Stores conversations in SQLite, and keeps only the checkpoints of the current turn."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.sqlite import SqliteSaver

from crm.store import SqliteFile, empty_log
from graph.logs import quiet_libraries

STEPS = 16
_GREGORIAN = 0x01B21DD213814000  # from the beginning of a uuid's calendar to 1970, in 100 ns


class TurnSaver(SqliteSaver):
    """An SQLite saver that deletes the checkpoints of earlier turns when a new turn begins; the base class keeps all.

    The checkpoint from which the new turn starts is kept, so that a waiting card can still be answered. The base's
    methods run in the file's thread, each as one piece of work. Callers use only the asynchronous methods.
    """

    def __init__(self, file: SqliteFile, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self._file = file

    @contextmanager
    def cursor(self, transaction: bool = True) -> Iterator[sqlite3.Cursor]:
        """The base's cursor, within the file's transaction."""
        with closing(self.conn.cursor()) as cursor:
            yield cursor

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The named checkpoint, or else the latest."""
        return await self._file.do(lambda _: self.get_tuple(config), reads=True)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002  # the base's name
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """Yield the matching checkpoints, newest first."""
        for saved in await self._file.do(
            lambda _: list(self.list(config, filter=filter, before=before, limit=limit)), reads=True
        ):
            yield saved

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Save a checkpoint. The first one of a turn deletes what came before its parent."""

        def save(connection: sqlite3.Connection) -> RunnableConfig:
            saved = self.put(config, checkpoint, metadata, new_versions)
            parent = config["configurable"].get("checkpoint_id")
            # a turn that is saved once, at its end, has no other checkpoint; and one that is resumed again and again
            # begins only once: its oldest steps go as well
            first = metadata.get("source") == "input" or config["configurable"].get("__pregel_durability") == "exit"
            if parent and (first or metadata.get("step", 0) % STEPS == 0):
                key = (config["configurable"]["thread_id"], config["configurable"].get("checkpoint_ns", ""), parent)
                for table in ("checkpoints", "writes"):
                    connection.execute(
                        f"delete from {table} where thread_id = ? and checkpoint_ns = ? and checkpoint_id < ?",  # noqa: S608  # both names are ours
                        key,
                    )
            return saved

        return await self._file.do(save)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Save what one task of a step has written."""
        await self._file.do(lambda _: self.put_writes(config, writes, task_id, task_path))

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete a conversation."""
        await self._file.do(lambda _: self.delete_thread(thread_id))

    async def old(self, days: int) -> list[str]:
        """The conversations in which nothing was saved for ``days`` days."""
        query = "select thread_id from checkpoints group by thread_id having max(checkpoint_id) < ?"
        rows = await self._file.do(lambda db: db.execute(query, (_first_id(days),)).fetchall(), reads=True)
        return [str(row[0]) for row in rows]

    async def mentioning(self, found: Callable[[Any], bool]) -> list[str]:
        """The conversations whose saved state holds something that ``found`` accepts, at any depth."""
        threads: dict[str, None] = {}

        def look(connection: sqlite3.Connection) -> None:
            for saved in self.list(None):
                parts = (saved.checkpoint["channel_values"], saved.metadata, saved.pending_writes)
                if any(found(part) for part in parts):
                    threads[str(saved.config["configurable"]["thread_id"])] = None

        await self._file.do(look, reads=True)
        return list(threads)

    async def forget(self, threads: Iterable[str]) -> None:
        """Delete these conversations and overwrite their data in the file and its log."""
        for thread in threads:
            await self.adelete_thread(thread)
        await self._file.alone(empty_log)


def _first_id(days: int) -> str:
    """The smallest checkpoint id that could have been made ``days`` days ago: ids are uuids of version 6, which sort by
    time.
    """
    moment = datetime.now(UTC) - timedelta(days=days)
    digits = f"{(int(moment.timestamp() * 10_000_000) + _GREGORIAN) >> 12:012x}"
    return f"{digits[:8]}-{digits[8:]}"


@asynccontextmanager
async def open_saver(path: Path) -> AsyncIterator[TurnSaver]:
    """Open the saver over the file at ``path``, made where it is missing; several processes may share it.

    Raises UnusableDatabase where the file cannot be used.
    """
    quiet_libraries()
    file = SqliteFile(path, lambda connection: SqliteSaver(connection).setup())
    try:
        await file.open()
        yield await file.do(lambda connection: TurnSaver(file, connection))
    finally:
        await file.close()
