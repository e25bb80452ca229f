"""Which entries of a poll are new, changed or the same, also when a feed changes its guids and links.

Three steps. Repetitions in the poll are dropped. Entries with a known guid are matched, unless several different items
share the guid or it now names another item. The rest is matched with the known entries still unmatched: by content, by
link, by title and time. What remains is new; if its guid is taken, its link or its content's hash becomes its guid.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b

from feeds.model import Changes, Entry, GuidOrigin, KnownEntry
from feeds.urls import key

_WORDS = re.compile(r"\w+")
# Guids made for one item: a URL with a path, a number of five digits, three words, a long text.
_SPECIFIC = re.compile(r"https?://[^/?#]+/[^?#]*\w|.*\d{5}|.*(?:[^\W\d]{2,}[-_./ ]){2}[^\W\d]{2,}|.{32}", re.DOTALL)
_BLANKS = b" \t\n\r\x0b\x0c"
_WIDE_BLANK = "\xa0".encode()
_ASCII = bytes(range(128))
_LOWER = bytes(range(256)).lower()
_SAME_TIME = timedelta(minutes=1)
_OTHER_DAY = timedelta(hours=12)
_SIMILAR, _DIFFERENT, _NEARLY_EQUAL = 0.6, 0.2, 0.8  # shares of common words
_SPECIFIC_WORDS = 4  # words; shorter titles ("Notice", "Police report") are used again
_RENAMED_GUIDS = 2  # entries with other guids in one poll that mean the feed has changed its guids
_MAX_UNKNOWN = 0.5  # a greater share of unknown entries means changed guids, not news
Item = Entry | KnownEntry


def content_hash(title: str, text: str, link: str) -> str:
    """A hash of the visible content of an entry: another hash means that the entry was edited. 32 hexadecimal digits.

    Case, blanks and tracking parameters of `link` do not count.
    """
    words = _casefolded(f"{title}\x1f{text}\x1f")
    return blake2b(words + (key(link) or link).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _casefolded(text: str) -> bytes:
    """`text` without case and blanks, in UTF-8.

    Python's `casefold` is slow and only needed for letters beyond ASCII that have case; otherwise bytes are enough.
    """
    data = text.encode("utf-8", "replace")
    if not text.isascii():
        data = data.replace(_WIDE_BLANK, b"")
        beyond = data.translate(None, _ASCII)
        if len(beyond) * 8 > len(data) or (others := beyond.decode()) != others.casefold():
            return text.replace("\xa0", " ").casefold().encode("utf-8", "replace").translate(None, _BLANKS)
    return data.translate(_LOWER, _BLANKS)


def needs_older_entries(entries: Sequence[Entry], known: Sequence[KnownEntry], since: datetime | None) -> bool:
    """Whether `known`, found by exact guids and links, is not enough to decide what is new.

    That is so when unmatched entries could be older than the last successful poll, `since`: they are undated or dated
    before it, or they are most of the feed. Entries dated after it are new.
    """
    guids = {item.guid for item in known}
    links = {item.link for item in known if item.link}
    unknown = [entry for entry in entries if entry.guid not in guids and entry.link not in links]
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
    distinct, shared = _distinct(entries)
    index = _KnownEntries(known)
    counts = Counter(key(entry.link) for entry in distinct if entry.link)
    unique_links = {link for link, count in counts.items() if count == 1}
    matched: dict[int, KnownEntry] = {}
    for position, entry in enumerate(distinct):
        old = index.by_guid(entry) if entry.guid not in shared else None
        if old is not None:
            matched[position] = old
    for position, entry in enumerate(distinct):
        if known and position not in matched:
            old = index.by_similarity(entry, own_guid=_has_own_guid(entry, shared, unique_links))
            if old is not None:
                matched[position] = old
    if sum(distinct[position].guid != old.guid for position, old in matched.items()) >= _RENAMED_GUIDS:
        for position, entry in enumerate(distinct):
            old = index.by_time(entry) if position not in matched else None
            if old is not None:
                matched[position] = old
    new: list[Entry] = []
    changed: list[Entry] = []
    same: list[Entry] = []
    for position, entry in enumerate(distinct):
        old = matched.get(position)
        if old is None:
            new.append(index.with_free_guid(entry, shared, unique_links))
            continue
        kept = entry if entry.guid == old.guid else replace(entry, guid=old.guid)
        (same if entry.content_hash == old.content_hash else changed).append(kept)
    return Changes(tuple(new), tuple(changed), tuple(same))


def _has_own_guid(entry: Entry, shared: Collection[str], unique_links: Collection[str]) -> bool:
    """Whether the guid identifies the item better than its link, so that another guid means another item.

    A guid that is the link's page with a suffix (`…/story#1`, `…?v=2`) only counts revisions, unless the feed uses such
    suffixes for several items on that page.
    """
    if entry.guid in shared or entry.guid_origin is not GuidOrigin.GUID:
        return False
    return not (entry.link and key(entry.link) in unique_links and _page(entry.guid) == _page(entry.link))


def _distinct(entries: Sequence[Entry]) -> tuple[list[Entry], set[str]]:
    """The entries without repetitions, and the guids that several different entries share."""
    kept: list[Entry] = []
    groups: defaultdict[str, list[Entry]] = defaultdict(list)
    contents: dict[str, Entry] = {}
    shared: set[str] = set()
    for entry in entries:
        group = groups[entry.guid]
        if any(_repeats(entry, other) for other in group[:20]):
            continue
        twin = contents.get(entry.content_hash) if entry.link else None
        if twin is not None and (_own_page(entry) or not _is_other_day(entry, twin)):
            continue  # the same item under another guid
        if group:
            shared.add(entry.guid)
        group.append(entry)
        contents[entry.content_hash] = entry
        kept.append(entry)
    return kept, shared


class _KnownEntries:
    """The known entries of a feed, indexed. Each is matched at most once."""

    def __init__(self, known: Iterable[KnownEntry]) -> None:
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
            self._titles[_folded(item.title)].append(item)
            if item.link:
                self._links[key(item.link)].append(item)
                self._pages[_page(item.link)].append(item)
            if item.published:
                self._times[item.published].append(item)

    def by_guid(self, entry: Entry) -> KnownEntry | None:
        """The known entry of this guid, if it is still the same item."""
        old = self._guids.get(entry.guid)
        if old is None or old.guid in self._claimed or _is_other_item(entry, old):
            return None
        return self._claim(old)

    def by_similarity(self, entry: Entry, *, own_guid: bool) -> KnownEntry | None:
        """An unmatched known entry that is the same item under another guid.

        `own_guid` is for an entry whose guid identifies it: more must then agree.
        """
        for old in self._free(self._contents.get(entry.content_hash, ())):
            if not own_guid or _own_page(entry) or not _is_other_day(entry, old):
                return self._claim(old)
        for old in self._free(self._links.get(key(entry.link), ()) if entry.link else ()):
            if _is_same_at_link(entry, old, own_guid=own_guid):
                return self._claim(old)
        for old in self._free(self._titles.get(_folded(entry.title), ())):
            if _same_headline(entry, old, own_guid=own_guid):
                return self._claim(old)
        return None if own_guid else self._by_page_or_time(entry)

    def _by_page_or_time(self, entry: Entry) -> KnownEntry | None:
        """An unmatched known entry of another title that is the same item, for an entry without its own guid.

        It has the same page, alone, or the same second and a similar title.
        """
        found = self._pages.get(_page(entry.link), []) if entry.link and _own_page(entry) else []
        if len(found) == 1 and self._free(found) and _same_time(entry, found[0]):
            return self._claim(found[0])
        return self.by_time(entry)

    def by_time(self, entry: Entry) -> KnownEntry | None:
        """An unmatched known entry with the same second and a similar title.

        For entries without their own guid, or when the feed has changed its guids.
        """
        found = self._times.get(entry.published, []) if entry.published else []
        alone = len(found) == 1 and not _is_midnight(entry)
        for old in self._free(found):
            exact = alone or _has_exact_time(entry) or _same_numbers(entry, old)
            if exact and _similarity(entry.title, old.title) >= _SIMILAR:
                return self._claim(old)
        return None

    def _free(self, items: Iterable[KnownEntry]) -> list[KnownEntry]:
        return [item for item in items if item.guid not in self._claimed][:20]

    def _claim(self, item: KnownEntry) -> KnownEntry:
        self._claimed.add(item.guid)
        return item

    def with_free_guid(self, entry: Entry, shared: Collection[str], unique_links: Collection[str]) -> Entry:
        """A new entry with a guid that no other has: its own, else its link, else its content's hash."""
        for name in _guid_candidates(entry, shared, unique_links):
            if name[0] not in self._guids and name[0] not in self._given:
                break
        guid, origin = name
        self._given.add(guid)
        return entry if guid == entry.guid else replace(entry, guid=guid, guid_origin=origin)


