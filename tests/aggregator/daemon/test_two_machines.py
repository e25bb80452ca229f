"""Two workers on one PostgreSQL database, as on two machines: pushes reach any of them, and hosts see them as one."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from sqlalchemy import text

from aggregator.config.load import load
from aggregator.daemon.cluster.tasks import build_cluster_tasks
from aggregator.observe.metrics import Metrics
from aggregator.services.program import Program
from aggregator.store.intake import feeds
from aggregator.system.clock import ManualClock, SystemClock
from aggregator.web.routes import application
from feeds.http.fake import Page
from tests.support.origin import Connection, Origin, head, message
from tests.support.postgres import fresh_database
from tests.support.stores import postgres_server
from tests.support.workers import cluster_config

__all__ = ["postgres_server"]
pytestmark = [pytest.mark.anyio, pytest.mark.postgres]
DELAY = 0.15  # seconds between two requests to one host


@pytest.fixture
def database(postgres_server: str) -> Iterator[str]:
    with fresh_database(postgres_server) as url:
        yield url


def document(origin: Origin, *names: str) -> bytes:
    links = f'<atom:link rel="hub" href="{origin.url("/hub")}"/><atom:link rel="self" href="{origin.url("/feed")}"/>'
    items = "".join(f"<item><guid>{name}</guid><title>The {name} ferry is late</title></item>" for name in names)
    return (
        f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Ferries</title>{links}{items}'
        "</channel></rss>"
    ).encode()


async def test_a_push_to_any_front_end_makes_the_right_feed_due_for_any_worker(tmp_path: Path, database: str) -> None:
    async with Origin() as origin:
        forms: list[dict[str, str]] = []

        async def accept(connection: Connection) -> None:
            body = await connection.reader.readexactly(int(connection.asked.headers["content-length"]))
            forms.append({name: values[0] for name, values in parse_qs(body.decode()).items()})
            await connection.send(head(202, {"Content-Length": "0"}))

        origin.on("/hub", accept)
        origin.on("/feed", Page(document(origin, "first")), Page(document(origin, "first", "second")))
        origin.on("/other", Page(document(origin, "third").replace(b"atom:link", b"atom:other")))
        tables = "".join(
            f'[[feed]]\nurl = "{origin.url(path)}"\nallow_private = true\n' for path in ("/feed", "/other")
        )
        config = load(cluster_config(tmp_path, database, f'public_url = "https://news.example/"\n{tables}'))
        clock = ManualClock(datetime(2026, 6, 1, tzinfo=UTC))
        first, second = (Program.open(config, clock) for _ in range(2))
        fronts = [
            httpx.AsyncClient(
                transport=httpx.ASGITransport(application(one, Metrics())), base_url="https://news.example"
            )
            for one in (first, second)
        ]
        await first.fetching.fetch()
        assert (await first.fetching.subscribe_at_hubs()).accepted == 1
        form = forms[0]
        query = {
            "hub.mode": "subscribe",
            "hub.topic": form["hub.topic"],
            "hub.challenge": "echo this",
            "hub.lease_seconds": "864000",
        }
        assert (await fronts[1].get(form["hub.callback"], params=query)).text == "echo this"
        clock.advance(timedelta(minutes=5))
        signature = "sha256=" + hmac.new(form["hub.secret"].encode(), b"<rss/>", hashlib.sha256).hexdigest()
        pushed = await fronts[1].post(form["hub.callback"], content=b"<rss/>", headers={"X-Hub-Signature": signature})
        assert pushed.status_code == 202
        assert feeds.count_due(first.db, clock.now(), 10) == 1
        await build_cluster_tasks(first, Metrics())["poll"](lane=0)
        with second.db.read() as connection:
            polls = {row.url: row.polls for row in connection.execute(text("SELECT url, polls FROM feed"))}
            stored = set(connection.execute(text("SELECT guid FROM entry")).scalars())
        assert polls == {origin.url("/feed"): 2, origin.url("/other"): 1}
        assert stored == {"first", "second", "third"}
        for front in fronts:
            await front.aclose()
        for one in (first, second):
            await one.aclose()
            one.close()


async def test_two_workers_keep_the_pause_of_a_host_together(tmp_path: Path, database: str) -> None:
    async with Origin() as origin:
        begins: list[float] = []

        async def answer(connection: Connection) -> None:
            begins.append(asyncio.get_running_loop().time())
            await connection.send(message(Page(document(origin, connection.asked.target)), {}))

        origin.on("*", answer)
        tables = "".join(f'[[feed]]\nurl = "{origin.url(f"/{n}")}"\nallow_private = true\n' for n in range(16))
        more = f'[fetch]\nper_host = 1\nhost_delay = "{int(DELAY * 1000)}ms"\n{tables}'
        config = load(cluster_config(tmp_path, database, more))
        programs = [Program.open(config, SystemClock()) for _ in range(2)]
        polls = [build_cluster_tasks(one, Metrics())["poll"] for one in programs]
        db = programs[0].db
        async with asyncio.timeout(60):
            while len(begins) < 16:
                await asyncio.gather(*(poll(lane=lane) for lane, poll in enumerate(polls)))
                with db.write() as connection:  # what was put off is due at once: only the host's pause is waited for
                    connection.execute(text("UPDATE feed SET next_check = 0 WHERE polls = 0"))
        assert len(begins) == 16
        # On a busy machine one request may arrive late, and so close to the next; all together cannot. Two workers that
        # each kept a pause of their own would take half the time.
        assert begins[-1] - begins[0] > 3 / 4 * 15 * DELAY
        for one in programs:
            await one.aclose()
            one.close()
