"""URLs: parsed and made absolute as browsers do, and brought into one canonical form."""

from __future__ import annotations

from feeds.urls.canonical import canonical, join, key
from feeds.urls.parsing import resolve

__all__ = ["canonical", "join", "key", "resolve"]
