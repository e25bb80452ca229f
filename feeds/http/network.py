"""Where connections are made: a name is resolved, every address of it is checked, and only then is one connected to.

Requests keep their natural URL, Host header and TLS name, because httpcore asks these backends for a connection by name.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

import httpcore

from feeds.errors import DnsFailed
from feeds.http import guard
from feeds.http.guard import Resolver
from feeds.http.response_head import AsyncRepairedStream, RepairedStream

MAX_ADDRESSES = 4
EARLY_CONNECT_SECONDS = 3.0
"""How long an address is tried while another is left: a dead IPv6 route must not use up the deadline."""

_Options = Iterable[httpcore.SOCKET_OPTION] | None


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to permitted addresses only. `allow_private` permits private and loopback ones.

    `find` gives the addresses of a host name and raises DnsFailed; `max_head` bounds the head of a response in bytes.
    """

    def __init__(self, find: Callable[[str], Awaitable[Sequence[str]]], *, allow_private: bool, max_head: int) -> None:
        self._find = find
        self._allow_private = allow_private
        self._max_head = max_head
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: _Options = None,
    ) -> httpcore.AsyncNetworkStream:
        """See httpcore. Raises AddressRefused and DnsFailed beside httpcore's errors."""
        addresses = guard.literal(host, allow_private=self._allow_private)
        if addresses is None:
            addresses = guard.permitted(host, await self._find(host), allow_private=self._allow_private)
        for address, wait, last in _attempts(addresses, timeout):
            try:
                stream = await self._inner.connect_tcp(address, port, wait, local_address, socket_options)
                return AsyncRepairedStream(stream, self._max_head)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if last:
                    raise
        raise AssertionError("no address to connect to")  # `guard` gives at least one


class GuardedSyncBackend(httpcore.NetworkBackend):
    """The same for threads. `resolver` blocks."""

    def __init__(self, resolver: Resolver, *, allow_private: bool, max_head: int) -> None:
        self._resolver = resolver
        self._allow_private = allow_private
        self._max_head = max_head
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: _Options = None,
    ) -> httpcore.NetworkStream:
        """See httpcore. Raises AddressRefused and DnsFailed beside httpcore's errors."""
        for address, wait, last in _attempts(self.addresses(host), timeout):
            try:
                stream = self._inner.connect_tcp(address, port, wait, local_address, socket_options)
                return RepairedStream(stream, self._max_head)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if last:
                    raise
        raise AssertionError("no address to connect to")  # `guard` gives at least one

    def addresses(self, host: str) -> list[str]:
        """The addresses of a host, all of them permitted. Raises AddressRefused, DnsFailed."""
        found = guard.literal(host, allow_private=self._allow_private)
        if found is not None:
            return found
        try:
            resolved = self._resolver(host)
        except (OSError, UnicodeError) as error:
            raise DnsFailed(f"{host} has no address") from error
        return guard.permitted(host, resolved, allow_private=self._allow_private)


def _attempts(addresses: Sequence[str], timeout: float | None) -> Iterable[tuple[str, float | None, bool]]:
    """Each address with the seconds it may take, and whether it is the last."""
    chosen = addresses[:MAX_ADDRESSES]
    for place, address in enumerate(chosen, start=1):
        last = place == len(chosen)
        yield address, timeout if last else min(timeout or EARLY_CONNECT_SECONDS, EARLY_CONNECT_SECONDS), last