def _guid_candidates(
    entry: Entry, shared: Collection[str], unique_links: Collection[str]
) -> Iterator[tuple[str, GuidOrigin]]:
    """The possible guids of an entry, best first; at least one."""
    if entry.guid not in shared:
        yield entry.guid, entry.guid_origin
    if entry.link and key(entry.link) in unique_links:
        yield entry.link, GuidOrigin.LINK
    yield entry.content_hash, GuidOrigin.HASH
    yield content_hash(entry.guid, entry.content_hash, str(entry.published)), GuidOrigin.HASH


def _folded(title: str) -> str:
    return " ".join(title.split()).casefold()


def _same_link(one: Item, two: Item) -> bool:
    return bool(one.link and two.link) and key(one.link or "") == key(two.link or "")


def _page(link: str) -> str:
    """A URL without its parameters and fragment."""
    return key(link).partition("#")[0].partition("?")[0]


def _same_page(one: Item, two: Item) -> bool:
    """The same URL apart from parameters, or none at all."""
    if not one.link or not two.link:
        return not one.link and not two.link
    return _page(one.link) == _page(two.link)


def _same_path(one: Item, two: Item) -> bool:
    """The same URL apart from host and parameters, and not a front page."""
    if not one.link or not two.link:
        return False
    path = _page(one.link).partition("/")[2]
    return bool(path) and path == _page(two.link).partition("/")[2]


