"""An HTTP proxy on loopback that forwards plain requests and opens tunnels (RFC 9110, 7.6 and 9.3.6)."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, field
from typing import Self


@dataclass
class ProxyServer:
    """An async context manager. `heads` are the request heads in order; `login` is needed where it is set.

    Every name leads to loopback, so that tests can use names of their own.
    """

    login: tuple[str, str] | None = None
    heads: list[str] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # one side went away, or the test is over
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.heads.append(head)
        if self.login and f"\r\nproxy-authorization: basic {_basic(self.login)}".lower() not in head.lower():
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        method, target, _ = head.split(" ", 2)
        authority = target if method == "CONNECT" else target.split("/")[2]
        there_reader, there = await asyncio.open_connection("127.0.0.1", int(authority.rpartition(":")[2]))
        try:
            if method == "CONNECT":
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = "/" + target.split("/", 3)[3]
                there.write(head.replace(target, path, 1).encode("latin-1"))
            await asyncio.gather(_pass_on(reader, there), _pass_on(there_reader, writer))
        finally:
            there.close()


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        sink.write(data)
        await sink.drain()
    if sink.can_write_eof():
        sink.write_eof()


def _basic(login: tuple[str, str]) -> str:
    return base64.b64encode(":".join(login).encode()).decode()
