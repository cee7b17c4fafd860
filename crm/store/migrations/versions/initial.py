"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None

TEXT, NUMBER = sa.String(), sa.Integer()


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("seq", NUMBER, primary_key=True),
        sa.Column("digest", TEXT, nullable=False, unique=True),
        sa.Column("change_id", TEXT, nullable=False, unique=True),
        *_text("conversation", "user", "action"),
        sa.Column("contact_id", TEXT),
        *_text("undoes"),
        sa.Column("archives", sa.Boolean(), nullable=False),
        sa.Column("leaves", sa.Boolean(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        *_text("claimed_at"),
        sa.Column("outcome", TEXT),
        sa.Column("code", TEXT),
        *_text("author"),
        sa.Column("details", sa.Text()),
        sa.Column("finished_at", TEXT),
    )
    op.create_index("changes_of_user", "changes", ["user", "seq"])
    op.create_index("changes_by_user", "changes", ["user", "finished_at"])
    op.create_index("changes_by_claim", "changes", ["user", "claimed_at"])
    op.create_index("changes_by_conversation", "changes", ["conversation", "user"])
    op.create_index("changes_by_contact", "changes", ["contact_id", "finished_at"])
    op.create_index("changes_by_undoes", "changes", ["undoes"])
    open_ = sa.text("outcome is null or outcome = 'unknown'")
    op.create_index("changes_open", "changes", ["seq"], sqlite_where=open_, postgresql_where=open_)
    op.create_index("changes_by_time", "changes", ["finished_at"])
    op.create_table(
        "names",
        sa.Column("user", TEXT, primary_key=True),
        sa.Column("word", TEXT, primary_key=True),
        sa.Column("change_seq", NUMBER, sa.ForeignKey("changes.seq"), primary_key=True),
    )
    op.create_index("names_by_change", "names", ["change_seq"])
    op.create_table(
        "cards",
        sa.Column("card_id", TEXT, primary_key=True),
        *_text("conversation", "user", "made_at"),
        sa.Column("ended", TEXT),
        *_text("how", "seal"),
    )
    op.create_table(
        "personal",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        *_text("contact_id", "made_at", "salt"),
        sa.Column("data", sa.Text(), nullable=False),
    )
    op.create_index("personal_by_time", "personal", ["made_at"])
    op.create_table(
        "trail",
        sa.Column("seq", NUMBER, primary_key=True, autoincrement=False),
        *_text("at", "kind", "user", "conversation", "card_id", "change_id", "digest", "action", "contact_id"),
        *_text("outcome", "correlation_ids"),
        sa.Column("lines", sa.Text(), nullable=False),
        *_text("details_hash", "personal_hash"),
        sa.Column("personal_id", NUMBER),
        *_text("previous", "hash"),
    )
    op.create_index("trail_by_change", "trail", ["change_id"])
    op.create_index("trail_by_card", "trail", ["card_id"])
    op.create_index("trail_by_personal", "trail", ["personal_id"])
    op.create_table(
        "usage",
        sa.Column("user", TEXT, primary_key=True),
        sa.Column("day", TEXT, primary_key=True),
        sa.Column("model_calls", NUMBER, nullable=False),
        sa.Column("tokens", NUMBER, nullable=False),
    )
