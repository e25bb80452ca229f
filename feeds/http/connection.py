"""One request over a new connection of httpcore, to permitted addresses only.

A pool would be searched on every request, a cancelled request can block it for good, and with one request for each host
it saves nothing. httpx is not used here: its objects of a request and a response, made beside those of httpcore, took a
quarter of the time of a poll that brings nothing new.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import httpcore

from feeds.http import guard
from feeds.http.access import Proxy
from feeds.http.network import GuardedBackend, ProxyBackend

MAX_HEAD = 64 * 1024
_Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Route:
    """How one request reaches its host. `tls` makes the context for https and is called only when one is needed."""

    tls: Callable[[], ssl.SSLContext]
    private: bool = False  # private addresses are permitted
    proxy: Proxy | None = None
    connect_timeout: float | None = None  # seconds


class Answer:
    """The head of a response, and its body, which is still being received. `aclose` closes the connection."""

    def __init__(
        self, response: httpcore.Response, connection: httpcore.AsyncHTTP11Connection | httpcore.AsyncHTTPProxy
    ) -> None:
        self.status: int = response.status
        self.headers: _Headers = response.headers
        self._response = response
        self._connection = connection

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives, not decoded. Raises httpcore's errors."""
        async for part in self._response.aiter_stream():
            yield part

    async def aclose(self) -> None:
        """Close the connection, wherever the response is."""
        if isinstance(self._connection, httpcore.AsyncHTTPProxy):  # a pool that counts its open responses
            await self._response.aclose()
        await self._connection.aclose()


class Connector:
    """Sends requests. `find` returns the addresses of a host name; `max_head` limits a response's head in bytes."""

    def __init__(self, find: Callable[[str], Awaitable[Sequence[str]]], *, max_head: int = MAX_HEAD) -> None:
        self._find = find
        self._max_head = max_head

    async def send(self, request: httpcore.Request, route: Route) -> Answer:
        """Send one request over a new connection. Raises AddressRefused, DnsFailed and httpcore's errors."""
        connection = self._proxied(request, route) if route.proxy else await self._direct(request, route)
        try:
            response = await connection.handle_async_request(request)
        except BaseException:
            await connection.aclose()
            raise
        return Answer(response, connection)

    async def _direct(self, request: httpcore.Request, route: Route) -> httpcore.AsyncHTTP11Connection:
        origin = request.url.origin
        host, wait = origin.host.decode("ascii"), route.connect_timeout
        context = route.tls() if origin.scheme == b"https" else None  # it may fail, so before there is a connection
        backend = GuardedBackend(self._find, allow_private=route.private, max_head=self._max_head)
        stream = await backend.connect_tcp(host, origin.port, wait)
        if context is not None:
            stream = await stream.start_tls(context, server_hostname=host, timeout=wait)
        return httpcore.AsyncHTTP11Connection(origin, stream)

    def _proxied(self, request: httpcore.Request, route: Route) -> httpcore.AsyncHTTPProxy:
        # The proxy resolves names, so only what the URL itself says can be checked.
        host, proxy = request.url.host.decode("ascii"), route.proxy
        assert proxy is not None
        if guard.literal_address(host, allow_private=route.private) is None and not route.private:
            guard.refuse_name(host)
        return httpcore.AsyncHTTPProxy(
            proxy.url,
            proxy_auth=(proxy.user.encode(), proxy.password.encode()) if proxy.user else None,
            ssl_context=route.tls() if request.url.scheme == b"https" else None,
            proxy_ssl_context=route.tls() if proxy.url.startswith("https:") else None,
            max_connections=1,
            network_backend=ProxyBackend(self._find, max_head=self._max_head),
        )
