"""Decodes content codings piece by piece and never holds more than the limit.

A decompression bomb is refused at the first byte over the limit. What a broken or cut stream gave before is kept.
"""

from __future__ import annotations

from feeds.errors import BadEncoding, TooLarge
from feeds.http.codings import CODINGS, Coding, Gzip, Unknown

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
MAX_LAYERS = 3


class Body:
    """Decodes one body: `feed` the received bytes, then `finish`.

    Raises TooLarge when the received or the decoded bytes pass `max_bytes`, BadEncoding for unknown codings of a
    body that is no text, and for streams that are broken from their first byte.
    """

    def __init__(self, content_encoding: str, max_bytes: int) -> None:
        self._layers: list[Coding] = _layers(content_encoding)
        self._max = max_bytes
        self._parts: list[bytes] = []
        self._got = 0
        self.wire_bytes = 0

    def feed(self, data: bytes) -> None:
        """Take the next received bytes."""
        self.wire_bytes += len(data)
        if self.wire_bytes > self._max:
            raise TooLarge(f"the response is larger than {self._max} bytes")
        for layer in self._layers:
            data = layer.feed(data, self._max - self._got)
        self._got += len(data)
        if self._got > self._max:
            raise TooLarge(f"the response decompresses to more than {self._max} bytes")
        if data:
            self._parts.append(data)

    def finish(self) -> tuple[bytes, bool]:
        """Return the decoded bytes, and whether the end of the stream is missing."""
        data = b""
        for layer in self._layers:
            data = (layer.feed(data, self._max - self._got) if data else b"") + layer.end()
        return b"".join((*self._parts, data)), any(layer.cut for layer in self._layers)


def _layers(content_encoding: str) -> list[Coding]:
    codings = [c.strip().lower().removeprefix("x-") for c in content_encoding.split(",")]
    codings = [c for c in codings if c not in ("", "identity", "none")]
    if len(codings) > MAX_LAYERS:
        raise BadEncoding("the response is compressed too many times")
    # The last layer also decodes a gzip file that is served without Content-Encoding.
    return [*(CODINGS[c]() if c in CODINGS else Unknown(c) for c in reversed(codings)), Gzip()]
