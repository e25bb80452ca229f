"""Checks of the feeds, from the database: each feed that fails, with its code and its hint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from aggregator.doctor.finding import Finding, error, ok, warning
from aggregator.operator.health import condition
from aggregator.store.records import FeedHealth
from feeds.errors import FeedError

_MENDS = {
    "silent": "look at its page: it may have moved its feed; `aggregator add URL` finds the new one",
    "moved": "put the new address into the configuration; until then the move is followed",
}


def check(feeds: Sequence[FeedHealth], now: datetime) -> Iterator[Finding]:
    """One finding for each feed that fails, and one for all the others."""
    states = [(health, condition(health, now)) for health in feeds]
    for health, state in states:
        if state in ("failing", "gone"):
            known = health.state
            code = known.error_code or ("gone" if known.gone else "feed")
            words = f"{health.feed.label}: {known.error_message or state} [{code}], {_times(known.failures)}"
            yield warning("feeds", words, hint(code))
        elif state == "silent":
            yield warning("feeds", f"{health.feed.label}: answers, and brings nothing any more", _MENDS["silent"])
        elif state == "moved":
            yield warning("feeds", f"{health.feed.label}: moved to {health.state.url}", _MENDS["moved"])
    asked = [state for _, state in states if state != "new"]
    if asked and all(state in ("failing", "gone") for state in asked):
        yield error("feeds", f"all {len(asked)} feeds fail", "check this machine's network, its DNS and a proxy")
    elif states:
        fine = sum(state in ("ok", "new") for _, state in states)
        yield ok("feeds", f"{fine} of {len(states)} in order, {len(states) - len(asked)} not asked yet")


def hint(code: str) -> str:
    """What a person can do about an error code of the feeds."""
    classes = [FeedError]
    for found in classes:
        classes.extend(found.__subclasses__())
    by_code = {one.code: one.hint for one in classes}
    if code.startswith("http-"):
        code = "http"
    return by_code.get(code, FeedError.hint)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times in a row"
