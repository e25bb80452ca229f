"""The real source of feeds and pages: httpx over the guarded transport.

No environment and no cache; cookies live for one fetch, on the host that set them. The deadline stands around the whole
fetch, because a read timeout never fires on a server that sends a byte now and then.
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
from feeds.http.transport import ALLOW_PRIVATE, AsyncGuardedTransport, ResponseHeadTooLarge
from feeds.model import Fetched, Redirect


class HttpSource:
    """A `Source` over HTTP/1.1. Used as an async context manager; one for the whole program.

    `resolver` replaces the system's; `tls` replaces the default context (which takes 25 ms to make, once);
    `clock` gives the seconds by which a Retry-After is kept.
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
        self._transport = AsyncGuardedTransport(self._lookup.find, self.tls, max_head=self.settings.max_header_bytes)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._transport.aclose()

    async def fetch(self, request: Request) -> Fetched:
        """Fetch one URL: see `Source.fetch`. Waiting for the host's turn is not counted against the deadline."""
        started = time.monotonic()
        try:
            first = guard.parse_target(request.url)
            target, head, body, trail = await self._follow(first, request)
            now = datetime.now(UTC)
            answer.raise_for_status(head, trail, now)
            spent = time.monotonic() - started
            return answer.fetched(request, head, body, final_url=target.url, trail=trail, now=now, elapsed=spent)
        except FetchError as error:
            error.url = error.url or guard.shown(request.url)
            raise

    async def post(self, url: str, form: Mapping[str, str], *, allow_private: bool = False) -> int:
        """Send a form: see `Hub.post`. The body of the response is not read."""
        target = guard.parse_target(url)
        headers = self._headers(target, target, Request(url, accept=ACCEPT_TEXT))
        headers.append((b"Content-Type", b"application/x-www-form-urlencoded"))
        private = self.settings.allow_private or allow_private
        try:
            async with self._limits.turn(target), asyncio.timeout(self.settings.timeout):
                response = await self._send(target, self._request(target, headers, private, urlencode(form).encode()))
                await response.aclose()
        except TimeoutError as error:
            raise _timed_out(error, self.settings.timeout) from error
        return response.status_code

    async def _follow(self, first: Target, request: Request) -> tuple[Target, Head, Receipt | None, list[Redirect]]:
        """Follow redirects, each under the limits of its own host."""
        left = self.settings.timeout
        cookies = httpx.Cookies()
        target, trail = first, list[Redirect]()
        while True:
            async with self._limits.turn(target):
                began = time.monotonic()
                try:
                    async with asyncio.timeout(left):
                        head, body = await self._exchange(target, first, request, cookies)
                except TimeoutError as error:
                    raise _timed_out(error, self.settings.timeout) from error
                left = max(left - (time.monotonic() - began), 0.0)
            self._keep_retry_after(target, head)
            onward = answer.next_hop(head, target.url)
            if onward is None:
                return target, head, body, trail
            target = guard.parse_target(onward)
            trail.append(Redirect(target.url, head.status))
            answer.check_trail(trail, first.url, self.settings.max_redirects)

    def _keep_retry_after(self, target: Target, head: Head) -> None:
        """Remember for how long a server asks not to be called, for this URL or its owner's others on a shared host."""
        if head.status in (429, 503):
            wait = fields.retry_after(head.headers, datetime.now(UTC))
            if wait:
                self._limits.punish(target, wait)

    async def _exchange(
        self, target: Target, first: Target, request: Request, cookies: httpx.Cookies
    ) -> tuple[Head, Receipt | None]:
        """One request and its response. The body is read only where it may hold a feed."""
        private = self.settings.allow_private or (request.allow_private and target.host == first.host)
        made = self._request(target, self._headers(target, first, request), private)
        if cookies:
            cookies.set_cookie_header(made)
        response = await self._send(target, made)
        try:
            raw = response.headers.raw
            cookies.extract_cookies(response)
            head = Head(response.status_code, fields.collect(raw))
            if sum(len(n) + len(v) + 4 for n, v in raw) > self.settings.max_header_bytes:
                raise TooLarge("the headers of the response are larger than allowed")
            if head.status not in (200, 203):
                return head, None
            return head, await self._receive(head, response)
        finally:
            await response.aclose()

    def _request(
        self, target: Target, headers: list[tuple[bytes, bytes]], private: bool, content: bytes | None = None
    ) -> httpx.Request:
        """The httpx request for a target; with `content` it is a POST."""
        seconds = self.settings.connect_timeout
        return httpx.Request(
            "GET" if content is None else "POST",
            f"{target.scheme}://{target.authority}/",
            headers=headers,
            content=content,
            # The target goes beside the URL, so that it is sent as it was parsed and not as httpx would spell it.
            extensions={"target": target.target.encode(), "timeout": {"connect": seconds}, ALLOW_PRIVATE: private},
        )

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

    async def _send(self, target: Target, request: httpx.Request) -> httpx.Response:
        try:
            return await self._transport.handle_async_request(request)
        except httpx.TransportError as error:
            raise _translated(error, target) from error

    async def _receive(self, head: Head, response: httpx.Response) -> Receipt:
        """The body, decoded as it arrives. What arrived before a connection broke is kept and marked as cut."""
        limit = self.settings.max_bytes
        length = head.headers.get("content-length", "")
        if length.isascii() and length.isdigit() and len(length) < 20 and int(length) > limit:
            raise TooLarge(f"the response is {length} bytes long, more than {limit}")
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
        """The shared TLS context: Mozilla's certificates, nothing from the environment."""
        if self._tls is None:
            self._tls = ssl.create_default_context(cafile=certifi.where())
            self._tls.set_alpn_protocols(["http/1.1"])
        return self._tls


def _timed_out(error: TimeoutError, seconds: float) -> TimedOut:
    return error if isinstance(error, TimedOut) else TimedOut(f"no complete response within {seconds:g} seconds")


def _is_tls(error: Exception) -> bool:
    """Whether TLS is the cause."""
    return isinstance(error.__cause__, ssl.SSLError)


def _translated(error: httpx.TransportError, target: Target) -> FetchError:
    """The FetchError for an error of httpx, with a message for people."""
    if _is_tls(error):
        return TlsFailed(f"the secure connection to {target.host} failed: {_reason(error)}")
    if isinstance(error, httpx.ConnectTimeout):
        return TimedOut(f"{target.host} took no connection in time")
    if isinstance(error, httpx.NetworkError):
        return ConnectFailed(f"no connection to {target.host}: {_reason(error)}")
    if isinstance(error, ResponseHeadTooLarge):
        return TooLarge("the headers of the response are larger than allowed")
    return ProtocolFailed(f"{target.host} does not speak HTTP: {_reason(error)}")


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
