"""Readers who come and go: what a click on their links does, at once and as often as it is clicked."""

from __future__ import annotations

from datetime import datetime

from aggregator.store import meta
from aggregator.store.database import Database


def unsubscribe(db: Database, recipient: str, digest: str, now: datetime) -> None:
    """End one digest for one recipient (its key, `channel:address`). Idempotent; survives a change of the configuration."""
    meta.put(db, _key(recipient, digest), now.isoformat())


def subscribed(db: Database, recipients: tuple[str, ...], digest: str) -> tuple[str, ...]:
    """Those of the recipients who have not left this digest."""
    return tuple(r for r in recipients if meta.get(db, _key(r, digest)) is None)


def _key(recipient: str, digest: str) -> str:
    return f"unsubscribed {digest} {recipient}"
