"""The road under httpx's client: one connection a request, to the address in the request's URL, which was checked before.

A pool is scanned on every request and can be killed by a cancelled one, and at one request a host it keeps nothing worth
having. Redirects and cookies are not for the client to see: where to go next is the guard's business, and no
publisher is told apart by what it asked us to remember. `fields_of` gives the whole header of an answer.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterable, AsyncIterator, Callable
from typing import Any

import httpcore
import httpx

from feeds.http.wire import Wire

_WIRE = Wire()
_HIDDEN = frozenset({b"location", b"set-cookie", b"set-cookie2"})
_FIELDS = "fields"


class PinnedTransport(httpx.AsyncBaseTransport):
    """Takes `sni_hostname`, `target` and `timeout` from the request's extensions, as httpx's own transport does.

    `tls` gives the context for https, and is called only when one is needed.
    """

    def __init__(self, tls: Callable[[], ssl.SSLContext]) -> None:
        self._tls = tls

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See httpx. Raises its `TransportError`s."""
        url = request.url
        secure = url.scheme == "https"
        asked = httpcore.URL(
            scheme=url.raw_scheme,
            host=url.raw_host,
            port=url.port or (443 if secure else 80),
            target=request.extensions.get("target", url.raw_path),
        )
        context = self._tls() if secure else None
        connection = httpcore.AsyncHTTPConnection(asked.origin, ssl_context=context, network_backend=_WIRE)
        question = httpcore.Request(
            request.method, asked, headers=request.headers.raw, content=request.stream, extensions=request.extensions
        )
        try:
            answer = await connection.handle_async_request(question)
        except BaseException as error:
            await connection.aclose()
            if isinstance(error, Exception):
                raise _as_httpx(error) from error
            raise
        seen = [field for field in answer.headers if field[0].lower() not in _HIDDEN]
        return httpx.Response(
            answer.status,
            headers=seen,
            stream=_Stream(answer, connection),
            extensions={**answer.extensions, _FIELDS: answer.headers},
        )


def fields_of(response: httpx.Response) -> list[tuple[bytes, bytes]]:
    """All header fields of an answer as they came, those hidden from the client included."""
    found: list[tuple[bytes, bytes]] = response.extensions[_FIELDS]
    return found


class _Stream(httpx.AsyncByteStream):
    """A body still on the wire. Closing it closes the connection: it serves one request."""

    def __init__(self, answer: httpcore.Response, connection: httpcore.AsyncHTTPConnection) -> None:
        self._answer = answer
        self._connection = connection

    async def __aiter__(self) -> AsyncIterator[bytes]:
        stream: Any = self._answer.stream
        assert isinstance(stream, AsyncIterable)
        try:
            async for chunk in stream:
                yield chunk
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise _as_httpx(error) from error

    async def aclose(self) -> None:
        await self._connection.aclose()


def _as_httpx(error: Exception) -> Exception:
    """The exception of the same name in httpx: the two trees are drawn alike."""
    for kind in type(error).__mro__:
        twin = getattr(httpx, kind.__name__, None)
        if kind.__module__.startswith("httpcore") and isinstance(twin, type) and issubclass(twin, httpx.TransportError):
            return twin(str(error))
    return error
