"""The file of the web chat's history, as far as personal data leaves it: which conversations, and their deletion.

Plain SQL, for the chat itself and for whoever erases a person while it is closed; the tables are made in ``ui``.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crm.privacy import DataSubject
from crm.store import empty_log

_PARTS = ("steps", "elements", "feedbacks")


def old(file: Path, days: int) -> list[tuple[str, str]]:
    """The conversations in which nothing was said for so many days: user and id."""
    before = (datetime.now(UTC) - timedelta(days=days)).isoformat().replace("+00:00", "Z")
    query = (
        'select "userIdentifier", id from threads where coalesce('
        '(select max(steps."createdAt") from steps where steps."threadId" = threads.id), threads."createdAt") < ?'
    )
    with closing(_opened(file)) as db:
        return [(str(user or ""), str(thread)) for user, thread in db.execute(query, (before,))]


def mentioning(file: Path, who: DataSubject) -> list[tuple[str, str]]:
    """The conversations that mention the person anywhere: user and id."""
    if not file.is_file():
        return []
    with closing(_opened(file)) as db:
        rows = db.execute('select id, "userIdentifier", name, metadata from threads')
        threads = {row[0]: tuple(row[1:]) for row in rows}
        found = {thread for thread, row in threads.items() if who.is_in(row[1:])}
        for table in ("steps", "elements"):
            cursor = db.execute(f"select * from {table}")  # noqa: S608  # both names are ours
            place = [column[0] for column in cursor.description].index("threadId")
            found |= {row[place] for row in cursor if row[place] not in found and who.is_in(row)}
        return [(str(threads[thread][0] or ""), thread) for thread in sorted(found & threads.keys())]


def delete(file: Path, threads: Iterable[str]) -> int:
    """Deletes these conversations with all their parts; how many there were."""
    if not file.is_file():
        return 0
    count = 0
    with closing(_opened(file)) as db:
        db.execute("pragma secure_delete = on")
        for thread in threads:
            db.execute('delete from feedbacks where "forId" in (select id from steps where "threadId" = ?)', (thread,))
            for table in _PARTS:
                db.execute(f'delete from {table} where "threadId" = ?', (thread,))  # noqa: S608  # the names are ours
            count += db.execute("delete from threads where id = ?", (thread,)).rowcount
        db.commit()
    empty_log(file)
    return count


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, timeout=30)
