"""The tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.schema.dialect import create_search
from aggregator.store.schema.types import Instant, Json, Words

revision = "0001"
down_revision = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create all tables and the full-text index."""
    op.create_table(
        "digest",
        sa.Column("name", Words(), nullable=False),
        sa.Column("schedule", Words(), server_default="", nullable=False),
        sa.Column("next_slot", Instant(), nullable=True),
        sa.Column("last_slot", Instant(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("lease_owner", Words(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_digest")),
    )
    op.create_index("ix_digest_next_slot", "digest", ["next_slot"], unique=False)
    op.create_table(
        "edition",
        sa.Column("id", Words(), nullable=False),
        sa.Column("digest", Words(), nullable=False),
        sa.Column("slot", Instant(), nullable=False),
        sa.Column("audience", Words(), server_default="", nullable=False),
        sa.Column("composed", Instant(), nullable=False),
        sa.Column("period_start", Instant(), nullable=False),
        sa.Column("period_end", Instant(), nullable=False),
        sa.Column("quiet", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("items", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("title", Words(), server_default="", nullable=False),
        sa.Column("subject", Words(), server_default="", nullable=False),
        sa.Column("document", Words(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
        sa.UniqueConstraint("digest", "slot", "audience", name=op.f("uq_edition_digest_slot_audience")),
    )
    op.create_index(op.f("ix_edition_composed"), "edition", ["composed"], unique=False)
    op.create_table(
        "feed",
        sa.Column("id", Id, nullable=False),
        sa.Column("url", Words(), nullable=False),
        sa.Column("configured", Words(), nullable=False),
        sa.Column("name", Words(), server_default="", nullable=False),
        sa.Column("topic", Words(), nullable=True),
        sa.Column("weight", sa.Float(), server_default=sa.text("(1.0)"), nullable=False),
        sa.Column("language", Words(), nullable=True),
        sa.Column("options", Json(), nullable=False),
        sa.Column("title", Words(), server_default="", nullable=False),
        sa.Column("site", Words(), nullable=True),
        sa.Column("subscribed", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("added", Instant(), nullable=False),
        sa.Column("next_check", Instant(), nullable=True),
        sa.Column("last_check", Instant(), nullable=True),
        sa.Column("last_success", Instant(), nullable=True),
        sa.Column("last_new", Instant(), nullable=True),
        sa.Column("lease_owner", Words(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error_code", Words(), nullable=True),
        sa.Column("error_message", Words(), nullable=True),
        sa.Column("gone", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("etag", Words(), nullable=True),
        sa.Column("last_modified", Words(), nullable=True),
        sa.Column("body_hash", Words(), nullable=True),
        sa.Column("redirect_to", Words(), nullable=True),
        sa.Column("redirect_seen", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("aliases", Json(), nullable=False),
        sa.Column("rate", sa.Float(), nullable=True),
        sa.Column("polls", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("hints", Json(), nullable=False),
        sa.Column("hub", Words(), nullable=True),
        sa.Column("hub_topic", Words(), nullable=True),
        sa.Column("pushed_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("url", name=op.f("uq_feed_url")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_feed_due",
        "feed",
        ["next_check"],
        unique=False,
        sqlite_where=sa.text("subscribed = 1 AND gone = 0"),
        postgresql_where=sa.text("subscribed AND NOT gone"),
    )
    op.create_table(
        "meta",
        sa.Column("key", Words(), nullable=False),
        sa.Column("value", Words(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "recipient",
        sa.Column("id", Id, nullable=False),
        sa.Column("key", Words(), nullable=False),
        sa.Column("channel", Words(), nullable=False),
        sa.Column("address", Words(), nullable=False),
        sa.Column("language", Words(), nullable=True),
        sa.Column("zone", Words(), nullable=True),
        sa.Column("format", Words(), nullable=True),
        sa.Column("paused", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("reason", Words(), server_default="", nullable=False),
        sa.Column("added", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient")),
        sa.UniqueConstraint("key", name=op.f("uq_recipient_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_recipient_address"), "recipient", ["address"], unique=False)
    op.create_table(
        "spend",
        sa.Column("day", Words(), nullable=False),
        sa.Column("calls", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cost", sa.Float(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_spend")),
    )
    op.create_table(
        "story",
        sa.Column("id", Words(), nullable=False),
        sa.Column("first", Instant(), nullable=False),
        sa.Column("last", Instant(), nullable=False),
        sa.Column("merged_into", Words(), nullable=True),
        sa.Column("language", Words(), nullable=True),
        sa.Column("boost", sa.Float(), server_default=sa.text("0"), nullable=False),
        sa.Column("must", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("muted", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("title", Words(), server_default="", nullable=False),
        sa.Column("topics", Json(), nullable=False),
        sa.Column("interests", Json(), nullable=False),
        sa.Column("terms", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story")),
    )
    op.create_index(op.f("ix_story_last"), "story", ["last"], unique=False)
    op.create_index(op.f("ix_story_merged_into"), "story", ["merged_into"], unique=False)
    op.create_table(
        "summary_cache",
        sa.Column("key", Words(), nullable=False),
        sa.Column("created", Instant(), nullable=False),
        sa.Column("document", Words(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_summary_cache")),
    )
    op.create_index(op.f("ix_summary_cache_created"), "summary_cache", ["created"], unique=False)
    op.create_table(
        "suppression",
        sa.Column("address", Words(), nullable=False),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_suppression")),
    )
    op.create_table(
        "article",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("story_id", Words(), nullable=False),
        sa.Column("arrived", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_article_story_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
    )
    op.create_index(op.f("ix_article_arrived"), "article", ["arrived"], unique=False)
    op.create_index(op.f("ix_article_story_id"), "article", ["story_id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", Id, nullable=False),
        sa.Column("edition_id", Words(), nullable=False),
        sa.Column("recipient_id", Id, nullable=False),
        sa.Column("copy", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
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
    op.create_index(
        "ix_delivery_open",
        "delivery",
        ["state", "next_try"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'sending', 'dot')"),
        postgresql_where=sa.text("state IN ('queued', 'sending', 'dot')"),
    )
    op.create_index(op.f("ix_delivery_recipient_id"), "delivery", ["recipient_id"], unique=False)
    op.create_table(
        "entry",
        sa.Column("id", Id, nullable=False),
        sa.Column("feed_id", Id, nullable=False),
        sa.Column("guid", Words(), nullable=False),
        sa.Column("guid_origin", Words(), nullable=False),
        sa.Column("arrived", Instant(), nullable=False),
        sa.Column("backlog", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("grouped", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("indexed", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("teaser", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("full_text", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("emptied", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("article_id", Id, nullable=True),
        sa.Column("content_hash", Words(), nullable=False),
        sa.Column("link", Words(), nullable=True),
        sa.Column("published", Instant(), nullable=True),
        sa.Column("updated", Instant(), nullable=True),
        sa.Column("revised", Instant(), nullable=True),
        sa.Column("language", Words(), nullable=True),
        sa.Column("title", Words(), nullable=False),
        sa.Column("title_published", Words(), nullable=True),
        sa.Column("link_published", Words(), nullable=True),
        sa.Column("image", Words(), nullable=True),
        sa.Column("source_title", Words(), nullable=True),
        sa.Column("authors", Json(), nullable=False),
        sa.Column("categories", Json(), nullable=False),
        sa.Column("enclosures", Json(), nullable=False),
        sa.Column("links", Json(), nullable=False),
        sa.Column("text", Words(), nullable=False),
        sa.Column("summary_html", Words(), nullable=False),
        sa.Column("content_html", Words(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_entry_feed_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("feed_id", "guid", name=op.f("uq_entry_feed_id_guid")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_entry_arrived", "entry", ["arrived"], unique=False)
    op.create_index(
        "ix_entry_article_id",
        "entry",
        ["article_id"],
        unique=False,
        sqlite_where=sa.text("article_id IS NOT NULL"),
        postgresql_where=sa.text("article_id IS NOT NULL"),
    )
    op.create_index("ix_entry_feed_id_content_hash", "entry", ["feed_id", "content_hash"], unique=False)
    op.create_index("ix_entry_feed_id_link", "entry", ["feed_id", "link"], unique=False)
    op.create_index(
        "ix_entry_revised",
        "entry",
        ["revised"],
        unique=False,
        sqlite_where=sa.text("revised IS NOT NULL"),
        postgresql_where=sa.text("revised IS NOT NULL"),
    )
    op.create_index(
        "ix_entry_ungrouped",
        "entry",
        ["id"],
        unique=False,
        sqlite_where=sa.text("grouped = 0"),
        postgresql_where=sa.text("NOT grouped"),
    )
    op.create_index(
        "ix_entry_unindexed",
        "entry",
        ["id"],
        unique=False,
        sqlite_where=sa.text('"indexed" = 0'),
        postgresql_where=sa.text("NOT indexed"),
    )
    op.create_table(
        "feedback",
        sa.Column("recipient_id", Id, nullable=False),
        sa.Column("story_id", Words(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipient.id"], name=op.f("fk_feedback_recipient_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recipient_id", "story_id", name=op.f("pk_feedback")),
    )
    op.create_table(
        "fetch",
        sa.Column("id", Id, nullable=False),
        sa.Column("feed_id", Id, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("code", Words(), nullable=True),
        sa.Column("message", Words(), server_default="", nullable=False),
        sa.Column("final_url", Words(), server_default="", nullable=False),
        sa.Column("wire_bytes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("elapsed", sa.Float(), server_default=sa.text("0"), nullable=False),
        sa.Column("seen", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("new", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("changed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("parser", Words(), server_default="", nullable=False),
        sa.Column("notes", Json(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_fetch_feed_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fetch")),
    )
    op.create_index(op.f("ix_fetch_at"), "fetch", ["at"], unique=False)
    op.create_table(
        "push",
        sa.Column("feed_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("hub", Words(), nullable=False),
        sa.Column("topic", Words(), nullable=False),
        sa.Column("token", Words(), nullable=False),
        sa.Column("secret", Words(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("next_ask", Instant(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_push_feed_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("feed_id", name=op.f("pk_push")),
        sa.UniqueConstraint("token", name=op.f("uq_push_token")),
    )
    op.create_index("ix_fetch_feed_id_at", "fetch", ["feed_id", "at"], unique=False)
    op.create_table(
        "item",
        sa.Column("edition_id", Words(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("story_id", Words(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("topic", Words(), server_default="", nullable=False),
        sa.Column("headline", Words(), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("articles", Json(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_item_edition_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("edition_id", "position", name=op.f("pk_item")),
    )
    op.create_index(op.f("ix_item_story_id"), "item", ["story_id"], unique=False)
    op.create_table(
        "item_article",
        sa.Column("article_id", Id, autoincrement=False, nullable=False),
        sa.Column("edition_id", Words(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_item_article_edition_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "edition_id", "position", name=op.f("pk_item_article")),
    )
    op.create_index("ix_item_article_edition_id", "item_article", ["edition_id"], unique=False)
    op.create_table(
        "ledger",
        sa.Column("recipient_id", Id, nullable=False),
        sa.Column("story_id", Words(), nullable=False),
        sa.Column("edition_id", Words(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_ledger_edition_id")),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipient.id"], name=op.f("fk_ledger_recipient_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recipient_id", "story_id", "edition_id", name=op.f("pk_ledger")),
    )
    op.create_index("ix_ledger_edition_id", "ledger", ["edition_id"], unique=False)
    op.create_index("ix_ledger_story_id", "ledger", ["story_id"], unique=False)
    op.create_index(
        "uq_ledger_new",
        "ledger",
        ["recipient_id", "story_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'new'"),
        postgresql_where=sa.text("kind = 'new'"),
    )
    op.create_table(
        "story_event",
        sa.Column("id", Id, nullable=False),
        sa.Column("story_id", Words(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("what", Words(), nullable=False),
        sa.Column("entry_id", Id, nullable=True),
        sa.Column("article_id", Id, nullable=True),
        sa.Column("other_story", Words(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("evidence", Json(), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_story_event_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story_event")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_story_event_story_id"), "story_event", ["story_id"], unique=False)
    op.create_table(
        "entry_revision",
        sa.Column("id", Id, nullable=False),
        sa.Column("entry_id", Id, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("content_hash", Words(), nullable=False),
        sa.Column("link", Words(), nullable=True),
        sa.Column("title", Words(), nullable=False),
        sa.Column("text", Words(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_entry_revision_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_revision")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_entry_revision_entry_id"), "entry_revision", ["entry_id"], unique=False)
    # ### end Alembic commands ###
    create_search(op.get_bind())
