"""Sorts the entries of a poll into new, changed and same.

Three steps. Repetitions in the poll are dropped. Entries with a known guid are matched, unless several different items
share the guid or it now names another item. The rest is matched with the known entries still unmatched: by content, by
link, by title and time. What remains is new; if its guid is taken, its link or its content's hash becomes its guid.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from feeds.identity.comparing import (
    DIFFERENT,
    NEARLY_EQUAL,
    SIMILAR,
    folded,
    has_exact_time,
    has_own_page,
    is_midnight,
    is_other_day,
    is_specific_guid,
    is_specific_title,
    page,
    same_link,
    same_numbers,
    same_page,
    same_path,
    same_time,
    same_title,
    similarity,
    undated,
)
from feeds.identity.content import content_hash
from feeds.identity.document import PolledDocument, read_document
from feeds.model import Changes, Entry, GuidOrigin, KnownEntry
from feeds.urls import key

_RENAMED_GUIDS = 2  # entries with other guids in one poll that mean the feed has changed its guids
_RENAMED_ALL = 3  # entries of a document of which no guid is known, and the texts are
_MAX_UNKNOWN = 0.5  # a greater share of unknown entries means changed guids, not news
_FREE = 20  # unmatched entries that are compared


def needs_older_entries(entries: Sequence[Entry], known: Sequence[KnownEntry], since: datetime | None) -> bool:
    """Whether `known`, found by exact guids, links and hashes, is not enough to decide what is new.

    That is so when unmatched entries could be older than the last successful poll, `since`: they are undated or dated
    before it, or they are most of the feed. Entries dated after it are new.
    """
    counts = Counter(entry.guid for entry in entries)
    guids = {item.guid for item in known}
    links = {item.link for item in known if item.link}
    hashes = {item.content_hash for item in known}
    unknown = [
        entry
        for entry in entries
        if not (counts[entry.guid] == 1 and entry.guid in guids)
        and entry.link not in links
        and entry.content_hash not in hashes
    ]
    if not unknown:
        return False
    if len(unknown) > _MAX_UNKNOWN * len(entries) or since is None:
        return True
    return any(entry.published is None or entry.published <= since for entry in unknown)


def reconcile(entries: Sequence[Entry], known: Sequence[KnownEntry]) -> Changes:
    """Sort the entries of one poll into new, changed and same, compared with all known entries of the feed.

    Each distinct entry of the poll is in exactly one of the three, in the poll's order; `changed` and `same` carry the
    guid under which they are stored. No two entries of the result have the same guid. Pure; linear time.
    """
    document = read_document(entries, known)
    index = _KnownEntries(known, document)
    matched = _match(document, index) if known else {}
    new: list[Entry] = []
    changed: list[Entry] = []
    same: list[Entry] = []
    for position, entry in enumerate(document.entries):
        old = matched.get(position)
        if old is None:
            new.append(index.with_free_guid(entry))
            continue
        kept = entry if entry.guid == old.guid else replace(entry, guid=old.guid)
        (same if entry.content_hash == old.content_hash else changed).append(kept)
    return Changes(tuple(new), tuple(changed), tuple(same))


def _match(document: PolledDocument, index: _KnownEntries) -> dict[int, KnownEntry]:
    """Return the known entries that are items of the document, by position; the surest matches first."""
    matched: dict[int, KnownEntry] = {}

    def take(step: Callable[[Entry], KnownEntry | None]) -> None:
        for position, entry in enumerate(document.entries):
            old = step(entry) if position not in matched else None
            if old is not None:
                matched[position] = old

    take(index.by_guid)
    take(index.by_content_and_time)
    index.renamed = not matched and index.has_texts_of(document)
    for step in (index.by_content, index.by_link, index.by_title, index.by_page_or_time):
        take(step)
    if sum(document.entries[position].guid != old.guid for position, old in matched.items()) >= _RENAMED_GUIDS:
        take(index.by_time)
    return matched


class _KnownEntries:
    """The known entries of a feed, indexed. Each is matched at most once.

    `renamed` is whether the feed has changed all guids, and perhaps all dates.
    """

    def __init__(self, known: Iterable[KnownEntry], document: PolledDocument) -> None:
        self.renamed = False
        self._document = document
        self._guids: dict[str, KnownEntry] = {}
        self._contents: defaultdict[str, list[KnownEntry]] = defaultdict(list)
        self._links: defaultdict[str, list[KnownEntry]] = defaultdict(list)
        self._titles: defaultdict[str, list[KnownEntry]] = defaultdict(list)
        self._pages: defaultdict[str, list[KnownEntry]] = defaultdict(list)
        self._times: defaultdict[datetime, list[KnownEntry]] = defaultdict(list)
        self._claimed: set[str] = set()
        self._given: set[str] = set()
        for item in known:
            self._guids.setdefault(item.guid, item)
            self._contents[item.content_hash].append(item)
            self._titles[folded(item.title)].append(item)
            if item.link:
                self._links[key(item.link)].append(item)
                self._pages[page(item.link)].append(item)
            if item.published:
                self._times[item.published].append(item)

    def has_texts_of(self, document: PolledDocument) -> bool:
        """Whether the texts of nearly all items are known, each at a page of its own."""
        entries = document.entries
        found = [e for e in entries if e.content_hash in self._contents and document.identifies(e.link)]
        return len(entries) >= _RENAMED_ALL and 4 * len(found) >= 3 * len(entries)

    def by_guid(self, entry: Entry) -> KnownEntry | None:
        """Return the known entry of this guid, if it is still the same item."""
        old = self._guids.get(entry.guid) if entry.guid not in self._document.shared_guids else None
        if old is None or old.guid in self._claimed or self._is_other_item(entry, old):
            return None
        return self._claim(old)

    def _is_other_item(self, entry: Entry, old: KnownEntry) -> bool:
        """Whether the entry under a known guid is another item, because the feed reuses guids.

        A guid that looks unique is trusted as long as anything else agrees.
        """
        if entry.content_hash == old.content_hash:
            return entry.guid_origin is not GuidOrigin.GUID and self._is_later(entry, old)
        if same_link(entry, old) and has_own_page(entry):
            return _is_named_by_link(entry) and self._is_other_on_page(entry, old)
        if same_time(entry, old):
            return False
        likeness = similarity(entry.title, old.title)
        generic = not is_specific_guid(entry.guid) and (
            is_other_day(entry, old) or (has_own_page(entry) and has_own_page(old))
        )
        return likeness < (NEARLY_EQUAL if generic else DIFFERENT) and (
            bool(entry.link and old.link) or not undated(entry, old)
        )

    def _is_other_on_page(self, entry: Entry, old: KnownEntry) -> bool:
        """Whether two items that only their link identifies are two: the page is not known to be of one item."""
        if self._document.identifies(entry.link) and not self._document.alone:
            return False
        if not self._document.identifies(entry.link):
            return not (same_title(entry, old) and (same_time(entry, old) or undated(entry, old)))
        if same_time(entry, old):
            return False
        if is_other_day(entry, old) or not (undated(entry, old) or is_specific_title(entry.title)):
            return True
        return similarity(entry.title, old.title) < SIMILAR

    def _is_later(self, entry: Entry, old: KnownEntry) -> bool:
        """Whether the dates say that the same words are two events, not one that was listed again."""
        if same_time(entry, old) or self._document.dates_invalid or not (entry.published and old.published):
            return False
        own_guid, day = self._document.has_own_guid(entry), is_other_day(entry, old)
        if self._document.identifies(entry.link):
            return own_guid and day and not self.renamed
        if self._document.dated:
            return own_guid or day
        return own_guid and day

    def by_content_and_time(self, entry: Entry) -> KnownEntry | None:
        """Return an unmatched known entry with the same title, text, link, files and date."""
        for old in self._free(self._contents.get(entry.content_hash, ())):
            if same_time(entry, old) or undated(entry, old):
                return self._claim(old)
        return None

    def by_content(self, entry: Entry) -> KnownEntry | None:
        """Return an unmatched known entry with the same title, text, link and files."""
        for old in self._free(self._contents.get(entry.content_hash, ())):
            if not self._is_later(entry, old):
                return self._claim(old)
        return None

    def by_link(self, entry: Entry) -> KnownEntry | None:
        """Return an unmatched known entry with the same link that is the same item, edited."""
        for old in self._free(self._links.get(key(entry.link), ()) if entry.link else ()):
            if self._is_same_at_link(entry, old):
                return self._claim(old)
        return None

    def _is_same_at_link(self, entry: Entry, old: KnownEntry) -> bool:
        """Whether an item at a known link, under an unknown guid and with another text, is the known item."""
        own_guid = self._document.has_own_guid(entry)
        if key(entry.link or "") in self._document.shared_links:
            unnamed = not own_guid and undated(entry, old) and is_specific_title(entry.title)
            return same_title(entry, old) and (same_time(entry, old) or unnamed)
        likeness = similarity(entry.title, old.title)
        if same_time(entry, old):
            return likeness >= DIFFERENT or has_own_page(entry)
        if own_guid:  # neither guid nor text nor time agree
            return False
        if not has_own_page(entry):
            return same_title(entry, old)
        if self._document.alone and _is_named_by_link(entry):
            return not self._is_other_on_page(entry, old)
        return likeness >= (DIFFERENT if is_other_day(entry, old) else 0.0)

    def by_title(self, entry: Entry) -> KnownEntry | None:
        """Return an unmatched known entry with the same title that is the same item with another guid and link."""
        for old in self._free(self._titles.get(folded(entry.title), ())):
            if self._is_same_headline(entry, old):
                return self._claim(old)
        return None

    def _is_same_headline(self, entry: Entry, old: KnownEntry) -> bool:
        own_guid, shared = self._document.has_own_guid(entry), key(entry.link or "") in self._document.shared_links
        specific = is_specific_title(entry.title)
        if own_guid and not specific and (shared or not (same_page(entry, old) or same_path(entry, old))):
            return False
        if same_time(entry, old):
            return True
        if not undated(entry, old):
            return False
        if own_guid:  # only the host is another
            return not shared and same_path(entry, old) and not same_page(entry, old)
        told_by_title = specific and folded(entry.title) not in self._document.shared_titles
        return (told_by_title or not shared) and (same_path(entry, old) or same_page(entry, old))

    def by_page_or_time(self, entry: Entry) -> KnownEntry | None:
        """Return an unmatched known entry of another title that is the same item as an entry without its own guid.

        It has the same page, alone, or the same second and a similar title.
        """
        if self._document.has_own_guid(entry):
            return None
        found = self._pages.get(page(entry.link), []) if entry.link and self._document.identifies(entry.link) else []
        if len(found) == 1 and self._free(found) and same_time(entry, found[0]):
            return self._claim(found[0])
        return self.by_time(entry)

    def by_time(self, entry: Entry) -> KnownEntry | None:
        """Return an unmatched known entry with the same second and a similar title.

        For entries without their own guid, or when the feed has changed its guids.
        """
        found = self._times.get(entry.published, []) if entry.published else []
        alone = len(found) == 1 and not is_midnight(entry)
        for old in self._free(found):
            exact = alone or has_exact_time(entry) or same_numbers(entry, old)
            if exact and similarity(entry.title, old.title) >= SIMILAR:
                return self._claim(old)
        return None

    def _free(self, items: Iterable[KnownEntry]) -> list[KnownEntry]:
        return [item for item in items if item.guid not in self._claimed][:_FREE]

    def _claim(self, item: KnownEntry) -> KnownEntry:
        self._claimed.add(item.guid)
        return item

    def with_free_guid(self, entry: Entry) -> Entry:
        """Return a new entry with a guid that no other has: its own, else its link, else its content's hash."""
        for name in _guid_candidates(entry, self._document):
            if name[0] not in self._guids and name[0] not in self._given:
                break
        guid, origin = name
        self._given.add(guid)
        return entry if guid == entry.guid else replace(entry, guid=guid, guid_origin=origin)


def _is_named_by_link(entry: Entry) -> bool:
    """Whether nothing but the link identifies the entry."""
    return entry.guid_origin is not GuidOrigin.GUID or key(entry.guid) == key(entry.link or "")


def _guid_candidates(entry: Entry, document: PolledDocument) -> Iterator[tuple[str, GuidOrigin]]:
    """Yield the possible guids of an entry, best first; at least one."""
    if entry.guid not in document.shared_guids:
        yield entry.guid, entry.guid_origin
    if entry.link and key(entry.link) in document.unique_links:
        yield entry.link, GuidOrigin.LINK
    yield entry.content_hash, GuidOrigin.HASH
    yield content_hash(entry.guid, entry.content_hash, str(entry.published)), GuidOrigin.HASH
