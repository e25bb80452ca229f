"""A publisher on loopback that responds as a test wants: a real socket, every byte under control.

async with Origin() as origin:
    origin.on("/feed", Page(FEED, etag='"1"'))           # the same answer every time, 304 when it should
    origin.on("/busy", Page(status=429), Page(FEED))     # one after the other; the last one stays
    origin.on("/slow", drip(FEED, every=0.05))           # anything else: an async function of the connection
    ... fetch(origin.url("/feed")) ...
    assert origin.asked[0].headers["user-agent"] == ...
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Self

from feeds.http.fake import Page


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came; header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]


@dataclass
class Connection:
    """The publisher's end of one connection."""

    asked: Asked
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()


Script = Callable[[Connection], Awaitable[None]]


@dataclass
class Origin:
    """A server on 127.0.0.1 (all of 127/8 reaches it with `host="0.0.0.0"`). `asked` are the requests in order."""

    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    asked: list[Asked] = field(default_factory=list)
    open_now: int = 0
    most_open: int = 0
    _scripts: dict[str, list[Page | Script]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, self.host, 0, ssl=self.tls, backlog=1024)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def on(self, path: str, *scripts: Page | Script) -> str:
        """What a path answers, request after request. Returns its address."""
        self._scripts[path] = list(scripts)
        return self.url(path)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def count(self, path: str) -> int:
        return sum(asked.target == path for asked in self.asked)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away, or the test is over
        finally:
            self.open_now -= 1
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = _read(await reader.readuntil(b"\r\n\r\n"))
        self.asked.append(asked)
        scripts = self._scripts.get(asked.target) or self._scripts.get("*") or [Page(b"nothing here", 404)]
        script = scripts.pop(0) if len(scripts) > 1 else scripts[0]
        if isinstance(script, Page):
            script = answering(script)
        await script(Connection(asked, reader, writer))


def _read(raw: bytes) -> Asked:
    first, *lines = raw.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    pairs = (line.partition(":") for line in lines if line)
    return Asked(method, target, {name.lower(): value.strip() for name, _, value in pairs})


def answering(page: Page) -> Script:
    """The script of a well-behaved publisher."""

    async def script(connection: Connection) -> None:
        await connection.send(message(page, connection.asked.headers))

    return script


def message(page: Page, asked: dict[str, str]) -> bytes:
    """The bytes of an answer, 304 if the conditions of the request hold."""
    headers = dict(page.headers)
    if page.etag:
        headers["ETag"] = page.etag
    if page.last_modified:
        headers["Last-Modified"] = page.last_modified
    status, body = page.status, page.body
    none_match = asked.get("if-none-match")
    if status == 200 and (
        (page.etag and none_match == page.etag)
        or (page.last_modified and none_match is None and asked.get("if-modified-since") == page.last_modified)
    ):
        status, body = 304, b""
    if status != 304:
        headers.setdefault("Content-Length", str(len(body)))
    return head(status, headers) + body


def head(status: int, headers: dict[str, str] | None = None) -> bytes:
    """Status line and headers, with the empty line."""
    reason = HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


def raw(data: bytes) -> Script:
    """Exactly these bytes, then the end of the connection."""

    async def script(connection: Connection) -> None:
        await connection.send(data)

    return script


def drip(data: bytes, every: float, size: int = 1) -> Script:
    """A body that comes `size` bytes at a time, with pauses of `every` seconds."""

    async def script(connection: Connection) -> None:
        await connection.send(head(200, {"Content-Length": str(len(data))}))
        for start in range(0, len(data), size):
            await connection.send(data[start : start + size])
            await asyncio.sleep(every)

    return script


def hang(before: bytes = b"") -> Script:
    """Some bytes, then silence until the client leaves."""

    async def script(connection: Connection) -> None:
        await connection.send(before)
        await connection.reader.read()

    return script


def endless(first: bytes, piece: bytes) -> Script:
    """Bytes without end, as fast as they are taken."""

    async def script(connection: Connection) -> None:
        await connection.send(first)
        while True:
            await connection.send(piece)

    return script
