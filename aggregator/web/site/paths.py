"""Where the pages of a static site are, and how they link to each other."""

from __future__ import annotations

import hashlib
import posixpath
import re
from urllib.parse import quote

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def file_of(path: str, **query: str) -> str:
    """Return the file of a page, relative to the site's folder, from its path and query in the program's own pages."""
    kind, _, name = path.strip("/").partition("/")
    if not kind:
        given = {key: value for key, value in query.items() if value}
        if not given:
            return "index.html"
        return "-".join((*given, *map(safe_name, given.values()))) + ".html"
    return f"{kind}/{safe_name(name)}.html" if name else f"{kind}.html"


def relative_link(target: str, page: str) -> str:
    """Return the link from one file of the site to another."""
    return quote(posixpath.relpath(target, posixpath.dirname(page) or "."))


def safe_name(name: str) -> str:
    """Return a name for a file; different names never get the same one."""
    plain = _UNSAFE.sub("-", name).strip("-")[:80]
    return plain if plain == name else f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:8]}".lstrip("-")
