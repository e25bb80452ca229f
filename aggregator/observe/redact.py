"""Keep secrets out of everything that is printed or logged: the known ones by value, the rest by where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "***"
_SHORTEST = 4  # shorter values would cut ordinary words; such a secret is no secret
_PLACES = (
    re.compile(r"(?P<keep>\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@/]+(?=@)", re.IGNORECASE),  # user:password@host
    re.compile(
        r"(?P<keep>\b(?:authorization|proxy-authorization)['\"]?\s*[:=]\s*['\"]?(?:bearer|basic|digest)?\s*)[^\s'\",;]+",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<keep>\bbearer\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE),
    re.compile(
        r"(?P<keep>\b(?:password|passwd|api[_-]?key|access[_-]?token|auth[_-]?token|token|secret|sig|signature)['\"]?\s*[=:]\s*['\"]?)[^\s&'\",;]+",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<keep>\bAUTH (?:PLAIN|LOGIN) )\S+"),  # SMTP, RFC 4954
)


class Redactor:
    """Cuts secrets out of text. Values are added as they become known; longer ones are cut first."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values: list[str] = []
        self.add(values)

    def add(self, values: Iterable[str]) -> None:
        """Know more secrets by value."""
        known = {*self._values, *(value for value in values if len(value) >= _SHORTEST)}
        self._values = sorted(known, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """The text with every secret replaced by `***`."""
        for value in self._values:
            text = text.replace(value, MASK)
        for place in _PLACES:
            text = place.sub(rf"\g<keep>{MASK}", text)
        return text


redact = Redactor()
"""The one of this process: what the command line, the logs and the pages pass their words through."""
