"""What was saved for later, and what of it is sent to services that keep articles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.schema.types import Instant, Words

revision = "0015"
down_revision = "0014"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create both tables; the program of the version before does not use them."""
    op.create_table(
        "saved",
        sa.Column("id", Id, nullable=False),
        sa.Column("story_id", Words(), nullable=True),
        sa.Column("entry_id", Id, nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("published", Instant(), nullable=True),
        sa.Column("url", Words(), server_default="", nullable=False),
        sa.Column("outlet", Words(), server_default="", nullable=False),
        sa.Column("language", Words(), server_default="", nullable=False),
        sa.Column("title", Words(), server_default="", nullable=False),
        sa.Column("text", Words(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved")),
        sa.UniqueConstraint("story_id", name=op.f("uq_saved_story_id")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_saved_entry_id")),
    )
    op.create_index(op.f("ix_saved_at"), "saved", ["at"])
    op.create_table(
        "saved_send",
        sa.Column("saved_id", Id, autoincrement=False, nullable=False),
        sa.Column("service", Words(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due", Instant(), nullable=False),
        sa.Column("detail", Words(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["saved_id"], ["saved.id"], name=op.f("fk_saved_send_saved_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("saved_id", "service", name=op.f("pk_saved_send")),
    )
    op.create_index("ix_saved_send_state_due", "saved_send", ["state", "due"])
