"""A network whose only way out leads to the package index."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import socket
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self, TypeVar

INDEX = {"pypi.org", "files.pythonhosted.org"}
PORT = 3128
PROXY = f"http://127.0.0.1:{PORT}"
_CLONE_NEWNET = 0x40000000

T = TypeVar("T")


class IndexOnly:
    """A network namespace with a loopback interface and a proxy that connects to the package index only.

    What `start` runs is in the namespace, and so are the processes it starts. A thread enters the namespace; the proxy
    listens on a socket made there, but runs in a thread outside.
    """

    def __enter__(self) -> Self:
        self.refused: set[str] = set()
        self._inside = ThreadPoolExecutor(1)
        listener = self._inside.submit(_listen_in_new_namespace).result()
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, sock=listener))
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._inside.shutdown()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._server.close()

    def start(self, function: Callable[[], T]) -> T:
        """Call a function in the namespace."""
        return self._inside.submit(function).result()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, target, _ = head.split(" ", 2)
        host, _, port = target.rpartition(":")
        if method != "CONNECT" or host not in INDEX or port != "443":
            self.refused.add(target)
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            writer.close()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            writer.close()
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while part := await reader.read(65536):
            writer.write(part)
            await writer.drain()
    writer.close()


def _listen_in_new_namespace() -> socket.socket:
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    return socket.create_server(("127.0.0.1", PORT))
