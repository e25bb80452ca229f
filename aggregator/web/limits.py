"""Limits on connections, time and requests in progress, so that strangers cannot exhaust the server of the pages.

A connection has `HEAD_SECONDS` for the head of a request, `BODY_SECONDS` for its body and `RESPONSE_SECONDS` for the
response. When all connections are in use, the one that has sent nothing complete for the longest time is closed, so
that idle clients cannot keep others out.
"""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any

from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

HEAD_SECONDS, BODY_SECONDS, RESPONSE_SECONDS = 10.0, 30.0, 60.0
MOST_CONNECTIONS, LEAST_CONNECTIONS = 256, 16
MOST_REQUESTS = 64  # that the program works on at one time
MOST_HEAD = 16 * 1024  # bytes
BACKLOG = 128  # connections that the kernel keeps; asyncio accepts so many in one step
_WANTED_DESCRIPTORS = 4096
_OWN_DESCRIPTORS = 100  # database, log, pipes to processes, mail, files


class LimitedConnection(H11Protocol):
    """One connection to the pages' server. `began` is when its present state began, on the loop's clock."""

    most = MOST_CONNECTIONS
    began = 0.0
    cycle: RequestResponseCycle | None  # type: ignore[assignment]
    _request: object = None
    _refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept the connection. If the limit is reached, close the one that waits longest, or refuse this one."""
        self.began = self.loop.time()
        if len(self.connections) >= self.most and not self._evict():
            self._refused = True
            transport.abort()
            return
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection, unless it was refused."""
        if not self._refused:
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read, and note when a request begins."""
        if self._refused or self.transport.is_closing():
            return
        super().data_received(data)
        if self.cycle is not self._request:
            self._request, self.began = self.cycle, self.loop.time()

    def on_response_complete(self) -> None:
        """Note when the connection becomes idle."""
        self.began = self.loop.time()
        super().on_response_complete()

    @property
    def waiting(self) -> bool:
        """Whether no request is complete: the client has to send something."""
        return self.cycle is None or self.cycle.response_complete or self.cycle.more_body

    def expire(self, now: float) -> None:
        """Close the connection if its time has run out."""
        if self.cycle is None or self.cycle.response_complete:
            limit = HEAD_SECONDS
        else:
            limit = BODY_SECONDS if self.cycle.more_body else RESPONSE_SECONDS
        if now - self.began > limit:
            self.transport.abort()

    def _evict(self) -> bool:
        """Close the connection that has waited longest for its client; False if none waits."""
        idle = [one for one in self.connections if isinstance(one, LimitedConnection) and one.waiting]
        oldest = min(idle, key=lambda one: one.began, default=None)
        if oldest is None:
            return False
        self.connections.discard(oldest)
        oldest.transport.abort()
        return True


def connection_class(most: int) -> type[LimitedConnection]:
    """Return a class for the connections of a server that holds at most `most` of them."""
    return type("Connection", (LimitedConnection,), {"most": most})


def most_connections(fetches: int) -> int:
    """Return the limit of connections that leaves enough file descriptors for the daemon and `fetches` at one time.

    The process takes more descriptors where the system allows it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _WANTED_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    free = MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else soft - _OWN_DESCRIPTORS - fetches
    return max(LEAST_CONNECTIONS, min(MOST_CONNECTIONS, free))


class ClientLimit:
    """Lets one client do something `most` times an hour. A network of IPv6 (/64) counts as one client."""

    def __init__(self, most: int = 20) -> None:
        self._most = most
        self._hour = ""
        self._counts: Counter[str] = Counter()

    def allows(self, address: str, now: datetime) -> bool:
        """Whether the client may do it once more; counts it."""
        hour = now.strftime("%Y%m%d%H")
        if hour != self._hour:
            self._hour = hour
            self._counts.clear()
        client = _network(address)
        self._counts[client] += 1
        return self._counts[client] <= self._most


def _network(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(found) if found.version == 4 else str(ip_network((found, 64), strict=False))


class RequestLimits:
    """ASGI middleware: limits the number and the time of requests, and refuses those that have two body lengths.

    A client that disconnects is no error. A request that waits for its client does not count: clients with slow bodies
    must not keep others out. The number of connections limits those.
    """

    def __init__(self, app: ASGIApp, most: int = MOST_REQUESTS, seconds: float = RESPONSE_SECONDS) -> None:
        self._app = app
        self._most = most
        self._seconds = seconds
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if _framed_twice(scope):
            await _refuse(send, 400, "Content-Length and Transfer-Encoding contradict each other")
        elif self._running >= self._most:
            await _refuse(send, 503, "too many requests; try again")
        else:
            await self._answered(scope, receive, send)

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def receiving() -> MutableMapping[str, Any]:
            with self._waiting():
                return await receive()

        async def sending(message: MutableMapping[str, Any]) -> None:
            nonlocal begun
            begun = True
            with self._waiting():
                await send(message)

        self._running += 1
        try:
            async with asyncio.timeout(self._seconds):
                await self._app(scope, receiving, sending)
        except ClientDisconnect:
            pass
        except TimeoutError:
            if not begun:
                await _refuse(send, 503, "it took too long")
        finally:
            self._running -= 1

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        self._running -= 1
        try:
            yield
        finally:
            self._running += 1


class Compressed:
    """ASGI middleware: compresses pages for clients that take gzip, but none whose URL has a query.

    What a query says is repeated on such a page, beside the token of its forms: the length of a compressed page would
    let a stranger on the network guess the token (BREACH).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._compressing = GZipMiddleware(app, minimum_size=2048, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        plain = scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"]
        await (self._app if plain else self._compressing)(scope, receive, send)


def _framed_twice(scope: Scope) -> bool:
    """Whether a request has two body lengths: a proxy in front may use the other one (RFC 9112 6.1)."""
    names = {name for name, _ in scope.get("headers", ())}
    return b"content-length" in names and b"transfer-encoding" in names


async def _refuse(send: Send, status: int, why: str) -> None:
    body = f"{why}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
        (b"retry-after", b"10"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
