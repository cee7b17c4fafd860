"""Stores the chat's conversations: Chainlit's SQL data layer over one SQLite file, with its tables."""

import json
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from chainlit.data.sql_alchemy import SQLAlchemyDataLayer
from chainlit.data.utils import queue_until_user_message
from chainlit.step import StepDict
from chainlit.types import ThreadDict
from chainlit.user import PersistedUser, User

from crm.domain import StoreError
from crm.store import SqliteFile, reason
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

logger = logging.getLogger(__name__)
Forget = Callable[[Iterable[str]], Awaitable[None]]


class History(SQLAlchemyDataLayer):
    """The data layer; it calls ``forget`` with the graph's keys of the conversations that are deleted."""

    def __init__(self, file: Path, forget: Forget) -> None:
        # not the base's __init__, whose engine commits each statement by itself, in a session of its own
        self._file = SqliteFile(file, _make_tables)
        self.storage_provider = None
        self.user_thread_limit = 1000
        self.show_logger = False
        self._forget = forget
        self._users: dict[str, PersistedUser] = {}  # asked for at each request
        self.deleted = set[str]()  # in this process: another tab may still show one of them

    async def create_tables(self) -> None:
        """Make missing tables; safe at every start. Raises UnusableDatabase where the file cannot be used."""
        await self._file.open()

    async def close(self) -> None:
        """Finish waiting writes and close the file."""
        await self._file.close()

    async def get_current_timestamp(self) -> str:
        """The present time in UTC; the base class writes local time and calls it UTC."""
        return datetime.now(UTC).isoformat().replace("+00:00", "Z")

    async def execute_sql(self, query: str, parameters: dict[str, Any]) -> Any:
        """The rows of a query, or how many rows a statement changed; None where it failed, which is logged."""

        def work(db: sqlite3.Connection) -> Any:
            found = db.execute(query, parameters)
            if found.description is None:
                return found.rowcount
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found]

        try:
            return await self._file.do(work, reads=query.lstrip().startswith("SELECT"))
        except (StoreError, sqlite3.Error, UnicodeError) as error:
            logger.warning("A statement on the history failed: %s", reason(error))
            return None

    async def get_user(self, identifier: str) -> PersistedUser | None:
        """The user of this name."""
        if identifier not in self._users and (user := await super().get_user(identifier)):
            self._users[identifier] = user
        return self._users.get(identifier)

    async def create_user(self, user: User) -> PersistedUser | None:
        """Save a user and return it as it was saved."""
        self._users.pop(user.identifier, None)
        created: PersistedUser | None = await super().create_user(user)
        return created

    async def get_all_user_threads(
        self, user_id: str | None = None, thread_id: str | None = None
    ) -> list[ThreadDict] | None:
        """Return the base's threads, with JSON columns parsed: SQLite returns them as text, and the page expects
        objects.
        """
        threads: list[ThreadDict] | None = await super().get_all_user_threads(user_id, thread_id)
        parts: list[Any] = [part for thread in threads or [] for part in (thread, *(thread["steps"] or []))]
        for part in parts:
            if isinstance(part["metadata"], str):
                part["metadata"] = json.loads(part["metadata"])
        return threads

    async def delete_thread(self, thread_id: str) -> None:
        """Delete the conversation, also from the file's log, and what the graph remembers of it. Raises StoreError."""
        author = await self.get_thread_author(thread_id)
        self.deleted.add(thread_id)
        try:
            await self._file.alone(lambda file: chats.delete(file, [thread_id]))
        except StoreError:
            self.deleted.discard(thread_id)
            raise
        await self._forget([chats.key_of(author, thread_id)])

    async def update_thread(
        self,
        thread_id: str,
        name: str | None = None,
        user_id: str | None = None,
        metadata: dict[str, Any] | None = None,
        tags: list[str] | None = None,
    ) -> None:
        """Update or insert the thread in one piece of work, unless it was deleted."""
        given = {"id": thread_id, "name": name, "user": user_id, "tags": tags and json.dumps(tags)}
        now = await self.get_current_timestamp()

        def save(db: sqlite3.Connection) -> None:
            if thread_id in self.deleted:
                return
            db.execute(_THREAD, (thread_id, now))
            (known,) = db.execute("SELECT metadata FROM threads WHERE id = ?", (thread_id,)).fetchone()
            merged = {**json.loads(known or "{}"), **(metadata or {})}
            kept = {key: value for key, value in merged.items() if value is not None}
            db.execute(_UPDATED, given | {"name": name or kept.get("name"), "metadata": json.dumps(kept)})

        await self._file.later(save)

    @queue_until_user_message()  # type: ignore[no-untyped-call, untyped-decorator]
    async def create_step(self, step_dict: StepDict) -> None:
        """Save a step in one piece of work, unless its conversation was deleted.

        Chainlit writes each step in a task of its own. In several pieces, an older version could overtake a newer one.
        """
        row = {name: value for name, value in step_dict.items() if value is not None and value != {}}
        if "showInput" in step_dict:
            row["showInput"] = str(step_dict["showInput"]).lower()
        row["metadata"] = json.dumps(step_dict.get("metadata", {}))
        row["generation"] = json.dumps(step_dict.get("generation", {}))
        now = await self.get_current_timestamp()

        def save(db: sqlite3.Connection) -> None:
            if row["threadId"] not in self.deleted:
                db.execute(_THREAD, (row["threadId"], now))
                db.execute(_upsert(tuple(row)), row)

        await self._file.later(save)

    async def expire(self, days: int) -> None:
        """Delete conversations in which nothing was said for ``days`` days, also from what the graph remembers."""

        def work(file: Path) -> list[tuple[str, str]]:
            old = chats.old(file, days)
            chats.delete(file, [thread_id for _, thread_id in old])
            return old

        if old := await self._file.alone(work):
            await self._forget([chats.key_of(user, thread_id) for user, thread_id in old])


def _make_tables(db: sqlite3.Connection) -> None:
    for statement in SCHEMA:
        db.execute(statement)


_THREAD = "INSERT INTO threads (id, \"createdAt\", metadata) VALUES (?, ?, '{}') ON CONFLICT (id) DO NOTHING"
_UPDATED = """
    UPDATE threads SET name = coalesce(:name, name), "userId" = coalesce(:user, "userId"),
        "userIdentifier" = coalesce((SELECT identifier FROM users WHERE id = :user), "userIdentifier"),
        tags = coalesce(:tags, tags), metadata = :metadata
    WHERE id = :id"""


@cache
def _upsert(columns: tuple[str, ...]) -> str:
    """The statement that inserts a step with these fields, or updates its older version."""
    names, values = ", ".join(f'"{name}"' for name in columns), ", ".join(f":{name}" for name in columns)
    newer = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name != "id")
    return f"INSERT INTO steps ({names}) VALUES ({values}) ON CONFLICT (id) DO UPDATE SET {newer}"  # noqa: S608  # names only
