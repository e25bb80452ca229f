"""Which entries of a poll are new, changed or the same, whatever the feed does to its guids and links.

In three steps. What the poll repeats is dropped. What is known by its guid is matched, unless the guid is shared by items
that differ or now names something else. What is left is matched with the known entries nobody claimed: by content, by link,
by title and time. The rest is new; where its guid is taken it gets its link's or its content's name.
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
# Names that are made for one item: an address with a path, a number of five digits, three words, a long one.
_SPECIFIC = re.compile(r"https?://[^/?#]+/[^?#]*\w|.*\d{5}|.*(?:[^\W\d]{2,}[-_./ ]){2}[^\W\d]{2,}|.{32}", re.DOTALL)
_BLANKS = b" \t\n\r\x0b\x0c"
_WIDE_BLANK = "\xa0".encode()
_ASCII = bytes(range(128))
_LOWER = bytes(range(256)).lower()
_SAME_TIME = timedelta(minutes=1)
_ANOTHER_DAY = timedelta(hours=12)
_ALIKE, _UNLIKE, _NEARLY_EQUAL = 0.6, 0.2, 0.8  # shares of common words
_TELLING = 4  # words; a title of fewer ("Notice", "Police report") comes again
_RENAMED = 2  # so many entries under other names in one poll, and the feed has changed its names
_CROWD = 0.5  # a greater share of unknown entries is no news but a change of names
Item = Entry | KnownEntry


def content_hash(title: str, text: str, link: str) -> str:
    """A hash of what the reader sees of an entry: if it differs, the entry was edited. 32 hexadecimal digits.

    Case and blanks do not count, nor does what `link` carries for statistics.
    """
    words = _casefolded(f"{title}\x1f{text}\x1f")
    return blake2b(words + (key(link) or link).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _casefolded(text: str) -> bytes:
    """`text` without case and blanks, in UTF-8.

    Letters beyond ASCII need Python's own `casefold`, which is slow; where the few that there are have no case, bytes will do.
    """
    data = text.encode("utf-8", "replace")
    if not text.isascii():
        data = data.replace(_WIDE_BLANK, b"")
        beyond = data.translate(None, _ASCII)
        if len(beyond) * 8 > len(data) or (others := beyond.decode()) != others.casefold():
            return text.replace("\xa0", " ").casefold().encode("utf-8", "replace").translate(None, _BLANKS)
    return data.translate(_LOWER, _BLANKS)


def needs_past(entries: Sequence[Entry], known: Sequence[KnownEntry], since: datetime | None) -> bool:
    """Whether `known`, found by exact names, is not enough to tell what is new: more of the feed's past must be looked at.

    So where entries that nothing names could have been there at the last successful look, `since`: they are undated or older
    than it, or they are most of the feed. What came out after it is simply news.
    """
    guids = {item.guid for item in known}
    links = {item.link for item in known if item.link}
    unknown = [entry for entry in entries if entry.guid not in guids and entry.link not in links]
    if not unknown:
        return False
    if len(unknown) > _CROWD * len(entries) or since is None:
        return True
    return any(entry.published is None or entry.published <= since for entry in unknown)


def reconcile(entries: Sequence[Entry], known: Sequence[KnownEntry]) -> Changes:
    """Sort the entries of one poll into new, changed and same, against everything that is known of the feed.

    Each entry of the poll that says something of its own stands in exactly one of the three, in the poll's order;
    `changed` and `same` carry the guid they are stored under. No two entries of the answer have the same guid. Pure; the
    time is linear in both.
    """
    distinct, shared = _distinct(entries)
    memory = _Memory(known)
    counts = Counter(key(entry.link) for entry in distinct if entry.link)
    lonely = {link for link, count in counts.items() if count == 1}
    matched: dict[int, KnownEntry] = {}
    for place, entry in enumerate(distinct):
        old = memory.by_guid(entry) if entry.guid not in shared else None
        if old is not None:
            matched[place] = old
    for place, entry in enumerate(distinct):
        if known and place not in matched:
            old = memory.by_likeness(entry, named=_named(entry, shared, lonely))
            if old is not None:
                matched[place] = old
    if sum(distinct[place].guid != old.guid for place, old in matched.items()) >= _RENAMED:
        for place, entry in enumerate(distinct):
            old = memory.by_time(entry) if place not in matched else None
            if old is not None:
                matched[place] = old
    new: list[Entry] = []
    changed: list[Entry] = []
    same: list[Entry] = []
    for place, entry in enumerate(distinct):
        old = matched.get(place)
        if old is None:
            new.append(memory.name(entry, shared, lonely))
            continue
        kept = entry if entry.guid == old.guid else replace(entry, guid=old.guid)
        (same if entry.content_hash == old.content_hash else changed).append(kept)
    return Changes(tuple(new), tuple(changed), tuple(same))


def _named(entry: Entry, shared: Collection[str], lonely: Collection[str]) -> bool:
    """Whether the entry's guid says more than its link: then another guid speaks for another item.

    A guid that is the link's own page with a mark behind it (`…/story#1`, `…?v=2`) only counts revisions, unless the feed
    tells several items on that page apart with such marks.
    """
    if entry.guid in shared or entry.guid_origin is not GuidOrigin.GUID:
        return False
    return not (entry.link and key(entry.link) in lonely and _page(entry.guid) == _page(entry.link))


def _distinct(entries: Sequence[Entry]) -> tuple[list[Entry], set[str]]:
    """The entries without repetitions, and the guids that several different ones share."""
    kept: list[Entry] = []
    groups: defaultdict[str, list[Entry]] = defaultdict(list)
    contents: dict[str, Entry] = {}
    shared: set[str] = set()
    for entry in entries:
        group = groups[entry.guid]
        if any(_repeats(entry, other) for other in group[:20]):
            continue
        twin = contents.get(entry.content_hash) if entry.link else None
        if twin is not None and (_own_page(entry) or not _other_day(entry, twin)):
            continue  # the same under another guid
        if group:
            shared.add(entry.guid)
        group.append(entry)
        contents[entry.content_hash] = entry
        kept.append(entry)
    return kept, shared


class _Memory:
    """What is known of a feed. Every known entry is matched at most once."""

    def __init__(self, known: Iterable[KnownEntry]) -> None:
        self._guids: dict[str, KnownEntry] = {}
        self._contents: defaultdict[str, list[KnownEntry]] = defaultdict(list)
        self._links: defaultdict[str, list[KnownEntry]] = defaultdict(list)
        self._titles: defaultdict[str, list[KnownEntry]] = defaultdict(list)
        self._pages: defaultdict[str, list[KnownEntry]] = defaultdict(list)
        self._times: defaultdict[datetime, list[KnownEntry]] = defaultdict(list)
        self._claimed: set[str] = set()
        self._named: set[str] = set()
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
        """The known entry of this guid, if it is still the same one."""
        old = self._guids.get(entry.guid)
        if old is None or old.guid in self._claimed or _another(entry, old):
            return None
        return self._claim(old)

    def by_likeness(self, entry: Entry, *, named: bool) -> KnownEntry | None:
        """A known entry that nobody claimed and that this one is under another guid.

        `named` for an entry whose guid says which item it is: then more than a likeness is asked for.
        """
        for old in self._free(self._contents.get(entry.content_hash, ())):
            if not named or _own_page(entry) or not _other_day(entry, old):
                return self._claim(old)
        for old in self._free(self._links.get(key(entry.link), ()) if entry.link else ()):
            if _alike(entry, old, named=named):
                return self._claim(old)
        for old in self._free(self._titles.get(_folded(entry.title), ())):
            if _same_headline(entry, old, named=named):
                return self._claim(old)
        return None if named else self._by_circumstance(entry)

    def _by_circumstance(self, entry: Entry) -> KnownEntry | None:
        """A known entry of another title that this one, which has no name of its own, must nevertheless be.

        It stands on the same page, the only one there, or came out in the same second under a headline much alike.
        """
        there = self._pages.get(_page(entry.link), []) if entry.link and _own_page(entry) else []
        if len(there) == 1 and self._free(there) and _same_time(entry, there[0]):
            return self._claim(there[0])
        return self.by_time(entry)

    def by_time(self, entry: Entry) -> KnownEntry | None:
        """A known entry that nobody claimed and that came out in the same second under a headline much alike.

        For what has no name of its own, or where the feed has changed its names.
        """
        there = self._times.get(entry.published, []) if entry.published else []
        alone = len(there) == 1 and not _midnight(entry)
        for old in self._free(there):
            telling = alone or _to_the_second(entry) or _same_numbers(entry, old)
            if telling and _likeness(entry.title, old.title) >= _ALIKE:
                return self._claim(old)
        return None

    def _free(self, items: Iterable[KnownEntry]) -> list[KnownEntry]:
        return [item for item in items if item.guid not in self._claimed][:20]

    def _claim(self, item: KnownEntry) -> KnownEntry:
        self._claimed.add(item.guid)
        return item

    def name(self, entry: Entry, shared: Collection[str], lonely: Collection[str]) -> Entry:
        """A new entry with a guid that nobody has: its own, else its link, else its content's hash."""
        for name in _names(entry, shared, lonely):
            if name[0] not in self._guids and name[0] not in self._named:
                break
        guid, origin = name
        self._named.add(guid)
        return entry if guid == entry.guid else replace(entry, guid=guid, guid_origin=origin)


