"""URL parsing as browsers do it (WHATWG URL Standard), by the parser of Node.js."""

from __future__ import annotations

import re

from ada_url import URL

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
PLAIN_HOST = rf"(?:(?:[a-z0-9-]+\.)+[a-z]{{2,}}|{_OCTET}(?:\.{_OCTET}){{3}})(?::[1-9]\d{{3}})?"
# Most URLs are normal already: lower-case host, nothing to escape, no dot segments, no default port.
PLAIN = re.compile(
    rf"https?://{PLAIN_HOST}(?:/(?!\.|%2[eE])[A-Za-z0-9_~!$&()*+,;=:@%.-]*)+(?:\?[A-Za-z0-9_~!$&()*+,;=:@%./?-]*)?\Z"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
MAX_URL = 8000  # characters; nobody follows longer links


def same_host(one: str, other: str) -> bool:
    """Whether two absolute URLs have the same host; False if one of them has none."""
    first, second = parse_url(one), parse_url(other)
    return first is not None and second is not None and first.hostname == second.hostname != ""


def parse_url(url: str, base: str | None = None) -> URL | None:
    """Parse a URL, relative to `base` if there is one; None if a browser would refuse it."""
    try:
        return URL(_scalar(url), None if base is None else _scalar(base))
    except ValueError:
        return None


def resolve_url(base: str, ref: str) -> str | None:
    """Make `ref` absolute, with any scheme; None if a browser would refuse it. An invalid `base` is ignored."""
    if PLAIN.match(ref):
        return ref
    if len(ref) > MAX_URL:
        return None
    found = parse_url(ref, base) or parse_url(ref)
    return found.href if found is not None else None


def _scalar(text: str) -> str:
    """Replace lone surrogates, which UTF-8 cannot encode."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
