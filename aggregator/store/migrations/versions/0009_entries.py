"""What each edition did with the entries of its period, and the rule that mutes a story."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.schema.types import Json, Words

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the table and the columns."""
    op.create_table(
        "edition_entries",
        sa.Column("edition_id", Words(), nullable=False),
        sa.Column("groups", Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_edition_entries_edition_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_edition_entries")),
    )
    op.add_column("story", sa.Column("dropped", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("story", sa.Column("muted_by", Words(), server_default="", nullable=False))