def _names(entry: Entry, shared: Collection[str], lonely: Collection[str]) -> Iterator[tuple[str, GuidOrigin]]:
    """What an entry can be called, the best first; at least one."""
    if entry.guid not in shared:
        yield entry.guid, entry.guid_origin
    if entry.link and key(entry.link) in lonely:
        yield entry.link, GuidOrigin.LINK
    yield entry.content_hash, GuidOrigin.HASH
    yield content_hash(entry.guid, entry.content_hash, str(entry.published)), GuidOrigin.HASH


def _folded(title: str) -> str:
    return " ".join(title.split()).casefold()


def _same_link(one: Item, two: Item) -> bool:
    return bool(one.link and two.link) and key(one.link or "") == key(two.link or "")


def _page(link: str) -> str:
    """An address without its parameters and fragment."""
    return key(link).partition("#")[0].partition("?")[0]


def _same_page(one: Item, two: Item) -> bool:
    """The same address but for its parameters, or none at all."""
    if not one.link or not two.link:
        return not one.link and not two.link
    return _page(one.link) == _page(two.link)


def _same_path(one: Item, two: Item) -> bool:
    """The same address but for its host and parameters, and more than a front page."""
    if not one.link or not two.link:
        return False
    path = _page(one.link).partition("/")[2]
    return bool(path) and path == _page(two.link).partition("/")[2]


