"""The distinct items of one document, and what they show together about its guids, links and dates.

A page that several items link to identifies none of them. A guid that several items have is none. Dates that are the
same for all items are those of the document.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from feeds.identity.comparing import (
    folded,
    has_own_page,
    is_other_day,
    page,
    same_link,
    same_time,
    same_title,
    similarity,
)
from feeds.model import Entry, GuidOrigin, KnownEntry
from feeds.urls import key

_COMPARED = 8  # entries of the same guid, the last ones
_EXCERPT = 600  # characters of two texts that are compared
_SAME_TEXT = 0.5  # share of common words
_MANY_TEXTS = 3  # of one guid in one document: no item is listed so often
_SPREAD = timedelta(minutes=2)  # between the dates of a document that has no dates of its items


@dataclass(frozen=True, slots=True)
class PolledDocument:
    """The distinct entries of one poll. Links are keys (`feeds.urls.key`)."""

    entries: tuple[Entry, ...]
    shared_guids: frozenset[str]  # of several entries
    shared_links: frozenset[str]  # of several entries of the document or of the store
    unique_links: frozenset[str]  # of one entry of the document
    shared_titles: frozenset[str]  # of several entries, folded
    dated: bool  # the dates of its entries differ
    dates_invalid: bool  # several entries, and all have one date: the document's

    @property
    def alone(self) -> bool:
        """Whether there is one entry only, so that nothing can be learned about the feed's guids and links."""
        return len(self.entries) == 1

    def identifies(self, link: str | None) -> bool:
        """Whether `link` is the page of one item."""
        return bool(link) and "/" in key(link or "") and key(link or "") not in self.shared_links

    def has_own_guid(self, entry: Entry) -> bool:
        """Whether the guid identifies the item better than its link, so that another guid means another item.

        A guid that is the link's page with a suffix (`…/story#1`, `…?v=2`) only counts revisions, unless the feed uses
        such suffixes for several items on that page.
        """
        if entry.guid in self.shared_guids or entry.guid_origin is not GuidOrigin.GUID:
            return False
        counts = bool(entry.link) and key(entry.link or "") in self.unique_links
        return not (counts and page(entry.guid) == page(entry.link or ""))


def read_document(entries: Sequence[Entry], known: Iterable[KnownEntry]) -> PolledDocument:
    """Return the document without repetitions."""
    distinct, shared_guids = _distinct(entries)
    links = Counter(key(entry.link) for entry in distinct if entry.link)
    stored = Counter(key(item.link) for item in known if item.link)
    titles = Counter(folded(entry.title) for entry in distinct)
    dates = [entry.published for entry in distinct if entry.published]
    spread = bool(dates) and max(dates) - min(dates) >= _SPREAD
    return PolledDocument(
        entries=tuple(distinct),
        shared_guids=frozenset(shared_guids),
        shared_links=frozenset(link for link in links if links[link] > 1 or stored[link] > 1),
        unique_links=frozenset(link for link, count in links.items() if count == 1),
        shared_titles=frozenset(title for title, count in titles.items() if count > 1),
        dated=spread,
        dates_invalid=len(dates) > 1 and not spread,
    )


def _distinct(entries: Sequence[Entry]) -> tuple[list[Entry], set[str]]:
    """Return the entries without repetitions, and the guids that several different entries share."""
    shared_pages, weak = _pages_of_several_titles(entries), _weak_guids(entries)
    kept: list[Entry] = []
    groups: defaultdict[str, list[Entry]] = defaultdict(list)
    contents: defaultdict[str, list[Entry]] = defaultdict(list)
    shared: set[str] = set()
    for entry in entries:
        group, twins = groups[entry.guid], contents[entry.content_hash]
        on_shared_page = not has_own_page(entry) or key(entry.link or "") in shared_pages
        least = 1.0 if entry.guid in weak else _SAME_TEXT
        if any(_repeats(entry, other, on_shared_page, least) for other in group[-_COMPARED:]):
            continue
        if any(_repeats_content(entry, other, on_shared_page) for other in twins[-_COMPARED:]):
            continue
        if group:
            shared.add(entry.guid)
        group.append(entry)
        twins.append(entry)
        kept.append(entry)
    return kept, shared


def _pages_of_several_titles(entries: Iterable[Entry]) -> set[str]:
    titles: defaultdict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.link:
            titles[key(entry.link)].add(folded(entry.title))
    return {link for link, found in titles.items() if len(found) > 1}


def _weak_guids(entries: Iterable[Entry]) -> set[str]:
    """Return guids that identify no item: made of its link or content, or used for several titles or many texts."""
    titles: defaultdict[str, set[str]] = defaultdict(set)
    contents: defaultdict[str, set[str]] = defaultdict(set)
    weak = set()
    for entry in entries:
        titles[entry.guid].add(folded(entry.title))
        contents[entry.guid].add(entry.content_hash)
        if entry.guid_origin is not GuidOrigin.GUID:
            weak.add(entry.guid)
    return weak | {guid for guid in titles if len(titles[guid]) > 1 or len(contents[guid]) >= _MANY_TEXTS}


def _repeats(entry: Entry, other: Entry, on_shared_page: bool, least: float) -> bool:
    """Whether two entries under one guid are one item listed twice. `least` is how similar their texts must be."""
    if entry.content_hash == other.content_hash and entry.guid_origin is GuidOrigin.GUID:
        return True
    same_text = entry.text == other.text
    if same_text and folded(entry.title) == folded(other.title) and same_link(entry, other):
        return False  # their files differ
    return (
        (same_text or (least < 1 and _text_similarity(entry, other) >= least))
        and (same_link(entry, other) or not (entry.link or other.link))
        and same_title(entry, other)
        and not _is_later(entry, other, on_shared_page)
    )


def _text_similarity(entry: Entry, other: Entry) -> float:
    if not (entry.text and other.text):  # a known item was not read again
        return 1.0
    return similarity(entry.text[:_EXCERPT], other.text[:_EXCERPT])


def _repeats_content(entry: Entry, other: Entry, on_shared_page: bool) -> bool:
    """Whether two entries of the same title, text, link and files are one item listed twice."""
    if entry.guid != other.guid and not entry.link:
        return False
    if entry.guid_origin is GuidOrigin.GUID and on_shared_page and entry.published is None and other.published is None:
        return entry.guid == other.guid
    return not _is_later(entry, other, on_shared_page)


def _is_later(entry: Entry, other: Entry, on_shared_page: bool) -> bool:
    """Whether the dates say that the same words are two events. A page of its own makes them one for half a day."""
    if entry.published is None or other.published is None:
        return False
    return not same_time(entry, other) if on_shared_page else is_other_day(entry, other)
