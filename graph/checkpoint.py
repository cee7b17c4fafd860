"""Conversations on disk: SQLite checkpoints, of which only those of the current turn are kept."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiosqlite
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from crm.store import empty_log, private_file, private_folder, typed_errors
from graph.logs import quiet_libraries

STEPS = 16
_GREGORIAN = 0x01B21DD213814000  # from the beginning of a uuid's calendar to 1970, in 100 ns


class TurnSaver(AsyncSqliteSaver):
    """Forgets the checkpoints of earlier turns when a new one begins; the SQLite saver itself keeps all, for ever.

    The one that the new turn starts from is kept, so that a card that waits can still be answered.
    """

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Saves a checkpoint; the first of a turn sweeps away what came before its parent. Raises StoreError."""
        with typed_errors():
            return await self._put(config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Saves what a step has written so far."""
        with typed_errors():
            await super().aput_writes(config, writes, task_id, task_path)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The checkpoint that a run goes on from."""
        with typed_errors():
            return await super().aget_tuple(config)

    async def _put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        saved = await super().aput(config, checkpoint, metadata, new_versions)
        parent = config["configurable"].get("checkpoint_id")
        # a turn that is resumed again and again begins only once: its oldest steps go as well
        if parent and (metadata.get("source") == "input" or metadata.get("step", 0) % STEPS == 0):
            key = (config["configurable"]["thread_id"], config["configurable"].get("checkpoint_ns", ""), parent)
            async with self.lock:
                for table in ("checkpoints", "writes"):
                    await self.conn.execute(
                        f"delete from {table} where thread_id = ? and checkpoint_ns = ? and checkpoint_id < ?",  # noqa: S608  # both names are ours
                        key,
                    )
                await self.conn.commit()
        return saved

    async def old(self, days: int) -> list[str]:
        """The conversations of which nothing was saved for so many days."""
        async with self.conn.execute(
            "select thread_id from checkpoints group by thread_id having max(checkpoint_id) < ?", (_first_id(days),)
        ) as rows:
            return [str(row[0]) async for row in rows]

    async def mentioning(self, found: Callable[[Any], bool]) -> list[str]:
        """The conversations in whose saved state, of any depth, something is found."""
        threads: dict[str, None] = {}
        async for saved in self.alist(None):
            parts = (saved.checkpoint["channel_values"], saved.metadata, saved.pending_writes)
            if any(found(part) for part in parts):
                threads[str(saved.config["configurable"]["thread_id"])] = None
        return list(threads)

    async def forget(self, threads: Iterable[str]) -> None:
        """Deletes these conversations, so that nothing of them stays in the file or its log."""
        for thread in threads:
            await self.adelete_thread(thread)
        async with self.conn.execute("pragma database_list") as rows:
            files = [row[2] async for row in rows if row[2]]
        for file in files:
            await asyncio.to_thread(empty_log, Path(file))


def _first_id(days: int) -> str:
    """Where the ids of checkpoints of so many days ago begin: they are uuids of version 6, which sort by time."""
    moment = datetime.now(UTC) - timedelta(days=days)
    digits = f"{(int(moment.timestamp() * 10_000_000) + _GREGORIAN) >> 12:012x}"
    return f"{digits[:8]}-{digits[8:]}"


@asynccontextmanager
async def open_saver(path: Path) -> AsyncIterator[TurnSaver]:
    """The saver over the file at ``path``, made where it is missing; several processes may share it."""
    quiet_libraries()
    await asyncio.to_thread(private_folder, path.parent)
    await asyncio.to_thread(private_file, path)
    async with aiosqlite.connect(path, timeout=30) as connection:
        # from the first turn on: what a later one sweeps away must not stay in free pages of the file
        await connection.execute("pragma secure_delete = on")
        saver = TurnSaver(connection)
        await saver.setup()
        yield saver
