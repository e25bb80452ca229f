"""A week of a mixed stream over real HTTP: every event is sent once, every entry counted, no false correction."""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
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
from tests.e2e import mixed_week
from tests.e2e.mixed_week import DAYS, LOGIN, START, Feed
from tests.support.apps import app_of
from tests.support.origin import Connection, Origin, message

pytestmark = pytest.mark.anyio
POLLS = (3, 10, 17)  # hours of the day
DIGEST_HOUR = 18
COUNTER = re.compile(r"\b7[1-9],\d{3}\b")  # see `mixed_week.counter`
DEVELOPING = {"live", "incident", "landslide"}
CORRECTED = {"school", "bank"}
DIGEST = (
    '[[digest]]\nname = "daily"\nschedule = "0 18 * * *"\nzone = "UTC"\nmax_stories = 500\nmax_words = 100000\n'
    'to = ["folder:out"]\n'
)


@dataclass
class Week:
    """The editions of the week, the event of each entry, and the texts of the mails."""

    editions: list[Edition] = field(default_factory=list)
    events: dict[int, str] = field(default_factory=dict)
    arrived: list[set[int]] = field(default_factory=list)
    counted: list[list[int]] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)

    def shown(self, kind: ItemKind) -> list[tuple[int, set[str]]]:
        """Return the day and the events of each item of a kind."""
        return [
            (day, {self.events[source.article] for source in item.sources})
            for day, edition in enumerate(self.editions)
            for item in edition.items
            if item.kind is kind
        ]


def _script(feed: Feed, origin: Origin, clock: ManualClock) -> Callable[[Connection], object]:
    async def answer(connection: Connection) -> None:
        body = feed.document(clock.now()).replace(b"<link>/page/", f"<link>{origin.url('/page/')}".encode())
        await connection.send(message(Page(body), connection.asked.headers))

    return answer


async def play(folder: Path) -> Week:
    """Poll and send through the week."""
    clock, week = ManualClock(START), Week()
    feeds = mixed_week.feeds()
    async with Origin() as origin:
        for feed in feeds:
            origin.on(f"/{feed.key}", _script(feed, origin, clock))
        for day in range(DAYS):
            origin.on(f"/page/{day}", Page(LOGIN.encode(), headers={"Content-Type": "text/html"}))
        tables_of = "".join(
            f'[[feed]]\nurl = "{origin.url("/" + f.key)}"\nname = "{f.title}"\nallow_private = true\n'
            f'full_text = "{f.full_text}"\n'
            for f in feeds
        )
        with app_of(folder, DIGEST + tables_of, clock) as program:
            for day in range(DAYS):
                for hour in POLLS:
                    clock.set(START + timedelta(days=day, hours=hour))
                    report = await program.fetching.fetch()
                    assert not [one.code for one in report.results if one.code]
                    program.stories.group()
                clock.set(START + timedelta(days=day, hours=DIGEST_HOUR))
                await _send(program, week)
            await program.aclose()
    return week


async def _send(program: Program, week: Week) -> None:
    (edition,) = await program.editions.send("daily")
    report = await asyncio.to_thread(program.delivery.drain)
    assert report.counts["sent"] == 1
    week.editions.append(edition)
    with program.db.read() as connection:
        rows = connection.execute(select(tables.entry.c.id, tables.entry.c.guid, tables.entry.c.arrived)).all()
    week.events.update((row.id, row.guid.split("|")[0]) for row in rows)
    week.arrived.append({row.id for row in rows if edition.period_start < row.arrived <= edition.period_end})
    groups = stored_groups.entry_groups(program.db, edition.id)
    week.counted.append([entry for group in groups for entry in group.entries])
    sizes = Counter({group.entry_class: 0 for group in groups})
    for group in groups:
        sizes[group.entry_class] += len(group.entries)
    assert {one.entry_class: one.count for one in edition.trust.entries} == dict(sizes)
    outputs = Outputs(edition, program.editions.renderer("daily"), program.editions.sender())
    mail = email.message_from_bytes(
        outputs.message(RecipientRecord(1, Recipient.by_mail("ann@example.org"))), policy=email.policy.default
    )
    parts = [mail.get_body((kind,)) for kind in ("plain", "html")]
    week.mails.append("\n".join([outputs.page(), *(part.get_content() for part in parts if part is not None)]))


@pytest.mark.timeout(300)
async def test_a_week_of_a_mixed_stream(tmp_path: Path) -> None:
    week = await play(tmp_path)
    published = {report.event for feed in mixed_week.feeds() for report in feed.reports}
    published = {e for e in published if e in set(week.events.values())}

    new = week.shown(ItemKind.NEW)
    times = Counter(event for _, events in new for event in events)
    assert {event for event in published if not times[event]} == set(), "lost"
    assert {event for event, count in times.items() if count > 1} == set(), "sent twice as new"
    assert [events for _, events in new if len(events) > 1] == [], "two events in one story"

    updated = Counter(event for _, events in week.shown(ItemKind.UPDATE) for event in events)
    assert set(updated) == DEVELOPING
    corrected = Counter(event for _, events in week.shown(ItemKind.CORRECTION) for event in events)
    assert corrected == Counter(CORRECTED)

    for edition, arrived, counted in zip(week.editions, week.arrived, week.counted, strict=True):
        assert sorted(counted) == sorted(arrived), "each entry is in exactly one class"
        assert edition.trust.entries_seen == sum(one.count for one in edition.trust.entries) == len(arrived)
    assert sorted(e for counted in week.counted for e in counted) == sorted(week.events)

    counted_feeds = [f for f in mixed_week.feeds() if COUNTER.search(f.document(START + timedelta(days=DAYS)).decode())]
    assert {feed.key for feed in counted_feeds} == {"coast", "brindle", "clips", "orange"}
    assert not any(COUNTER.search(mail) for mail in week.mails)
    assert not any("Subscribers read every article" in mail for mail in week.mails), "a login page is no article"
