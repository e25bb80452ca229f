"""Reads the sitemaps of an index: the recent ones, each by a conditional request, and joins their entries.

The validators of all documents are stored as one, in place of an ETag. Those of the index itself are used only if it
says when each of its sitemaps changed: else its bytes stay the same while the sitemaps change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from feeds.errors import FeedError, NotAFeed, NotNews
from feeds.model import Entry, Fetched, ListedSitemap, Parsed, Validators

MAX_DOCUMENTS = 6  # sitemaps that are read at one poll
RECENT = timedelta(days=3)  # Google News lists the articles of two days
_MARK = "parts:"
_MAX_VALIDATOR = 300  # characters of an ETag that is stored
_NEWS = re.compile(r"news|nachrichten|actualit|noticias|notizie|nieuws|nyheter|новости|latest|recent", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")

Fetch = Callable[[str, Validators], Awaitable[Fetched]]
Parse = Callable[[Fetched], Awaitable[Parsed]]


@dataclass(slots=True)
class _Read:
    """What was read from the sitemaps of an index: their contents, their validators and the errors."""

    parsed: list[Parsed] = field(default_factory=list)
    validators: dict[str, Validators] = field(default_factory=dict)
    failures: list[FeedError] = field(default_factory=list)


async def read_parts(
    fetched: Fetched, index: Parsed, last: Validators, fetch: Fetch, parse: Parse, now: datetime
) -> tuple[Fetched, Parsed | FeedError | None]:
    """Read the sitemaps of an index; return its response, and their entries in place of the contents of the index.

    `last` are the validators of the last poll. Without a change in any sitemap, the response is unchanged. When no
    sitemap can be read, an error is returned.
    """
    known = _decoded(last)
    read, pending = _Read(), recent_parts(index.parts, now)
    chosen, count, nested = len(pending), 0, False
    while pending and count < MAX_DOCUMENTS:
        part, count = pending.pop(0), count + 1
        inner = await _read_part(part, known.get(part.url, Validators()), fetch, parse, read)
        if inner and not nested:
            nested = True  # only one index in an index is read
            pending = [*recent_parts(inner, now), *pending]
    if not read.validators:
        return fetched, _failure(read.failures, fetched.url)
    dated = all(part.modified for part in index.parts) and not read.failures
    validators = _encoded(own_validators(fetched.validators) if dated else None, read.validators)
    if not read.parsed:
        return replace(fetched, body=None, validators=validators), None
    note = f"a sitemap index: {min(chosen, count)} of {len(index.parts)} sitemaps read"
    failed = (f"{len(read.failures)} sitemaps failed: {read.failures[0]}",) if read.failures else ()
    return replace(fetched, validators=validators), _joined(read.parsed, (note, *failed))


def _failure(failures: Sequence[FeedError], url: str) -> NotAFeed:
    """Return the error of an index without a readable sitemap; one sitemap that is gone does not make the feed gone."""
    others = [error for error in failures if not isinstance(error, NotNews)]
    if not others:
        return NotNews(url=url)
    return NotAFeed(f"none of the sitemaps of the index can be read: {others[0]}", url=url)


async def _read_part(
    part: ListedSitemap, known: Validators, fetch: Fetch, parse: Parse, read: _Read
) -> Sequence[ListedSitemap]:
    """Read a sitemap into `read`; if it is an index, return the sitemaps that it lists instead."""
    try:
        found = await fetch(part.url, known)
        parsed = await parse(found) if found.body is not None else None
    except FeedError as error:
        read.failures.append(error)
        return ()
    if parsed is not None and parsed.parts:
        return parsed.parts
    read.validators[part.url] = found.validators
    if parsed is not None:
        read.parsed.append(parsed)
    return ()


def recent_parts(parts: Sequence[ListedSitemap], now: datetime) -> list[ListedSitemap]:
    """Return the sitemaps of an index that may have news, the most likely first.

    If some URLs contain a word such as `news`, the others are left out. Of the rest, those are returned that changed
    within `RECENT` or have no date, or only the newest if there are none. The order is by date, else by the numbers in
    the URLs.
    """
    named = [part for part in parts if _NEWS.search(urlsplit(part.url).path)]
    chosen = named or list(parts)
    recent = [part for part in chosen if part.modified is None or part.modified > now - RECENT]
    ranked = sorted(recent or chosen, key=_newness, reverse=True)
    return ranked[: MAX_DOCUMENTS if recent else 1]


def _newness(part: ListedSitemap) -> tuple[float, list[int]]:
    """Return the sort key of a sitemap: its date, then the numbers in its URL."""
    numbers = [int(digits[:15]) for digits in _DIGITS.findall(part.url)[:20]]
    return part.modified.timestamp() if part.modified else 0.0, numbers


def own_validators(stored: Validators) -> Validators:
    """Return the validators for a request of the feed's own URL: of a sitemap index, not those of its sitemaps."""
    return _decoded(stored).get("", Validators()) if _is_joined(stored) else stored


def after_unchanged(fetched: Fetched, stored: Validators) -> Fetched:
    """Return the response; if it is unchanged and sitemaps have stored validators, with the stored validators."""
    return replace(fetched, validators=stored) if fetched.unchanged and _is_joined(stored) else fetched


def _is_joined(stored: Validators) -> bool:
    return (stored.etag or "").startswith(_MARK)


def _encoded(index: Validators | None, parts: dict[str, Validators]) -> Validators:
    """Return the validators of all documents in one value; the URL of the index is empty there."""
    every = {**({"": index} if index else {}), **parts}
    written = {url: [_short(one.etag), _short(one.last_modified), one.body_hash] for url, one in every.items()}
    # The hash equals that of no document; it is there because known items are left out only where there is one.
    return Validators(etag=_MARK + json.dumps(written, separators=(",", ":")), body_hash=_MARK)


def _short(validator: str | None) -> str | None:
    return validator if validator and len(validator) <= _MAX_VALIDATOR else None


def _decoded(stored: Validators) -> dict[str, Validators]:
    if not _is_joined(stored):
        return {}
    written = json.loads((stored.etag or "").removeprefix(_MARK))
    return {url: Validators(*values) for url, values in written.items()}


def _joined(parts: Sequence[Parsed], notes: tuple[str, ...]) -> Parsed:
    """Join several documents into one with the newest entries of all, at most `MAX_ENTRIES`."""
    from feeds.sources.raw import MAX_ENTRIES  # imported late: most polls meet no sitemap index

    first = parts[0]
    entries = [entry for part in parts for entry in part.entries]
    digests = [digest for part in parts for digest in part.digests]
    limits = [limit for part in parts for limit in part.limits]
    if len(entries) > MAX_ENTRIES and len(entries) == len(digests):
        ranked = sorted(range(len(entries)), key=lambda place: _instant(entries[place]), reverse=True)
        kept = sorted(ranked[:MAX_ENTRIES])
        limits.append(f"too large: the sitemaps have {len(entries)} items, of which the newest {MAX_ENTRIES} are read")
        entries, digests = [entries[place] for place in kept], [digests[place] for place in kept]
    return replace(
        first,
        entries=tuple(entries),
        digests=tuple(digests),
        limits=(*limits, *notes),
        problems=tuple(problem for part in parts for problem in part.problems),
        skipped=tuple(cause for part in parts for cause in part.skipped),
        distinct=False,
    )


def _instant(entry: Entry) -> float:
    when = entry.published or entry.updated
    return when.timestamp() if when else 0.0
