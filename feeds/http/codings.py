"""The content codings, each undone piece by piece by a decoder that can be told how much to give out at once.

gzip and deflate by zlib, br by Google's own library, zstd by what Python 3.14 has in its standard library (before that, the
same under another name). The last two are loaded when a server first uses them.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from typing import Protocol

from feeds.errors import BadEncoding

MAX_PARTS = (
    1000  # gzip files or zstd frames strung together; an honest answer has one, a hostile one millions of empty ones
)
MAX_ZSTD_WINDOW = 23  # 8 MiB as a power of two: what RFC 9659 lets a server use
_PIECE = 256 * 1024  # bytes asked of brotli at once: it may give out twice as many
_TEXT = (b"<", b"{", b"[", b"\xef\xbb\xbf")
_GZIP_MAGIC = b"\x1f\x8b\x08"
_ZSTD_MAGICS = (b"\x28\xb5\x2f\xfd", *(bytes((n, 0x2A, 0x4D, 0x18)) for n in range(0x50, 0x60)))


class Part(Protocol):
    """One compressed stream, as zlib, zstd and our wrapping of brotli have it."""

    @property
    def eof(self) -> bool:
        """Whether its end was reached."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What came behind its end."""
        ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Take these bytes, give out about `max_length` at most. Raises `error` of `_Kind`."""
        ...


class Coding:
    """One coding of one body. Says `cut` when the stream was broken, or ended before its end."""

    needed = 4  # bytes to tell the kind of a stream by

    def __init__(self) -> None:
        self._head = b""
        self._part: Part | None = None
        self._make: Callable[[], Part] | None = None
        self._error: type[Exception] = ValueError
        self._again: tuple[bytes, ...] = ()  # beginnings of another part behind the end of one
        self._parts = 0
        self._plain = False
        self._broken = False
        self._gave = False

    def begin(self, head: bytes) -> bool:
        """Tell the stream's kind by its first bytes and `use` what undoes it; False if it is not compressed at all."""
        raise NotImplementedError

    def use(self, make: Callable[[], Part], error: type[Exception], again: tuple[bytes, ...] = ()) -> bool:
        """Take `make` for the parts of this body. Always True."""
        self._make, self._error, self._again = make, error, again
        self._next_part()
        return True

    @property
    def cut(self) -> bool:
        """Whether bytes are missing at the end."""
        if self._plain:
            return False
        return self._broken or (self._part is not None and not self._part.eof)

    def feed(self, data: bytes, room: int) -> bytes:
        """Hardly more than `room` bytes for these; one over it tells the caller that there is more. Raises `BadEncoding`."""
        if self._plain:
            return data
        if self._broken:
            return b""
        data = self._head + data
        if len(data) < self.needed and (self._part is None or self._part.eof):
            self._head = data
            return b""
        self._head = b""
        if self._part is None and not self.begin(data):
            self._plain = True
            return data
        return self._undo(data, room)

    def end(self) -> bytes:
        """What was held back for want of bytes to tell its kind by."""
        return self._head if self._part is None else b""

    def _next_part(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise BadEncoding("the answer is made of too many compressed parts")
        assert self._make is not None
        self._part = self._make()

    def _undo(self, data: bytes, room: int) -> bytes:
        out: list[bytes] = []
        got = 0
        while data and got <= room:
            assert self._part is not None
            if self._part.eof:
                if len(data) < self.needed:
                    self._head = data
                    break
                if not data.startswith(self._again):
                    break  # padding after the end is common and harmless
                self._next_part()
            try:
                piece = self._part.decompress(data, room - got + 1)
            except self._error:
                return self._give_up(data, out)
            got += len(piece)
            self._gave = self._gave or bool(piece)
            out.append(piece)
            data = self._part.unused_data if self._part.eof else b""
        return b"".join(out)

    def _give_up(self, data: bytes, out: list[bytes]) -> bytes:
        if self._gave:
            self._broken = True
            return b"".join(out)
        if not self._again and self._parts == 1 and data.lstrip()[:3].startswith(_TEXT):
            self._plain = True  # says deflate or br, which have no mark of their own, and is plain text
            return data
        raise BadEncoding("the compressed answer is damaged")


class Gzip(Coding):
    """gzip; a body that does not begin as one is taken as it is."""

    needed = 3

    def begin(self, head: bytes) -> bool:
        """See `Coding.begin`."""
        return head.startswith(_GZIP_MAGIC) and self.use(_zlib(zlib.MAX_WBITS | 16), zlib.error, (_GZIP_MAGIC,))


class Deflate(Coding):
    """deflate, with zlib's head or raw, as old servers send it, or really gzip."""

    needed = 3

    def begin(self, head: bytes) -> bool:
        """See `Coding.begin`."""
        if head.startswith(_GZIP_MAGIC):
            return self.use(_zlib(zlib.MAX_WBITS | 16), zlib.error, (_GZIP_MAGIC,))
        wrapped = head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
        return self.use(_zlib(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS), zlib.error)


class Brotli(Coding):
    """br: a stream of it has no mark to know it by, and nothing may stand behind its end."""

    needed = 3

    def begin(self, head: bytes) -> bool:
        """See `Coding.begin`."""
        del head
        import brotli

        return self.use(_BrotliPart, brotli.error)


class Zstd(Coding):
    """zstd, frames and skippable ones; a body that does not begin as one is taken as it is."""

    def begin(self, head: bytes) -> bool:
        """See `Coding.begin`."""
        if not head.startswith(_ZSTD_MAGICS):
            return False
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
        options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: MAX_ZSTD_WINDOW}
        return self.use(lambda: zstd.ZstdDecompressor(options=options), zstd.ZstdError, _ZSTD_MAGICS)


CODINGS: dict[str, type[Coding]] = {"gzip": Gzip, "deflate": Deflate, "br": Brotli, "zstd": Zstd}


def _zlib(wbits: int) -> Callable[[], Part]:
    return lambda: zlib.decompressobj(wbits)


class _BrotliPart:
    """Brotli's decoder with the face of the others. Its `process` doubles its buffer up to the limit, so it gets a small one."""

    def __init__(self) -> None:
        import brotli

        self._decoder = brotli.Decompressor()
        self.unused_data = b""

    @property
    def eof(self) -> bool:
        return bool(self._decoder.is_finished())

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        out = [self._decoder.process(data, output_buffer_limit=min(max_length, _PIECE))]
        got = len(out[0])
        while got < max_length and not self._decoder.can_accept_more_data():
            out.append(self._decoder.process(b"", output_buffer_limit=min(max_length - got, _PIECE)))
            got += len(out[-1])
        return b"".join(out)
