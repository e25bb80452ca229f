"""Feeds whose items are known to report events, read and sent over HTTP for some days, and what became of each event.

The guid of an item is `event|part|feed` unless it says otherwise. Parts of one event are reports, copies and
developments of it.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path

from sqlalchemy import select

from aggregator.pipeline.issue import Outputs
from aggregator.services.program import Program
from aggregator.store.editions import entries as stored_groups
from aggregator.store.records import RecipientRecord
from aggregator.store.schema import tables
from aggregator.system.clock import ManualClock
from digests.channels.recipient import Recipient
from digests.model import Edition, ItemKind
from feeds.http.fake import Page
from tests.support.apps import app_of
from tests.support.origin import Connection, Origin, message

START = datetime(2026, 6, 1, tzinfo=UTC)  # a Monday
DAYS = 7
POLLS = (3, 10, 17)  # hours of the day
DIGEST_HOUR = 18
DIGEST = (
    '[[digest]]\nname = "daily"\nschedule = "0 18 * * *"\nzone = "UTC"\nmax_stories = 500\nmax_words = 100000\n'
    'min_score = 0\nto = ["folder:out"]\n'
)


def at(day: float, hour: float = 0) -> datetime:
    """Return a time of the stream."""
    return START + timedelta(days=day, hours=hour)


@dataclass(frozen=True)
class Report:
    """One item as it is at any time. `text`, and `title` too, may change with the time.

    `guid` None: made of event, part and feed; empty: the item has none. `link` None: likewise; empty: none.
    """

    event: str
    at: datetime
    title: str | Callable[[datetime], str]
    text: str | Callable[[datetime], str]
    part: str = ""
    link: str | Callable[[datetime], str] | None = None
    more: str = ""
    guid: str | Callable[[datetime], str] | None = None
    dated: bool = True

    def title_at(self, now: datetime) -> str:
        """Return the title at one time."""
        return self.title if isinstance(self.title, str) else self.title(now)

    def xml(self, feed: str, now: datetime) -> str:
        """Return the item of one feed at one time."""
        text = self.text if isinstance(self.text, str) else self.text(now)
        guid = self.guid(now) if callable(self.guid) else self.guid
        link = self.link(now) if callable(self.link) else self.link
        guid = f"{self.event}|{self.part}|{feed}" if guid is None else guid
        link = f"https://{feed}.example/{self.event}-{self.part or 'a'}" if link is None else link
        parts = [
            f"<title>{escape(self.title_at(now))}</title>",
            f"<description>{escape(text)}</description>",
            self.more,
        ]
        if guid:
            parts.append(f"<guid isPermaLink='false'>{escape(guid)}</guid>")
        if link:
            parts.append(f"<link>{escape(link)}</link>")
        if self.dated:
            parts.append(f"<pubDate>{format_datetime(self.at)}</pubDate>")
        return f"<item>{''.join(parts)}</item>"


@dataclass
class Feed:
    """One feed; it shows its newest items."""

    key: str
    title: str
    reports: list[Report] = field(default_factory=list)
    full_text: str = "never"
    shown: int = 120
    language: str = "en"

    def document(self, now: datetime) -> bytes:
        """Return the feed's document at one time."""
        out = sorted((r for r in self.reports if r.at <= now), key=lambda r: r.at, reverse=True)[: self.shown]
        items = "".join(report.xml(self.key, now) for report in out)
        return (
            f"<?xml version='1.0'?><rss version='2.0'><channel><title>{escape(self.title)}</title>"
            f"<language>{self.language}</language><link>https://{self.key}.example/</link>{items}</channel></rss>"
        ).encode()


