"""The table of work that was begun and has not ended. If its process dies, the row stays."""

from __future__ import annotations

from sqlalchemy import Column, Table

from aggregator.store.schema.columns import count_column, metadata, words_column
from aggregator.store.schema.types import Instant, Words

attempt = Table(
    "attempt",
    metadata,
    Column("work", Words, primary_key=True),  # what was done: see `store.attempts.WORK`
    Column("key", Words, primary_key=True),  # with which entry, story or digest
    count_column("tries"),
    Column("at", Instant, nullable=False),  # of the last try
    Column("aside", Instant),  # since when it is not tried any more; null while it is
    words_column("why"),
)
