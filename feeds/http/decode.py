"""Content codings undone piece by piece, never holding more than the cap.

A bomb is refused at the first byte over the limit; what a broken or cut stream gave until then is kept and marked.
Only gzip and deflate are asked for (`ACCEPT_ENCODING`): zlib can be told how much to give out at once.
"""

from __future__ import annotations

import zlib

from feeds.errors import BadEncoding, TooLarge

ACCEPT_ENCODING = "gzip, deflate"
MAX_LAYERS = 3
MAX_MEMBERS = 1000  # gzip files strung together; an honest answer has one, a hostile one millions of empty ones

_GZIP_MAGIC = b"\x1f\x8b\x08"


class _Inflate:
    """One coding. Says `cut` when the stream was broken, or ended before its end."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._head = b""
        self._stream: zlib._Decompress | None = None
        self._members = 0
        self._plain = False
        self._broken = False
        self._gave = False

    @property
    def cut(self) -> bool:
        if self._plain:
            return False
        return self._broken or (self._stream is not None and not self._stream.eof)

    def feed(self, data: bytes, room: int) -> bytes:
        """At most `room` + 1 bytes for these; the one over tells the caller that there is more."""
        if self._plain:
            return data
        if self._broken:
            return b""
        if self._stream is None:
            data = self._head + data
            if len(data) < 3:
                self._head = data
                return b""
            self._head = b""
            if self._start(data):
                return data
        return self._inflate(data, room)

    def end(self) -> bytes:
        """What was held back for want of three bytes to tell its kind by."""
        head, self._head = self._head, b""
        return head

    def _start(self, head: bytes) -> bool:
        """Tell the stream's kind by its first bytes; True if it is not compressed at all."""
        if head.startswith(_GZIP_MAGIC):
            self._open(zlib.MAX_WBITS | 16)
        elif self._coding != "deflate":
            self._plain = True  # says gzip and is not: taken as it is
        elif head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0:
            self._open(zlib.MAX_WBITS)
        else:
            self._open(-zlib.MAX_WBITS)  # raw deflate, as old servers send it
        return self._plain

    def _open(self, wbits: int) -> None:
        self._wbits = wbits
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise BadEncoding("the answer is made of too many compressed parts")
        self._stream = zlib.decompressobj(wbits)

    def _inflate(self, data: bytes, room: int) -> bytes:
        out: list[bytes] = []
        got = 0
        while data and got <= room:
            assert self._stream is not None
            try:
                piece = self._stream.decompress(data, room - got + 1)
            except zlib.error:
                return self._give_up(data, out)
            got += len(piece)
            self._gave = self._gave or bool(piece)
            out.append(piece)
            if not self._stream.eof:
                break
            data = self._stream.unused_data
            if self._wbits < 16 or not data.startswith(_GZIP_MAGIC):
                break  # padding after the end is common and harmless
            self._open(self._wbits)
        return b"".join(out)

    def _give_up(self, data: bytes, out: list[bytes]) -> bytes:
        if self._gave:
            self._broken = True
            return b"".join(out)
        if self._wbits < 0 and data.lstrip()[:1] in (b"<", b"{", b"\xef"):
            self._plain = True  # says deflate and is plain text
            return data
        raise BadEncoding("the compressed answer is damaged")


class Body:
    """A body being received: `feed` what comes off the wire, then `finish`.

    Raises `TooLarge` as soon as either the wire or the decoded bytes pass `max_bytes`, `BadEncoding` for codings that were
    not asked for and for streams broken from their first byte.
    """

    def __init__(self, content_encoding: str, max_bytes: int) -> None:
        self._layers: list[_Inflate] = _layers(content_encoding)
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


def _layers(content_encoding: str) -> list[_Inflate]:
    codings = [c.strip().lower().removeprefix("x-") for c in content_encoding.split(",")]
    codings = [c for c in codings if c not in ("", "identity", "none", "utf-8")]
    if len(codings) > MAX_LAYERS:
        raise BadEncoding("the answer is compressed too many times over")
    for coding in codings:
        if coding not in ("gzip", "deflate"):
            raise BadEncoding(f"the server compressed with {coding[:20]!r}, which was not asked for")
    # The last layer also opens a gzip file served as such, with no word of it in the headers.
    return [*(_Inflate(c) for c in reversed(codings)), _Inflate("gzip")]
