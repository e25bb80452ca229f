"""Refused pages of feeds, and the sentences of entries that change at every poll."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.schema.types import Instant, Words

revision = "0010"
down_revision = "0009"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create both tables; they fill with the next polls."""
    op.create_table(
        "entry_observed",
        sa.Column("entry_id", Id, autoincrement=False, nullable=False),
        sa.Column("document", Words(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_entry_observed_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_entry_observed")),
    )
    op.create_table(
        "page_refusal",
        sa.Column("feed_id", Id, autoincrement=False, nullable=False),
        sa.Column("link", Words(), nullable=False),
        sa.Column("code", Words(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_page_refusal_feed_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("feed_id", "link", name=op.f("pk_page_refusal")),
    )
