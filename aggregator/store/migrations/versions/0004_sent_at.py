"""What went out lately is found without reading the whole outbox."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the index that the limit for each mail domain counts by."""
    op.create_index("ix_delivery_sent_at", "delivery", ["sent_at"])
