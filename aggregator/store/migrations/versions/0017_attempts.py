"""Work that was begun and has not ended, so that what kills its process is found and set aside."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.schema.types import Instant, Words

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Create the table and the column; the program of the version before does not use them."""
    op.create_table(
        "attempt",
        sa.Column("work", Words(), nullable=False),
        sa.Column("key", Words(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("aside", Instant(), nullable=True),
        sa.Column("why", Words(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("work", "key", name=op.f("pk_attempt")),
    )
    op.add_column("feed", sa.Column("unfinished", sa.Integer(), server_default=sa.text("0"), nullable=False))
