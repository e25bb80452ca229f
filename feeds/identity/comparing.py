"""Compares two entries of one feed: titles, links, dates."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache

from feeds.model import Entry, KnownEntry
from feeds.urls import key

SIMILAR, DIFFERENT, NEARLY_EQUAL = 0.6, 0.2, 0.8  # shares of common words
SPECIFIC_WORDS = 4  # words; shorter titles ("Notice", "Police report") are used again
_SAME_TIME = timedelta(minutes=1)
_OTHER_DAY = timedelta(hours=12)
_COMPARED = 600  # characters of two texts; a publisher can make titles of any length
_WORDS = re.compile(r"\w+")
# Guids made for one item: a URL with a path, a number of five digits, three words, a long text.
_SPECIFIC = re.compile(r"https?://[^/?#]+/[^?#]*\w|.*\d{5}|.*(?:[^\W\d]{2,}[-_./ ]){2}[^\W\d]{2,}|.{32}", re.DOTALL)
Item = Entry | KnownEntry


def folded(title: str) -> str:
    """Return a title without case and superfluous blanks."""
    return " ".join(title.split()).casefold()


def similarity(one: str, two: str) -> float:
    """Return the share of common words among all words, 0 to 1."""
    left, right = _words(one[:_COMPARED]), _words(two[:_COMPARED])
    if not left or not right:
        return 1.0 if left == right else 0.0
    return len(left & right) / len(left | right)


def same_numbers(one: Item, two: Item) -> bool:
    """Whether both titles have the same numbers: release 4.1 is not release 4.2."""
    return _numbers(one.title[:_COMPARED]) == _numbers(two.title[:_COMPARED])


# Each text is compared with several others of the document.
@lru_cache(4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(_WORDS.findall(text.casefold()))


@lru_cache(4096)
def _numbers(text: str) -> tuple[str, ...]:
    return tuple(word for word in _WORDS.findall(text) if not word.isalpha())


def same_title(one: Item, two: Item) -> bool:
    """Whether both titles are the same apart from a correction."""
    return similarity(one.title, two.title) >= NEARLY_EQUAL and same_numbers(one, two)


def is_specific_title(title: str) -> bool:
    """Whether a title is long enough to be used for one item only."""
    return len(title.split()) >= SPECIFIC_WORDS


def is_specific_guid(guid: str) -> bool:
    """Whether a guid looks as if it was made for one item."""
    return _SPECIFIC.match(guid) is not None


def page(link: str) -> str:
    """Return a URL without its parameters and fragment."""
    return key(link).partition("#")[0].partition("?")[0]


def has_own_page(item: Item) -> bool:
    """Whether the link is not just a site's front page."""
    return bool(item.link) and "/" in key(item.link or "")


def same_link(one: Item, two: Item) -> bool:
    """Whether both have one link."""
    return bool(one.link and two.link) and key(one.link or "") == key(two.link or "")


def same_page(one: Item, two: Item) -> bool:
    """Whether both have the same URL apart from parameters, or neither has one."""
    if not one.link or not two.link:
        return not one.link and not two.link
    return page(one.link) == page(two.link)


def same_path(one: Item, two: Item) -> bool:
    """Whether both have the same URL apart from host and parameters, and it is not a front page."""
    if not one.link or not two.link:
        return False
    path = page(one.link).partition("/")[2]
    return bool(path) and path == page(two.link).partition("/")[2]


def same_time(one: Item, two: Item) -> bool:
    """Whether both have one date, to the minute."""
    return one.published is not None and two.published is not None and abs(one.published - two.published) < _SAME_TIME


def undated(one: Item, two: Item) -> bool:
    """Whether neither has a date."""
    return one.published is None and two.published is None


def is_other_day(one: Item, two: Item) -> bool:
    """Whether the dates are more than half a day apart."""
    return one.published is not None and two.published is not None and abs(one.published - two.published) > _OTHER_DAY


def has_exact_time(item: Item) -> bool:
    """Whether the time is more than a date: many items may have the same midnight."""
    return item.published is not None and bool(item.published.second or item.published.minute)


def is_midnight(item: Item) -> bool:
    """Whether the time may be a date only: it is midnight in UTC."""
    return item.published is not None and not (item.published.hour or item.published.minute or item.published.second)
