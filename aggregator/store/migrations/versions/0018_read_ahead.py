"""What polling workers read of new entries waits for the worker that groups them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.schema.types import Words

revision = "0018"
down_revision = "0017"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table; the program of the version before does not use it, and reads these entries itself."""
    op.create_table(
        "read_ahead",
        sa.Column("entry_id", Id, autoincrement=False, nullable=False),
        sa.Column("form", Words(), nullable=False),
        sa.Column("fingerprint", Words(), nullable=False),
        sa.Column("reading", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_read_ahead_entry_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_read_ahead")),
    )
