"""Conversations on disk: Chainlit's SQLAlchemy data layer over an SQLite file, with the tables that it needs."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chainlit.data.sql_alchemy import SQLAlchemyDataLayer
from chainlit.step import StepDict
from chainlit.types import ThreadDict
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from crm.store import empty_log, private_file
from ui import chats

# Chainlit makes no tables. A step's column that is missing fails each insert with no more than a
# log line, so a test compares these with the fields that this version of Chainlit writes.
SCHEMA = (
    """CREATE TABLE IF NOT EXISTS users (
        "id" TEXT PRIMARY KEY, "identifier" TEXT NOT NULL UNIQUE, "metadata" TEXT NOT NULL, "createdAt" TEXT)""",
    """CREATE TABLE IF NOT EXISTS threads (
        "id" TEXT PRIMARY KEY, "createdAt" TEXT, "name" TEXT, "userId" TEXT REFERENCES users("id") ON DELETE CASCADE,
        "userIdentifier" TEXT, "tags" TEXT, "metadata" TEXT)""",
    """CREATE TABLE IF NOT EXISTS steps (
        "id" TEXT PRIMARY KEY, "name" TEXT NOT NULL, "type" TEXT NOT NULL,
        "threadId" TEXT NOT NULL REFERENCES threads("id") ON DELETE CASCADE,
        "parentId" TEXT, "command" TEXT, "modes" TEXT, "streaming" BOOLEAN NOT NULL, "waitForAnswer" BOOLEAN,
        "isError" BOOLEAN, "metadata" TEXT, "tags" TEXT, "input" TEXT, "output" TEXT, "createdAt" TEXT, "start" TEXT,
        "end" TEXT, "generation" TEXT, "showInput" TEXT, "language" TEXT, "indent" INT, "defaultOpen" BOOLEAN,
        "autoCollapse" BOOLEAN, "icon" TEXT)""",
    """CREATE TABLE IF NOT EXISTS elements (
        "id" TEXT PRIMARY KEY, "threadId" TEXT REFERENCES threads("id") ON DELETE CASCADE, "type" TEXT, "url" TEXT,
        "chainlitKey" TEXT, "name" TEXT NOT NULL, "display" TEXT, "objectKey" TEXT, "size" TEXT, "page" INT,
        "language" TEXT, "forId" TEXT, "mime" TEXT, "props" TEXT, "autoPlay" BOOLEAN, "playerConfig" TEXT)""",
    """CREATE TABLE IF NOT EXISTS feedbacks (
        "id" TEXT PRIMARY KEY, "forId" TEXT NOT NULL, "threadId" TEXT, "value" INT NOT NULL, "comment" TEXT)""",
    'CREATE INDEX IF NOT EXISTS steps_of_thread ON steps ("threadId", "createdAt")',
    'CREATE INDEX IF NOT EXISTS threads_of_user ON threads ("userId")',
)

Forget = Callable[[str, str], Awaitable[None]]


class History(SQLAlchemyDataLayer):
    """The data layer; ``forget(user, thread_id)`` is called when a conversation is deleted."""

    def __init__(self, file: Path, forget: Forget) -> None:
        # not the base's __init__: its engine would write the values of a failed statement into the log
        self._file = file
        self.engine = create_async_engine(
            f"sqlite+aiosqlite:///{file}", hide_parameters=True, connect_args={"timeout": 30}
        )
        event.listen(self.engine.sync_engine, "connect", _overwriting)
        self.async_session = async_sessionmaker(self.engine, expire_on_commit=False)
        self.storage_provider = None
        self.user_thread_limit = 1000
        self.show_logger = False
        self._forget = forget
        self.deleted = set[str]()  # in this process: another tab may still show one of them
        # Chainlit writes each step in a task of its own; a lock keeps them in the order they were started
        self._writing = asyncio.Lock()

    async def create_tables(self) -> None:
        """Make what is missing; safe to run at every start."""
        await asyncio.to_thread(private_file, self._file)
        async with self.engine.begin() as connection:
            await connection.execute(text("PRAGMA journal_mode = WAL"))
            for statement in SCHEMA:
                await connection.execute(text(statement))

    async def get_current_timestamp(self) -> str:
        """The time in UTC; the base writes local time and calls it UTC."""
        return datetime.now(UTC).isoformat().replace("+00:00", "Z")

    async def execute_sql(self, query: str, parameters: dict[str, Any]) -> Any:
        async with self._writing:
            return await super().execute_sql(query, parameters)

    async def get_all_user_threads(
        self, user_id: str | None = None, thread_id: str | None = None
    ) -> list[ThreadDict] | None:
        """The base's, with what SQLite gives back as text as the objects that the page expects."""
        threads: list[ThreadDict] | None = await super().get_all_user_threads(user_id, thread_id)
        parts: list[Any] = [part for thread in threads or [] for part in (thread, *(thread["steps"] or []))]
        for part in parts:
            if isinstance(part["metadata"], str):
                part["metadata"] = json.loads(part["metadata"])
        return threads

    async def delete_thread(self, thread_id: str) -> None:
        """Delete the conversation, also from the file's log, and what the graph remembers of it."""
        author = await self.get_thread_author(thread_id)
        self.deleted.add(thread_id)
        await super().delete_thread(thread_id)
        async with self._writing:
            await asyncio.to_thread(empty_log, self._file)
        await self._forget(author, thread_id)

    async def update_thread(self, thread_id: str, *given: Any, **more: Any) -> None:
        """The base's, which makes a thread where there is none; not one that was deleted."""
        if thread_id not in self.deleted:
            await super().update_thread(thread_id, *given, **more)

    async def create_step(self, step_dict: StepDict) -> None:
        """The base's, but for a conversation that was deleted."""
        if step_dict.get("threadId") not in self.deleted:
            await super().create_step(step_dict)

    async def expire(self, days: int) -> None:
        """Delete the conversations in which nothing was said for so many days, also from what the graph remembers."""
        async with self._writing:
            old = await asyncio.to_thread(chats.old, self._file, days)
            await asyncio.to_thread(chats.delete, self._file, [thread_id for _, thread_id in old])
        for user, thread_id in old:
            await self._forget(user, thread_id)


def _overwriting(connection: Any, record: object) -> None:
    """Lets a new connection overwrite what it deletes or replaces; else it stays in free pages of the file."""
    connection.execute("pragma secure_delete = on")
