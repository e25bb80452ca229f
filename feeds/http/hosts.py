"""Limits for requests: how many at once, how many to one host, how far apart, and pauses that servers ask for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from feeds.errors import RateLimited
from feeds.http.guard import Target

# Hosts with feeds of many unrelated publishers, which differ in their paths.
SHARED_HOSTS = frozenset(
    {
        "anchor.fm",
        "dev.to",
        "feed.podbean.com",
        "feedburner.com",
        "feeds.acast.com",
        "feeds.buzzsprout.com",
        "feeds.feedblitz.com",
        "feeds.feedburner.com",
        "feeds.libsyn.com",
        "feeds.megaphone.fm",
        "feeds.simplecast.com",
        "feeds.soundcloud.com",
        "feeds.transistor.fm",
        "feeds2.feedburner.com",
        "github.com",
        "gitlab.com",
        "medium.com",
        "news.google.com",
        "old.reddit.com",
        "proxy.feedburner.com",
        "reddit.com",
        "rss.art19.com",
        "rsshub.app",
        "sourceforge.net",
        "vimeo.com",
        "www.reddit.com",
        "www.youtube.com",
        "youtube.com",
    }
)
# Path segments that name no publisher; the next one does.
_GENERIC = frozenset(
    {"feed", "feeds", "r", "u", "user", "users", "rss", "atom", "channel", "tag", "p", "s", "projects"}
)
_PRUNE_AT = 4096


def pause_key(target: Target) -> str:
    """Return what a rate limit pauses: on a shared host all URLs of one publisher, elsewhere one URL.

    It never pauses a whole host, because many hosts limit one path only.
    """
    path, _, _ = target.target.partition("?")
    if target.host in SHARED_HOSTS:
        for segment in path.split("/")[1:-1]:
            if segment and segment.lower() not in _GENERIC:
                return f"{target.host}/{segment}"
        publisher = path.rsplit("/", 1)[-1]
        if "?" not in target.target and publisher and "." not in publisher:
            return f"{target.host}/{publisher}"
    return target.url


class _Gate:
    __slots__ = ("free", "next_start", "users")

    def __init__(self, width: int) -> None:
        self.free = asyncio.Semaphore(width)
        self.users = 0
        self.next_start = 0.0


class HostLimits:
    """Makes requests wait until the limits permit them. `clock` returns monotonic seconds, `sleep` waits."""

    def __init__(
        self,
        concurrency: int,
        per_host: int,
        delay: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._all = asyncio.Semaphore(concurrency)
        self._per_host = per_host
        self._delay = delay
        self._clock = clock
        self._sleep = sleep
        self._gates: dict[str, _Gate] = {}
        self._pauses: dict[str, float] = {}

    @asynccontextmanager
    async def turn(self, target: Target) -> AsyncIterator[None]:
        """Wait until a request may be sent. Requests that wait for a slow host do not hold up other hosts."""
        self._refuse_paused(target)
        host = target.host if target.port in (80, 443) else target.authority
        gate = self._gates.get(host)
        if gate is None:
            gate = self._gates[host] = _Gate(self._per_host)
        gate.users += 1
        try:
            async with gate.free:
                if self._delay:
                    await self._space(gate)
                async with self._all:
                    yield
        finally:
            gate.users -= 1
            if not self._delay:
                if not gate.users:
                    del self._gates[host]
            elif len(self._gates) > _PRUNE_AT:
                self._prune()

    async def _space(self, gate: _Gate) -> None:
        now = self._clock()
        start = max(now, gate.next_start)
        gate.next_start = start + self._delay
        if start > now:
            await self._sleep(start - now)

    def pause(self, target: Target, seconds: float) -> None:
        """Refuse requests with this target's key for so many seconds."""
        if len(self._pauses) > _PRUNE_AT:
            now = self._clock()
            self._pauses = {k: until for k, until in self._pauses.items() if until > now}
        self._pauses[pause_key(target)] = self._clock() + seconds

    def _refuse_paused(self, target: Target) -> None:
        if not self._pauses:
            return
        key = pause_key(target)
        left = self._pauses.get(key, 0.0) - self._clock()
        if left > 0:
            raise RateLimited(429, f"{target.host} asked for a pause", url=target.url, retry_after=left)
        self._pauses.pop(key, None)

    def _prune(self) -> None:
        now = self._clock()
        self._gates = {h: g for h, g in self._gates.items() if g.users or g.next_start > now}
