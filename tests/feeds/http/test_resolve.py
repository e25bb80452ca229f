"""Names asked beside the loop: once for all who wait, kept for a minute, never more than so many at once."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from feeds.errors import DnsFailed, NoNetwork
from feeds.http import resolve
from feeds.http.resolve import KEEP_SECONDS, MAX_LOOKUPS, MAX_LOOKUPS_OF_ZONE, Lookup

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


@pytest.mark.parametrize("error", [OSError("no such name"), UnicodeError("label too long"), ValueError("null")])
async def test_what_the_system_cannot_resolve_has_no_address(error: Exception):
    def resolver(_: str) -> list[str]:
        raise error

    with pytest.raises(DnsFailed):
        await Lookup(resolver).find("a.example")


async def test_names_of_one_zone_that_hang_leave_room_for_others():
    go = threading.Event()

    def resolver(host: str) -> list[str]:
        if host.endswith("evil.example"):
            go.wait(30)
        return ["192.0.2.1"]

    lookup = Lookup(resolver)
    hung = [asyncio.create_task(lookup.find(f"a{n}.evil.example")) for n in range(2 * MAX_LOOKUPS)]
    await asyncio.sleep(0.05)
    assert threading.active_count() < 2 * MAX_LOOKUPS_OF_ZONE + 5
    async with asyncio.timeout(5):
        assert await lookup.find("honest.example.org") == ("192.0.2.1",)
    for task in hung[1:]:
        task.cancel()
    go.set()
    assert await hung[0] == ("192.0.2.1",)
    async with asyncio.timeout(5):
        assert await lookup.find("later.evil.example") == ("192.0.2.1",), "who gave up holds no turn"


async def test_names_of_many_zones_that_hang_make_room(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(resolve, "SLOW_SECONDS", 0.1)
    go = threading.Event()

    def resolver(host: str) -> list[str]:
        if host.endswith("evil"):
            go.wait(30)
        return ["192.0.2.1"]

    lookup = Lookup(resolver)
    hung = [asyncio.create_task(lookup.find(f"a{n}.evil")) for n in range(MAX_LOOKUPS + 20)]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        assert await lookup.find("honest.example.org") == ("192.0.2.1",)
    go.set()
    assert set(await asyncio.gather(*hung)) == {("192.0.2.1",)}
    monkeypatch.setattr(resolve, "MAX_THREADS", 0)
    with pytest.raises(DnsFailed, match="too many"):
        await lookup.find("one.more.example")


async def test_a_machine_without_threads_has_no_addresses_for_now(monkeypatch: pytest.MonkeyPatch):
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    lookup = Lookup(lambda _: ["192.0.2.1"])
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(DnsFailed):
            await lookup.find("a.example")
    assert await lookup.find("a.example") == ("192.0.2.1",)


@pytest.mark.parametrize(("number", "error"), [(socket.EAI_AGAIN, NoNetwork), (socket.EAI_NONAME, DnsFailed)])
async def test_no_name_server_is_another_cause_than_no_such_name(number: int, error: type[DnsFailed]):
    def fail(_: str) -> list[str]:
        raise socket.gaierror(number, "no")

    with pytest.raises(DnsFailed) as caught:
        await Lookup(fail).find("a.example")
    assert type(caught.value) is error
