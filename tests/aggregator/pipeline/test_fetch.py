"""Polling against real feeds on loopback, into real SQLite."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.demo.outlets import OUTLETS
from aggregator.demo.two_days import TODAY
from aggregator.store.intake import entries as entry_store
from aggregator.store.intake import feeds as feed_store
from tests.support.apps import DIGEST, newsroom
from tests.support.stored import feed_entries, revisions

pytestmark = pytest.mark.anyio


async def test_what_a_feed_publishes_is_stored_once(tmp_path: Path) -> None:
    with newsroom(tmp_path, "kurier", "ledger") as (app, clock, server):
        first = await app.fetch()
        assert {p.feed.label: p.new for p in first.results} == {"Rheinischer Kurier": 4, "Capital Ledger": 5}
        clock.advance(timedelta(hours=1))
        again = await app.fetch()
        assert [p.unchanged for p in again.results] == [True, True]
        assert server.answers == {200: 2, 304: 2}
        await app.aclose()


async def test_an_edit_is_a_revision_and_no_new_entry(tmp_path: Path) -> None:
    with newsroom(tmp_path, "harbour") as (app, clock, server):
        await app.fetch()
        server.now = TODAY
        clock.set(TODAY)
        polled = (await app.fetch()).results[0]
        assert polled.changed == 1
        feed = feed_store.feed(app.db, "The Harbour Post")
        revised = [e for e in feed_entries(app.db, feed.id) if e.revised]
        assert [e.title for e in revised] == ["Corrected: Health insurer Corvita loses data of 1.2 million members"]
        assert "2.1 million" in revisions(app.db, revised[0].id)[0][0]
        await app.aclose()


async def test_a_feed_that_is_down_is_reported_with_its_mend_and_costs_no_other(tmp_path: Path) -> None:
    with newsroom(tmp_path, "mirror", "kurier") as (app, _, _server):
        report = await app.fetch()
        outcome = {p.feed.label: p for p in report.results}
        assert outcome["The Silent Mirror"].code == "http-503"
        assert outcome["The Silent Mirror"].hint
        assert outcome["Rheinischer Kurier"].new
        assert not report.nothing_worked
        health = {h.feed.label: h for h in feed_store.list_feeds(app.db, app.clock.now())}
        assert health["The Silent Mirror"].state.failures == 1
        await app.aclose()


async def test_every_feed_failing_is_told_apart(tmp_path: Path) -> None:
    with newsroom(tmp_path, "mirror") as (app, _, _server):
        assert (await app.fetch()).nothing_worked
        await app.aclose()


async def test_only_what_is_due_is_asked(tmp_path: Path) -> None:
    with newsroom(tmp_path, "kurier") as (app, clock, _server):
        assert len((await app.fetch(due=True)).results) == 1
        assert (await app.fetch(due=True)).results == ()
        clock.advance(timedelta(days=2))
        assert len((await app.fetch(due=True)).results) == 1
        await app.aclose()


async def test_force_asks_without_conditions(tmp_path: Path) -> None:
    with newsroom(tmp_path, "kurier") as (app, _, server):
        await app.fetch()
        await app.fetch(force=True)
        assert server.answers == {200: 2}
        await app.aclose()


async def test_an_address_that_is_not_subscribed_is_only_shown(tmp_path: Path) -> None:
    private = "[fetch]\nallow_private = true\n" + DIGEST
    with newsroom(tmp_path, "kurier", more=private) as (app, _, server):
        url = server.url(next(o for o in OUTLETS if o.key == "faro"))
        report = await app.fetch([url])
        assert report.results == ()
        assert report.previews[0].parsed is not None
        assert report.previews[0].parsed.title == "El Faro de Almena"
        assert entry_store.ungrouped(app.db, 10) == []
        await app.aclose()


async def test_a_lease_that_another_process_took_is_respected(tmp_path: Path) -> None:
    with newsroom(tmp_path, "kurier") as (app, clock, _server):
        feed_store.claim_due(app.db, clock.now(), "another", timedelta(minutes=5), limit=10)
        assert (await app.fetch()).results == ()
        clock.advance(timedelta(minutes=6))
        assert len((await app.fetch()).results) == 1, "a lease that ran out is no obstacle"
        await app.aclose()