@dataclass
class Sent:
    """What was sent: the editions, the event of each entry, what arrived and was counted, and the mails."""

    editions: list[Edition] = field(default_factory=list)
    events: dict[int, str] = field(default_factory=dict)
    arrived: list[set[int]] = field(default_factory=list)
    counted: list[list[int]] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)  # the event of each title

    def shown(self, kind: ItemKind) -> list[tuple[int, set[str]]]:
        """Return the day and the events of each item of a kind."""
        return [
            (day, {self.events[source.article] for source in item.sources})
            for day, edition in enumerate(self.editions)
            for item in edition.items
            if item.kind is kind
        ]

    def problems(
        self,
        feeds: Sequence[Feed],
        developing: AbstractSet[str] = frozenset(),
        corrected: AbstractSet[str] = frozenset(),
    ) -> list[str]:
        """Return what is wrong: each event must be new once and alone, updates and corrections where they are due."""
        return list(self._problems(feeds, developing, corrected))

    def _problems(
        self, feeds: Sequence[Feed], developing: AbstractSet[str], corrected: AbstractSet[str]
    ) -> Iterator[str]:
        published = {report.event for feed in feeds for report in feed.reports}
        new = self.shown(ItemKind.NEW)
        times = Counter(event for _, events in new for event in events)
        yield from (f"lost: {event}" for event in sorted(published) if not times[event])
        yield from (f"sent {count} times as new: {event}" for event, count in sorted(times.items()) if count > 1)
        yield from (f"in one story: {', '.join(sorted(events))}" for _, events in new if len(events) > 1)
        updated = {event for _, events in self.shown(ItemKind.UPDATE) for event in events}
        yield from (f"called an update: {event}" for event in sorted(updated - developing))
        yield from (f"not updated: {event}" for event in sorted(developing - updated))
        found = Counter(event for _, events in self.shown(ItemKind.CORRECTION) for event in events)
        yield from (f"called a correction: {event}" for event in sorted(found.keys() - corrected))
        yield from (f"not corrected: {event}" for event in sorted(corrected - found.keys()))
        yield from (f"corrected {count} times: {event}" for event, count in sorted(found.items()) if count > 1)
        for day, (edition, arrived, counted) in enumerate(zip(self.editions, self.arrived, self.counted, strict=True)):
            if sorted(counted) != sorted(arrived):
                yield f"day {day}: the classes of entries are not what arrived"
            if not edition.trust.entries_seen == sum(one.count for one in edition.trust.entries) == len(arrived):
                yield f"day {day}: the sums of the footer do not add up"
        if sorted(e for counted in self.counted for e in counted) != sorted(self.events):
            yield "an entry is in no edition's account"


def _script(feed: Feed, origin: Origin, clock: ManualClock) -> Callable[[Connection], Awaitable[None]]:
    async def answer(connection: Connection) -> None:
        body = feed.document(clock.now()).replace(b"<link>/page/", f"<link>{origin.url('/page/')}".encode())
        await connection.send(message(Page(body), connection.asked.headers))

    return answer


async def play(
    folder: Path, feeds: Sequence[Feed], days: int = DAYS, pages: Mapping[str, str] = {}, digest: str = DIGEST
) -> Sent:
    """Poll the feeds and send the digest, for some days. `pages` are HTML by path; links to `/page/...` lead there."""
    clock, sent = ManualClock(START), Sent()
    for feed in feeds:
        for report in feed.reports:
            sent.titles |= {report.title_at(at(day)): report.event for day in range(days + 1)}
    async with Origin() as origin:
        for feed in feeds:
            origin.on(f"/{feed.key}", _script(feed, origin, clock))
        for path, html in pages.items():
            origin.on(path, Page(html.encode(), headers={"Content-Type": "text/html; charset=utf-8"}))
        tables_of = "".join(
            f'[[feed]]\nurl = "{origin.url("/" + f.key)}"\nname = "{f.title}"\nallow_private = true\n'
            f'full_text = "{f.full_text}"\n'
            for f in feeds
        )
        with app_of(folder, digest + tables_of, clock) as program:
            for day in range(days):
                for hour in POLLS:
                    clock.set(at(day, hour))
                    polled = await program.fetching.fetch()
                    assert not [one.code for one in polled.results if one.code]
                    program.stories.group()
                clock.set(at(day, DIGEST_HOUR))
                await _send(program, sent)
            await program.aclose()
    return sent


async def _send(program: Program, sent: Sent) -> None:
    (edition,) = await program.editions.send("daily")
    report = await asyncio.to_thread(program.delivery.drain)
    assert report.counts["sent"] == 1
    sent.editions.append(edition)
    entry = tables.entry.c
    with program.db.read() as connection:
        rows = connection.execute(select(entry.id, entry.guid, entry.title, entry.arrived)).all()
    for row in rows:
        event, bar, _ = row.guid.partition("|")
        sent.events[row.id] = event if bar else sent.titles[row.title]
    sent.arrived.append({row.id for row in rows if edition.period_start < row.arrived <= edition.period_end})
    groups = stored_groups.entry_groups(program.db, edition.id)
    sent.counted.append([entry for group in groups for entry in group.entries])
    sizes = Counter({group.entry_class: 0 for group in groups})
    for group in groups:
        sizes[group.entry_class] += len(group.entries)
    assert {one.entry_class: one.count for one in edition.trust.entries} == dict(sizes)
    outputs = Outputs(edition, program.editions.renderer("daily"), program.editions.sender())
    mail = email.message_from_bytes(
        outputs.message(RecipientRecord(1, Recipient.by_mail("ann@example.org"))), policy=email.policy.default
    )
    parts = [mail.get_body((kind,)) for kind in ("plain", "html")]
    sent.mails.append("\n".join([outputs.page(), *(part.get_content() for part in parts if part is not None)]))
