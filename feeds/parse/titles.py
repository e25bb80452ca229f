"""A title for what came without one."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from feeds.text import label

_WORDS = 12
_LENGTH = 100  # characters
_SENTENCE = re.compile(r"(.{15,}?[.!?。！？])(?=\s|$)")
_SUFFIX = re.compile(r"\.(?:html?|php|aspx?|jsp|xml)$", re.IGNORECASE)


def fallback_title(text: str, link: str | None) -> str:
    """The first words of the text, else what the link says: the words of its path, else its host. "" without either."""
    first = text.partition("\n")[0]
    if first:
        return _beginning(first)
    if not link:
        return ""
    parts = urlsplit(link)
    words = re.split(r"[-_+\s]+", _SUFFIX.sub("", unquote(parts.path).rstrip("/").rpartition("/")[2]))
    slug = " ".join(word for word in words if word)
    host = (parts.hostname or "").removeprefix("www.")
    return label(f"{host}: {slug}" if slug else host)


def _beginning(line: str) -> str:
    """The first sentence if it is short, else the first words."""
    found = _SENTENCE.match(line)
    if found and len(found[1]) <= _LENGTH:
        return found[1]
    words = line.split()
    short = " ".join(words[:_WORDS])
    if len(short) > _LENGTH:
        short = short[:_LENGTH].rstrip()
    return short if short == line else short.rstrip(",;:–—-") + "…"
