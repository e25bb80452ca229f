"""A page that exceeds the limits of extraction costs its own entry the full text, and is not read again for days."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.demo.two_days import YESTERDAY
from aggregator.services.program import Program
from aggregator.store import Database
from aggregator.store.intake import entries as entry_store
from aggregator.store.intake import page_failures
from aggregator.system.clock import ManualClock
from feeds.http.fake import Page
from feeds.process.child import Handler
from tests.support.apps import DIGEST, app_of
from tests.support.origin import Origin
from tests.support.stored import DAY, NOW


def never_ends() -> Handler:
    """Extraction that the kernel has to end, at once here."""

    def handle(_: bytes) -> bytes:
        os.kill(os.getpid(), signal.SIGPROF)
        return b""

    return handle


def feed(origin: Origin, *pages: str, title: str = "Ferry runs again") -> Page:
    items = "".join(
        f"<item><guid>{page}</guid><title>{title} {page}</title><link>{origin.url(page)}</link>"
        "<description>The ferry runs again after the storm, the town said …</description></item>"
        for page in pages
    )
    return Page(f'<rss version="2.0"><channel><title>Herald</title>{items}</channel></rss>'.encode())


async def look(program: Program, clock: ManualClock, later: timedelta) -> tuple[str, ...]:
    clock.advance(later)
    report = await program.fetching.fetch()
    return report.results[0].notes


@pytest.mark.anyio
async def test_a_page_that_fails_is_not_read_again_for_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.discovery.pool._HANDLER", f"{__name__}:never_ends")
    clock = ManualClock(YESTERDAY)
    async with Origin() as origin:
        origin.on("/robots.txt", Page(status=404))
        for number in range(9):
            origin.on(f"/{number}", Page(b"<html><body><p>Endless"))
        origin.on("/feed", feed(origin, "/0", "/1"))
        table = f'[[feed]]\nurl = "{origin.url("/feed")}"\nallow_private = true\n'
        with app_of(tmp_path, DIGEST + table, clock) as program:
            (note,) = await look(program, clock, timedelta(hours=1))
            assert "more time or memory than allowed" in note
            assert (origin.count("/0"), origin.count("/1")) == (1, 0), "one page of a feed in one poll"
            assert [one.full_text for one in entry_store.entries(program.db, [1, 2])] == [False, False]
            origin.on("/feed", feed(origin, "/0", "/1", title="Ferry sails"))
            await look(program, clock, timedelta(hours=1))
            assert (origin.count("/0"), origin.count("/1")) == (1, 1)
            for number in range(2, 6):
                origin.on("/feed", feed(origin, "/0", "/1", f"/{number}"))
                await look(program, clock, timedelta(hours=1))
            assert [origin.count(f"/{number}") for number in range(6)] == [1, 1, 1, 0, 0, 0], "the site is left alone"
            origin.on("/feed", feed(origin, "/6"))
            await look(program, clock, page_failures.WAIT)
            assert origin.count("/6") == 1
            await program.aclose()


def test_only_the_site_of_the_failures_is_left_alone() -> None:
    db = Database.in_memory()
    for name in ("a", "b%", "c_"):
        page_failures.put(db, f"https://x.example/{name}", "too long", NOW)
    pages = [f"https://{host}.example/{name}" for host in ("x", "xy", "y") for name in "ad"]
    pages += ["http://x.example/a", "https://x.example:8443/a", "https://x.example.evil.example/a"]
    assert page_failures.blocked(db, pages, NOW) == {"https://x.example/a", "https://x.example/d"}
    assert page_failures.blocked(db, pages, NOW + page_failures.WAIT + DAY) == set()
    page_failures.put(db, "https://y.example/a", "too long", NOW + page_failures.WAIT)
    assert page_failures.blocked(db, pages, NOW) == {"https://y.example/a"}, "the old ones are gone"
    db.close()
