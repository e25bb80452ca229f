"""httpx transports that connect to permitted addresses only, with one connection for each request.

They are for callers that know only httpx: the model endpoint, webhooks. Retry-After is parsed here for them.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpcore
import httpx

from feeds.http import guard
from feeds.http import headers as fields
from feeds.http.connection import MAX_HEAD, Answer, Connector, Route
from feeds.http.guard import Resolver
from feeds.http.network import GuardedSyncBackend

RETRY_AFTER = "retry_after"
"""The response extension with the seconds that Retry-After asks to wait; absent when it says nothing valid."""


class AsyncGuardedTransport(httpx.AsyncBaseTransport):
    """The transport for asyncio.

    `find` returns the addresses of a host name, `tls` the context for https, called only when one is needed.
    """

    def __init__(
        self,
        find: Callable[[str], Awaitable[Sequence[str]]],
        tls: Callable[[], ssl.SSLContext],
        *,
        allow_private: bool = False,
    ) -> None:
        self._connector = Connector(find)
        self._tls = tls
        self._allow_private = allow_private

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request over a new connection. Raises AddressRefused, DnsFailed and httpx's errors."""
        wait = request.extensions.get("timeout", {}).get("connect")
        route = Route(self._tls, private=self._allow_private, connect_timeout=wait)
        with _as_httpx():
            answer = await self._connector.send(_request(request), route)
        return _response(request, answer.status, answer.headers, _AsyncBody(answer))


class GuardedTransport(httpx.BaseTransport):
    """The transport for threads. `resolver` blocks."""

    def __init__(self, resolver: Resolver = guard.system_resolver, *, allow_private: bool = False) -> None:
        self._backend = GuardedSyncBackend(resolver, allow_private=allow_private, max_head=MAX_HEAD)
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
            with _as_httpx():
                response = connection.handle_request(plain)
        except BaseException:
            connection.close()
            raise
        return _response(request, response.status, response.headers, _Body(response, connection))


def _request(request: httpx.Request) -> httpcore.Request:
    url = request.url
    return httpcore.Request(
        request.method,
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        content=request.stream,
        extensions=request.extensions,
    )


def _response(
    request: httpx.Request,
    status: int,
    headers: list[tuple[bytes, bytes]],
    stream: httpx.AsyncByteStream | httpx.SyncByteStream,
) -> httpx.Response:
    extensions: dict[str, Any] = {}
    if status >= 400:
        wait = fields.retry_after(fields.collect(headers), datetime.now(UTC))
        if wait is not None:
            extensions[RETRY_AFTER] = wait
    return httpx.Response(status, headers=headers, stream=stream, request=request, extensions=extensions)


class _AsyncBody(httpx.AsyncByteStream):
    """A body that is still being received. Closing it closes the connection."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for part in self._answer.body():
                yield part

    async def aclose(self) -> None:
        await self._answer.aclose()


class _Body(httpx.SyncByteStream):
    """A body that is still being received, for threads. Closing it closes the connection."""

    def __init__(self, response: httpcore.Response, connection: httpcore.HTTPConnection) -> None:
        self._response = response
        self._connection = connection

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()
        self._connection.close()


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Raise httpx's error for httpcore's; both libraries give the same names to the same errors."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError) as error:
        found: type[httpx.TransportError] = getattr(httpx, type(error).__name__, httpx.TransportError)
        raise found(str(error)) from (error.__cause__ or error)
