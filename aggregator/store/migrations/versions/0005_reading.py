"""Feeds know which of their items were read before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the notes of what the last documents held; they fill as feeds change."""
    op.create_table(
        "reading",
        sa.Column("feed_id", Id, nullable=False, autoincrement=False),
        sa.Column("noted", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name="fk_reading_feed_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("feed_id", name="pk_reading"),
    )