def _own_page(item: Item) -> bool:
    """Whether the link is not just a site's front page, so that it identifies the item."""
    return bool(item.link) and "/" in key(item.link or "")


def _same_time(one: Item, two: Item) -> bool:
    return one.published is not None and two.published is not None and abs(one.published - two.published) < _SAME_TIME


def _undated(one: Item, two: Item) -> bool:
    return one.published is None and two.published is None


def _repeats(one: Entry, two: Entry) -> bool:
    """Whether two entries of one poll under one guid are one item listed twice."""
    if one.content_hash == two.content_hash:
        return True
    if one.link or two.link:
        return (
            _same_link(one, two)
            and (_own_page(one) or _similarity(one.title, two.title) >= _SIMILAR)
            and not _is_other_day(one, two)
        )
    return _similarity(one.title, two.title) >= _NEARLY_EQUAL


def _is_other_day(one: Item, two: Item) -> bool:
    return one.published is not None and two.published is not None and abs(one.published - two.published) > _OTHER_DAY


def _is_other_item(entry: Entry, old: KnownEntry) -> bool:
    """Whether the entry under a known guid is another item, because the feed reuses guids.

    A guid that looks unique is trusted as long as anything else agrees.
    """
    if entry.content_hash == old.content_hash or _same_time(entry, old):
        return False
    if _same_link(entry, old) and _own_page(entry):
        return False
    similarity = _similarity(entry.title, old.title)
    generic = not _SPECIFIC.match(entry.guid) and (_is_other_day(entry, old) or (_own_page(entry) and _own_page(old)))
    return similarity < (_NEARLY_EQUAL if generic else _DIFFERENT) and (
        bool(entry.link and old.link) or not _undated(entry, old)
    )


def _is_same_at_link(entry: Entry, old: KnownEntry, *, own_guid: bool) -> bool:
    """Whether an item at a known link, under an unknown guid, is the known item."""
    similarity = _similarity(entry.title, old.title)
    if _same_time(entry, old):
        return similarity >= _DIFFERENT or _own_page(entry)
    if not _own_page(entry):
        return similarity >= _NEARLY_EQUAL and not (own_guid and _is_other_day(entry, old))
    if own_guid:  # a page that many items point to: releases, forecasts, a live report
        return similarity >= _NEARLY_EQUAL and _same_numbers(entry, old) and not _is_other_day(entry, old)
    return similarity >= (_DIFFERENT if _is_other_day(entry, old) else 0.0)


def _same_headline(entry: Entry, old: KnownEntry, *, own_guid: bool) -> bool:
    """Whether an item with a known title but another guid and link is the known item: the feed changed all of them."""
    if (
        own_guid
        and len(entry.title.split()) < _SPECIFIC_WORDS
        and not (_same_page(entry, old) or _same_path(entry, old))
    ):
        return False
    if _same_time(entry, old):
        return True
    return _undated(entry, old) and (_same_path(entry, old) or (not own_guid and _same_page(entry, old)))


def _same_numbers(one: Item, two: Item) -> bool:
    """Whether both titles have the same numbers: release 4.1 is not release 4.2."""
    left, right = ([word for word in _WORDS.findall(item.title) if not word.isalpha()] for item in (one, two))
    return left == right


def _has_exact_time(item: Item) -> bool:
    """Whether the time is more than a date: many items may have the same midnight."""
    return item.published is not None and bool(item.published.second or item.published.minute)


def _is_midnight(item: Item) -> bool:
    """Whether the time may be a date only: it is midnight in UTC."""
    return item.published is not None and not (item.published.hour or item.published.minute or item.published.second)


def _similarity(one: str, two: str) -> float:
    """Common words divided by all words, 0 to 1."""
    left, right = set(_WORDS.findall(one.casefold())), set(_WORDS.findall(two.casefold()))
    if not left or not right:
        return 1.0 if left == right else 0.0
    return len(left & right) / len(left | right)
