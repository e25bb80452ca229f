"""Decides which entries of a poll are new, changed or the same, also when a feed changes its guids and links."""

from feeds.identity.content import content_hash, file_name
from feeds.identity.matching import needs_older_entries, reconcile

__all__ = ["content_hash", "file_name", "needs_older_entries", "reconcile"]
