"""Names asked beside the loop: once for all who wait, kept for a minute, never more than so many at once."""

from __future__ import annotations

import asyncio
import threading

import pytest

from feeds.errors import DnsFailed
from feeds.http.resolve import KEEP_SECONDS, Lookup

pytestmark = pytest.mark.anyio


async def test_many_who_wait_for_one_name_ask_once():
    asked: list[str] = []
    go = threading.Event()

    def resolver(host: str) -> list[str]:
        asked.append(host)
        go.wait(5)
        return ["192.0.2.1", "192.0.2.1", "192.0.2.2"]

    lookup = Lookup(resolver)
    tasks = [asyncio.create_task(lookup.find("a.example")) for _ in range(5)]
    await asyncio.sleep(0)
    tasks[0].cancel()  # the first gives up: the others still get the answer
    go.set()
    assert await asyncio.gather(*tasks[1:]) == [("192.0.2.1", "192.0.2.2")] * 4
    assert asked == ["a.example"]


async def test_answers_are_kept_for_a_minute_and_failures_are_not():
    now = [0.0]
    answers = iter([[], ["192.0.2.1"], ["192.0.2.2"]])
    lookup = Lookup(lambda _: next(answers), clock=lambda: now[0])
    with pytest.raises(DnsFailed):
        await lookup.find("a.example")
    for _ in range(2):
        assert await lookup.find("a.example") == ("192.0.2.1",)
    now[0] = KEEP_SECONDS + 1
    assert await lookup.find("a.example") == ("192.0.2.2",)


@pytest.mark.parametrize("error", [OSError("no such name"), UnicodeError("label too long")])
async def test_what_the_system_cannot_resolve_has_no_address(error: Exception):
    def resolver(_: str) -> list[str]:
        raise error

    with pytest.raises(DnsFailed):
        await Lookup(resolver).find("a.example")
