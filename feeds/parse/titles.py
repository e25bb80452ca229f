"""Titles for entries without one."""

from __future__ import annotations

import re

from feeds.text import one_line

_WORDS = 12
_LENGTH = 100  # characters
_SENTENCE = re.compile(r"(.{15,}?[.!?。！？])(?=\s|$)")


def fallback_title(text: str, link: str | None) -> str:
    """Return the first words of the text, else the link as it is."""
    first = text.partition("\n")[0]
    return _beginning(first) if first else one_line(link or "")


def _beginning(line: str) -> str:
    """Return the first sentence if it is short, else the first words."""
    found = _SENTENCE.match(line)
    if found and len(found[1]) <= _LENGTH:
        return found[1]
    words = line.split()
    short = " ".join(words[:_WORDS])
    if len(short) > _LENGTH:
        short = short[:_LENGTH].rstrip()
    return short if short == line else short.rstrip(",;:–—-") + "…"
