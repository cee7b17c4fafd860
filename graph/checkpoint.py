"""Conversations on disk: SQLite checkpoints, of which only those of the current turn are kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiosqlite
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from crm.private import private_folder

STEPS = 16


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
        """Saves a checkpoint; the first of a turn sweeps away what came before its parent."""
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


@asynccontextmanager
async def open_saver(path: Path) -> AsyncIterator[TurnSaver]:
    """The saver over the file at ``path``, made where it is missing; several processes may share it."""
    await asyncio.to_thread(private_folder, path.parent)
    async with aiosqlite.connect(path, timeout=30) as connection:
        saver = TurnSaver(connection)
        await saver.setup()
        yield saver
