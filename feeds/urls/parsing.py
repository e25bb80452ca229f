"""Parsing URLs as browsers do (WHATWG URL Standard), so that a feed's odd links lead where its readers go."""

from __future__ import annotations

import re

import ada_url

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
PLAIN_HOST = rf"(?:(?:[a-z0-9-]+\.)+[a-z]{{2,}}|{_OCTET}(?:\.{_OCTET}){{3}})(?::[1-9]\d{{3}})?"
# The common case needs no parsing: lower-case host, no escapes to add, no dot segments, no usual port.
PLAIN = re.compile(
    rf"https?://{PLAIN_HOST}(?:/(?!\.|%2[eE])[A-Za-z0-9_~!$&()*+,;=:@%.-]*)+(?:\?[A-Za-z0-9_~!$&()*+,;=:@%./?-]*)?\Z"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
MAX_URL = 8000  # characters; longer URLs are no links anyone follows


def resolve(base: str, ref: str) -> str | None:
    """Make `ref` absolute against `base`, any scheme; None if a browser would refuse it. Never raises."""
    if PLAIN.match(ref):
        return ref
    if len(ref) > MAX_URL:
        return None
    try:
        return ada_url.URL(_scalar(ref), base=_scalar(base) if base else None).href
    except ValueError:
        return None


def _scalar(text: str) -> str:
    """The text without lone surrogates, which no URL can carry."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
