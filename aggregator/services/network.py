"""Guarded transports for other httpx clients: webhooks, the model endpoint, the embeddings endpoint."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import httpx

from digests.errors import RecipientRefused, TemporaryFailure
from feeds.errors import AddressRefused, BadUrl, FetchError
from feeds.http import guard
from feeds.http.resolve import Lookup
from feeds.http.transport import AsyncGuardedTransport, GuardedTransport


class WebhookTransport(GuardedTransport):
    """Raises refusals of the address policy as channel errors."""

    def check(self, url: str) -> None:
        """See GuardedTransport. Raises RecipientRefused and TemporaryFailure."""
        with _channel_errors():
            super().check(url)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. Raises RecipientRefused, TemporaryFailure and httpx's errors."""
        with _channel_errors():
            return super().handle_request(request)


@contextmanager
def _channel_errors() -> Iterator[None]:
    try:
        yield
    except (AddressRefused, BadUrl) as error:
        raise RecipientRefused(f"the webhook's URL is not allowed: {error.message}", status="5.7.1") from error
    except FetchError as error:  # the host name cannot be resolved now
        raise TemporaryFailure(f"the webhook's host cannot be found: {error.message}") from error


class EndpointTransport(GuardedTransport):
    """The transport to a configured endpoint, which may be on a private network."""

    def __init__(self) -> None:
        super().__init__(allow_private=True)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. Raises httpx's errors only."""
        try:
            return super().handle_request(request)
        except FetchError as error:
            raise httpx.ConnectError(error.message) from error


class AsyncEndpointTransport(AsyncGuardedTransport):
    """EndpointTransport for asyncio."""

    def __init__(self) -> None:
        super().__init__(Lookup(guard.system_resolver).find, _tls, allow_private=True)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. Raises httpx's errors only."""
        try:
            return await super().handle_async_request(request)
        except FetchError as error:
            raise httpx.ConnectError(error.message) from error


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
