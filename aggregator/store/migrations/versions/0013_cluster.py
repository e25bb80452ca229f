"""Hosts at which workers poll, turns of deliveries to a domain, and the open deliveries of a recipient."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.schema.types import Instant, Words

revision = "0013"
down_revision = "0012"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("state IN ('queued', 'sending', 'dot')")


def upgrade() -> None:
    """Create the tables and the index; the program of the version before works with them."""
    op.create_table(
        "feed_host",
        sa.Column("host", Words(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("free_from", Instant(), nullable=True),
        sa.Column("queued_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_feed_host")),
    )
    op.create_table(
        "delivery_turn",
        sa.Column("delivery_id", Id, nullable=False, autoincrement=False),
        sa.Column("domain", Words(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_delivery_turn_delivery_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_delivery_turn")),
    )
    op.create_index("ix_delivery_turn_domain_at", "delivery_turn", ["domain", "at"])
    op.create_index(
        "ix_delivery_recipient_open", "delivery", ["recipient_id"], sqlite_where=_OPEN, postgresql_where=_OPEN
    )
