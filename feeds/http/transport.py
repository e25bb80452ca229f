"""The road under httpx's client: one connection a request (`wire`), to an address that was checked before.

A pool is scanned on every request and can be killed by a cancelled one, and at one request a host it keeps nothing worth
having. Redirects and cookies are not for the client to see: where to go next is the guard's business, and no
publisher is told apart by what it asked us to remember. `fields_of` gives the whole header of an answer.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable

import httpx

from feeds.http import wire
from feeds.http.guard import Target

_HIDDEN = frozenset({b"location", b"set-cookie", b"set-cookie2"})
_FIELDS = "fields"


class HeadTooLarge(httpx.RemoteProtocolError):
    """The head of the answer did not end where it should have."""


def pinned(target: Target, address: str, wait: float, head: wire.Fields, content: bytes | None) -> httpx.Request:
    """Return the request for `target` that goes to `address`, with `wait` seconds to connect; with `content` it is a POST."""
    host = f"[{address}]" if ":" in address else address
    return httpx.Request(
        "GET" if content is None else "POST",
        f"{target.scheme}://{host}:{target.port}/",
        headers=head,
        content=content,
        # Beside the URL, so that they are sent as they were checked and not as httpx would spell them.
        extensions={"address": address, "name": target.host, "target": target.target.encode(), "wait": wait},
    )


class PinnedTransport(httpx.AsyncBaseTransport):
    """Sends requests made by `pinned`.

    `tls` gives the context for https, and is called only when one is needed; `max_head` is how many bytes of header an
    answer may have.
    """

    def __init__(self, tls: Callable[[], ssl.SSLContext], max_head: int) -> None:
        self._tls = tls
        self._max_head = max_head

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See httpx. Raises its `TransportError`s, caused by what the system said."""
        secure, given = request.url.scheme == "https", request.extensions
        content = None if request.method == "GET" else await request.aread()
        try:
            answer = await wire.ask(
                given["address"],
                request.url.port or (443 if secure else 80),
                wire.Question(given["target"], request.headers.raw, content),
                tls=self._tls() if secure else None,
                name=given["name"],
                wait=given["wait"],
                max_head=self._max_head,
            )
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no connection in time") from error
        except (wire.Unreachable, wire.Broken, wire.Garbled) as error:
            raise _as_httpx(error) from error.__cause__
        seen = [field for field in answer.fields if field[0].lower() not in _HIDDEN]
        return httpx.Response(answer.status, headers=seen, stream=_Stream(answer), extensions={_FIELDS: answer.fields})


def fields_of(response: httpx.Response) -> wire.Fields:
    """All header fields of an answer as they came, those hidden from the client included."""
    found: wire.Fields = response.extensions[_FIELDS]
    return found


class _Stream(httpx.AsyncByteStream):
    """A body still on the wire. Closing it closes the connection: it serves one request."""

    def __init__(self, answer: wire.Answer) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._answer.pieces():
                yield piece
        except (wire.Broken, wire.Garbled) as error:
            raise _as_httpx(error) from error.__cause__

    async def aclose(self) -> None:
        self._answer.close()


def _as_httpx(error: wire.Unreachable | wire.Broken | wire.Garbled) -> httpx.TransportError:
    if isinstance(error, wire.Unreachable):
        return httpx.ConnectError(str(error))
    if isinstance(error, wire.Broken):
        return httpx.ReadError(str(error))
    return HeadTooLarge(str(error)) if error.too_large else httpx.RemoteProtocolError(str(error))
