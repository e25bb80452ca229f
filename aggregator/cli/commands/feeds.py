"""`feeds`: how every feed is doing."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.base import Command, state

if TYPE_CHECKING:
    from aggregator.store.records import FeedHealth


@click.command(
    "feeds", cls=Command, examples=("aggregator feeds", "aggregator feeds --json | jq 'select(.failures > 0)'")
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--troubled", is_flag=True, help="Only feeds that fail, are gone, moved or fell silent.")
def feeds_command(*, as_json: bool, troubled: bool) -> None:
    """Show each feed's health: last success, next check, failures, entries a day."""
    from aggregator.cli.database import opened
    from aggregator.cli.output import json_line, note, table
    from aggregator.services.fetching import sync_subscriptions
    from aggregator.store.intake.feeds import list_feeds
    from aggregator.system.clock import SystemClock

    config, now = state().load(), SystemClock().now()
    with opened(config) as db:
        sync_subscriptions(db, config, now)
        rows = [
            fact
            for health in list_feeds(db, now)
            if (fact := facts(health, now))["state"] not in ("ok", "new") or not troubled
        ]
    if as_json:
        for row in rows:
            json_line(row)
        return
    if not rows:
        note("no feed is in trouble" if troubled else "no feeds yet: `aggregator add URL` subscribes to one")
        return
    table(("FEED", "STATE", "LAST", "NEXT", "FAILED", "A DAY", "WHAT"), [_row(row, now) for row in rows])


def _row(row: dict[str, Any], now: datetime) -> tuple[object, ...]:
    from aggregator.cli.output import shorten, when

    what = f"{row['message']} [{row['code']}]" if row["code"] else row["url"]
    per_day = f"{row['per_day']:.1f}"
    return (
        shorten(row["name"], 32),
        row["state"],
        when(row["last_success"], now),
        _next(row["next_check"], now),
        row["failures"],
        per_day,
        what,
    )


def _next(at: datetime | None, now: datetime) -> str:
    from aggregator.cli.output import when

    return when(at, now) if at and at > now else "due"


def facts(health: FeedHealth, now: datetime) -> dict[str, Any]:
    """One feed's health under stable keys."""
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
    }
