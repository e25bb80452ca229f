"""Author names from the forms that feeds use."""

from __future__ import annotations

import re

from feeds.text import plain_line

_MAIL = r"[\w.+'’\-]+@[\w\-]+(?:\.[\w\-]+)*"
_MAIL_NAME = re.compile(
    rf"^\(?\s*(?:mailto:)?{_MAIL}\s*\)?[\s,:]*\((.*)\)\s*$|^\(?(?:mailto:)?{_MAIL}\)?\s+[-–,:]?\s*([^()@]+)$"
)
_NAME_MAIL = re.compile(rf"^(.*?)\s*[<(\[‹]\s*(?:mailto:)?{_MAIL}\s*[>)\]›]\s*$|^([^@]*?[^\s@])[\s,]+{_MAIL}$")
_ONLY_MAIL = re.compile(rf"^\s*[<(\[‹]?\s*(?:mailto:)?({_MAIL})\s*[>)\]›]?\s*(?:\(\s*\))?$")
_BY = re.compile(r"^(?:written by|posted by|by|von|par|por)[\s:]+(?=[^\W\d_])", re.IGNORECASE)
_MAX_NAME = 300  # characters
_MAX_NAMES = 50


def author_names(texts: list[str]) -> tuple[str, ...]:
    """Return the names in `texts`, once each, in order; a mail address only where it has no name."""
    found: dict[str, None] = {}
    for text in texts[:_MAX_NAMES]:
        one = author_name(text)
        if one:
            found[one] = None
    return tuple(found)


def author_name(text: str) -> str:
    """Return a name without its mail address, or the mail address alone. Empty if there is neither."""
    text = plain_line(
        text[: 4 * _MAX_NAME].replace("<", "(").replace(">", ")") if "@" in text else text[: 4 * _MAX_NAME]
    )[:_MAX_NAME]
    if "@" not in text:
        return _BY.sub("", text.strip().strip('"').strip())
    for pattern in (_MAIL_NAME, _NAME_MAIL):
        found = pattern.match(text)
        if found:
            given = (found[1] or found[2] or "").strip().strip("\"'").strip()
            if given:
                return _BY.sub("", given)
    found = _ONLY_MAIL.match(text)
    return found[1] if found else _BY.sub("", text.strip().strip('"').strip())
