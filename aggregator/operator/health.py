"""The condition of a feed in one word, and what to do about its errors."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from feeds.errors import FeedError

if TYPE_CHECKING:
    from aggregator.store.records import FeedHealth


def condition(health: FeedHealth, now: datetime) -> str:
    """Say gone, failing, new (never asked), silent, moved or ok."""
    known = health.state
    if known.gone:
        return "gone"
    if known.failures:
        return "failing"
    if known.last_success is None:
        return "new"
    if is_silent(health, now):
        return "silent"
    return "moved" if known.url != health.feed.configured else "ok"


def is_silent(health: FeedHealth, now: datetime) -> bool:
    """Whether a feed that answers has brought nothing for much longer than its rhythm makes likely.

    With entries at random times of a known rate, eight mean gaps without one come by chance once in 3,000; two weeks at
    the least.
    """
    newest, rate = health.newest or health.state.last_new, health.state.rate or health.per_day
    if newest is None or not rate:
        return False
    return now - newest > max(timedelta(days=14), timedelta(days=8 / rate))


def hint_for_code(code: str) -> str:
    """Return the hint of a feed's error code."""
    return _class_of(code).hint


def message_for_code(code: str) -> str:
    """Return the default message of a feed's error code."""
    return (_class_of(code).__doc__ or "").strip()


def error_classes() -> list[type[FeedError]]:
    """Return the classes of the errors of feeds, the base first."""
    classes = [FeedError]
    for error_class in classes:
        classes.extend(error_class.__subclasses__())
    return classes


def _class_of(code: str) -> type[FeedError]:
    by_code = {error_class.code: error_class for error_class in error_classes()}
    return by_code.get("http" if code.startswith("http-") else code, FeedError)
