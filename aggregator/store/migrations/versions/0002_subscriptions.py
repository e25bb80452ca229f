"""Subscriptions in the database; who has left a digest moves there from the loose notes that were kept before."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from aggregator.store.schema.types import Instant, Words

revision = "0002"
down_revision = "0001"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NOTE = "unsubscribed "  # then the digest, which holds no blank, and the recipient's key


def upgrade() -> None:
    """Create the table and fill it."""
    op.create_table(
        "subscription",
        sa.Column("recipient_id", Id, nullable=False),
        sa.Column("digest", Words(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipient.id"], name=op.f("fk_subscription_recipient_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recipient_id", "digest", name=op.f("pk_subscription")),
    )
    op.create_index("ix_subscription_digest", "subscription", ["digest", "state"], unique=False)
    _move(op.get_bind())


def _move(connection: sa.Connection) -> None:
    meta = sa.table("meta", sa.column("key", Words()), sa.column("value", Words()))
    recipient = sa.table("recipient", sa.column("id", Id), sa.column("key", Words()))
    subscription = sa.table(
        "subscription",
        sa.column("recipient_id", Id),
        sa.column("digest", Words()),
        sa.column("state", Words()),
        sa.column("since", Instant()),
    )
    noted = meta.c.key.startswith(_NOTE, autoescape=True)
    for key, since in connection.execute(sa.select(meta.c.key, meta.c.value).where(noted)).all():
        digest, _, reader = key.removeprefix(_NOTE).partition(" ")
        found = connection.execute(sa.select(recipient.c.id).where(recipient.c.key == reader)).scalar()
        if found is not None:
            values = {"recipient_id": found, "digest": digest, "state": "left", "since": datetime.fromisoformat(since)}
            connection.execute(sa.insert(subscription), values)
    connection.execute(sa.delete(meta).where(noted))
