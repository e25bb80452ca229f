"""HTML to safe HTML, and to clean text."""

from __future__ import annotations

from feeds.text.boilerplate import clean, is_teaser
from feeds.text.markup import label, one_line, plain, text_of
from feeds.text.sanitize import safe_html

__all__ = ["clean", "is_teaser", "label", "one_line", "plain", "safe_html", "text_of"]
