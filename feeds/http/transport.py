"""httpx transports over httpcore that connect to permitted addresses only, with one connection for each request.

A pool would be searched on every request, a cancelled request can block it for good, and with one request for each host
it saves nothing. Retry-After is parsed here for callers that know only httpx.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import httpcore
import httpx

from feeds.http import guard
from feeds.http import headers as fields
from feeds.http.access import Proxy
from feeds.http.guard import Resolver
from feeds.http.network import GuardedBackend, GuardedSyncBackend, ProxyBackend
from feeds.http.response_head import HeadTooLarge

ALLOW_PRIVATE = "allow_private"
"""The request extension that permits private addresses for one request."""
PROXY = "proxy"
"""The request extension with the `Proxy` for one request."""
TLS = "tls"
"""The request extension with the TLS context for one request, instead of the transport's."""
RETRY_AFTER = "retry_after"
"""The response extension with the seconds that Retry-After asks to wait; absent when it says nothing valid."""
_MAX_HEAD = 64 * 1024
_Connection = httpcore.AsyncHTTP11Connection | httpcore.AsyncHTTPProxy


class ResponseHeadTooLarge(httpx.RemoteProtocolError):
    """The head of the response is larger than allowed."""


class AsyncGuardedTransport(httpx.AsyncBaseTransport):
    """The transport for asyncio.

    `find` returns the addresses of a host name, `tls` the context for https, called only when one is needed.
    `max_head` limits the head of a response in bytes.
    """

    def __init__(
        self,
        find: Callable[[str], Awaitable[Sequence[str]]],
        tls: Callable[[], ssl.SSLContext],
        *,
        allow_private: bool = False,
        max_head: int = _MAX_HEAD,
    ) -> None:
        self._find = find
        self._tls = tls
        self._allow_private = allow_private
        self._max_head = max_head

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request over a new connection. Raises AddressRefused, DnsFailed and httpx's errors."""
        plain = _request(request)
        with _AS_HTTPX:
            connection = await self._connection(request, plain)
            try:
                response = await connection.handle_async_request(plain)
            except BaseException:
                await connection.aclose()
                raise
        return _response(request, response, _AsyncBody(response, connection))

    async def _connection(self, request: httpx.Request, plain: httpcore.Request) -> _Connection:
        """Return a connection to the host, or to the proxy, which connects when the request is sent.

        The first is not httpcore's `AsyncHTTPConnection`, which locks and counts for requests that never share it.
        """
        private = self._allow_private or bool(request.extensions.get(ALLOW_PRIVATE))
        proxy: Proxy | None = request.extensions.get(PROXY)
        tls = request.extensions.get(TLS, self._tls)
        context = tls() if plain.url.scheme == b"https" else None  # it may fail, so before there is a connection
        if proxy is None:
            wait, origin = request.extensions.get("timeout", {}).get("connect"), plain.url.origin
            backend = GuardedBackend(self._find, allow_private=private, max_head=self._max_head)
            host = origin.host.decode("ascii")
            stream = await backend.connect_tcp(host, origin.port, wait)
            if context is not None:
                stream = await stream.start_tls(context, server_hostname=host, timeout=wait)
            return httpcore.AsyncHTTP11Connection(origin, stream)
        # The proxy resolves names, so only what the URL itself says can be checked.
        if guard.literal_address(request.url.host, allow_private=private) is None and not private:
            guard.refuse_name(request.url.host)
        return httpcore.AsyncHTTPProxy(
            proxy.url,
            proxy_auth=(proxy.user.encode(), proxy.password.encode()) if proxy.user else None,
            ssl_context=context,
            proxy_ssl_context=tls() if proxy.url.startswith("https:") else None,
            max_connections=1,
            network_backend=ProxyBackend(self._find, max_head=self._max_head),
        )


class GuardedTransport(httpx.BaseTransport):
    """The transport for threads. `resolver` blocks."""

    def __init__(self, resolver: Resolver = guard.system_resolver, *, allow_private: bool = False) -> None:
        self._backend = GuardedSyncBackend(resolver, allow_private=allow_private, max_head=_MAX_HEAD)
        self._tls: ssl.SSLContext | None = None

    def check(self, url: str) -> None:
        """Resolve the host of a URL and check its addresses. Raises BadUrl, AddressRefused, DnsFailed."""
        self._backend.addresses(guard.parse_target(url).host)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request over a new connection. Raises AddressRefused, DnsFailed and httpx's errors."""
        plain = _request(request)
        if plain.url.scheme == b"https" and self._tls is None:
            self._tls = httpx.create_ssl_context(trust_env=False)
        connection = httpcore.HTTPConnection(plain.url.origin, ssl_context=self._tls, network_backend=self._backend)
        try:
            with _AS_HTTPX:
                response = connection.handle_request(plain)
        except BaseException:
            connection.close()
            raise
        return _response(request, response, _Body(response, connection))


def _request(request: httpx.Request) -> httpcore.Request:
    url = request.url
    # As an extension the target would also replace that of the request to a proxy.
    target = request.extensions.get("target", url.raw_path)
    return httpcore.Request(
        request.method,
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=target),
        headers=request.headers.raw,
        content=request.stream,
        extensions={name: value for name, value in request.extensions.items() if name != "target"},
    )


def _response(
    request: httpx.Request, response: httpcore.Response, stream: httpx.AsyncByteStream | httpx.SyncByteStream
) -> httpx.Response:
    extensions: dict[str, Any] = {}
    if response.status >= 400:
        wait = fields.retry_after(fields.collect(response.headers), datetime.now(UTC))
        if wait is not None:
            extensions[RETRY_AFTER] = wait
    return httpx.Response(
        response.status, headers=response.headers, stream=stream, request=request, extensions=extensions
    )


class _AsyncBody(httpx.AsyncByteStream):
    """A body that is still being received. Closing it closes the connection."""

    def __init__(self, response: httpcore.Response, connection: _Connection) -> None:
        self._response = response
        self._connection = connection

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _AS_HTTPX:
            async for part in self._response.aiter_stream():
                yield part

    async def aclose(self) -> None:
        if isinstance(self._connection, httpcore.AsyncHTTPProxy):  # a pool, which counts its open responses
            await self._response.aclose()
        await self._connection.aclose()


class _Body(httpx.SyncByteStream):
    """A body that is still being received, for threads. Closing it closes the connection."""

    def __init__(self, response: httpcore.Response, connection: httpcore.HTTPConnection) -> None:
        self._response = response
        self._connection = connection

    def __iter__(self) -> Iterator[bytes]:
        with _AS_HTTPX:
            yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()
        self._connection.close()


class _AsHttpx:
    """Raises httpx's error for httpcore's; both libraries give the same names to the same errors."""

    __slots__ = ()

    def __enter__(self) -> None:
        return

    def __exit__(self, _kind: object, error: BaseException | None, _where: object) -> None:
        if isinstance(error, HeadTooLarge):
            raise ResponseHeadTooLarge(str(error)) from error
        if isinstance(error, _OF_HTTPCORE):
            found: type[httpx.TransportError] = getattr(httpx, type(error).__name__, httpx.TransportError)
            raise found(str(error)) from (error.__cause__ or error)


_OF_HTTPCORE = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError)
_AS_HTTPX = _AsHttpx()
