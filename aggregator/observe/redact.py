"""Removes secrets from everything that is printed or logged: known ones by value, others by their context."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

MASK = "***"
_SHORTEST = 4  # characters; replacing shorter values would damage ordinary words
_PLACES = (
    re.compile(r"(?P<keep>\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@/]+(?=@)", re.IGNORECASE),  # user:password@host
    re.compile(r"(?P<keep>\bhttps?://)[^\s/@:?#]+(?=@)", re.IGNORECASE),  # token@host
    re.compile(
        r"(?P<keep>\b(?:authorization|proxy-authorization)['\"]?\s*[:=]\s*['\"]?(?:bearer|basic|digest)?\s*)"
        r"[^\s'\",;]+",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<keep>\bbearer\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE),
    re.compile(
        r"(?P<keep>\b(?:password|passwd|api[_-]?key|access[_-]?token|auth[_-]?token|token|secret|sig|signature)['\"]?"
        r"\s*[=:]\s*['\"]?)[^\s&'\",;]+",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<keep>\bAUTH (?:PLAIN|LOGIN) )\S+"),  # SMTP, RFC 4954
)


class Redactor:
    """Removes secrets from text. Known values can be added; longer ones are replaced first."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values: list[str] = []
        self.add(values)

    def add(self, values: Iterable[str]) -> None:
        """Add secrets by value."""
        known = {*self._values, *(value for value in values if len(value) >= _SHORTEST)}
        self._values = sorted(known, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return the text with every secret replaced by `***`."""
        for value in self._values:
            text = text.replace(value, MASK)
        for place in _PLACES:
            text = place.sub(rf"\g<keep>{MASK}", text)
        return text


redact = Redactor()
"""The redactor of this process, for the command line, the logs and the pages."""


def url_without_secrets(url: str) -> str:
    """Return the URL without user name and password, and without parameters that hold a secret."""
    parts = urlsplit(url)
    pairs = [pair for pair in parts.query.split("&") if redact(f"?{pair}") == f"?{pair}"]
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="&".join(pairs)))
