"""What was read of an article for comparing it is kept while its story is open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table; it fills as articles arrive, and what is not in it is read again."""
    op.create_table(
        "comparison",
        sa.Column("article_id", Id, nullable=False, autoincrement=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("reading", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_comparison_article_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article_id", name="pk_comparison"),
    )
