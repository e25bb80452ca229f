"""Fetches over HTTP/1.1 with httpx and the guarded transport.

It uses no environment variables, unless `Access` says so, and no cache; cookies last for one fetch, for the host that
set them. One deadline covers the whole fetch, because a read timeout never fires on a server that keeps sending single
bytes.
"""

from __future__ import annotations

import asyncio
import base64
import os
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Self
from urllib.parse import urlencode

import certifi
import httpx

from feeds.errors import (
    ConnectFailed,
    FetchError,
    NoTls,
    ProtocolFailed,
    ProxyFailed,
    SecretAbsent,
    TimedOut,
    TlsFailed,
    TooLarge,
    TooManyRedirects,
    UnknownAuthority,
)
from feeds.http import guard
from feeds.http import headers as fields
from feeds.http.access import Access
from feeds.http.base import FetchSettings, Request
from feeds.http.cookies import Cookies
from feeds.http.decoding import ACCEPT_ENCODING, Body
from feeds.http.guard import Resolver, Target
from feeds.http.hosts import HostLimits
from feeds.http.resolve import Lookup
from feeds.http.response import Head, ReceivedBody, check_redirects, fetched, raise_for_status, redirect_target
from feeds.http.transport import ALLOW_PRIVATE, PROXY, TLS, AsyncGuardedTransport, ResponseHeadTooLarge
from feeds.model import Fetched, Redirect

_FORM = b"Content-Type", b"application/x-www-form-urlencoded"


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
        self._own_tls: dict[str, tuple[float, ssl.SSLContext]] = {}
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

    async def post(self, request: Request) -> int:
        """See `Hub.post`. The body of the response is not read."""
        target = guard.parse_target(request.url)
        made = self._request(target, target, request, Cookies())
        try:
            async with self._limits.turn(target), asyncio.timeout(self.settings.timeout):
                response = await self._send(target, made)
                await response.aclose()
        except TimeoutError as error:
            raise _timed_out(error, self.settings.timeout) from error
        return response.status_code

    async def _follow(
        self, first: Target, request: Request
    ) -> tuple[Target, Head, ReceivedBody | None, list[Redirect]]:
        """Send requests until one is not redirected, each under the limits of its host."""
        left = self.settings.timeout
        cookies = Cookies()
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
            if location is not None and request.form:
                raise TooManyRedirects("the server redirects, which is not followed with a form")
            if location is None:
                return target, head, body, redirects
            target = guard.parse_target(location)
            redirects.append(Redirect(target.url, head.status))
            # A URL that sets a cookie and redirects to itself answers the second time.
            request_key = target.url, cookies.written()
            check_redirects(redirects, self.settings.max_redirects, repeated=request_key in sent)
            sent.add(request_key)

    def _obey_retry_after(self, target: Target, head: Head) -> None:
        """Send no requests to this URL, or to this publisher on a shared host, before Retry-After has passed."""
        if head.status in (429, 503):
            wait = fields.retry_after(head.headers, datetime.now(UTC))
            if wait:
                self._limits.pause(target, wait)

    async def _exchange(
        self, target: Target, first: Target, request: Request, cookies: Cookies
    ) -> tuple[Head, ReceivedBody | None]:
        """Send one request and receive the response. The body is read only for a status that can bring a feed."""
        response = await self._send(target, self._request(target, first, request, cookies))
        try:
            raw = response.headers.raw
            cookies.keep(target.url, raw)
            head = Head(response.status_code, fields.collect(raw))
            if head.status == 407:
                raise ProxyFailed("the proxy asks for a user name and a password (407)")
            if sum(len(n) + len(v) + 4 for n, v in raw) > self.settings.max_header_bytes:
                raise TooLarge("the headers of the response are larger than allowed")
            if head.status not in (200, 203):
                return head, None
            return head, await self._receive(head, response)
        finally:
            await response.aclose()

    def _request(self, target: Target, first: Target, request: Request, cookies: Cookies) -> httpx.Request:
        """Make the request for a target: a POST if it has a form, else a GET. Raises SecretAbsent and ProxyFailed."""
        access = self._access(request)
        if access.missing:
            raise SecretAbsent(access.missing)
        extensions = {
            "target": target.target.encode(),  # httpx would normalize it again
            "timeout": {"connect": self.settings.connect_timeout},
            ALLOW_PRIVATE: self.settings.allow_private or (request.allow_private and target.host == first.host),
            PROXY: access.proxy_for(target),
        }
        if access.ca_file:
            extensions[TLS] = lambda: self._tls_with(access.ca_file)
        headers = self._headers(target, first, request)
        if cookie := _cookie_header(cookies.header(target.url), target, access):
            headers.append((b"Cookie", cookie))
        return httpx.Request(
            "POST" if request.form else "GET",
            _root(f"{target.scheme}://{target.authority}/"),
            headers=[*headers, _FORM] if request.form else headers,
            content=urlencode(request.form).encode() if request.form else None,
            extensions=extensions,
        )

    def _access(self, request: Request) -> Access:
        return request.access or self.settings.access

    def _headers(self, target: Target, first: Target, request: Request) -> list[tuple[bytes, bytes]]:
        access = self._access(request)
        agent = access.user_agent.encode("ascii", "replace") or self._agent
        found = [
            (b"Host", target.authority.encode("ascii")),
            (b"User-Agent", agent),
            (b"Accept", request.accept.encode("ascii", "replace")),
            (b"Accept-Encoding", ACCEPT_ENCODING.encode()),
            (b"Connection", b"close"),
        ]
        found += [(n.encode("ascii"), v.encode("ascii")) for n, v in fields.conditions(request.validators)]
        own = access.covers(target)
        # Credentials are sent only to the origin that they were given for.
        login = access.login if own else None
        if login is None and target.origin == first.origin:
            login = first.credentials
        if login is not None:
            found.append((b"Authorization", b"Basic " + base64.b64encode(":".join(login).encode())))
        if not own:
            return found
        replaced = {name.lower().encode() for name, _ in access.headers}
        kept = [(name, value) for name, value in found if name.lower() not in replaced]
        return kept + [(name.encode("ascii"), value.encode()) for name, value in access.headers]

    async def _send(self, target: Target, request: httpx.Request) -> httpx.Response:
        try:
            return await self._transport.handle_async_request(request)
        except httpx.TransportError as error:
            proxy = request.extensions[PROXY]
            raise _translated(error, target, f" through the proxy {proxy.url}" if proxy else "") from error

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
        """Return the shared TLS context, with Mozilla's certificates and nothing from the environment."""
        if self._tls is None:
            self._tls = _default_tls()
        return self._tls

    def _tls_with(self, ca_file: str) -> ssl.SSLContext:
        """Return a TLS context that also trusts the certificates of a file; made again when the file changes.

        Raises UnknownAuthority if the file cannot be read.
        """
        try:
            changed = Path(ca_file).stat().st_mtime
            kept = self._own_tls.get(ca_file)
            if kept is None or kept[0] != changed:
                context = _default_tls()
                context.load_verify_locations(ca_file)
                kept = self._own_tls[ca_file] = changed, context
        except OSError as error:  # ssl.SSLError too
            raise UnknownAuthority(f"the certificates in ca_file {ca_file} cannot be read: {error}") from error
        return kept[1]


