"""A week of polling as nine publishers see it: requests by status and bytes, beside a client without manners.

    python -m tests.benchmarks.week

Real HTTP on loopback, a real database, and a clock that jumps from one due poll to the next. The rude client asks for
everything whole every fifteen minutes, whatever it is reported. Prints a line a publisher, the sums, and every entry's
account: published, stored.
"""

from __future__ import annotations

import asyncio
import gzip
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from aggregator.config.load import load
from aggregator.services.program import Program
from aggregator.store.intake import feeds as feed_store
from aggregator.system.clock import ManualClock
from feeds.http.fake import Page
from tests.support.origin import Connection, Origin, message

START = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = timedelta(days=7)
RUDE = timedelta(minutes=15)
KEPT = 30  # entries a feed shows
ITEM = (
    "<item><guid isPermaLink='false'>{name}-{n}</guid><title>Report {n} of {name}</title><pubDate>"
    "{date}</pubDate><description>{text}</description></item>"
)


@dataclass
class Publisher:
    """One feed: an entry every `every`, and what it answers beside it. `dressed` changes an answer by the hour."""

    name: str
    every: timedelta
    dressed: Callable[[Page, datetime], Page] = lambda page, _: page
    etag: bool = True
    head: str = ""
    statuses: Counter[int] = field(default_factory=Counter)
    sent: int = 0

    def count(self, now: datetime) -> int:
        """Entries published so far; one stood there at the beginning."""
        return 1 + (now - START) // self.every

    def page(self, now: datetime) -> Page:
        last = self.count(now)
        items = "".join(
            ITEM.format(
                name=self.name,
                n=n,
                date=format_datetime(START + self.every * (n - 1)),
                text=" ".join(str((n * 7919 + k) % 9973) for k in range(60)),
            )
            for n in range(last, max(0, last - KEPT), -1)
        )
        body = f"<rss version='2.0'><channel><title>{self.name}</title>{self.head}{items}</channel></rss>".encode()
        page = Page(
            gzip.compress(body, mtime=0), headers={"Content-Encoding": "gzip"}, etag=f'"{last}"' if self.etag else None
        )
        return self.dressed(page, now)


def _on(day: int, hours: int, instead: Page) -> Callable[[Page, datetime], Page]:
    """For some hours of a day of the week another answer."""
    begin = START + timedelta(days=day)
    return lambda page, now: instead if begin <= now < begin + timedelta(hours=hours) else page


def _for_good(day: int, instead: Page) -> Callable[[Page, datetime], Page]:
    return lambda page, now: instead if now >= START + timedelta(days=day) else page


def _fresh(page: Page, _: datetime) -> Page:
    return Page(page.body, headers={**page.headers, "Cache-Control": "max-age=7200"}, etag=page.etag)


def publishers() -> list[Publisher]:
    """The nine."""
    hour, day = timedelta(hours=1), timedelta(days=1)
    return [
        Publisher("hourly", hour),
        Publisher("daily", day),
        Publisher("no-validators", 6 * hour, etag=False),
        Publisher("max-age", hour, _fresh),
        Publisher("ttl", hour, head="<ttl>180</ttl>"),
        Publisher(
            "closed-nights", hour, head="<skipHours>" + "".join(f"<hour>{h}</hour>" for h in range(6)) + "</skipHours>"
        ),
        Publisher("rate-limited", hour, _on(1, 12, Page(b"slow down", 429, {"Retry-After": "14400"}))),
        Publisher("down-a-day", hour, _on(2, 24, Page(b"oops", 500))),
        Publisher("withdrawn", 6 * hour, _for_good(3, Page(b"gone", 410))),
    ]


async def run(folder: Path) -> tuple[list[Publisher], dict[str, int]]:
    """Poll for a week; returns the publishers with what they saw, and the entries stored by feed."""
    clock, all_of_them = ManualClock(START), publishers()
    async with Origin() as origin:
        for one in all_of_them:
            origin.on(f"/{one.name}", _script(one, clock))
        tables = "".join(f'[[feed]]\nurl = "{origin.url("/" + p.name)}"\nname = "{p.name}"\n' for p in all_of_them)
        file = folder / "config.toml"
        file.write_text(
            f'[storage]\nurl = "sqlite:///week.db"\n[fetch]\nallow_private = true\nfull_text = "never"\n{tables}'
            '[[digest]]\nname = "d"\nschedule = "0 7 * * *"\nto = ["folder:out"]\n',
            encoding="utf-8",
        )
        program = Program.open(load(file), clock)
        try:
            stored: Counter[str] = Counter()
            while (due := _next(program)) is not None and due < START + WEEK:
                clock.set(max(due, clock.now()))
                for polled in (await program.fetching.fetch(due=True)).results:
                    stored[polled.feed.name] += polled.new
            return all_of_them, dict(stored)
        finally:
            await program.aclose()
            program.close()


def _next(program: Program) -> datetime | None:
    states = [record.state for record in feed_store.feeds_by_id(program.db).values() if not record.state.gone]
    return min((state.next_check for state in states if state.next_check is not None), default=None)


def _script(one: Publisher, clock: ManualClock) -> Callable[[Connection], object]:
    async def answer(connection: Connection) -> None:
        data = message(one.page(clock.now()), connection.asked.headers)
        one.statuses[int(data[9:12])] += 1
        one.sent += len(data)
        await connection.send(data)

    return answer


def rude(one: Publisher) -> tuple[int, int]:
    """Requests and bytes of a client that asks for everything, always."""
    times = [START + RUDE * n for n in range(int(WEEK / RUDE))]
    return len(times), sum(len(message(one.page(now), {})) for now in times)


def expected(one: Publisher) -> int:
    """Entries that a reader of the feed can have: all, but for what came after the feed was withdrawn."""
    end = START + (timedelta(days=3) if one.name == "withdrawn" else WEEK)
    return one.count(end - timedelta(seconds=1))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        seen, stored = asyncio.run(run(Path(folder)))
    requests = sent = rude_requests = rude_sent = 0
    for one in seen:
        asked, took = sum(one.statuses.values()), one.sent
        rude_asked, rude_took = rude(one)
        requests, sent = requests + asked, sent + took
        rude_requests, rude_sent = rude_requests + rude_asked, rude_sent + rude_took
        statuses = ", ".join(f"{status}: {count}" for status, count in sorted(one.statuses.items()))
        print(
            f"{one.name:14} {asked:4} requests ({statuses}), {took / 1000:6.0f} kB; rude {rude_asked}, "
            f"{rude_took / 1000:6.0f} kB; "
            f"entries {stored.get(one.name, 0)} of {expected(one)}"
        )
    print(
        f"all: {requests} requests and {sent / 1000:.0f} kB a week; a rude client {rude_requests} and "
        f"{rude_sent / 1000:.0f} kB "
        f"({requests / rude_requests:.0%} and {sent / rude_sent:.0%})"
    )


if __name__ == "__main__":
    main()
