"""Old conversations leave the web chat's history, and the graph's memory with them."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ui.history import History


def ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat().replace("+00:00", "Z")


async def test_conversations_go_by_what_was_said_last(tmp_path: Path) -> None:
    """A conversation goes so many days after its last message with all its parts; a younger one stays whole."""
    forgotten: list[str] = []

    async def forget(keys: Iterable[str]) -> None:
        forgotten.extend(keys)

    history = History(tmp_path / "chat.db", forget)
    await history.create_tables()
    with closing(sqlite3.connect(tmp_path / "chat.db")) as db:
        for thread, begun, last in (("old", 200, 91), ("alive", 200, 89), ("empty", 91, None), ("new", 0, 0)):
            user = 'insert into threads (id, "createdAt", "userIdentifier") values (?, ?, ?)'
            db.execute(user, (thread, ago(begun), "local"))
            for number, days in enumerate((begun, last)):
                if days is not None and last is not None:
                    step = (f"{thread}{number}", "n", "t", thread, False, ago(days))
                    columns = 'id, name, type, "threadId", streaming, "createdAt"'
                    db.execute(f"insert into steps ({columns}) values (?, ?, ?, ?, ?, ?)", step)
            db.execute('insert into elements (id, "threadId", name) values (?, ?, ?)', (thread, thread, "x"))
            db.execute('insert into feedbacks (id, "forId", value) values (?, ?, 1)', (thread, f"{thread}1"))
        db.commit()
        await history.expire(90)
        await history.close()
        found = {name: db.execute(f"select count(*) from {name}").fetchone()[0] for name in ("steps", "elements")}
        threads = {row[0] for row in db.execute("select id from threads")}
        opinions = {row[0] for row in db.execute("select id from feedbacks")}
    assert threads == {"alive", "new"}
    assert found == {"steps": 4, "elements": 2}
    assert "old" not in opinions
    assert sorted(forgotten) == ["local:empty", "local:old"]
