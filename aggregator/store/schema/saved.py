"""The tables of what was saved for later. No foreign keys to stories and entries: what is saved outlives them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table

from aggregator.store.schema.columns import Id, count_column, metadata, words_column
from aggregator.store.schema.types import Instant, Words

saved = Table(
    "saved",
    metadata,
    Column("id", Id, primary_key=True),
    Column("story_id", Words, unique=True),  # of a story
    Column("entry_id", Id, unique=True),  # of a single article
    Column("at", Instant, nullable=False, index=True),
    Column("published", Instant),
    words_column("url"),
    words_column("outlet"),
    words_column("language"),
    words_column("title"),
    words_column("text"),
)

# What is sent, or was sent, to a service that keeps articles to read later.
saved_send = Table(
    "saved_send",
    metadata,
    Column("saved_id", Id, ForeignKey("saved.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("service", Words, primary_key=True),
    Column("state", Words, nullable=False),  # queued, sent or failed
    count_column("tries"),
    Column("due", Instant, nullable=False),  # of a queued one: its next try; else when its state was reached
    words_column("detail"),
    Index("ix_saved_send_state_due", "state", "due"),
)
