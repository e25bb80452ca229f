"""Content codings undone piece by piece, never holding more than the cap.

A bomb is refused at the first bytes over the limit; what a broken or cut stream gave until then is kept and marked.
"""

from __future__ import annotations

from feeds.errors import BadEncoding, TooLarge
from feeds.http.codings import CODINGS, Coding, Gzip

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
MAX_LAYERS = 3


class Body:
    """A body being received: `feed` what comes off the wire, then `finish`.

    Raises `TooLarge` as soon as either the wire or the decoded bytes pass `max_bytes`, `BadEncoding` for codings that were
    not asked for and for streams broken from their first byte.
    """

    def __init__(self, content_encoding: str, max_bytes: int) -> None:
        self._layers: list[Coding] = _layers(content_encoding)
        self._max = max_bytes
        self._parts: list[bytes] = []
        self._got = 0
        self.wire_bytes = 0

    def feed(self, data: bytes) -> None:
        """Take the next bytes off the wire."""
        self.wire_bytes += len(data)
        if self.wire_bytes > self._max:
            raise TooLarge(f"the answer is larger than {self._max} bytes")
        for layer in self._layers:
            data = layer.feed(data, self._max - self._got)
        self._got += len(data)
        if self._got > self._max:
            raise TooLarge(f"the answer unpacks to more than {self._max} bytes")
        if data:
            self._parts.append(data)

    def finish(self) -> tuple[bytes, bool]:
        """The decoded bytes, and whether the stream ended before its end."""
        data = b""
        for layer in self._layers:
            data = (layer.feed(data, self._max - self._got) if data else b"") + layer.end()
        return b"".join((*self._parts, data)), any(layer.cut for layer in self._layers)


def _layers(content_encoding: str) -> list[Coding]:
    codings = [c.strip().lower().removeprefix("x-") for c in content_encoding.split(",")]
    codings = [c for c in codings if c not in ("", "identity", "none", "utf-8")]
    if len(codings) > MAX_LAYERS:
        raise BadEncoding("the answer is compressed too many times over")
    for coding in codings:
        if coding not in CODINGS:
            raise BadEncoding(f"the server compressed with {coding[:20]!r}, which was not asked for")
    # The last layer also opens a gzip file served as such, with no word of it in the headers.
    return [*(CODINGS[c]() for c in reversed(codings)), Gzip()]
