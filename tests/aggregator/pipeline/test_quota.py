"""A feed adds so much a day and no more; the rest is counted and arrives the next day."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.demo.two_days import YESTERDAY
from aggregator.pipeline import fetch
from aggregator.store.intake import entries, feeds
from aggregator.system.clock import ManualClock
from feeds.http.fake import Page
from tests.support.apps import DIGEST, app_of
from tests.support.origin import Origin


def document(numbers: range, text: str) -> Page:
    items = "".join(
        f"<item><guid>{n}</guid><title>Bulletin {n} of the harbour</title><description>{text} {n}</description></item>"
        for n in numbers
    )
    return Page(f'<rss version="2.0"><channel><title>Flood</title>{items}</channel></rss>'.encode(), etag=f'"{text}"')


@pytest.mark.anyio
@pytest.mark.parametrize(("name", "limit"), [("MAX_DAILY_ENTRIES", 30), ("MAX_DAILY_BYTES", 3000)])
async def test_a_flood_is_cut_counted_and_continued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, limit: int
) -> None:
    monkeypatch.setattr(fetch, name, limit)
    clock = ManualClock(YESTERDAY)
    async with Origin() as origin:
        origin.on("/flood", document(range(100), "Ships wait for the tide"))
        origin.on("/honest", document(range(5), "The ferry runs again"))
        tables = "".join(f'[[feed]]\nurl = "{origin.url(p)}"\nallow_private = true\n' for p in ("/flood", "/honest"))
        with app_of(tmp_path, DIGEST + tables, clock) as program:
            counts = []
            for _ in range(3):
                report = await program.fetching.fetch()
                by_feed = {polled.feed.url.rpartition("/")[2]: polled for polled in report.results}
                counts.append(by_feed["flood"].new)
                clock.advance(timedelta(hours=1))
            assert 0 < counts[0] < 50
            assert counts[1:] == [0, 0], "the same day"
            assert f"{100 - counts[0]} entries left out for a day" in by_feed["flood"].notes[-1]
            clock.advance(timedelta(days=1))
            later = await program.fetching.fetch()
            assert max(polled.new for polled in later.results) == counts[0]
            health = {one.feed.url.rpartition("/")[2]: one for one in feeds.list_feeds(program.db, clock.now())}
            assert health["flood"].added_bytes > health["honest"].added_bytes
            assert len(entries.ungrouped(program.db, 1000)) == 5 + 2 * counts[0]
            await program.aclose()
