"""Reads the head of a response as leniently as browsers do, and hands it on as strict HTTP/1.1.

A header line that is no header is skipped, folded lines are joined, repeated framing headers count once. The body is passed
on as it comes. Browsers: https://fetch.spec.whatwg.org and RFC 9112, sections 2.2, 5 and 6.
"""

from __future__ import annotations

import re
import ssl
from typing import Any

import httpcore

_END = re.compile(rb"\r?\n\r?\n")
_LINE = re.compile(rb"\r?\n")
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROLS = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_INFORMATIONAL = re.compile(rb"HTTP/1\.[01] 1\d\d\b")


class HeadTooLarge(httpcore.RemoteProtocolError):
    """The head of the response did not end within the bytes it may have."""


class ResponseHead:
    """Collects the head of a response and repairs it. `limit` is how many bytes it may have."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = b""
        self.done = False

    def feed(self, data: bytes) -> bytes:
        """What may be passed on after `data` has come: nothing before the end of the head. Raises HeadTooLarge."""
        if self.done:
            return data
        self._held += data
        out = b""
        while not self.done:
            end = _END.search(self._held) if data else None
            if end is None:
                break
            head, self._held = self._held[: end.start()], self._held[end.end() :]
            if len(head) > self._limit:
                raise HeadTooLarge("the head of the response is too large")
            out += repaired(head)
            self.done = _INFORMATIONAL.match(head) is None
        if not data or self.done:
            out, self._held, self.done = (
                out + self._held,
                b"",
                True,
            )  # at the end of the connection the parser sees what came
        elif len(self._held) > self._limit:
            raise HeadTooLarge("the head of the response is too large")
        return out


def repaired(head: bytes) -> bytes:
    """The head of a response, without its final blank line, as strict HTTP/1.1 with that line."""
    status, *lines = _LINE.split(head.lstrip(b"\r\n"))
    fields: list[tuple[bytes, bytes]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and fields:
            name, value = fields[-1]
            fields[-1] = name, value + b" " + line.strip()
            continue
        name, colon, value = line.partition(b":")
        name = name.rstrip(b" \t")
        if colon and _NAME.fullmatch(name):
            fields.append((name, _CONTROLS.sub(b"", value).strip()))
    return b"\r\n".join([status, *(name + b": " + value for name, value in _framed(fields)), b"", b""])


def _framed(fields: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The fields with at most one of those that say where the body ends (RFC 9112, 6.3)."""
    codings = [
        coding
        for name, value in fields
        if name.lower() == b"transfer-encoding"
        for coding in (part.strip().lower() for part in value.split(b","))
        if coding not in (b"", b"identity")
    ]
    chunked = b"chunked" in codings
    lengths = {value for name, value in fields if name.lower() == b"content-length" if value.isdigit()}
    kept = [(n, v) for n, v in fields if n.lower() not in (b"transfer-encoding", b"content-length")]
    if chunked:
        return [*kept, (b"Transfer-Encoding", b"chunked")]
    # Lengths that disagree say nothing: the body then ends with the connection.
    return [*kept, (b"Content-Length", lengths.pop())] if len(lengths) == 1 else kept


class AsyncRepairedStream(httpcore.AsyncNetworkStream):
    """A connection whose response head is repaired before the HTTP parser sees it."""

    def __init__(self, stream: httpcore.AsyncNetworkStream, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._head = ResponseHead(limit)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there; empty at the end of the connection."""
        if self._head.done:
            return await self._stream.read(max_bytes, timeout)
        while True:
            data = await self._stream.read(max_bytes, timeout)
            out = self._head.feed(data)
            if out or not data:
                return out

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it."""
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Secure the connection."""
        return AsyncRepairedStream(await self._stream.start_tls(ssl_context, server_hostname, timeout), self._limit)

    def get_extra_info(self, info: str) -> Any:
        """What the connection knows of itself."""
        return self._stream.get_extra_info(info)


class RepairedStream(httpcore.NetworkStream):
    """The same for threads."""

    def __init__(self, stream: httpcore.NetworkStream, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._head = ResponseHead(limit)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there; empty at the end of the connection."""
        while True:
            data = self._stream.read(max_bytes, timeout)
            out = self._head.feed(data)
            if out or not data:
                return out

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it."""
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Secure the connection."""
        return RepairedStream(self._stream.start_tls(ssl_context, server_hostname, timeout), self._limit)

    def get_extra_info(self, info: str) -> Any:
        """What the connection knows of itself."""
        return self._stream.get_extra_info(info)
