"""Finds and deletes conversations in the file of the web chat's history.

Used by the chat and by ``make erase`` while the chat is closed. ``ui.history`` makes the tables.
"""

from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import column, func, select, table, text
from sqlalchemy import delete as deleting

from crm.privacy import DataSubject
from crm.store import connect, empty_log, overwrite, transaction

_THREADS = table("threads", *map(column, ("id", "userIdentifier", "name", "metadata", "createdAt")))
_STEPS = table("steps", *map(column, ("id", "threadId", "createdAt")))
_ELEMENTS = table("elements", column("threadId"))
_FEEDBACKS = table("feedbacks", *map(column, ("forId", "threadId")))


def key_of(user: str, thread_id: str) -> str:
    """The graph's id of a conversation. It contains the user, because a browser chooses its thread id."""
    return f"{user}:{thread_id}"


def old(file: Path, days: int) -> list[tuple[str, str]]:
    """The conversations in which nothing was said for so many days: user and id."""
    before = (datetime.now(UTC) - timedelta(days=days)).isoformat().replace("+00:00", "Z")
    last = select(func.max(_STEPS.c.createdAt)).where(_STEPS.c.threadId == _THREADS.c.id).scalar_subquery()
    query = select(_THREADS.c.userIdentifier, _THREADS.c.id).where(func.coalesce(last, _THREADS.c.createdAt) < before)
    with closing(connect(file)) as db, transaction(db, reads=True):
        return [(str(user or ""), str(thread)) for user, thread in db.execute(query)]


def mentioning(file: Path, who: DataSubject) -> set[str]:
    """The keys of the conversations that mention the person anywhere."""
    if not file.is_file():
        return set()
    with closing(connect(file)) as db, transaction(db, reads=True):
        rows = db.execute(select(*(_THREADS.c[name] for name in ("id", "userIdentifier", "name", "metadata"))))
        threads = {row[0]: tuple(row[1:]) for row in rows}
        found = {thread for thread, row in threads.items() if who.is_in(row[1:])}
        for part in (_STEPS, _ELEMENTS):
            for row in db.execute(select(text("*")).select_from(part)):
                if row.threadId not in found and who.is_in(tuple(row)):
                    found.add(row.threadId)
        return {key_of(str(threads[thread][0] or ""), thread) for thread in found & threads.keys()}


def forget(file: Path, keys: set[str]) -> None:
    """Delete the conversations with these keys."""
    if not file.is_file():
        return
    with closing(connect(file)) as db, transaction(db, reads=True):
        rows = db.execute(select(_THREADS.c.userIdentifier, _THREADS.c.id)).all()
    delete(file, [thread for user, thread in rows if key_of(str(user or ""), thread) in keys])


def delete(file: Path, threads: Iterable[str]) -> None:
    """Delete these conversations with all their parts."""
    with closing(connect(file)) as db, transaction(db):
        overwrite(db)
        for thread in threads:
            steps = select(_STEPS.c.id).where(_STEPS.c.threadId == thread)
            db.execute(deleting(_FEEDBACKS).where(_FEEDBACKS.c.forId.in_(steps)))
            for part in (_STEPS, _ELEMENTS, _FEEDBACKS):
                db.execute(deleting(part).where(part.c.threadId == thread))
            db.execute(deleting(_THREADS).where(_THREADS.c.id == thread))
    empty_log(file)
