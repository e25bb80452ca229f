"""HTML to safe HTML, and to plain text without boilerplate.

Each function is imported on first use, because the patterns of boilerplate take 40 ms to compile.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feeds.text.boilerplate import is_credit, is_teaser, without_boilerplate
    from feeds.text.markup import one_line, plain_line, plain_text, read_content, text_of, title_of
    from feeds.text.references import resolved
    from feeds.text.sanitize import safe_html

__all__ = [
    "is_credit",
    "is_teaser",
    "one_line",
    "plain_line",
    "plain_text",
    "read_content",
    "resolved",
    "safe_html",
    "text_of",
    "title_of",
    "without_boilerplate",
]


_HOMES = {
    **dict.fromkeys(("one_line", "plain_line", "plain_text", "read_content", "text_of", "title_of"), "markup"),
    **dict.fromkeys(("is_credit", "is_teaser", "without_boilerplate"), "boilerplate"),
    "resolved": "references",
    "safe_html": "sanitize",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"feeds.text.{_HOMES[name]}"), name)
