"""Migrates the tables from version to version with Alembic. A released revision is never changed.

Alembic is imported only when tables must be migrated: importing it would cost each start 0.15 s.
"""

import logging
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "1"  # the revision that this version of the assistant works with
_ONE_AT_A_TIME = Lock()  # Alembic keeps what it migrates in a global of its module
FOLDERS = (Path(__file__).parent / "versions",)


def revision(db: Connection) -> str | None:
    """The revision of a database; None where it has no tables of ours."""
    if not inspect(db).has_table("alembic_version"):
        return None
    found = db.execute(text("select version_num from alembic_version")).scalar()
    return None if found is None else str(found)


def is_known(number: str) -> bool:
    """Whether this version of the assistant can migrate from that revision."""
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    try:
        return ScriptDirectory.from_config(_config()).get_revision(number) is not None
    except CommandError:
        return False


def upgrade(db: Connection) -> None:
    """Migrate the tables to ``HEAD`` inside the caller's transaction, so that all of it holds, or nothing does."""
    with _ONE_AT_A_TIME:
        from alembic import command

        logging.getLogger("alembic").setLevel(logging.WARNING)
        config = _config()
        config.attributes["connection"] = db
        command.upgrade(config, HEAD)


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    options = {
        "script_location": str(Path(__file__).parent),
        "path_separator": "newline",
        "version_locations": "\n".join(map(str, FOLDERS)),
    }
    for name, value in options.items():
        config.set_main_option(name, value.replace("%", "%%"))
    return config
