"""Builds feeds from what the readers found; `feeds.parse.items` builds their entries."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from feeds.errors import ParseCrashed
from feeds.model import Hints, ListedSitemap, Parsed, Tombstone
from feeds.parse.dates import parse_date
from feeds.parse.items import Shared, clean_guid, first_link, host_of, language, one_label, own_base, read_items
from feeds.parse.people import author_names
from feeds.sources.raw import Markup, RawFeed, RawTombstone, TextKind, newest
from feeds.text import one_line, plain_text
from feeds.urls import join_url

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIODS = {"hourly": 3600, "daily": 86400, "weekly": 604800, "monthly": 2_592_000, "yearly": 31_536_000}


def build_parsed(raw: RawFeed, url: str, known: Collection[bytes] = ()) -> Parsed:
    """Return the feed of a reader's findings. `url` is its URL, the base of relative URLs.

    Items whose digests are in `known` are left out. Raises ParseCrashed when there are items and none can be read.
    """
    base = own_base(url, raw.base)
    items = newest(raw.entries, raw, lambda item: next(iter((*item.published, *item.updated)), None))
    site = first_link(raw.links, base, ("alternate",))
    authors = author_names(raw.authors)
    about = one_line(_plain_text(raw.description))
    shared = Shared(raw, one_label(raw.title), authors, language(raw.language), about)
    found = read_items(items, _item_base(raw, base, site), shared, known)
    if raw.skipped and not found.digests:
        raise ParseCrashed(f"none of the feed's items can be read: {raw.skipped[0]}", url=url)
    return Parsed(
        format=raw.format,
        title=shared.title or site or url,
        site=site or (url if join_url(url, "") else None),
        description=about,
        language=language(raw.language),
        authors=authors,
        image=join_url(base, raw.image) if raw.image else None,
        updated=_first_date(raw.updated),
        self_url=first_link(raw.links, base, ("self",)),
        hub=first_link(raw.links, base, ("hub",)),
        moved_to=join_url(base, raw.moved_to) if raw.moved_to else None,
        hints=_hints(raw),
        entries=found.entries,
        tombstones=_tombstones(newest(raw.tombstones, raw, lambda one: one.when, "tombstones")),
        parts=_parts(raw.parts, base),
        problems=tuple(raw.problems),
        limits=tuple(raw.limits),
        parser=raw.parser,
        digests=found.digests,
        skipped=tuple(raw.skipped),
        distinct=found.distinct,
    )


def _parts(written: Iterable[tuple[str, str]], base: str) -> tuple[ListedSitemap, ...]:
    found = [(join_url(base, url), parse_date(when)) for url, when in written]
    return tuple(ListedSitemap(url, when) for url, when in found if url)


def _item_base(raw: RawFeed, base: str, site: str | None) -> str:
    """Return the base of an item's relative links: the feed's URL, or for RSS the site's URL when it has another host.

    RSS does not define the base; another host means that a feed service publishes the feed. Without a site's URL, the
    URL that the feed gives for itself is used.
    """
    site = site or first_link(raw.links, base, ("self",))
    if site and not raw.base and raw.format.startswith("rss") and host_of(site) != host_of(base):
        return site
    return base


def _tombstones(raw: list[RawTombstone]) -> tuple[Tombstone, ...]:
    """Return one tombstone for each guid: the latest; one without a date only if there is no other."""
    found: dict[str, datetime | None] = {}
    for one in raw:
        ref, when = clean_guid(one.ref), parse_date(one.when)
        last = found.get(ref)
        if ref and (ref not in found or (when is not None and (last is None or when > last))):
            found[ref] = when
    return tuple(Tombstone(ref, when) for ref, when in found.items())


def _plain_text(markup: Markup | None) -> str:
    if markup is None:
        return ""
    return (
        one_line(markup.value) if markup.kind is TextKind.TEXT and "<" not in markup.value else plain_text(markup.value)
    )


def _first_date(texts: list[str]) -> datetime | None:
    return next((found for found in map(parse_date, texts) if found), None)


def _hints(raw: RawFeed) -> Hints:
    """Return how often the publisher wants to be polled. Invalid values are left out."""
    ttl = _number(raw.ttl)
    hours = frozenset(hour % 24 for hour in map(_number, raw.skip_hours) if hour is not None and hour <= 24)
    days = frozenset(_DAYS.index(day.strip().lower()) for day in raw.skip_days if day.strip().lower() in _DAYS)
    period = _PERIODS.get((raw.period or "").strip().lower())
    if period is None and (raw.frequency or "").strip():
        period = _PERIODS["daily"]
    frequency = _number(raw.frequency) or 1
    return Hints(
        ttl=ttl * 60 if ttl else None,
        skip_hours=hours,
        skip_days=days,
        update_period=max(60, period // frequency) if period else None,
    )


def _number(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else None
