"""Hashes the visible content of entries."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b

from feeds.urls import key

_BLANKS = b" \t\n\r\x0b\x0c"
_WIDE_BLANK = "\xa0".encode()
_ASCII = bytes(range(128))
_LOWER = bytes(range(256)).lower()
_FILE = re.compile(r"\.(?!php|aspx?|jspx?|cgi|html?)[a-z][a-z0-9]{1,4}\Z", re.IGNORECASE)  # a file, and no program


def content_hash(title: str, text: str, link: str, files: Iterable[str] = ()) -> str:
    """Return a hash of the visible content of an entry, 32 hexadecimal digits. It changes when the entry is edited.

    Case, blanks and tracking parameters of `link` do not count; nor do hosts and most parameters of `files`, the URLs
    of its enclosures, because many publishers change them at every request.
    """
    words = _casefolded(f"{title}\x1f{text}\x1f")
    digest = blake2b(words + (key(link) or link).encode("utf-8", "replace"), digest_size=16)
    for name in sorted(set(map(file_name, files))):
        digest.update(f"\x1f{name}".encode("utf-8", "replace"))
    return digest.hexdigest()


def file_name(url: str) -> str:
    """Return what identifies the file at a URL: its path, and the parameters of a URL that names a program."""
    path, _, query = (key(url) or url).partition("/")[2].partition("?")
    return path if _FILE.search(path) or not query else f"{path}?{query}"


def _casefolded(text: str) -> bytes:
    """Return `text` as UTF-8, casefolded and without blanks.

    Python's `casefold` is slow, so it is called only if the text has many letters beyond ASCII, or some that have case.
    """
    data = text.encode("utf-8", "replace")
    if not text.isascii():
        data = data.replace(_WIDE_BLANK, b"")
        beyond = data.translate(None, _ASCII)
        if len(beyond) * 8 > len(data) or (others := beyond.decode()) != others.casefold():
            return text.replace("\xa0", " ").casefold().encode("utf-8", "replace").translate(None, _BLANKS)
    return data.translate(_LOWER, _BLANKS)
