"""Articles know who wrote them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.schema.types import Words

revision = "0003"
down_revision = "0002"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the entry that leads an article, whose text it is, and how that is known."""
    op.add_column("article", sa.Column("lead_id", Id, nullable=True))
    op.add_column("article", sa.Column("copy_of", Words(), server_default="", nullable=False))
    op.add_column("article", sa.Column("origin", Words(), server_default="", nullable=False))
