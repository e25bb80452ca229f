"""Whose turn it is: so many at once, so many at one host, so far apart; and who asked to be left alone for a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from feeds.errors import RateLimited
from feeds.http.guard import Target

# Hosts that publish for many unrelated people under one name, told apart by path.
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
# Path segments that name no owner: the next one does.
_GENERIC = frozenset(
    {"feed", "feeds", "r", "u", "user", "users", "rss", "atom", "channel", "tag", "p", "s", "projects"}
)
_PRUNE_AT = 4096


def penalty_key(target: Target) -> str:
    """What a rate limit silences: on a shared host everything of one owner, elsewhere this one address.

    Never a whole host: its other feeds have done nothing wrong, and many hosts answer 429 for one path only.
    """
    path, _, _ = target.target.partition("?")
    if target.host in SHARED_HOSTS:
        for segment in path.split("/")[1:-1]:
            if segment and segment.lower() not in _GENERIC:
                return f"{target.host}/{segment}"
        owner = path.rsplit("/", 1)[-1]
        if "?" not in target.target and owner and "." not in owner:
            return f"{target.host}/{owner}"
    return target.url


class _Gate:
    __slots__ = ("free", "next_start", "users")

    def __init__(self, width: int) -> None:
        self.free = asyncio.Semaphore(width)
        self.users = 0
        self.next_start = 0.0


class HostLimits:
    """The queue at every host's door. `clock` gives seconds and never goes back; `sleep` lets so many pass."""

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
        self._penalties: dict[str, float] = {}

    @asynccontextmanager
    async def turn(self, target: Target) -> AsyncIterator[None]:
        """Wait for a place at the host, then for one of ours. A slow host's queue takes no place from the others."""
        self._refuse_punished(target)
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

    def punish(self, target: Target, seconds: float) -> None:
        """Ask nothing more under this target's key for so long."""
        if len(self._penalties) > _PRUNE_AT:
            now = self._clock()
            self._penalties = {k: until for k, until in self._penalties.items() if until > now}
        self._penalties[penalty_key(target)] = self._clock() + seconds

    def _refuse_punished(self, target: Target) -> None:
        if not self._penalties:
            return
        key = penalty_key(target)
        left = self._penalties.get(key, 0.0) - self._clock()
        if left > 0:
            raise RateLimited(429, f"{target.host} asked for a pause", url=target.url, retry_after=left)
        self._penalties.pop(key, None)

    def _prune(self) -> None:
        now = self._clock()
        self._gates = {h: g for h, g in self._gates.items() if g.users or g.next_start > now}
