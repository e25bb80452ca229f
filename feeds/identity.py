"""Which entries of a poll are new, changed or the same, whatever the feed does to its guids and links.

An entry that is not known by its guid may still be a known one under another name: its link (without what counts readers), or
its very content, says so. A guid that comes with another link, title and date is not the old entry but a new one under a used name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b

from feeds.model import Changes, Entry, GuidOrigin, KnownEntry
from feeds.urls import key

_WORDS = re.compile(r"\w+")
_SAME_TIME = timedelta(minutes=1)


def content_hash(title: str, text: str, link: str) -> str:
    """A hash of what the reader sees of an entry: if it differs, the entry was edited. 32 hexadecimal digits.

    Case and blanks do not count, nor does what `link` carries for statistics.
    """
    parts = (" ".join(part.split()).casefold() for part in (title, text))
    return blake2b("\x1f".join((*parts, key(link) or link)).encode("utf-8", "replace"), digest_size=16).hexdigest()


def reconcile(entries: Sequence[Entry], known: Sequence[KnownEntry]) -> Changes:
    """Sort the entries of one poll into new, changed and same, against everything that is known of the feed.

    Each entry of the poll that says something of its own stands in exactly one of the three; repetitions within the
    poll are dropped. `changed` and `same` carry the guid they are stored under. Pure; time is linear.
    """
    memory = _Memory(known)
    changes = _Changes()
    for entry in entries:
        old = memory.find(entry)
        if old is None:
            fresh = memory.rename(entry)
            memory.add(_as_known(fresh))
            changes.new.append(fresh)
        elif memory.claim(old):
            changes.settle(replace(entry, guid=old.guid) if entry.guid != old.guid else entry, old)
    return Changes(tuple(changes.new), tuple(changes.changed), tuple(changes.same))


class _Changes:
    """The three lists while they grow."""

    def __init__(self) -> None:
        self.new: list[Entry] = []
        self.changed: list[Entry] = []
        self.same: list[Entry] = []

    def settle(self, entry: Entry, old: KnownEntry) -> None:
        """A known entry: was it edited?"""
        (self.same if entry.content_hash == old.content_hash else self.changed).append(entry)


class _Memory:
    """What is known of a feed, found by guid, by link and by content."""

    def __init__(self, known: Iterable[KnownEntry]) -> None:
        self._by_guid: dict[str, KnownEntry] = {}
        self._by_link: defaultdict[str, list[KnownEntry]] = defaultdict(list)
        self._by_content: dict[str, KnownEntry] = {}
        self._claimed: set[str] = set()
        for item in known:
            self._index(item)

    def _index(self, item: KnownEntry) -> None:
        self._by_guid.setdefault(item.guid, item)
        self._by_content.setdefault(item.content_hash, item)
        if item.link:
            self._by_link[key(item.link)].append(item)

    def add(self, item: KnownEntry) -> None:
        """An entry of this very poll: known from here on, and spoken for."""
        self._index(item)
        self._claimed.add(item.guid)

    def claim(self, item: KnownEntry) -> bool:
        """Whether the stored entry is still free; one stored entry is only one entry of a poll."""
        if item.guid in self._claimed:
            return False
        self._claimed.add(item.guid)
        return True

    def find(self, entry: Entry) -> KnownEntry | None:
        """The known entry that this one is, by any name."""
        old = self._by_guid.get(entry.guid)
        if old is not None and not _another(entry, old):
            return old
        old = self._by_content.get(entry.content_hash)
        if old is not None:
            return old
        return self._by_address(entry)

    def _by_address(self, entry: Entry) -> KnownEntry | None:
        """The known entry at the same link, when title or time agree; a link that many share proves nothing."""
        if not entry.link:
            return None
        there = self._by_link.get(key(entry.link), ())
        alike = [item for item in there if _alike(entry, item)]
        free = [item for item in alike if item.guid not in self._claimed]
        return next(iter(free or alike), None)

    def rename(self, entry: Entry) -> Entry:
        """A new entry under a guid that is taken gets its content's hash for a guid."""
        if entry.guid not in self._by_guid:
            return entry
        guid = entry.content_hash
        if guid in self._by_guid:
            guid = content_hash(entry.guid, entry.content_hash, entry.link or "")
        return replace(entry, guid=guid, guid_origin=GuidOrigin.HASH)


def _as_known(entry: Entry) -> KnownEntry:
    return KnownEntry(entry.guid, entry.content_hash, entry.link, entry.title, entry.published)


def _same_link(entry: Entry, old: KnownEntry) -> bool:
    return bool(entry.link and old.link) and key(entry.link or "") == key(old.link or "")


def _same_time(entry: Entry, old: KnownEntry) -> bool:
    return (
        entry.published is not None and old.published is not None and abs(entry.published - old.published) < _SAME_TIME
    )


def _another(entry: Entry, old: KnownEntry) -> bool:
    """Whether an entry under a known guid is nevertheless another one: link, title and time all differ."""
    if entry.content_hash == old.content_hash or _same_link(entry, old) or _same_time(entry, old):
        return False
    if entry.link is None or old.link is None or entry.published is None or old.published is None:
        return False
    return _likeness(entry.title, old.title) < 0.2


def _alike(entry: Entry, old: KnownEntry) -> bool:
    """Whether an entry at a known link under another guid is the known one."""
    if entry.content_hash == old.content_hash:
        return True
    likeness = _likeness(entry.title, old.title)
    if _same_time(entry, old):
        return likeness >= 0.2
    return likeness >= 0.6


def _likeness(one: str, two: str) -> float:
    """Shared words over all words, 0 to 1."""
    left, right = set(_WORDS.findall(one.casefold())), set(_WORDS.findall(two.casefold()))
    if not left or not right:
        return 1.0 if left == right else 0.0
    return len(left & right) / len(left | right)
