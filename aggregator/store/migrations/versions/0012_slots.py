"""The end of a digest's last period, and the slots that were served in the time zone of each recipient."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.schema.types import Instant, Words

revision = "0012"
down_revision = "0011"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the column and the table; both fill with the next editions."""
    op.add_column("digest", sa.Column("covered", Instant(), nullable=True))
    op.create_table(
        "recipient_slot",
        sa.Column("recipient_id", Id, nullable=False, autoincrement=False),
        sa.Column("digest", Words(), nullable=False),
        sa.Column("slot", Words(), nullable=False),
        sa.Column("served", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipient.id"], name=op.f("fk_recipient_slot_recipient_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recipient_id", "digest", name=op.f("pk_recipient_slot")),
    )
