"""Letters go through the outbox; facts that were strings in `meta` get tables and columns of their own."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from alembic import op

from aggregator.store.schema.types import EPOCH, Instant, Words

revision = "0007"
down_revision = "0006"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ALERT_LIFE = timedelta(days=7)  # how long an alert was held, as a lease, before it was reported again
_LETTER = sa.text("edition_id IS NULL")
_OPEN = sa.text("state IN ('queued', 'sending', 'dot')")
_KEPT = (
    "id, edition_id, recipient_id, copy, state, attempts, next_try, expires, lease_owner, lease_until, "
    "reply_code, detail, "
    "created, updated, sent_at, message_id, sender, subject, media_type, filename, body"
)


def upgrade() -> None:
    """Let a delivery belong to no edition, create the tables, and move what `meta` holds."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        _rebuild_deliveries()
    else:
        _alter_deliveries()
    op.execute(
        "UPDATE delivery SET digest = (SELECT edition.digest FROM edition WHERE edition.id = delivery.edition_id)"
    )
    op.create_index(
        "ix_delivery_letter", "delivery", ["purpose", "created"], sqlite_where=_LETTER, postgresql_where=_LETTER
    )
    op.create_table(
        "delivery_stop",
        sa.Column("name", Words(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("reason", Words(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_delivery_stop")),
    )
    op.create_table(
        "alert",
        sa.Column("problem", Words(), nullable=False),
        sa.Column("reported", Instant(), nullable=False),
        sa.Column("delivery_id", Id, nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_alert_delivery_id")),
        sa.PrimaryKeyConstraint("problem", name=op.f("pk_alert")),
    )
    op.create_index("ix_alert_delivery_id", "alert", ["delivery_id"])
    op.create_table(
        "page_text",
        sa.Column("url", Words(), nullable=False),
        sa.Column("fetched", Instant(), nullable=False),
        sa.Column("text", Words(), nullable=False),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_page_text")),
    )
    _move(connection)


def _alter_deliveries() -> None:
    op.alter_column("delivery", "edition_id", nullable=True)
    op.add_column("delivery", sa.Column("purpose", Words(), server_default="edition", nullable=False))
    op.add_column("delivery", sa.Column("digest", Words(), server_default="", nullable=False))
    op.add_column("delivery", sa.Column("doubts", sa.Integer(), server_default=sa.text("0"), nullable=False))


def _rebuild_deliveries() -> None:
    """SQLite cannot make a column nullable: a new table takes the rows over. No table refers to this one yet."""
    op.create_table(
        "delivery_new",
        sa.Column("id", Id, nullable=False),
        sa.Column("edition_id", Words(), nullable=True),
        sa.Column("recipient_id", Id, nullable=False),
        sa.Column("purpose", Words(), server_default="edition", nullable=False),
        sa.Column("digest", Words(), server_default="", nullable=False),
        sa.Column("copy", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("doubts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_try", Instant(), nullable=True),
        sa.Column("expires", Instant(), nullable=True),
        sa.Column("lease_owner", Words(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("reply_code", sa.Integer(), nullable=True),
        sa.Column("detail", Words(), server_default="", nullable=False),
        sa.Column("created", Instant(), nullable=False),
        sa.Column("updated", Instant(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("message_id", Words(), nullable=False),
        sa.Column("sender", Words(), server_default="", nullable=False),
        sa.Column("subject", Words(), server_default="", nullable=False),
        sa.Column("media_type", Words(), nullable=False),
        sa.Column("filename", Words(), server_default="", nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_delivery_edition_id")),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipient.id"], name=op.f("fk_delivery_recipient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint(
            "edition_id", "recipient_id", "copy", name=op.f("uq_delivery_edition_id_recipient_id_copy")
        ),
        sa.UniqueConstraint("message_id", name=op.f("uq_delivery_message_id")),
        sqlite_autoincrement=True,
    )
    op.execute(f"INSERT INTO delivery_new ({_KEPT}) SELECT {_KEPT} FROM delivery")  # noqa: S608 - our own words
    op.drop_table("delivery")
    op.rename_table("delivery_new", "delivery")
    op.create_index("ix_delivery_open", "delivery", ["state", "next_try"], sqlite_where=_OPEN)
    op.create_index("ix_delivery_recipient_id", "delivery", ["recipient_id"])
    op.create_index("ix_delivery_sent_at", "delivery", ["sent_at"])


def _move(connection: sa.Connection) -> None:
    """Move values of `meta` to columns; what cannot be read is dropped. All of it can be found out again."""
    meta = sa.table("meta", sa.column("key", Words()), sa.column("value", Words()), sa.column("until", Instant()))
    stop = sa.table(
        "delivery_stop", sa.column("name", Words()), sa.column("until", Instant()), sa.column("reason", Words())
    )
    alert = sa.table("alert", sa.column("problem", Words()), sa.column("reported", Instant()))
    page = sa.table("page_text", sa.column("url", Words()), sa.column("fetched", Instant()), sa.column("text", Words()))
    delivery = sa.table("delivery", sa.column("id", Id), sa.column("doubts", sa.Integer()))

    def taken(prefix: str) -> list[tuple[str, str, datetime | None]]:
        noted = meta.c.key.startswith(prefix, autoescape=True)
        rows = connection.execute(sa.select(meta.c.key, meta.c.value, meta.c.until).where(noted)).all()
        connection.execute(sa.delete(meta).where(noted))
        return [(row.key.removeprefix(prefix), row.value, row.until) for row in rows]

    for name, value, _ in taken("delivery-stop "):
        until, _, reason = value.partition(" ")
        values = {"name": name, "until": datetime.fromisoformat(until), "reason": reason}
        connection.execute(sa.insert(stop), values)
    for key, value, _ in taken("delivery-doubts "):
        connection.execute(sa.update(delivery).where(delivery.c.id == int(key)).values(doubts=int(value)))
    reported = {key[:500]: until - _ALERT_LIFE for key, _, until in taken("alert ") if until is not None}
    for problem, at in reported.items():
        connection.execute(sa.insert(alert), {"problem": problem, "reported": at})
    for url, text, _ in taken("example "):
        # When it was read is not known; what no interest names any more goes with the next pruning.
        connection.execute(sa.insert(page), {"url": url, "fetched": EPOCH, "text": text})
    # What kept a second letter of confirmation back is now the letter itself.
    taken("confirm ")
