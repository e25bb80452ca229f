"""`feeds`: the health of every feed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from aggregator.cli.base import Command, current_options

if TYPE_CHECKING:
    from aggregator.cli.rows import FeedRow, RefusedPages
    from aggregator.store.records import FeedHealth, PageRefusal


@click.command(
    "feeds", cls=Command, examples=("aggregator feeds", "aggregator feeds --json | jq 'select(.failures > 0)'")
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
@click.option("--troubled", is_flag=True, help="Only feeds that fail, are gone, moved or stopped publishing.")
def feeds_command(*, as_json: bool, troubled: bool) -> None:
    """Show each feed's health: last success, next check, failures, entries per day, pages that were not used."""
    from aggregator.cli.database import opened_database
    from aggregator.cli.output import print_json, print_line, print_note, print_table
    from aggregator.services.intake.configured import sync_configured_feeds
    from aggregator.store.intake.feeds import list_feeds
    from aggregator.system.clock import SystemClock

    config, now = current_options().load(), SystemClock().now()
    with opened_database(config) as db:
        sync_configured_feeds(db, config, now)
        rows = [
            row
            for health in list_feeds(db, now)
            if (row := feed_fields(health, now))["state"] not in ("ok", "new") or not troubled
        ]
    if as_json:
        for row in rows:
            print_json(row)
        return
    if not rows:
        print_note("every feed is healthy" if troubled else "no feeds yet: `aggregator add URL` subscribes to one")
        return
    print_table(
        ("FEED", "STATE", "LAST", "NEXT", "FAILED", "A DAY", "KB TODAY", "WHAT"), [_row(row, now) for row in rows]
    )
    for row in rows:
        if row["refused_pages"]:
            print_line(_refusals_line(row["name"], row["refused_pages"]))


def _row(row: FeedRow, now: datetime) -> tuple[object, ...]:
    from aggregator.cli.tables import shorten
    from aggregator.system.spans import relative_time

    what = f"{row['message']} [{row['code']}]" if row["code"] else "; ".join((row["url"], *row["notes"]))
    per_day = f"{row['per_day']:.1f}"
    return (
        shorten(row["name"], 32),
        row["state"],
        relative_time(row["last_success"], now),
        _next_check(row["next_check"], now),
        row["failures"],
        per_day,
        f"{row['added_bytes'] / 1000:.0f}",
        what,
    )


def _refusals_line(name: str, pages: RefusedPages) -> str:
    """Return a line on the pages of a feed that were not used in place of teasers: how many, and the last of them."""
    count, last = pages["count"], pages["last"]
    what = "page was" if count == 1 else "pages were"
    return f"{name}: {count} {what} not used in place of teasers; last: {last['reason']} [{last['code']}] {last['url']}"


def _next_check(at: datetime | None, now: datetime) -> str:
    from aggregator.system.spans import relative_time

    return relative_time(at, now) if at and at > now else "due"


def feed_fields(health: FeedHealth, now: datetime) -> FeedRow:
    """Return a feed's health with the keys of the JSON output."""
    from aggregator.operator.health import condition

    feed, known = health.feed, health.state
    return {
        "id": feed.id,
        "name": feed.label,
        "url": feed.url,
        "configured": feed.configured,
        "topic": feed.topic,
        "state": condition(health, now),
        "last_success": known.last_success,
        "last_new": health.newest or known.last_new,
        "next_check": known.next_check,
        "failures": known.failures,
        "code": known.error_code,
        "message": known.error_message or "",
        "per_day": round(health.per_day, 2),
        "notes": list(health.notes),
        "refused_pages": _refused_pages(health.refused),
        "added_bytes": health.added_bytes,
    }


def _refused_pages(refused: Sequence[PageRefusal]) -> RefusedPages | None:
    """Return number, reasons and last of the pages refused in the last 14 days; None if there are none."""
    if not refused:
        return None
    from collections import Counter

    from feeds.discovery.acceptance import REASONS, PageProblem

    last = refused[0]
    return {
        "count": len(refused),
        "codes": dict(Counter(page.code for page in refused).most_common()),
        "last": {"url": last.link, "code": last.code, "reason": REASONS[PageProblem(last.code)], "at": last.at},
    }
