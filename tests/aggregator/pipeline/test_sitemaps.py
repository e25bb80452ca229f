"""News sitemaps polled over real HTTP into real SQLite."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.store.intake import feeds as feed_store
from aggregator.system.clock import ManualClock
from feeds.http.fake import Page
from tests.feeds.sources.sitemaps import NOW, index, item, sitemap
from tests.support.apps import DIGEST, app_of
from tests.support.origin import Origin
from tests.support.stored import feed_entries

pytestmark = pytest.mark.anyio
HTML = {"content-type": "text/html; charset=utf-8"}
SENTENCE = "The bridge over the harbour was closed on Wednesday after an inspector found a crack in a pillar."
MORE = (
    "Engineers of the city will look at the other eleven pillars before the weekend, the mayor said at noon.",
    "Until then buses and lorries take the tunnel in the north, which is eight kilometres longer for most of them.",
    "The ferry between the two banks runs every ten minutes and carries pedestrians and bicycles without a ticket.",
    "Shops on the island fear for their trade in the weeks before the holidays, when most of their customers come.",
)
PARAGRAPHS = "".join(f"<p>{sentence}</p>" for sentence in (SENTENCE, *MORE))
PAGE = f"<html><head><title>Bridge closed</title></head><body><article><h1>Bridge closed</h1>{PARAGRAPHS}</article>"


async def test_an_index_of_news_is_a_feed_whose_texts_come_from_its_pages(tmp_path: Path) -> None:
    async with Origin() as origin:
        listed = [(origin.url("/news-1.xml"), ""), (origin.url("/news-2.xml"), "")]
        origin.on("/news.xml", Page(index(listed), etag='"i"'))
        origin.on("/news-1.xml", Page(sitemap(item(origin.url("/bridge"), "Bridge closed")), etag='"1"'))
        two = sitemap(item(origin.url("/strike"), "Strike at the port"))
        three = sitemap(item(origin.url("/strike"), "Strike at the port ends"), item(origin.url("/storm"), "Storm"))
        origin.on("/news-2.xml", Page(two), Page(two), Page(three))
        origin.on("/robots.txt", Page(status=404))
        origin.on("/bridge", Page(PAGE.encode(), headers=HTML))
        table = f'[[feed]]\nurl = "{origin.url("/news.xml")}"\nallow_private = true\n'
        clock = ManualClock(NOW)
        with app_of(tmp_path, DIGEST + table, clock) as program:
            [polled] = (await program.fetching.fetch()).results
            assert (polled.new, polled.code) == (2, None)
            assert "a sitemap index: 2 of 2 sitemaps read" in polled.notes
            feed = feed_store.feed(program.db, origin.url("/news.xml"))
            assert feed.label == "The Harbour Post"
            stored = {entry.title: entry for entry in feed_entries(program.db, feed.id)}
            assert SENTENCE in stored["Bridge closed"].text
            assert stored["Strike at the port"].text == ""
            clock.advance(timedelta(hours=1))
            [polled] = (await program.fetching.fetch()).results
            assert polled.unchanged
            assert [asked.headers.get("if-none-match") for asked in origin.asked if asked.target == "/news-1.xml"] == [
                None,
                '"1"',
            ]
            clock.advance(timedelta(hours=1))
            [polled] = (await program.fetching.fetch()).results
            assert (polled.new, polled.changed) == (1, 1)
            await program.aclose()


async def test_a_sitemap_without_news_is_a_failure_with_a_hint(tmp_path: Path) -> None:
    async with Origin() as origin:
        origin.on("/sitemap.xml", Page(sitemap("<url><loc>https://post.example/about</loc></url>")))
        table = f'[[feed]]\nurl = "{origin.url("/sitemap.xml")}"\nallow_private = true\n'
        with app_of(tmp_path, DIGEST + table, ManualClock(NOW)) as program:
            [polled] = (await program.fetching.fetch()).results
            assert (polled.code, "robots.txt" in polled.hint) == ("not-news", True)
            await program.aclose()
