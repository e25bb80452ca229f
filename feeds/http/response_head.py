"""Reads the head of a response as leniently as browsers do and passes it on as strict HTTP/1.1.

An invalid header line is skipped, folded lines are joined, repeated framing headers count once. The body is passed on
unchanged. See https://fetch.spec.whatwg.org and RFC 9112, sections 2.2, 5 and 6.
"""

from __future__ import annotations

import re

import httpcore

_END = re.compile(rb"\r?\n\r?\n")
_END_BYTES = 4  # of the longest end
_LINE = re.compile(rb"\r?\n")
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROLS = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_INFORMATIONAL = re.compile(rb"HTTP/1\.[01] 1\d\d\b")


class HeadTooLarge(httpcore.RemoteProtocolError):
    """The head of the response is larger than allowed."""


class ResponseHead:
    """Collects the head of a response, of at most `limit` bytes, and repairs it."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = bytearray()
        self._searched = 0
        self.done = False

    def feed(self, data: bytes) -> bytes:
        """Return what the HTTP parser may see after `data`: nothing before the head is complete. Raises HeadTooLarge.

        Empty `data` is the end of the connection. The parser then gets what is held, unrepaired, and reports the error.
        """
        if self.done:
            return data
        self._held += data
        out = b""
        while not self.done and (head := self._next_head()) is not None:
            out += repaired(head)
            self.done = _INFORMATIONAL.match(head) is None
        if self.done or not data:
            self.done = True
            out += bytes(self._held)
            self._held.clear()
        return out

    def _next_head(self) -> bytes | None:
        """Take one complete head out of what is held, without its blank line; None if there is none yet."""
        end = _END.search(self._held, self._searched)
        if (end.start() if end else len(self._held)) > self._limit:
            raise HeadTooLarge("the head of the response is larger than allowed")
        if end is None:
            self._searched = max(len(self._held) - _END_BYTES, 0)  # each byte is searched once, however slowly it comes
            return None
        head = bytes(self._held[: end.start()])
        del self._held[: end.end()]
        self._searched = 0
        return head


def repaired(head: bytes) -> bytes:
    """Return the head of a response, given without its final blank line, as strict HTTP/1.1 with that line."""
    status, *lines = _LINE.split(head.lstrip(b"\r\n"))
    fields: list[tuple[bytes, bytes]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and fields:
            name, value = fields[-1]
            fields[-1] = name, value + b" " + _CONTROLS.sub(b"", line).strip()
            continue
        name, colon, value = line.partition(b":")
        name = name.rstrip(b" \t")
        if colon and _NAME.fullmatch(name):
            fields.append((name, _CONTROLS.sub(b"", value).strip()))
    return b"\r\n".join([status, *(name + b": " + value for name, value in _framed(fields)), b"", b""])


def _framed(fields: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Keep at most one of the fields that say where the body ends (RFC 9112, 6.3)."""
    chunked = any(
        coding.strip().lower() == b"chunked"
        for name, value in fields
        if name.lower() == b"transfer-encoding"
        for coding in value.split(b",")
    )
    lengths = {value for name, value in fields if name.lower() == b"content-length" and value.isdigit()}
    kept = [(n, v) for n, v in fields if n.lower() not in (b"transfer-encoding", b"content-length")]
    if chunked:
        return [*kept, (b"Transfer-Encoding", b"chunked")]
    # With lengths that disagree the body ends with the connection.
    return [*kept, (b"Content-Length", lengths.pop())] if len(lengths) == 1 else kept
