"""Checks of the feeds' stored health."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from aggregator.doctor.finding import Finding, error, ok, warning
from aggregator.operator.health import condition, hint_for_code
from aggregator.store.records import FeedHealth

_HINTS = {
    "silent": "look at its website: the feed may have moved; `aggregator add URL` finds the new one",
    "moved": "write the new URL into the configuration; until then the redirect is followed",
}


def check_feeds(feeds: Sequence[FeedHealth], now: datetime) -> Iterator[Finding]:
    """Yield a finding for each unhealthy feed, and one for all others."""
    states = [(health, condition(health, now)) for health in feeds]
    for health, state in states:
        if state in ("failing", "gone"):
            poll = health.state
            code = poll.error_code or ("gone" if poll.gone else "feed")
            message = f"{health.feed.label}: {poll.error_message or state} [{code}], {_times(poll.failures)}"
            yield warning("feeds", message, hint_for_code(code))
        elif state == "silent":
            yield warning("feeds", f"{health.feed.label}: can be fetched, but has no new entries", _HINTS["silent"])
        elif state == "moved":
            yield warning("feeds", f"{health.feed.label}: moved to {health.state.url}", _HINTS["moved"])
    polled = [state for _, state in states if state != "new"]
    if polled and all(state in ("failing", "gone") for state in polled):
        yield error("feeds", f"all {len(polled)} feeds fail", "check this machine's network, DNS and proxy")
    elif states:
        healthy = sum(state in ("ok", "new") for _, state in states)
        yield ok("feeds", f"{healthy} of {len(states)} healthy, {len(states) - len(polled)} not fetched yet")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times in a row"
