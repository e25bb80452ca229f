"""Entries as the judge of origins reads them: what an outlet prints around the text is in its markup alone."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.store.records import EntryRecord, host
from aggregator.stories.copies.origin import Origin, Printed, originator
from feeds.text import text_of

MOST = (
    48  # feeds: the first of all that carry an article are heard, so that one text printed by thousands costs no more
)
_EDGE = 4000  # characters of markup at either end in which a dateline or a credit may stand
_FURNITURE = 400  # characters of text: more before or after it is no furniture but another part of the page
_ANCHOR = 40  # characters that tell where the text begins and ends


def origin_of(article: int, entries: Sequence[EntryRecord]) -> Origin:
    """Who leads an article. `entries` are all that carry it, in order of arrival; never empty."""
    firsts: dict[int, EntryRecord] = {}
    for entry in entries:
        if len(firsts) < MOST:
            firsts.setdefault(entry.feed_id, entry)
    return originator(article, [printed(entry) for entry in firsts.values()])


def printed(entry: EntryRecord) -> Printed:
    """An entry with what stands before and after its text as published."""
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
    return text[:at] if 0 < at <= _FURNITURE else ""


def _after(markup: str, anchor: str) -> str:
    text = text_of(markup)
    at = text.rfind(anchor) if anchor else -1
    rest = text[at + len(anchor) :] if at >= 0 else ""
    return rest if len(rest) <= _FURNITURE else ""
