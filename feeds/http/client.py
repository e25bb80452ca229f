"""The real source: HTTP with every fence up.

httpx asks; below it each request has a connection of its own (`transport`), to the very address that was checked, while Host
header and TLS name stay those of the feed, and so for every redirect. No environment, cookies or cache. The deadline
stands around the whole fetch, because a read timeout never fires on a server that drips.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Self
from urllib.parse import urlencode

import certifi
import httpx

from feeds.errors import (
    ConnectFailed,
    FetchError,
    ProtocolFailed,
    TimedOut,
    TlsFailed,
    TooLarge,
)
from feeds.http import guard
from feeds.http import headers as fields
from feeds.http import response as answer
from feeds.http.base import ACCEPT_TEXT, FetchSettings, Request
from feeds.http.decoding import ACCEPT_ENCODING, Body
from feeds.http.guard import Resolver, Target
from feeds.http.hosts import HostLimits
from feeds.http.resolve import Lookup
from feeds.http.response import Head, Receipt
from feeds.http.transport import HeadTooLarge, PinnedTransport, fields_of, pinned
from feeds.model import Fetched, Redirect

MAX_ADDRESSES = 4
_COULD_NOT_CONNECT = (httpx.ConnectError, httpx.ConnectTimeout)
EARLY_CONNECT_SECONDS = 3.0
"""How long an address is tried while another is left: a dead IPv6 route must not use up the deadline."""


class HttpSource:
    """A `Source` over HTTP/1.1. Used as an async context manager; one for the whole program.

    `resolver` replaces the system's; `tls` replaces the default context (which takes 25 ms to make, once);
    `clock` gives the seconds in which a server's wish to be left alone is kept.
    """

    def __init__(
        self,
        settings: FetchSettings | None = None,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings or FetchSettings()
        self._lookup = Lookup(resolver or guard.system_resolver)
        self._tls = tls
        self._limits = HostLimits(self.settings.concurrency, self.settings.per_host, self.settings.host_delay, clock)
        self._agent = self.settings.agent.encode("ascii", "replace")
        road = PinnedTransport(self.tls, self.settings.max_header_bytes)
        self._client = httpx.AsyncClient(transport=road, trust_env=False)  # deadlines are kept here, not there

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def fetch(self, request: Request) -> Fetched:
        """Read one address: see `Source.fetch`. Waiting for a turn is not counted against the deadline."""
        started = time.monotonic()
        try:
            first = guard.read(request.url)
            target, head, body, trail = await self._follow(first, request)
            now = datetime.now(UTC)
            answer.raise_for_status(head, trail, now)
            spent = time.monotonic() - started
            return answer.fetched(request, head, body, final_url=target.url, trail=trail, now=now, elapsed=spent)
        except FetchError as error:
            error.url = error.url or guard.shown(request.url)
            raise

    async def post(self, url: str, form: Mapping[str, str], *, allow_private: bool = False) -> int:
        """Send a form: see `Hub.post`. The same fences as for a fetch; the body of the answer is not read."""
        target = guard.read(url)
        head = self._headers(target, target, Request(url, accept=ACCEPT_TEXT))
        head.append((b"Content-Type", b"application/x-www-form-urlencoded"))
        trusted = self.settings.allow_private or allow_private
        try:
            async with self._limits.turn(target), asyncio.timeout(self.settings.timeout):
                addresses = await self._addresses(target, trusted)
                response = await self._ask(target, addresses, head, urlencode(form).encode())
                await response.aclose()
        except TimeoutError as error:
            raise _timed_out(error, self.settings.timeout) from error
        return response.status_code

    async def _follow(self, first: Target, request: Request) -> tuple[Target, Head, Receipt | None, list[Redirect]]:
        """Hop after hop, each with its own turn and its own look at the address."""
        left = self.settings.timeout
        target, trail = first, list[Redirect]()
        while True:
            async with self._limits.turn(target):
                began = time.monotonic()
                try:
                    async with asyncio.timeout(left):
                        head, body = await self._exchange(target, first, request)
                except TimeoutError as error:
                    raise _timed_out(error, self.settings.timeout) from error
                left = max(left - (time.monotonic() - began), 0.0)
            self._note_limit(target, head)
            onward = answer.next_hop(head, target.url)
            if onward is None:
                return target, head, body, trail
            target = guard.read(onward)
            trail.append(Redirect(target.url, head.status))
            answer.check_trail(trail, first.url, self.settings.max_redirects)

    def _note_limit(self, target: Target, head: Head) -> None:
        """Remember a server's wish to be left alone, for this address or its owner's others on a shared host."""
        if head.status in (429, 503):
            wait = fields.retry_after(head.headers, datetime.now(UTC))
            if wait:
                self._limits.punish(target, wait)

    async def _exchange(self, target: Target, first: Target, request: Request) -> tuple[Head, Receipt | None]:
        """One request and its answer. The body is read only where there may be a feed in it."""
        trusted = self.settings.allow_private or (request.allow_private and target.host == first.host)
        addresses = await self._addresses(target, trusted)
        response = await self._ask(target, addresses, self._headers(target, first, request))
        try:
            raw = fields_of(response)
            head = Head(response.status_code, fields.collect(raw))
            if sum(len(n) + len(v) + 4 for n, v in raw) > self.settings.max_header_bytes:
                raise TooLarge("the headers of the answer are larger than allowed")
            if head.status not in (200, 203):
                return head, None
            return head, await self._receive(head, response)
        finally:
            await response.aclose()

    async def _addresses(self, target: Target, trusted: bool) -> list[str]:
        if target.address is not None:
            return guard.check(target, [str(target.address)], allow_private=trusted)
        if not trusted:
            guard.refuse_name(target.host)
        return guard.check(target, await self._lookup.find(target.host), allow_private=trusted)[:MAX_ADDRESSES]

    def _headers(self, target: Target, first: Target, request: Request) -> list[tuple[bytes, bytes]]:
        found = [
            (b"Host", target.authority.encode("ascii")),
            (b"User-Agent", self._agent),
            (b"Accept", request.accept.encode("ascii", "replace")),
            (b"Accept-Encoding", ACCEPT_ENCODING.encode()),
            (b"Connection", b"close"),
        ]
        found += [(n.encode("ascii"), v.encode("ascii")) for n, v in fields.conditions(request.validators)]
        # Credentials go to the place they were given for and no further.
        if first.credentials is not None and target.origin == first.origin:
            token = base64.b64encode(":".join(first.credentials).encode())
            found.append((b"Authorization", b"Basic " + token))
        return found

    async def _ask(
        self, target: Target, addresses: list[str], head: list[tuple[bytes, bytes]], content: bytes | None = None
    ) -> httpx.Response:
        """Send the request to the first address that takes it; with `content` it is a POST."""
        for left, address in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
            wait = min(self.settings.connect_timeout, EARLY_CONNECT_SECONDS if left else self.settings.connect_timeout)
            try:
                return await self._client.send(pinned(target, address, wait, head, content), stream=True)
            except httpx.TransportError as error:
                if not left or not isinstance(error, _COULD_NOT_CONNECT) or _is_tls(error):
                    raise _translated(error, target) from error
        raise AssertionError("no address to ask")  # `guard.check` gives at least one

    async def _receive(self, head: Head, response: httpx.Response) -> Receipt:
        """The body, decoded as it comes. What a broken connection left of it is kept and marked as cut."""
        limit = self.settings.max_bytes
        length = head.headers.get("content-length", "")
        if length.isascii() and length.isdigit() and len(length) < 20 and int(length) > limit:
            raise TooLarge(f"the answer is {length} bytes long, more than {limit}")
        body = Body(head.headers.get("content-encoding", ""), limit)
        broken = False
        try:
            async for chunk in response.aiter_raw():
                body.feed(chunk)
        except (httpx.NetworkError, httpx.ProtocolError) as error:
            if not body.wire_bytes:
                raise ConnectFailed("the connection broke before the body came") from error
            broken = True
        data, cut = body.finish()
        return Receipt(data, cut or broken, body.wire_bytes)

    def tls(self) -> ssl.SSLContext:
        """The shared context: Mozilla's certificates, nothing from the environment."""
        if self._tls is None:
            self._tls = ssl.create_default_context(cafile=certifi.where())
            self._tls.set_alpn_protocols(["http/1.1"])
        return self._tls


def _timed_out(error: TimeoutError, seconds: float) -> TimedOut:
    return error if isinstance(error, TimedOut) else TimedOut(f"no complete answer within {seconds:g} seconds")


def _is_tls(error: Exception) -> bool:
    """Whether the cause is TLS: the server is there, another address of it would say the same."""
    return isinstance(error.__cause__, ssl.SSLError)


def _translated(error: httpx.TransportError, target: Target) -> FetchError:
    """One of ours for one of httpx's, with a message for people."""
    if _is_tls(error):
        return TlsFailed(f"the secure connection to {target.host} failed: {_reason(error)}")
    if isinstance(error, httpx.ConnectTimeout):
        return TimedOut(f"{target.host} took no connection in time")
    if isinstance(error, httpx.NetworkError):
        return ConnectFailed(f"no connection to {target.host}: {_reason(error)}")
    if isinstance(error, HeadTooLarge):
        return TooLarge("the headers of the answer are larger than allowed")
    return ProtocolFailed(f"{target.host} does not speak HTTP: {_reason(error)}")


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
