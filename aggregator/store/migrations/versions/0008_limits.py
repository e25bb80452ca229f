"""Limits on hostile input: hints of unproved reports, pages that cannot be read, bytes that a poll added."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.schema.types import Instant, Words

revision = "0008"
down_revision = "0007"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables and the column."""
    op.create_table(
        "report_hint",
        sa.Column("delivery_id", Id, nullable=False, autoincrement=False),
        sa.Column("action", Words(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_report_hint_delivery_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("delivery_id", "action", name=op.f("pk_report_hint")),
    )
    op.create_table(
        "page_failure",
        sa.Column("url", Words(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("reason", Words(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_page_failure")),
    )
    op.create_index("ix_page_failure_until", "page_failure", ["until"])
    op.add_column("fetch", sa.Column("added_bytes", sa.Integer(), server_default=sa.text("0"), nullable=False))
