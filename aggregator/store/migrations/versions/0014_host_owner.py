"""Which worker holds a host, so that a dead worker's hosts are free at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.schema.types import Words

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the column; the program of the version before works with it."""
    op.add_column("feed_host", sa.Column("lease_owner", Words(), nullable=True))
