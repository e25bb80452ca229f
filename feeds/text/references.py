"""Character references of HTML, and the characters that they stood for in Windows-1252."""

from __future__ import annotations

import re
from html import unescape

_ENDLESS = re.compile(r"&#(?:\d{1000,}|[xX][0-9a-fA-F]{1000,});?")
# XML gives `&#146;` as a control character; who wrote it meant the character of Windows-1252, as in HTML (13.2.5.80).
_CONTROL = re.compile("[\x80-\x9f]")
_WINDOWS = {
    code: character
    for code in range(0x80, 0xA0)
    if (character := bytes([code]).decode("cp1252", "ignore")) and code != 0x85
}


def resolved(text: str) -> str:
    """Return text with its character references resolved. Never raises; too long references are replaced."""
    try:
        return unescape(text)
    except ValueError:  # Python's own limit on numbers
        return unescape(_ENDLESS.sub("\ufffd", text))


def encodable(text: str) -> bool:
    """Whether a text has no lone surrogate; four times as fast as a search for one."""
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def windows_characters(text: str) -> str:
    """Return text with the C1 controls as the characters of Windows-1252 at their places."""
    return text.translate(_WINDOWS) if not text.isascii() and _CONTROL.search(text) else text
