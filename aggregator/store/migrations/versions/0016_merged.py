"""The index of merged stories, without all others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_MERGED = sa.text("merged_into IS NOT NULL")


def upgrade() -> None:
    """Replace the index; the program of the version before works with the new one."""
    op.drop_index("ix_story_merged_into", "story")
    op.create_index("ix_story_merged_into", "story", ["merged_into"], sqlite_where=_MERGED, postgresql_where=_MERGED)
