"""URLs: parsed and made absolute as browsers do, and brought into one canonical form."""

from __future__ import annotations

from feeds.urls.canonical import canonical_url, join_url, key
from feeds.urls.parsing import resolve_url, same_host

__all__ = ["canonical_url", "join_url", "key", "resolve_url", "same_host"]
