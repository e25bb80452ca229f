"""One key for a mail address: case folded. Recipients that differed in case only become one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.schema.types import Instant, Words

revision = "0011"
down_revision = "0010"

_recipient = sa.table(
    "recipient",
    sa.column("id"),
    sa.column("key", Words()),
    sa.column("paused", sa.Boolean()),
    sa.column("reason", Words()),
)
_delivery = sa.table("delivery", sa.column("recipient_id"), sa.column("copy"))
_subscription = sa.table(
    "subscription",
    sa.column("recipient_id"),
    sa.column("digest", Words()),
    sa.column("state", Words()),
    sa.column("since", Instant()),
)
_by_story = [
    sa.table(name, sa.column("recipient_id"), sa.column("story_id", Words())) for name in ("ledger", "feedback")
]


def upgrade() -> None:
    """Fold the keys of mail addresses; of two recipients with one key the older stays, with what both know."""
    connection = op.get_bind()
    mail = sa.select(_recipient).where(_recipient.c.key.startswith("mail:")).order_by(_recipient.c.id)
    rows = connection.execute(mail).all()
    kept: dict[str, int] = {}
    for row in rows:
        first = kept.setdefault(row.key.casefold(), row.id)
        if first != row.id:
            _merge(connection, first, row)
    for key, recipient_id in kept.items():
        connection.execute(sa.update(_recipient).where(_recipient.c.id == recipient_id).values(key=key))


def _merge(connection: sa.Connection, first: int, row: sa.Row[tuple[object, ...]]) -> None:
    _merge_subscriptions(connection, first, row.id)
    for table in _by_story:
        # What both have counts once.
        known = sa.select(table.c.story_id).where(table.c.recipient_id == first).scalar_subquery()
        connection.execute(sa.delete(table).where(table.c.recipient_id == row.id, table.c.story_id.in_(known)))
        connection.execute(sa.update(table).where(table.c.recipient_id == row.id).values(recipient_id=first))
    # An edition may have gone to both spellings: the copy number keeps the two deliveries apart.
    moved = sa.update(_delivery).where(_delivery.c.recipient_id == row.id)
    connection.execute(moved.values(recipient_id=first, copy=_delivery.c.copy + row.id))
    if row.paused:
        same = sa.update(_recipient).where(_recipient.c.id == first)
        connection.execute(same.values(paused=True, reason=row.reason))
    connection.execute(sa.delete(_recipient).where(_recipient.c.id == row.id))


def _merge_subscriptions(connection: sa.Connection, first: int, second: int) -> None:
    """Move subscriptions; who left under one spelling has left."""
    mine = dict(
        connection.execute(
            sa.select(_subscription.c.digest, _subscription.c.state).where(_subscription.c.recipient_id == first)
        ).all()
    )
    for row in connection.execute(sa.select(_subscription).where(_subscription.c.recipient_id == second)).all():
        both = sa.update(_subscription).where(_subscription.c.digest == row.digest)
        if row.digest not in mine:
            connection.execute(both.where(_subscription.c.recipient_id == second).values(recipient_id=first))
        elif row.state == "left":
            connection.execute(both.where(_subscription.c.recipient_id == first).values(state="left", since=row.since))
    connection.execute(sa.delete(_subscription).where(_subscription.c.recipient_id == second))
