"""Preparing entries for the detection of origins: the text around an article is only in the markup."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.store.records import EntryRecord, host
from aggregator.stories.copies.origin import Origin, Printed, originator
from feeds.text import text_of

MAX_FEEDS = 48  # only the first feeds that carry an article are compared, so that a widely printed text costs no more
_EDGE = 4000  # characters of markup at either end that may hold a dateline or a credit
_MAX_BOILERPLATE = 400  # characters; a longer text before or after the article is another part of the page
_ANCHOR = 40  # characters that mark the begin and the end of the text


def origin_of(article: int, entries: Sequence[EntryRecord]) -> Origin:
    """Find the original publisher of an article. `entries`: all that carry it by arrival, at least one."""
    firsts: dict[int, EntryRecord] = {}
    for entry in entries:
        if len(firsts) < MAX_FEEDS:
            firsts.setdefault(entry.feed_id, entry)
    return originator(article, [as_printed(entry) for entry in firsts.values()])


def as_printed(entry: EntryRecord) -> Printed:
    """Return an entry with the text before and after the article in its markup."""
    markup = entry.content_html or entry.summary_html
    lines = [line.strip() for line in entry.text.split("\n") if line.strip()] or [""]
    return Printed(
        entry=entry.id,
        outlet=entry.outlet,
        arrived=entry.arrived,
        published=entry.published,
        title=entry.title,
        head=_before(markup[:_EDGE].rpartition("<")[0] if len(markup) > _EDGE else markup, lines[0][:_ANCHOR]),
        tail=_after(markup[-_EDGE:].partition(">")[2] if len(markup) > _EDGE else markup, lines[-1][-_ANCHOR:]),
        authors=entry.authors,
        link=entry.link,
        links=entry.links,
        home=host(entry.feed_site or entry.feed_url),
        republished=bool(entry.source_title),
        length=len(entry.text),
    )


def _before(markup: str, anchor: str) -> str:
    text = text_of(markup)
    at = text.find(anchor) if anchor else -1
    return text[:at] if 0 < at <= _MAX_BOILERPLATE else ""


def _after(markup: str, anchor: str) -> str:
    text = text_of(markup)
    at = text.rfind(anchor) if anchor else -1
    rest = text[at + len(anchor) :] if at >= 0 else ""
    return rest if len(rest) <= _MAX_BOILERPLATE else ""
