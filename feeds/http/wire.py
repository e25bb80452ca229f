"""One question and its answer over one connection: asyncio moves the bytes, h11 knows HTTP/1.1.

The connection goes to an address that was already checked, never to a name, serves one request, and is closed at once whatever
happens. With httpcore in its place a request took twice the processor time.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass

import h11

_CHUNK = 256 * 1024  # bytes received and not yet read at which the other end has to wait
Fields = list[tuple[bytes, bytes]]


class Unreachable(Exception):
    """No connection; the cause is what asyncio said."""


class Broken(Exception):
    """The connection broke after it was made."""


class Garbled(Exception):
    """The answer is not HTTP. `too_large` if its head did not end where it should have."""

    def __init__(self, message: str, *, too_large: bool = False) -> None:
        super().__init__(message)
        self.too_large = too_large


@dataclass(frozen=True, slots=True)
class Question:
    """A request line, its fields, and a body if there is one."""

    target: bytes
    fields: Fields
    content: bytes | None = None


class Answer:
    """The head of an answer, and its body while it is still on the wire. To be closed in any case."""

    def __init__(self, line: _Line, head: h11.Response, parser: h11.Connection) -> None:
        self.status = int(head.status_code)
        self.fields: Fields = [(bytes(name), bytes(value)) for name, value in head.headers]
        self._line = line
        self._parser = parser

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes, without its framing. Raises `Broken` or `Garbled`."""
        while isinstance(event := await _next_event(self._line, self._parser), h11.Data):
            yield bytes(event.data)

    def close(self) -> None:
        """Close without a farewell: a goodbye in TLS may be waited for in vain."""
        self._line.close()


async def ask(
    address: str, port: int, question: Question, *, tls: ssl.SSLContext | None, name: str, wait: float, max_head: int
) -> Answer:
    """Connect within `wait` seconds, ask, and return once the head of the answer is there.

    With `tls` the connection is secured for `name`. `max_head` is how many bytes the head may have. Raises `TimeoutError` or
    `Unreachable` before the connection stands, `Broken` or `Garbled` after it.
    """
    line = await _connect(address, port, tls, name, wait)
    try:
        parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=max_head)
        method = "GET" if question.content is None else "POST"
        line.send(_written(parser, h11.Request(method=method, target=question.target, headers=question.fields)))
        if question.content:
            line.send(_written(parser, h11.Data(data=question.content)))
        _written(parser, h11.EndOfMessage())
        return Answer(line, await _head(line, parser), parser)
    except BaseException:
        line.close()
        raise


async def _head(line: _Line, parser: h11.Connection) -> h11.Response:
    """The head of the final answer. Raises `Broken` or `Garbled`."""
    while not isinstance(event := await _next_event(line, parser), h11.Response):
        if not isinstance(event, h11.InformationalResponse):
            raise Garbled("the server closed the connection without an answer")
    return event


async def _connect(address: str, port: int, tls: ssl.SSLContext | None, name: str, wait: float) -> _Line:
    loop = asyncio.get_running_loop()
    host = name if tls else None
    try:
        async with asyncio.timeout(wait):
            _, line = await loop.create_connection(_Line, address, port, ssl=tls, server_hostname=host)
    except TimeoutError:
        raise
    except OSError as error:  # ssl.SSLError is one
        raise Unreachable(str(error)) from error
    return line


def _written(parser: h11.Connection, event: h11.Event) -> bytes:
    return parser.send(event) or b""


async def _next_event(line: _Line, parser: h11.Connection) -> object:
    """The next part of the answer. Raises `Broken` or `Garbled`."""
    while True:
        try:
            event: object = parser.next_event()
            if event is not h11.NEED_DATA:
                return event
            data = await line.read()
            if not data and parser.their_state is h11.SEND_RESPONSE:
                raise Garbled("the server closed the connection without an answer")
            parser.receive_data(data)
        except h11.RemoteProtocolError as error:
            raise Garbled(str(error), too_large=error.error_status_hint == 431) from error


class _Line(asyncio.Protocol):
    """The bytes of one connection."""

    def __init__(self) -> None:
        self._received: list[bytes] = []
        self._size = 0
        self._ended = False
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received.append(data)
        self._size += len(data)
        if self._size > _CHUNK and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        self._ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._error = exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def send(self, data: bytes) -> None:
        self._transport.write(data)

    async def read(self) -> bytes:
        """What has come, none at the end. Raises `Broken`."""
        if not self._received and not self._ended:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if not self._received:
            if self._error is not None:
                raise Broken(str(self._error)) from self._error
            return b""
        data = self._received[0] if len(self._received) == 1 else b"".join(self._received)
        self._received.clear()
        self._size = 0
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
        return data

    def close(self) -> None:
        self._transport.abort()
