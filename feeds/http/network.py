"""Network backends of httpcore that resolve a host, check every address of it, and connect to a checked one.

httpcore asks them for a connection by host name, so requests keep their own URL, Host header and TLS name.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import httpcore

from feeds.errors import DnsFailed, FetchError
from feeds.http import guard
from feeds.http.guard import Resolver
from feeds.http.response_head import ResponseHead

MAX_ADDRESSES = 4
EARLY_CONNECT_SECONDS = 3.0
"""The time limit for an address that is not the last, so that a dead IPv6 route does not use up the deadline."""

_Options = Iterable[httpcore.SOCKET_OPTION] | None


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to permitted addresses only. `allow_private` permits private and loopback ones.

    `find` returns the addresses of a host name and raises DnsFailed; `max_head` limits the head of a response in bytes.
    """

    def __init__(self, find: Callable[[str], Awaitable[Sequence[str]]], *, allow_private: bool, max_head: int) -> None:
        self._find = find
        self._allow_private = allow_private
        self._max_head = max_head

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - nobody sets these two
        socket_options: _Options = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that accepts. Raises AddressRefused, DnsFailed and httpcore's errors."""
        addresses = guard.literal_address(host, allow_private=self._allow_private)
        if addresses is None:
            addresses = guard.permitted(host, await self._find(host), allow_private=self._allow_private)
        for address, wait, last in _attempts(addresses, timeout):
            try:
                with _CONNECTING:
                    async with asyncio.timeout(wait):
                        return RepairedStream(*await asyncio.open_connection(address, port), self._max_head)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if last:
                    raise
        raise AssertionError("no address to connect to")  # `guard` returns at least one


class ProxyBackend(GuardedBackend):
    """Connects to a proxy. The operator named it, so it may be private; the proxy connects to the target."""

    def __init__(self, find: Callable[[str], Awaitable[Sequence[str]]], *, max_head: int) -> None:
        super().__init__(find, allow_private=True, max_head=max_head)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: _Options = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the proxy. Raises httpcore's ProxyError, whatever the cause."""
        try:
            return await super().connect_tcp(host, port, timeout, local_address, socket_options)
        except (httpcore.ConnectError, httpcore.ConnectTimeout, FetchError) as error:
            raise httpcore.ProxyError(f"the proxy does not answer: {str(error) or 'no connection in time'}") from error


class GuardedSyncBackend(httpcore.NetworkBackend):
    """Connects to permitted addresses only, for threads. `resolver` blocks."""

    def __init__(self, resolver: Resolver, *, allow_private: bool, max_head: int) -> None:
        self._resolver = resolver
        self._allow_private = allow_private
        self._max_head = max_head
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: _Options = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that accepts. Raises AddressRefused, DnsFailed and httpcore's errors."""
        for address, wait, last in _attempts(self.addresses(host), timeout):
            try:
                stream = self._inner.connect_tcp(address, port, wait, local_address, socket_options)
                return RepairedSyncStream(stream, self._max_head)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if last:
                    raise
        raise AssertionError("no address to connect to")  # `guard` returns at least one

    def addresses(self, host: str) -> list[str]:
        """Return the addresses of a host, all of them permitted. Raises AddressRefused and DnsFailed."""
        found = guard.literal_address(host, allow_private=self._allow_private)
        if found is not None:
            return found
        try:
            resolved = self._resolver(host)
        except (OSError, UnicodeError) as error:
            raise DnsFailed(f"{host} has no address") from error
        return guard.permitted(host, resolved, allow_private=self._allow_private)


class RepairedStream(httpcore.AsyncNetworkStream):
    """A connection of asyncio whose response head is repaired before the HTTP parser sees it.

    httpcore's own backend, anyio, costs more processor time and leaves the socket open when a TLS handshake is
    cancelled.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, max_head: int) -> None:
        self._reader = reader
        self._writer = writer
        self._max_head = max_head
        self._head = ResponseHead(max_head)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the next bytes, none at the end of the connection."""
        with _READING:
            async with asyncio.timeout(timeout):
                while True:
                    data = await self._reader.read(max_bytes)
                    out = self._head.feed(data)
                    if out or not data:
                        return out

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all bytes."""
        if not buffer:  # the end of a request without a body
            return
        with _WRITING:
            async with asyncio.timeout(timeout):
                self._writer.write(buffer)
                await self._writer.drain()

    async def aclose(self) -> None:
        """Close the connection at once: a server may never confirm the end of TLS."""
        self._writer.transport.abort()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Start TLS on the connection, which is closed if that fails."""
        try:
            with _CONNECTING:
                async with asyncio.timeout(timeout):
                    await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except BaseException:
            self._writer.transport.abort()
            raise
        self._head = ResponseHead(self._max_head)  # what was read before was the proxy's response
        return self

    def get_extra_info(self, info: str) -> Any:
        """Return what the connection knows of itself, such as `ssl_object`."""
        return self._writer.get_extra_info(info)


class RepairedSyncStream(httpcore.NetworkStream):
    """A connection of httpcore for threads whose response head is repaired before the HTTP parser sees it."""

    def __init__(self, stream: httpcore.NetworkStream, max_head: int) -> None:
        self._stream = stream
        self._max_head = max_head
        self._head = ResponseHead(max_head)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the next bytes, none at the end of the connection."""
        while True:
            data = self._stream.read(max_bytes, timeout)
            out = self._head.feed(data)
            if out or not data:
                return out

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all bytes."""
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Start TLS on the connection."""
        secure = self._stream.start_tls(ssl_context, server_hostname, timeout)
        return RepairedSyncStream(secure, self._max_head)

    def get_extra_info(self, info: str) -> Any:
        """Return what the connection knows of itself."""
        return self._stream.get_extra_info(info)


def _attempts(addresses: Sequence[str], timeout: float | None) -> Iterable[tuple[str, float | None, bool]]:
    """Yield each address with its time limit in seconds, and whether it is the last."""
    chosen = addresses[:MAX_ADDRESSES]
    for place, address in enumerate(chosen, start=1):
        last = place == len(chosen)
        yield address, timeout if last else min(timeout or EARLY_CONNECT_SECONDS, EARLY_CONNECT_SECONDS), last


class _Mapped:
    """Raises httpcore's errors for those of the system. No generator, which takes three times as long to enter."""

    __slots__ = ("_failed", "_late")

    def __init__(self, late: type[Exception], failed: type[Exception]) -> None:
        self._late = late
        self._failed = failed

    def __enter__(self) -> None:
        return

    def __exit__(self, _kind: object, error: BaseException | None, _where: object) -> None:
        if isinstance(error, TimeoutError):
            raise self._late(str(error)) from error
        if isinstance(error, OSError):  # TLS errors too
            raise self._failed(str(error)) from error


_READING = _Mapped(httpcore.ReadTimeout, httpcore.ReadError)
_WRITING = _Mapped(httpcore.WriteTimeout, httpcore.WriteError)
_CONNECTING = _Mapped(httpcore.ConnectTimeout, httpcore.ConnectError)
