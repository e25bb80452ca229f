"""A clock that is set while the daemon runs, or before it starts."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from aggregator.daemon.clock_jumps import LEAST, ClockWatch, correct_after_start, judge_again, watch
from aggregator.daemon.failures import Failures
from aggregator.daemon.schedule import Schedule
from aggregator.observe.metrics import Metrics
from aggregator.services.program import Program
from aggregator.store import future, meta
from aggregator.store.intake import feeds as feed_store
from aggregator.store.outgoing import letters, subscriptions
from aggregator.store.records import RecipientConfigRow
from aggregator.store.schema import tables
from aggregator.system.clock import ManualClock, SystemClock
from digests.channels.recipient import Recipient
from tests.support.apps import newsroom
from tests.support.smtp import SmtpServer

pytestmark = pytest.mark.anyio
AHEAD = datetime(2036, 5, 6, 7, 0, tzinfo=UTC)


@dataclass
class SetClock:
    """A clock with a wall and a monotonic hand, each moved on its own."""

    wall: datetime
    seconds: float = 0.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds

    def run(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.seconds += seconds


def test_only_a_clock_that_was_set_jumps() -> None:
    clock = SetClock(AHEAD)
    watched = ClockWatch(clock)
    clock.run(86_400)
    assert watched.jump() == timedelta(0)
    clock.wall += LEAST / 2
    assert watched.jump() == timedelta(0)
    for by in (timedelta(days=-3650), timedelta(hours=1), timedelta(minutes=-2)):
        clock.run(5)
        clock.wall += by
        assert watched.jump() == by
        assert watched.jump() == timedelta(0)


def mail_digest(smtp: SmtpServer) -> str:
    return (
        f'[mail]\nhost = "127.0.0.1"\nport = {smtp.port}\nsecurity = "none"\nsender = "n@example.org"\nper_minute = 5\n'
        '[[digest]]\nname = "daily"\nschedule = "0 18 * * *"\nzone = "UTC"\nto = ["ann@example.org"]\n'
    )


async def lived_ahead(program: Program, clock: ManualClock) -> None:
    """Poll, compose and send once, and queue one more edition, ten years ahead."""
    true = clock.now()
    clock.set(AHEAD)
    meta.acquire_instance(program.db, "other:1:x", AHEAD, timedelta(minutes=1))
    await program.fetching.fetch()
    program.stories.group()
    await program.editions.send("daily")
    program.delivery.deliver()
    with program.db.write() as connection:
        connection.execute(update(tables.digest).values(next_slot=AHEAD + timedelta(hours=11)))
        connection.execute(
            update(tables.feed).values(pushed_until=AHEAD, lease_owner="x", lease_until=AHEAD + timedelta(minutes=5))
        )
        connection.execute(update(tables.delivery).values(state="queued", next_try=AHEAD + timedelta(minutes=5)))
        connection.execute(
            tables.delivery_stop.insert().values(name="kind:mail", until=AHEAD + timedelta(hours=1), reason="busy")
        )
    clock.set(true)


async def test_a_database_from_the_future_is_worked_on_at_once(tmp_path: Path) -> None:
    with SmtpServer() as smtp, newsroom(tmp_path, "harbour", more=mail_digest(smtp)) as (program, clock, _):
        await lived_ahead(program, clock)
        now = clock.now()
        assert future.has_future_times(program.db, now)
        assert feed_store.claim_due(program.db, now, "me", timedelta(minutes=5), limit=10) == []
        assert program.delivery.deliver().sent == 0
        before = len(smtp.accepted)
        await correct_after_start(program)
        assert not future.has_future_times(program.db, now)
        assert len(feed_store.claim_due(program.db, now, "me", timedelta(minutes=5), limit=10)) == 1
        assert program.delivery.deliver().sent == 1
        assert len(smtp.accepted) == before + 1
        with program.db.read() as connection:
            (slot,) = connection.execute(select(tables.digest.c.next_slot)).scalars()
            assert connection.execute(select(tables.feed.c.pushed_until)).scalars().all() == [None]
        assert now < slot <= now + timedelta(days=1)
        meta.acquire_instance(program.db, "me", now, timedelta(minutes=1))
        await program.aclose()


async def test_nothing_waits_for_the_time_of_a_clock_that_was_ahead(tmp_path: Path) -> None:
    alert = '[[alert]]\nname = "urgent"\nquery = "dam"\nto = ["folder:out"]\n'
    with newsroom(tmp_path, "harbour", more=alert) as (program, clock, _):
        now, db = clock.now(), program.db
        meta.put(db, "alert-since urgent", AHEAD.isoformat())
        ann = RecipientConfigRow(Recipient.by_mail("ann@example.org"))
        subscriptions.ask(db, ann, ["daily"], subscriptions.Standing.ACTIVE, AHEAD)
        assert letters.report(db, ["feed x fails"], None, AHEAD - timedelta(days=1), AHEAD)
        await judge_again(program)
        assert meta.get(db, "alert-since urgent") == now.isoformat()
        assert [one.since for one in subscriptions.list_subscriptions(db)] == [now]
        assert letters.unreported(db, ["feed x fails"], now) == ["feed x fails"]
        await program.aclose()


async def test_a_slot_that_has_its_edition_is_not_served_twice(tmp_path: Path) -> None:
    with newsroom(tmp_path, "harbour") as (program, clock, _):
        now = clock.now()
        clock.set(datetime(now.year, now.month, now.day, 18, tzinfo=UTC) + timedelta(days=1))
        (edition,) = await program.editions.send("daily")
        with program.db.write() as connection:
            connection.execute(update(tables.digest).values(next_slot=clock.now() + timedelta(days=9)))
        clock.set(now + timedelta(minutes=1))
        await judge_again(program)
        with program.db.read() as connection:
            (slot,) = connection.execute(select(tables.digest.c.next_slot)).scalars()
        assert slot == edition.slot + timedelta(days=1)
        await program.aclose()


async def test_a_database_of_the_present_is_left_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with newsroom(tmp_path, "harbour") as (program, _, _):
        await program.fetching.fetch()
        with program.db.read() as connection:
            before = connection.execute(select(tables.feed.c.next_check)).scalars().all()
        await correct_after_start(program)
        with program.db.read() as connection:
            assert connection.execute(select(tables.feed.c.next_check)).scalars().all() == before
        assert "judged again" not in caplog.text
        await program.aclose()


async def test_a_jump_is_logged_and_only_one_back_judges_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with newsroom(tmp_path, "harbour") as (program, _, _):
        clock = SetClock(AHEAD)
        object.__setattr__(program.context, "clock", clock)
        await program.fetching.fetch()
        moves = iter([timedelta(0), timedelta(hours=1), timedelta(days=-3650)])
        jumps: list[datetime] = []

        async def sleep(seconds: float) -> None:
            clock.run(seconds)
            by = next(moves, None)
            if by is None:
                raise asyncio.CancelledError
            clock.wall += by

        with pytest.raises(asyncio.CancelledError):
            await watch(program, jumps.append, sleep)
        assert len(jumps) == 2
        assert caplog.text.count("the clock was set") == 2
        assert not future.has_future_times(program.db, clock.now())
        await program.aclose()


async def test_ticks_that_were_planned_by_the_wrong_clock_run_now() -> None:
    ran = asyncio.Event()

    async def tick() -> None:
        ran.set()

    metrics, now = Metrics(), datetime.now(UTC)
    schedule = Schedule(SystemClock(), metrics, Failures(None, metrics))
    schedule.every(timedelta(seconds=5), "poll", tick)
    for job in schedule._scheduler.get_jobs():
        job.modify(next_run_time=now + timedelta(days=3650))
    schedule.start()
    health = metrics.health
    health.ticked("poll", now + timedelta(days=3650), timedelta(seconds=5))
    schedule.run_all_now(now)
    await asyncio.wait_for(ran.wait(), 5)
    schedule.stop()
    schedule.close()
    assert health.stuck(now) == []
    assert health.stuck(now + timedelta(minutes=6)) == ["poll"]
