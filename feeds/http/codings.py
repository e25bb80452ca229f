"""The content codings, each decoded piece by piece with a limit on the output.

gzip and deflate use zlib, br uses Google's library, zstd the standard library of Python 3.14 or its backport. The
last two are imported when a server first uses them.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable
from typing import Protocol

from feeds.errors import BadEncoding

MAX_PARTS = 1000  # concatenated gzip files or zstd frames; a normal body has one, a hostile one millions of empty ones
MAX_ZSTD_WINDOW = 23  # 8 MiB as a power of two, the limit of RFC 9659
_PIECE = 256 * 1024  # bytes requested of brotli at once; it may return twice as many
_TEXT = (b"<", b"{", b"[", b"\xef\xbb\xbf")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")  # control characters that no text begins with
_GZIP_MAGIC = b"\x1f\x8b\x08"
_ZSTD_MAGICS = (b"\x28\xb5\x2f\xfd", *(bytes((n, 0x2A, 0x4D, 0x18)) for n in range(0x50, 0x60)))


class Part(Protocol):
    """The decoder of one compressed stream: zlib's, zstd's or the wrapper of brotli's."""

    @property
    def eof(self) -> bool:
        """Whether the end of the stream was reached."""
        ...

    @property
    def unused_data(self) -> bytes:
        """The bytes after the end of the stream."""
        ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Decode these bytes and return about `max_length` at most. Raises the library's error."""
        ...


class Coding:
    """Decodes one coding of one body."""

    needed = 4  # bytes that identify the kind of a stream

    def __init__(self) -> None:
        self._head = b""
        self._part: Part | None = None
        self._make: Callable[[], Part] | None = None
        self._error: type[Exception] = ValueError
        self._again: tuple[bytes, ...] = ()  # how a further part begins
        self._parts = 0
        self._plain = False
        self._broken = False
        self._produced = False

    def begin(self, head: bytes) -> bool:
        """Choose the decoder by the first bytes and call `use`; return False if the body is not compressed."""
        raise NotImplementedError

    def use(self, make: Callable[[], Part], error: type[Exception], again: tuple[bytes, ...] = ()) -> bool:
        """Decode this body with `make`. `again` are the beginnings of further parts. Always returns True."""
        self._make, self._error, self._again = make, error, again
        self._next_part()
        return True

    @property
    def cut(self) -> bool:
        """Whether the stream is broken or its end is missing."""
        if self._plain:
            return False
        return self._broken or (self._part is not None and not self._part.eof)

    def feed(self, data: bytes, limit: int) -> bytes:
        """Decode and return about `limit` bytes at most; more than `limit` means there is more. Raises BadEncoding."""
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
        return self._decode(data, limit)

    def end(self) -> bytes:
        """Return the bytes that were too few to identify the kind of the stream."""
        return self._head if self._part is None else b""

    def _next_part(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise BadEncoding("the response has too many compressed parts")
        assert self._make is not None
        self._part = self._make()

    def _decode(self, data: bytes, limit: int) -> bytes:
        out: list[bytes] = []
        got = 0
        while data and got <= limit:
            assert self._part is not None
            if self._part.eof:
                if len(data) < self.needed:
                    self._head = data
                    break
                if not data.startswith(self._again):
                    break  # padding after the end is common
                self._next_part()
            try:
                piece = self._part.decompress(data, limit - got + 1)
            except self._error:
                return self._fail(data, out)
            got += len(piece)
            self._produced = self._produced or bool(piece)
            out.append(piece)
            data = self._part.unused_data if self._part.eof else b""
        return b"".join(out)

    def _fail(self, data: bytes, out: list[bytes]) -> bytes:
        if self._produced:
            self._broken = True
            return b"".join(out)
        if not self._again and self._parts == 1 and data.lstrip()[:3].startswith(_TEXT):
            self._plain = True  # plain text declared as deflate or br, which have no magic bytes
            return data
        raise BadEncoding("the compressed response is damaged")


class Gzip(Coding):
    """gzip. A body that does not begin as one is not decoded."""

    needed = 3

    def begin(self, head: bytes) -> bool:
        """See `Coding.begin`."""
        return head.startswith(_GZIP_MAGIC) and self.use(_zlib(zlib.MAX_WBITS | 16), zlib.error, (_GZIP_MAGIC,))


class Deflate(Coding):
    """deflate: with zlib's header, raw as from old servers, or in fact gzip."""

    needed = 3

    def begin(self, head: bytes) -> bool:
        """See `Coding.begin`."""
        if head.startswith(_GZIP_MAGIC):
            return self.use(_zlib(zlib.MAX_WBITS | 16), zlib.error, (_GZIP_MAGIC,))
        wrapped = head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
        return self.use(_zlib(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS), zlib.error)


class Brotli(Coding):
    """br. Its streams have no magic bytes, and nothing may follow the end."""

    needed = 3

    def begin(self, head: bytes) -> bool:
        """See `Coding.begin`."""
        del head
        import brotli

        return self.use(_BrotliPart, brotli.error)


class Zstd(Coding):
    """zstd, with skippable frames. A body that does not begin as one is not decoded."""

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


class Unknown(Coding):
    """A coding that nobody knows: a character set or a storage's own word. A body that is text is not coded."""

    needed = 16

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def begin(self, head: bytes) -> bool:
        """See `Coding.begin`. Raises BadEncoding for a body that is no text."""
        if _BINARY.search(head):
            raise BadEncoding(f"the server compressed with {self._name[:20]!r}, which was not requested")
        return False

    def end(self) -> bytes:
        """See `Coding.end`. Raises BadEncoding for a short body that is no text."""
        if self._head:
            self.begin(self._head)
        return super().end()


CODINGS: dict[str, type[Coding]] = {"gzip": Gzip, "deflate": Deflate, "br": Brotli, "zstd": Zstd}


def _zlib(wbits: int) -> Callable[[], Part]:
    return lambda: zlib.decompressobj(wbits)


class _BrotliPart:
    """Brotli's decoder with the interface of `Part`. Its `process` doubles a buffer, so it gets a small limit."""

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
