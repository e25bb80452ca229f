"""The table of what polling workers read of entries that wait to be grouped."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, LargeBinary, Table

from aggregator.store.schema.columns import Id, metadata
from aggregator.store.schema.types import Words

read_ahead = Table(
    "read_ahead",
    metadata,
    Column("entry_id", Id, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("form", Words, nullable=False),
    Column("fingerprint", Words, nullable=False),  # of the text that was read
    Column("reading", LargeBinary, nullable=False),
)
