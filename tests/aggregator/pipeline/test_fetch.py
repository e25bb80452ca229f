"""Polling against real feeds on loopback, into real SQLite."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.demo.outlets import OUTLETS
from aggregator.demo.two_days import TODAY
from aggregator.store.intake import entries as entry_store
from aggregator.store.intake import feeds as feed_store
from feeds.http.fake import Page
from tests.support.apps import DIGEST, app_of, newsroom
from tests.support.origin import Origin
from tests.support.stored import feed_entries, revisions

pytestmark = pytest.mark.anyio


async def test_what_a_feed_publishes_is_stored_once(tmp_path: Path) -> None:
    with newsroom(tmp_path, "kurier", "ledger") as (program, clock, server):
        first = await program.fetching.fetch()
        assert {p.feed.label: p.new for p in first.results} == {"Rheinischer Kurier": 4, "Capital Ledger": 5}
        clock.advance(timedelta(hours=1))
        again = await program.fetching.fetch()
        assert [p.unchanged for p in again.results] == [True, True]
        assert server.responses == {200: 2, 304: 2}
        await program.aclose()


async def test_an_edit_is_a_revision_and_no_new_entry(tmp_path: Path) -> None:
    with newsroom(tmp_path, "harbour") as (program, clock, server):
        await program.fetching.fetch()
        server.now = TODAY
        clock.set(TODAY)
        polled = (await program.fetching.fetch()).results[0]
        assert polled.changed == 1
        feed = feed_store.feed(program.db, "The Harbour Post")
        revised = [e for e in feed_entries(program.db, feed.id) if e.revised]
        assert [e.title for e in revised] == ["Corrected: Health insurer Corvita loses data of 1.2 million members"]
        assert "2.1 million" in revisions(program.db, revised[0].id)[0][0]
        await program.aclose()


async def test_a_feed_that_is_down_is_reported_with_its_mend_and_costs_no_other(tmp_path: Path) -> None:
    with newsroom(tmp_path, "mirror", "kurier") as (program, _, _server):
        report = await program.fetching.fetch()
        outcome = {p.feed.label: p for p in report.results}
        assert outcome["The Silent Mirror"].code == "http-503"
        assert outcome["The Silent Mirror"].hint
        assert outcome["Rheinischer Kurier"].new
        assert not report.nothing_worked
        health = {h.feed.label: h for h in feed_store.list_feeds(program.db, program.clock.now())}
        assert health["The Silent Mirror"].state.failures == 1
        await program.aclose()


async def test_every_feed_failing_is_distinguished(tmp_path: Path) -> None:
    with newsroom(tmp_path, "mirror") as (program, _, _server):
        assert (await program.fetching.fetch()).nothing_worked
        await program.aclose()


async def test_only_what_is_due_is_asked(tmp_path: Path) -> None:
    with newsroom(tmp_path, "kurier") as (program, clock, _server):
        assert len((await program.fetching.fetch(due=True)).results) == 1
        assert (await program.fetching.fetch(due=True)).results == ()
        clock.advance(timedelta(days=2))
        assert len((await program.fetching.fetch(due=True)).results) == 1
        await program.aclose()


async def test_force_asks_without_conditions(tmp_path: Path) -> None:
    with newsroom(tmp_path, "kurier") as (program, _, server):
        await program.fetching.fetch()
        await program.fetching.fetch(force=True)
        assert server.responses == {200: 2}
        await program.aclose()


async def test_an_address_that_is_not_subscribed_is_only_shown(tmp_path: Path) -> None:
    private = "[fetch]\nallow_private = true\n" + DIGEST
    with newsroom(tmp_path, "kurier", more=private) as (program, _, server):
        url = server.url(next(o for o in OUTLETS if o.key == "faro"))
        report = await program.fetching.fetch([url])
        assert report.results == ()
        assert report.previews[0].parsed is not None
        assert report.previews[0].parsed.title == "El Faro de Almena"
        assert entry_store.ungrouped(program.db, 10) == []
        await program.aclose()


async def test_a_lease_that_another_process_took_is_respected(tmp_path: Path) -> None:
    with newsroom(tmp_path, "kurier") as (program, clock, _server):
        feed_store.claim_due(program.db, clock.now(), "another", timedelta(minutes=5), limit=10)
        assert (await program.fetching.fetch()).results == ()
        clock.advance(timedelta(minutes=6))
        assert len((await program.fetching.fetch()).results) == 1, "a lease that ran out is no obstacle"
        await program.aclose()


async def test_a_process_whose_leases_may_have_passed_on_begins_no_poll(tmp_path: Path) -> None:
    with newsroom(tmp_path, "kurier") as (program, _, server):
        program.fetching.may_begin = lambda: False
        assert (await program.fetching.fetch()).results == ()
        assert server.responses == {}
        await program.aclose()


@pytest.mark.parametrize(("host", "entries"), [("127.0.0.1", 1), ("localhost", 0)])
async def test_a_page_in_place_of_a_feed_leads_to_no_other_private_host(
    tmp_path: Path, host: str, entries: int
) -> None:
    feed = (
        '<rss version="2.0"><channel><title>Herald</title><item><guid>1</guid><title>News</title></item>'
        "</channel></rss>"
    )
    async with Origin() as origin:
        target = origin.url("/feed", host)
        origin.on("/feed", Page(feed.encode()))
        origin.on("/old", Page(f'<meta http-equiv="refresh" content="0;url={target}">'.encode()))
        table = f'[[feed]]\nurl = "{origin.url("/old")}"\nname = "Herald"\nallow_private = true\n'
        with app_of(tmp_path, DIGEST + table) as program:
            [polled] = (await program.fetching.fetch()).results
            assert polled.new == origin.count("/feed") == entries
            await program.aclose()
