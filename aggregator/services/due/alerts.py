"""Alerts: which stories are sent at once, and when."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from aggregator.pipeline.compose import Plan, Window
from aggregator.pipeline.query_fields import story_subjects
from aggregator.store import meta
from aggregator.store.database import Database
from aggregator.store.editions import editions as edition_store
from aggregator.store.stories import stories as story_store
from digests.model import Story
from digests.ranking.related import related_last
from digests.summarize.changes import course

FRESH = timedelta(hours=24)  # a story that reached its sources earlier is no alert any more

Mark = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Alert:
    """A configured alert: its plan, and when a story is sent.

    `silence`: from when to when nothing is sent, in the plan's zone.
    """

    plan: Plan
    sources: int
    per_day: int
    interest: str = ""
    silence: tuple[time, time] | None = None

    def is_silent(self, now: datetime) -> bool:
        """Whether `now` is in the quiet hours, which may go past midnight."""
        if self.silence is None:
            return False
        start, end = self.silence
        at = now.astimezone(ZoneInfo(self.plan.spec.zone)).time()
        return start <= at < end if start <= end else not end <= at < start

    def matches(self, story: Story) -> bool:
        """Whether a story matches this alert's interest or query."""
        if self.interest:
            return any(match.name == self.interest for match in story.interests)
        return self.plan.query is not None and any(map(self.plan.query.matches, story_subjects(story)))

    def day(self, at: datetime) -> datetime:
        """Return the midnight before a time."""
        here = at.astimezone(ZoneInfo(self.plan.spec.zone))
        return here.replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(slots=True)
class Watch:
    """Remembers which alerts have nothing to send until the stories change, so that each tick costs little."""

    _seen: dict[str, Mark] = field(default_factory=dict)

    def is_due(self, db: Database, alert: Alert, now: datetime) -> bool:
        """Whether an alert has something to send."""
        mark = mark_of(db, alert, now)
        if self._seen.get(alert.plan.spec.name) == mark:
            return False
        due = bool(due_stories(db, alert, now))
        if not due:
            self.served(alert, mark)
        return due

    def served(self, alert: Alert, mark: Mark) -> None:
        """Remember that an alert has sent everything there was at `mark`."""
        self._seen[alert.plan.spec.name] = mark


def mark_of(db: Database, alert: Alert, now: datetime) -> Mark:
    """Return a value that changes when an alert may have something to send."""
    return (*edition_store.news_mark(db), alert.is_silent(now), alert.day(now))


def begin(db: Database, name: str, now: datetime) -> None:
    """Store when an alert begins to watch: a story that had enough sources before is not sent."""
    begun = meta.get(db, _key(name))
    if begun is None or datetime.fromisoformat(begun) > now:  # stored by a clock that was ahead
        meta.put(db, _key(name), now.isoformat())


def due_stories(db: Database, alert: Alert, now: datetime) -> list[str]:
    """Return the stories to send now, in the order in which they got enough sources.

    An alert sends each story once. A story over the limit of its day is not sent on the next day.
    """
    if alert.is_silent(now):
        return []
    name = alert.plan.spec.name
    begun = datetime.fromisoformat(meta.get(db, _key(name)) or now.isoformat())
    since = max(now - FRESH, begun)
    sent = edition_store.first_reports(db, name)
    found = story_store.stories(db, ids=edition_store.reported_by(db, since, alert.sources))
    reached = {
        story.id: at
        for story in map(related_last, found)
        if (at := course.reached(story, alert.sources)) and since < at <= now
        if story.id not in sent and not story.muted and alert.matches(story)
    }
    left: dict[datetime, int] = {}
    due = []
    for story_id, at in sorted(reached.items(), key=lambda one: (one[1], one[0])):
        for day in {alert.day(at), alert.day(now)}:
            left.setdefault(day, alert.per_day - sum(alert.day(one) == day for one in sent.values()))
        if left[alert.day(at)] > 0 and left[alert.day(now)] > 0:
            due.append(story_id)
            left[alert.day(now)] -= 1
    return due


def alert_of(alert: Alert, stories: list[str], now: datetime) -> tuple[Plan, Window]:
    """Return the plan and the window of an edition with these stories only."""
    slot = now.replace(microsecond=0)
    return replace(alert.plan, only=frozenset(stories)), Window(slot, now - FRESH, now)


def _key(name: str) -> str:
    return f"alert-since {name}"
