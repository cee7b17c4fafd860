"""Counts each user's calls and tokens of the language model per day, and compares them with the caps."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update

from crm.store import Database
from crm.store.tables import insert_new, usage


class Usage:
    """Counts per user and day, by this machine's calendar. Several processes count together."""

    def __init__(self, database: Database, *, calls_per_day: int = 0, tokens_per_day: int = 0) -> None:
        """Takes the caps; 0 means none."""
        self._database = database
        self._calls, self._tokens = calls_per_day, tokens_per_day

    async def take(self, user: str) -> bool:
        """Count one more call; return False where today's calls or tokens are used up."""

        def count(db: Connection) -> bool:
            calls, tokens = _used(db, user)
            if (self._calls and calls >= self._calls) or (self._tokens and tokens >= self._tokens):
                return False
            _add(db, user, calls=1)
            return True

        return await self._database.do(count, durable=False)

    async def spent(self, user: str, tokens: int) -> None:
        """Add the tokens of a call. They are known only afterwards, so the last call may exceed the cap."""
        await self._database.do(lambda db: _add(db, user, tokens=tokens), durable=False)

    async def today(self, user: str) -> tuple[int, int]:
        """Today's calls and tokens."""
        return await self._database.do(lambda db: _used(db, user), reads=True)


def _used(db: Connection, user: str) -> tuple[int, int]:
    row = db.execute(select(usage.c.model_calls, usage.c.tokens).where(*_of_today(user))).first()
    return (row.model_calls, row.tokens) if row else (0, 0)


def _add(db: Connection, user: str, *, calls: int = 0, tokens: int = 0) -> None:
    more = {"model_calls": usage.c.model_calls + calls, "tokens": usage.c.tokens + tokens}
    if db.execute(update(usage).where(*_of_today(user)).values(more)).rowcount == 0:
        insert_new(db, usage, user=user, day=_today(), model_calls=0, tokens=0)
        db.execute(update(usage).where(*_of_today(user)).values(more))


def _of_today(user: str) -> tuple[ColumnElement[bool], ...]:
    return usage.c.user == user, usage.c.day == _today()


def _today() -> str:
    return datetime.now().astimezone().date().isoformat()
