"""The tables of the ledger, the audit trail and the counts of model use, for SQLite and PostgreSQL.

Moments are text (ISO 8601 in UTC, to the millisecond), which compares in the right order and can be sealed as it
stands. Rows are looked up by columns of their own; everything else is JSON. ``crm/store/migrations`` makes the tables,
and a test compares them with these definitions.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    insert,
    literal_column,
    or_,
    text,
)
from sqlalchemy.exc import IntegrityError

from crm.domain import Change, Outcome

METADATA = MetaData()

# one row per claimed change. ``leaves``: it is an undo that leaves something of what it takes back
changes = Table(
    "changes",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("digest", String, nullable=False, unique=True),
    Column("change_id", String, nullable=False, unique=True),
    Column("conversation", String, nullable=False),
    Column("user", String, nullable=False),
    Column("action", String, nullable=False),
    Column("contact_id", String),
    Column("undoes", String, nullable=False),
    Column("archives", Boolean, nullable=False),
    Column("leaves", Boolean, nullable=False),
    Column("change", Text, nullable=False),
    Column("claimed_at", String, nullable=False),
    Column("outcome", String),
    Column("code", String),
    Column("author", String, nullable=False),
    Column("details", Text),
    Column("finished_at", String),
    Index("changes_of_user", "user", "seq"),
    Index("changes_by_user", "user", "finished_at"),
    Index("changes_by_claim", "user", "claimed_at"),
    Index("changes_by_conversation", "conversation", "user"),
    Index("changes_by_contact", "contact_id", "finished_at"),
    Index("changes_by_undoes", "undoes"),
    Index("changes_by_time", "finished_at"),
)

# of the few changes that are open: an index of all outcomes would be taken where another one finds fewer rows
_OPEN = text("outcome is null or outcome = 'unknown'")
Index("changes_open", changes.c.seq, sqlite_where=_OPEN, postgresql_where=_OPEN)
# as the index has it: with a parameter instead of the word it would not be used
unsettled = or_(changes.c.outcome.is_(None), changes.c.outcome == literal_column("'unknown'"))

# the folded words by which a change can be named: of the contact's name and address, before and after it
names = Table(
    "names",
    METADATA,
    Column("user", String, primary_key=True),
    Column("word", String, primary_key=True),
    Column("change_seq", Integer, ForeignKey("changes.seq"), primary_key=True),
    Index("names_by_change", "change_seq"),
)

# ``seal``: a hash of the decisions that ended the card
cards = Table(
    "cards",
    METADATA,
    Column("card_id", String, primary_key=True),
    Column("conversation", String, nullable=False),
    Column("user", String, nullable=False),
    Column("made_at", String, nullable=False),
    Column("ended", String),
    Column("how", String, nullable=False),
    Column("seal", String, nullable=False),
)

personal = Table(
    "personal",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("contact_id", String, nullable=False),
    Column("made_at", String, nullable=False),
    Column("salt", String, nullable=False),
    Column("data", Text, nullable=False),
    Index("personal_by_time", "made_at"),
)

trail = Table(
    "trail",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("user", String, nullable=False),
    Column("conversation", String, nullable=False),
    Column("card_id", String, nullable=False),
    Column("change_id", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("action", String, nullable=False),
    Column("contact_id", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("correlation_ids", String, nullable=False),
    Column("lines", Text, nullable=False),
    Column("details_hash", String, nullable=False),
    Column("personal_hash", String, nullable=False),
    Column("personal_id", Integer),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
    Index("trail_by_change", "change_id"),
    Index("trail_by_card", "card_id"),
    Index("trail_by_personal", "personal_id"),
)

usage = Table(
    "usage",
    METADATA,
    Column("user", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("model_calls", Integer, nullable=False),
    Column("tokens", Integer, nullable=False),
)


def insert_new(db: Connection, table: Table, **values: Any) -> bool:
    """Add a row; return False, with nothing changed, where a row with its key exists."""
    try:
        with db.begin_nested():
            db.execute(insert(table).values(**values))
    except IntegrityError:
        return False
    return True


def asked(change: Change) -> dict[str, Any]:
    """The columns that say what a change asks of HubSpot."""
    leaves = bool(change.kept or change.taken)
    return {"action": change.action, "undoes": change.undoes, "archives": change.archives, "leaves": leaves}


def concluded(outcome: Outcome) -> dict[str, Any]:
    """The columns that say what became of a change."""
    code = outcome.error.code if outcome.error else None
    return {"contact_id": outcome.contact_id, "code": code, "author": outcome.author}


def iso(moment: datetime) -> str:
    """Write a moment in UTC, to the millisecond (ISO 8601)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def stamp() -> str:
    """The present moment, as the tables hold it."""
    return iso(datetime.now(UTC))
