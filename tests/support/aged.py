"""Makes stored data look older, and finds where on the disk a text still stands."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

TIMES = {"personal": ("made_at",), "changes": ("claimed_at", "finished_at"), "usage": ("day",), "cards": ("made_at",)}


def age(folder: Path, days: int) -> None:
    """Make everything that is stored look older. The trail's own times are sealed, and nothing depends on them."""
    with closing(sqlite3.connect(folder / "ledger.db")) as db:
        for table, columns in TIMES.items():
            for column in columns:
                # in the form in which they are written
                form = "%Y-%m-%d" if column == "day" else "%Y-%m-%dT%H:%M:%f+00:00"
                db.execute(f"update {table} set {column} = strftime('{form}', {column}, '{-days:+d} days')")
        db.commit()
    with closing(sqlite3.connect(folder / "conversations.db")) as db:
        rows = db.execute("select distinct checkpoint_id from checkpoints").fetchall()
        for (old,) in rows:
            ticks = int(old.replace("-", "")[:12], 16) - (days * 86_400 * 10_000_000 >> 12)
            new = f"{ticks:012x}"
            for table in ("checkpoints", "writes"):
                made = f"{new[:8]}-{new[8:]}{old[13:]}"
                db.execute(f"update {table} set checkpoint_id = ? where checkpoint_id = ?", (made, old))
        db.commit()


def rows(folder: Path, query: str, file: str = "ledger.db") -> list[Any]:
    """The rows that a query finds in one of the files."""
    with closing(sqlite3.connect(folder / file)) as db:
        return db.execute(query).fetchall()


def holds(folder: Path, text: str) -> list[str]:
    """The files that contain the bytes of a text."""
    return sorted(f.name for f in folder.iterdir() if f.is_file() and text.encode() in f.read_bytes())
