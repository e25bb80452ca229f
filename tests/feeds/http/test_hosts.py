"""Turns at hosts, and penalties that hit nobody else."""

from __future__ import annotations

import asyncio

import pytest

from feeds.errors import RateLimited
from feeds.http.guard import parse_target
from feeds.http.hosts import HostLimits, pause_key

pytestmark = pytest.mark.anyio


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://example.org/a/feed", "https://example.org/a/feed"),
        ("https://github.com/owner/project/releases.atom", "github.com/owner"),
        ("https://medium.com/feed/@writer", "medium.com/@writer"),
        ("https://www.reddit.com/r/python/.rss", "www.reddit.com/python"),
        ("https://feeds.feedburner.com/Name", "feeds.feedburner.com/Name"),
        (
            "https://www.youtube.com/feeds/videos.xml?channel_id=1",
            "https://www.youtube.com/feeds/videos.xml?channel_id=1",
        ),
        ("https://medium.com/", "https://medium.com/"),
    ],
)
def test_what_a_penalty_hits(url: str, key: str):
    assert pause_key(parse_target(url)) == key


async def test_a_penalty_is_kept_for_its_time_and_hits_the_operator_only():
    clock = Clock()
    limits = HostLimits(8, 2, clock=clock)
    limits.pause(parse_target("https://github.com/one/a.atom"), 60)
    with pytest.raises(RateLimited) as caught:
        async with limits.turn(parse_target("https://github.com/one/b.atom")):
            pass
    assert caught.value.retry_after == 60
    async with limits.turn(parse_target("https://github.com/two/a.atom")):
        pass
    clock.now += 61
    async with limits.turn(parse_target("https://github.com/one/b.atom")):
        pass


async def test_a_queue_at_one_host_takes_no_place_from_the_others():
    limits = HostLimits(concurrency=2, per_host=1)
    release = asyncio.Event()

    async def hold() -> None:
        async with limits.turn(parse_target("http://slow.example/")):
            await release.wait()

    waiting = [asyncio.create_task(hold()) for _ in range(10)]
    await asyncio.sleep(0)
    async with asyncio.timeout(1), limits.turn(parse_target("http://quick.example/")):
        assert len(limits._gates) == 2
    release.set()
    await asyncio.gather(*waiting)
    assert len(limits._gates) == 0


async def test_requests_to_one_host_are_spaced_and_to_others_not():
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(round(seconds, 6))

    limits = HostLimits(8, 8, delay=0.5, clock=Clock(), sleep=sleep)

    async def ask(url: str) -> None:
        async with limits.turn(parse_target(url)):
            pass

    await asyncio.gather(*(ask(f"http://one.example/{n}") for n in range(4)))
    assert waits == [0.5, 1.0, 1.5]
    await asyncio.gather(*(ask(f"http://host{n}.example/") for n in range(4)))
    assert len(waits) == 3


async def test_hosts_are_forgotten():
    clock = Clock()
    limits = HostLimits(8, 2, delay=0.001, clock=clock)
    for n in range(5000):
        clock.now += 1
        async with limits.turn(parse_target(f"http://host{n}.example/")):
            limits.pause(parse_target(f"http://host{n}.example/"), 0.5)
    assert len(limits._gates) <= 4097
    assert len(limits._pauses) <= 4098