def _own_page(item: Item) -> bool:
    """Whether the link leads to more than a site's front page, and so says which item it is."""
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
            and (_own_page(one) or _likeness(one.title, two.title) >= _ALIKE)
            and not _other_day(one, two)
        )
    return _likeness(one.title, two.title) >= _NEARLY_EQUAL


def _other_day(one: Item, two: Item) -> bool:
    return one.published is not None and two.published is not None and abs(one.published - two.published) > _ANOTHER_DAY


def _another(entry: Entry, old: KnownEntry) -> bool:
    """Whether what comes under a known guid is nevertheless another item: the feed uses its guids again.

    A guid that looks made for one item is believed as long as anything else speaks for it.
    """
    if entry.content_hash == old.content_hash or _same_time(entry, old):
        return False
    if _same_link(entry, old) and _own_page(entry):
        return False
    likeness = _likeness(entry.title, old.title)
    generic = not _SPECIFIC.match(entry.guid) and (_other_day(entry, old) or (_own_page(entry) and _own_page(old)))
    return likeness < (_NEARLY_EQUAL if generic else _UNLIKE) and (
        bool(entry.link and old.link) or not _undated(entry, old)
    )


def _alike(entry: Entry, old: KnownEntry, *, named: bool) -> bool:
    """Whether an item at a known link, under a guid that is not known, is the known one."""
    likeness = _likeness(entry.title, old.title)
    if _same_time(entry, old):
        return likeness >= _UNLIKE or _own_page(entry)
    if not _own_page(entry):
        return likeness >= _NEARLY_EQUAL and not (named and _other_day(entry, old))
    if named:  # a page that many items point to: releases, forecasts, a live report
        return likeness >= _NEARLY_EQUAL and _same_numbers(entry, old) and not _other_day(entry, old)
    return likeness >= (_UNLIKE if _other_day(entry, old) else 0.0)


def _same_headline(entry: Entry, old: KnownEntry, *, named: bool) -> bool:
    """Whether an item of a known title, under another guid and another link, is the known one: the feed changed all its names."""
    if named and len(entry.title.split()) < _TELLING and not (_same_page(entry, old) or _same_path(entry, old)):
        return False
    if _same_time(entry, old):
        return True
    return _undated(entry, old) and (_same_path(entry, old) or (not named and _same_page(entry, old)))


def _same_numbers(one: Item, two: Item) -> bool:
    """Whether the same figures stand in both titles: release 4.1 is not release 4.2."""
    left, right = ([word for word in _WORDS.findall(item.title) if not word.isalpha()] for item in (one, two))
    return left == right


def _to_the_second(item: Item) -> bool:
    """Whether the time is more than a day: many items may share a midnight."""
    return item.published is not None and bool(item.published.second or item.published.minute)


def _midnight(item: Item) -> bool:
    """Whether the time may stand for a day: it is midnight in UTC."""
    return item.published is not None and not (item.published.hour or item.published.minute or item.published.second)


def _likeness(one: str, two: str) -> float:
    """Shared words over all words, 0 to 1."""
    left, right = set(_WORDS.findall(one.casefold())), set(_WORDS.findall(two.casefold()))
    if not left or not right:
        return 1.0 if left == right else 0.0
    return len(left & right) / len(left | right)
