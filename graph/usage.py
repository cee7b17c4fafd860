"""Counts each user's calls and tokens of the language model today, beside the ledger, and holds them to their caps."""

import sqlite3
from datetime import datetime

from crm.store import Database


class Usage:
    """Counts per user and day, by this machine's calendar. Several processes count together."""

    def __init__(self, database: Database, *, calls_per_day: int = 0, tokens_per_day: int = 0) -> None:
        """Takes the caps; 0 means none."""
        self._database = database
        self._calls, self._tokens = calls_per_day, tokens_per_day

    async def take(self, user: str) -> bool:
        """Counts one more call and tells whether it may be made: not where today's calls or tokens are used up."""

        def count(db: sqlite3.Connection) -> bool:
            calls, tokens = _used(db, user)
            if (self._calls and calls >= self._calls) or (self._tokens and tokens >= self._tokens):
                return False
            _add(db, user, calls=1)
            return True

        return await self._database.do(count, durable=False)

    async def spent(self, user: str, tokens: int) -> None:
        """Counts the tokens of a call. They are known only after it, so the last call may exceed the cap."""
        await self._database.do(lambda db: _add(db, user, tokens=tokens), durable=False)

    async def today(self, user: str) -> tuple[int, int]:
        """The calls and tokens of today."""
        return await self._database.do(lambda db: _used(db, user))


def _used(db: sqlite3.Connection, user: str) -> tuple[int, int]:
    row = db.execute("select model_calls, tokens from usage where user = ? and day = ?", (user, _today())).fetchone()
    return (row["model_calls"], row["tokens"]) if row else (0, 0)


def _add(db: sqlite3.Connection, user: str, *, calls: int = 0, tokens: int = 0) -> None:
    db.execute(
        "insert into usage (user, day, model_calls, tokens) values (?, ?, ?, ?) on conflict (user, day)"
        " do update set model_calls = model_calls + excluded.model_calls, tokens = tokens + excluded.tokens",
        (user, _today(), calls, tokens),
    )


def _today() -> str:
    return datetime.now().astimezone().date().isoformat()
