"""Health, metrics, the web copy and unsubscribing, through the real application."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from aggregator.observe.metrics import Metrics
from aggregator.pipeline.issue import READ, UNSUBSCRIBE
from aggregator.services.program import Program
from aggregator.store.intake import feeds as feed_store
from aggregator.store.records import FeedConfigRow
from aggregator.store.schema.tables import feed
from aggregator.web.routes import application
from digests import links
from digests.channels.recipient import Recipient
from tests.support.apps import DIGEST, app_of, newsroom

pytestmark = pytest.mark.anyio
READER = Recipient("mail", "ann@example.org")
MAIL = '[mail]\nsender = "digest@example.org"\nhost = "127.0.0.1"\n'
TWO_READERS = DIGEST.replace('"folder:out"', '"ann@example.org", "bob@example.org"')


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    with app_of(tmp_path, MAIL + TWO_READERS) as program:
        yield program


def over(program: Program) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(application(program, Metrics())), base_url="http://localhost"
    )


@pytest.fixture
def client(program: Program) -> httpx.AsyncClient:
    return over(program)


def token(program: Program, digest: str = "daily", purpose: str = UNSUBSCRIBE, days: int = 1) -> str:
    expires = program.clock.now() + timedelta(days=days)
    return links.make_token(
        program.editions.sender().keys, purpose, {"recipient": READER.key, "digest": digest}, expires
    )


async def test_health_reports_of_feeds_and_deliveries(client: httpx.AsyncClient) -> None:
    answer = await client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok", "problems": [], "configuration": "as in the file",
        "feeds": 0, "feeds_failing": 0, "deliveries": {},
    }  # fmt: skip


async def test_health_says_what_keeps_the_daemon_from_its_work(program: Program) -> None:
    metrics = Metrics()
    metrics.ticked("poll", program.clock.now() - timedelta(hours=1), timedelta(seconds=5))
    for _ in range(3):
        metrics.health.ended("task compose", "no room [disk-full]")
    metrics.health.configuration = "config.toml:3: digest: unknown key"
    transport = httpx.ASGITransport(application(program, metrics))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["problems"] == [
        "the tick poll does not run",
        "task compose failed 3 times in a row: no room [disk-full]",
    ]
    assert answer.json()["configuration"] == "config.toml:3: digest: unknown key"


async def test_metrics_have_the_queue_the_failing_feeds_and_the_last_editions(
    program: Program, client: httpx.AsyncClient
) -> None:
    rows = [FeedConfigRow("https://a.example/feed"), FeedConfigRow("https://b.example/feed")]
    feed_store.sync_subscriptions(program.db, rows, program.clock.now())
    with program.db.write() as connection:
        connection.execute(update(feed).where(feed.c.url == "https://a.example/feed").values(failures=2))
    (edition,) = await program.editions.send("daily")
    program.clock.advance(timedelta(minutes=10))  # type: ignore[attr-defined]
    text = (await client.get("/metrics")).text
    assert 'aggregator_open_deliveries{state="queued"} 2.0' in text
    assert "aggregator_oldest_delivery_age_seconds 600.0" in text
    assert "aggregator_failing_feeds 1.0" in text
    (stamp,) = re.findall(r'aggregator_last_edition_timestamp_seconds{digest="daily"} (\S+)', text)
    assert float(stamp) == edition.composed.timestamp()


async def test_metrics_are_in_the_prometheus_format(client: httpx.AsyncClient) -> None:
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "# TYPE aggregator_entries_total counter" in answer.text


async def test_opening_an_unsubscribe_link_changes_nothing(program: Program, client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/unsubscribe/{token(program)}")
    assert answer.status_code == 200
    assert "Nothing has changed yet" in answer.text
    assert READER in program.editions.plan("daily").recipients


@pytest.mark.parametrize("times", [1, 2])
async def test_posting_it_ends_the_digest_for_that_reader_however_often(
    program: Program, client: httpx.AsyncClient, times: int
) -> None:
    for _ in range(times):
        answer = await client.post(f"/unsubscribe/{token(program)}", data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert program.editions.plan("daily").recipients == (Recipient("mail", "bob@example.org"),)


async def test_it_stays_so_after_the_configuration_is_read_again(program: Program, client: httpx.AsyncClient) -> None:
    await client.post(f"/unsubscribe/{token(program)}")
    await program.reconfigure(program.config)
    assert READER not in program.editions.plan("daily").recipients


@pytest.mark.parametrize("bad", ["forged.token", "", "x" * 5000])
async def test_a_forged_link_does_nothing(program: Program, client: httpx.AsyncClient, bad: str) -> None:
    assert (await client.post(f"/unsubscribe/{bad}")).status_code == 404
    assert READER in program.editions.plan("daily").recipients


async def test_a_link_for_another_purpose_or_out_of_date_does_nothing(
    program: Program, client: httpx.AsyncClient
) -> None:
    assert (await client.post(f"/unsubscribe/{token(program, purpose='feedback')}")).status_code == 404
    assert (await client.post(f"/unsubscribe/{token(program, days=-1)}")).status_code == 404
    assert READER in program.editions.plan("daily").recipients


async def test_an_edition_that_is_not_there_is_said_in_words(client: httpx.AsyncClient) -> None:
    answer = await client.get("/editions/none")
    assert answer.status_code == 404
    assert "not here" in answer.text


async def test_pages_forbid_scripts_and_framing(client: httpx.AsyncClient) -> None:
    policy = (await client.get("/")).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


async def test_a_token_is_asked_for_where_one_is_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGES_TOKEN", "open sesame")
    with app_of(tmp_path, '[web]\ntoken_env = "PAGES_TOKEN"\n' + DIGEST) as program:
        client = over(program)
        assert (await client.get("/")).status_code == 401
        assert (await client.get("/metrics", headers={"Authorization": "Bearer wrong"})).status_code == 401
        assert (await client.get("/", headers={"Authorization": "Bearer open sesame"})).status_code == 200
        assert (await client.get("/?token=open+sesame")).status_code == 200
        assert (await client.get("/healthz")).status_code == 200, "a health check has no token"


async def test_the_numbers_of_an_edition_lead_to_their_lists(tmp_path: Path) -> None:
    with newsroom(tmp_path, "northwire", "harbour", "ledger", "tidings") as (program, _, _server):
        await program.fetching.fetch()
        program.stories.group()
        (edition,) = await program.editions.send("daily")
        client = over(program)
        page = (await client.get(f"/editions/{edition.id}")).text
        found = dict(re.findall(r'<a href="(http://localhost/editions/[^"]*/entries)#(\w+)">', page))
        assert set(found) == {f"http://localhost/editions/{edition.id}/entries"}
        lists = await client.get(f"/editions/{edition.id}/entries")
        assert lists.status_code == 200
        for one in edition.trust.entries:
            section = lists.text.split(f'<h2 id="{one.entry_class.value}">')[1].split("<h2")[0]
            assert section.count("<time") == one.count
        assert "the same text as" in lists.text
        assert (await client.get("/editions/none/entries")).status_code == 404
        await program.aclose()


async def test_the_key_of_an_edition_opens_the_lists_of_its_digest_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGES_TOKEN", "open sesame")
    more = '[web]\ntoken_env = "PAGES_TOKEN"\n' + DIGEST + 'topics = ["Sport"]\n'
    with newsroom(tmp_path, "northwire", "harbour", more=more) as (program, _, _server):
        await program.fetching.fetch()
        program.stories.group()
        (edition,) = await program.editions.send("daily")
        client, keys = over(program), program.editions.sender().keys
        where = f"/editions/{edition.id}/entries"
        key = links.make_token(keys, READ, {"edition": edition.id}, program.clock.now() + timedelta(days=1))
        assert (await client.get(where)).status_code == 401
        everything = (await client.get(where, headers={"Authorization": "Bearer open sesame"})).text
        own = (await client.get(where, params={"key": key})).text
        assert '<h2 id="outside">' in everything
        assert '<h2 id="outside">' not in own
        assert "outside this digest" in own, "the number is no secret"
        await program.aclose()
