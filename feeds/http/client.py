"""Fetches over HTTP/1.1 with httpx and the guarded transport.

It uses no environment variables and no cache; cookies last for one fetch, for the host that set them. One deadline
covers the whole fetch, because a read timeout never fires on a server that keeps sending single bytes.
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
from feeds.http.base import ACCEPT_TEXT, FetchSettings, Request
from feeds.http.decoding import ACCEPT_ENCODING, Body
from feeds.http.guard import Resolver, Target
from feeds.http.hosts import HostLimits
from feeds.http.resolve import Lookup
from feeds.http.response import Head, ReceivedBody, check_redirects, fetched, raise_for_status, redirect_target
from feeds.http.transport import ALLOW_PRIVATE, AsyncGuardedTransport, ResponseHeadTooLarge
from feeds.model import Fetched, Redirect


class HttpFetcher:
    """A `Fetcher` and `Hub` over the network. An async context manager; the program needs one.

    `resolver` and `tls` replace the system's resolver and the default TLS context, which takes 25 ms to make, once.
    `clock` returns seconds and measures how long a Retry-After lasts.
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
        """See `Fetcher.fetch`. Waiting for other requests to the host does not count against the deadline."""
        started = time.monotonic()
        try:
            first = guard.parse_target(request.url)
            target, head, body, redirects = await self._follow(first, request)
            now = datetime.now(UTC)
            raise_for_status(head, redirects, now)
            spent = time.monotonic() - started
            return fetched(request, head, body, final_url=target.url, redirects=redirects, now=now, elapsed=spent)
        except FetchError as error:
            error.url = error.url or guard.printable_url(request.url)
            raise

    async def post(self, url: str, form: Mapping[str, str], *, allow_private: bool = False) -> int:
        """See `Hub.post`. The body of the response is not read."""
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

    async def _follow(
        self, first: Target, request: Request
    ) -> tuple[Target, Head, ReceivedBody | None, list[Redirect]]:
        """Send requests until one is not redirected, each under the limits of its host."""
        left = self.settings.timeout
        cookies = httpx.Cookies()
        target, redirects = first, list[Redirect]()
        sent = {(first.url, "")}
        while True:
            async with self._limits.turn(target):
                began = time.monotonic()
                try:
                    async with asyncio.timeout(left):
                        head, body = await self._exchange(target, first, request, cookies)
                except TimeoutError as error:
                    raise _timed_out(error, self.settings.timeout) from error
                left = max(left - (time.monotonic() - began), 0.0)
            self._obey_retry_after(target, head)
            location = redirect_target(head, target.url)
            if location is None:
                return target, head, body, redirects
            target = guard.parse_target(location)
            redirects.append(Redirect(target.url, head.status))
            # A URL that sets a cookie and redirects to itself answers the second time.
            request_key = target.url, _written(cookies)
            check_redirects(redirects, self.settings.max_redirects, repeated=request_key in sent)
            sent.add(request_key)

    def _obey_retry_after(self, target: Target, head: Head) -> None:
        """Send no requests to this URL, or to this publisher on a shared host, before Retry-After has passed."""
        if head.status in (429, 503):
            wait = fields.retry_after(head.headers, datetime.now(UTC))
            if wait:
                self._limits.pause(target, wait)

    async def _exchange(
        self, target: Target, first: Target, request: Request, cookies: httpx.Cookies
    ) -> tuple[Head, ReceivedBody | None]:
        """Send one request and receive the response. The body is read only for a status that can bring a feed."""
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
        """Make the request for a target: a POST with `content`, else a GET."""
        seconds = self.settings.connect_timeout
        return httpx.Request(
            "GET" if content is None else "POST",
            f"{target.scheme}://{target.authority}/",
            headers=headers,
            content=content,
            # httpx would normalize the target again; httpcore sends this extension unchanged.
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
        # Credentials are sent only to the origin that they were given for.
        if first.credentials is not None and target.origin == first.origin:
            token = base64.b64encode(":".join(first.credentials).encode())
            found.append((b"Authorization", b"Basic " + token))
        return found

    async def _send(self, target: Target, request: httpx.Request) -> httpx.Response:
        try:
            return await self._transport.handle_async_request(request)
        except httpx.TransportError as error:
            raise _translated(error, target) from error

    async def _receive(self, head: Head, response: httpx.Response) -> ReceivedBody:
        """Receive and decode the body. If the connection breaks, what arrived is kept and marked as cut."""
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
                raise ConnectFailed("the connection broke before the body arrived") from error
            broken = True
        data, cut = body.finish()
        return ReceivedBody(data, cut or broken, body.wire_bytes)

    def tls(self) -> ssl.SSLContext:
        """The shared TLS context, with Mozilla's certificates and nothing from the environment."""
        if self._tls is None:
            self._tls = ssl.create_default_context(cafile=certifi.where())
            self._tls.set_alpn_protocols(["http/1.1"])
        return self._tls


def _written(cookies: httpx.Cookies) -> str:
    return repr(sorted((cookie.domain, cookie.path, cookie.name, cookie.value) for cookie in cookies.jar))


def _timed_out(error: TimeoutError, seconds: float) -> TimedOut:
    return error if isinstance(error, TimedOut) else TimedOut(f"no complete response within {seconds:g} seconds")


def _is_tls(error: Exception) -> bool:
    """Whether TLS is the cause of an error."""
    return isinstance(error.__cause__, ssl.SSLError)


def _translated(error: httpx.TransportError, target: Target) -> FetchError:
    """Return the FetchError for an error of httpx."""
    if _is_tls(error):
        return TlsFailed(f"the secure connection to {target.host} failed: {_reason(error)}")
    if isinstance(error, httpx.ConnectTimeout):
        return TimedOut(f"{target.host} did not accept a connection in time")
    if isinstance(error, httpx.NetworkError):
        return ConnectFailed(f"no connection to {target.host}: {_reason(error)}")
    if isinstance(error, ResponseHeadTooLarge):
        return TooLarge("the headers of the response are larger than allowed")
    return ProtocolFailed(f"{target.host} sent invalid HTTP: {_reason(error)}")


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
