"""Removes document type declarations and keeps their plain-text entities. Nothing is loaded or nested."""

from __future__ import annotations

import re

_ENTITY = re.compile(
    r"<!ENTITY\s+([A-Za-z_][\w.\-]{0,60})\s+(?:\"([^\"&%<]{0,200})\"|'([^'&%<]{0,200})'|[\"'](&#\d{1,7};|&#x[0-9a-fA-F]{1,6};)[\"'])\s*>"
)
_MAX_ENTITIES = 1000
_NEAR = 4000  # characters; a declaration is at the beginning


def without_doctype(text: str) -> tuple[str, dict[str, str]]:
    """Return `text` without its document type declaration, and the plain-text entities that it declared.

    Entities made of other entities or of markup, and external entities, are not kept.
    """
    start = text.find("<!DOCTYPE", 0, _NEAR)
    if start < 0:
        return text, {}
    bracket, end = text.find("[", start), text.find(">", start)
    if end < 0:
        return text, {}
    if bracket < 0 or bracket > end:
        return text[:start] + text[end + 1 :], {}
    close = re.compile(r"\]\s{0,100}>").search(text, bracket)
    if close is None:
        return text, {}
    entities = {}
    for found in _ENTITY.finditer(text, bracket, close.start()):
        entities[found[1]] = found[2] or found[3] or found[4] or ""
        if len(entities) >= _MAX_ENTITIES:
            break
    return text[:start] + text[close.end() :], entities