@lru_cache(maxsize=4096)
def _root(url: str) -> httpx.URL:
    """Return the URL of a server's root: httpx takes a tenth of a request to parse one, and hosts are asked again."""
    return httpx.URL(url)


def _default_tls() -> ssl.SSLContext:
    """Return a TLS context with Mozilla's certificates."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


def _cookie_header(present: bytes, target: Target, access: Access) -> bytes:
    """Return the Cookie header: those of the configuration, and those that the server set, which have priority."""
    if not access.cookies or not access.covers(target):
        return present
    set_by_server = [part.strip() for part in present.split(b";") if part.strip()]
    names = {part.partition(b"=")[0] for part in set_by_server}
    own = [f"{name}={value}".encode() for name, value in access.cookies if name.encode() not in names]
    return b"; ".join([*own, *set_by_server])


def _timed_out(error: TimeoutError, seconds: float) -> TimedOut:
    return error if isinstance(error, TimedOut) else TimedOut(f"no complete response within {seconds:g} seconds")


def _is_tls(error: Exception) -> bool:
    """Whether TLS is the cause of an error."""
    return isinstance(error.__cause__, ssl.SSLError)


# OpenSSL's codes for a certificate that is self-signed, or whose issuer is unknown (X509_V_ERR_...).
_UNKNOWN_AUTHORITY = frozenset({2, 18, 19, 20, 21})
# OpenSSL's names for a first answer that is no TLS, in its versions 1.1 and 3.
_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST"})


def _tls_error(cause: BaseException | None) -> type[TlsFailed]:
    if getattr(cause, "verify_code", 0) in _UNKNOWN_AUTHORITY:
        return UnknownAuthority
    return NoTls if getattr(cause, "reason", "") in _NO_TLS else TlsFailed


def _translated(error: httpx.TransportError, target: Target, way: str) -> FetchError:
    """Return the FetchError for an error of httpx. `way` names the proxy."""
    if _is_tls(error):
        return _tls_error(error.__cause__)(f"the secure connection to {target.host}{way} failed: {_reason(error)}")
    if isinstance(error, httpx.ProxyError):
        return ProxyFailed(f"no connection to {target.host}{way}: {_reason(error)}")
    if isinstance(error, httpx.ConnectTimeout):
        return TimedOut(f"{target.host} did not accept a connection in time")
    if isinstance(error, httpx.NetworkError):
        return ConnectFailed(f"no connection to {target.host}{way}: {_reason(error)}")
    if isinstance(error, ResponseHeadTooLarge):
        return TooLarge("the headers of the response are larger than allowed")
    return ProtocolFailed(f"{target.host} sent invalid HTTP: {_reason(error)}")


def _reason(error: Exception) -> str:
    """Return the system's words for an error number, else the first line of the error: asyncio's text names a call."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and not isinstance(cause, ssl.SSLError) and (cause.errno or 0) > 0:
            return os.strerror(cause.errno or 0).lower()
        cause = cause.__cause__
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
