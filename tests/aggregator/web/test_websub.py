"""A feed, its hub and our pages, each on a real socket: subscribed, verified, pushed, polled."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest

from aggregator.observe.metrics import Metrics
from aggregator.services.program import Program
from aggregator.store.intake import entries, feeds, push, suspects
from aggregator.web.routes import MAX_PUSH, application
from feeds.http.fake import Page
from feeds.websub import PushState
from tests.support.apps import DIGEST, app_of
from tests.support.origin import Connection, Origin, head

pytestmark = pytest.mark.anyio
ITEM = (
    "<item><guid>{n}</guid><title>The {n} ferry is late</title><description>It waits for fog to "
    "lift.</description></item>"
)


def feed_of(origin: Origin, *names: str) -> bytes:
    links = f'<atom:link rel="hub" href="{origin.url("/hub")}"/><atom:link rel="self" href="{origin.url("/feed")}"/>'
    items = "".join(ITEM.format(n=n) for n in names)
    return (
        f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Ferries</title>{links}{items}'
        "</channel></rss>"
    ).encode()


class World:
    """The three of them, and what the hub was sent."""

    def __init__(self, origin: Origin, program: Program) -> None:
        self.origin, self.program = origin, program
        self.forms: list[dict[str, str]] = []
        transport = httpx.ASGITransport(application(program, Metrics()))
        self.hub = httpx.AsyncClient(transport=transport, base_url="https://news.example")

    async def accept(self, connection: Connection) -> None:
        """The hub takes every request; it verifies later."""
        size = int(connection.asked.headers["content-length"])
        body = await connection.reader.readexactly(size)
        self.forms.append({name: values[0] for name, values in parse_qs(body.decode()).items()})
        await connection.send(head(202, {"Content-Length": "0"}))

    async def verify(self, **changes: str) -> httpx.Response:
        asked = self.forms[-1]
        query = {
            "hub.mode": "subscribe",
            "hub.topic": asked["hub.topic"],
            "hub.challenge": "echo this",
            "hub.lease_seconds": "864000",
        }
        return await self.hub.get(asked["hub.callback"], params={**query, **changes})

    async def push(self, body: bytes, secret: str | None = None) -> httpx.Response:
        key = (self.forms[-1]["hub.secret"] if secret is None else secret).encode()
        signature = "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()
        return await self.hub.post(self.forms[-1]["hub.callback"], content=body, headers={"X-Hub-Signature": signature})

    def due(self) -> bool:
        record = feeds.feed(self.program.db, self.origin.url("/feed"))
        assert record.state.next_check is not None
        return record.state.next_check <= self.program.clock.now()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with Origin() as origin:
        table = (
            f'[web]\npublic_url = "https://news.example/"\n{DIGEST}[[feed]]\nurl = "{origin.url("/feed")}"\n'
            "allow_private = true\n"
        )
        origin.on("/feed", Page(feed_of(origin, "first")), Page(feed_of(origin, "first", "second")))
        with app_of(tmp_path, table) as program:
            made = World(origin, program)
            origin.on("/hub", made.accept)
            await program.fetching.fetch()
            yield made
            await program.aclose()


async def test_news_that_is_pushed_arrives_at_once(world: World) -> None:
    assert (await world.program.fetching.subscribe_at_hubs()).accepted == 1
    assert world.forms[0]["hub.callback"].startswith("https://news.example/websub/")
    answer = await world.verify()
    assert (answer.status_code, answer.text) == (200, "echo this")
    assert not world.due()
    world.program.clock.advance(timedelta(minutes=5))  # type: ignore[attr-defined]
    assert (await world.push(b"<rss/>")).status_code == 202
    assert world.due()
    report = await world.program.fetching.fetch(due=True)
    assert [polled.new for polled in report.results] == [1]
    assert len(entries.ungrouped(world.program.db, 10)) == 2


async def test_a_feed_that_is_set_aside_stays_so_when_a_hub_pushes(world: World) -> None:
    await world.program.fetching.subscribe_at_hubs()
    await world.verify()
    db, record = world.program.db, feeds.feed(world.program.db, world.origin.url("/feed"))
    with db.write() as connection:
        suspects.set_aside(connection, [suspects.Suspicion(record.id, suspects.MOST, None)], world.program.clock.now())
    world.program.clock.advance(timedelta(minutes=5))  # type: ignore[attr-defined]
    assert (await world.push(b"<rss/>")).status_code == 202
    assert not world.due(), "else each push would end the process again"


async def test_a_push_that_another_signed_changes_nothing(world: World) -> None:
    await world.program.fetching.subscribe_at_hubs()
    await world.verify()
    world.program.clock.advance(timedelta(minutes=5))  # type: ignore[attr-defined]
    assert (await world.push(b"<rss/>", secret="guessed")).status_code == 202
    assert not world.due()


async def test_a_hub_that_confirms_what_was_not_asked_is_refused(world: World) -> None:
    await world.program.fetching.subscribe_at_hubs()
    assert (await world.verify(**{"hub.topic": "https://elsewhere.example/"})).status_code == 404
    assert (await world.hub.get("/websub/unknown", params={"hub.mode": "subscribe"})).status_code == 404
    assert (await world.hub.post("/websub/unknown", content=b"x")).status_code == 410


async def test_a_hub_that_is_down_is_asked_again_and_the_feed_is_polled_all_the_same(world: World) -> None:
    world.origin.on("/hub", Page(status=503))
    assert (await world.program.fetching.subscribe_at_hubs()).failed == 1
    assert (await world.program.fetching.subscribe_at_hubs()).failed == 0
    world.program.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
    assert [polled.new for polled in (await world.program.fetching.fetch()).results] == [1]
    world.origin.on("/hub", world.accept)
    assert (await world.program.fetching.subscribe_at_hubs()).accepted == 1


async def test_a_confirmed_hub_lets_the_feed_rest_and_is_asked_again_before_its_lease_ends(world: World) -> None:
    await world.program.fetching.subscribe_at_hubs()
    await world.verify()
    now = world.program.clock.now()
    await world.program.fetching.fetch()
    record = feeds.feed(world.program.db, world.origin.url("/feed"))
    assert record.state.next_check is not None
    assert record.state.next_check >= now + timedelta(hours=2)
    world.program.clock.advance(timedelta(days=9, minutes=1))  # type: ignore[attr-defined]
    assert (await world.program.fetching.subscribe_at_hubs()).accepted == 1
    token = world.forms[-1]["hub.callback"].rpartition("/")[2]
    found = push.by_token(world.program.db, token)
    assert found is not None
    assert found.state is PushState.ACTIVE  # the old lease holds until the new one is verified


async def test_a_push_larger_than_a_feed_may_be_is_not_held(world: World) -> None:
    await world.program.fetching.subscribe_at_hubs()
    assert (await world.push(b"x" * 2000)).status_code == 202
    assert (await world.push(b"x" * (MAX_PUSH + 1))).status_code == 413


async def test_permission_for_a_private_feed_covers_no_hub_beside_it(world: World) -> None:
    """The feed is at 127.0.0.1, its hub at another name of this machine."""
    elsewhere = world.origin.url("/hub").replace("127.0.0.1", "localhost")
    page = feed_of(world.origin, "first").replace(world.origin.url("/hub").encode(), elsewhere.encode())
    world.origin.on("/feed", Page(page + b" "))
    world.program.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
    await world.program.fetching.fetch()
    assert (await world.program.fetching.subscribe_at_hubs()).failed == 1
    assert world.forms == []
