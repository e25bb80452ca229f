"""What a publisher says it took back (Atom's `at:deleted-entry`, RFC 6721), against what is known of its feed. Pure.

A feed speaks for its own entries only, since they are looked for among those. That an entry is missing from a feed says nothing: it
may just be old. An entry that its feed lists in a newer form than the tombstone knew stands, or stands again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from feeds.model import Changes, Entry, KnownEntry, Tombstone

TakenBack = Mapping[str, datetime | None]  # guid to when it was taken back; None: it is not known when


def judge(found: Iterable[Tombstone], latest: datetime) -> TakenBack:
    """What was taken back when. A date after `latest` is none: it would win over every later edition of the entry."""
    return {one.ref: one.when if one.when is None or one.when <= latest else None for one in found}


def standing(entries: Sequence[Entry], taken_back: TakenBack) -> Sequence[Entry]:
    """The entries of a document without those that it takes back itself."""
    if not taken_back:
        return entries
    return [entry for entry in entries if not _ended(_instant(entry), taken_back.get(entry.guid))]


def withdrawn(known: Iterable[KnownEntry], changes: Changes, taken_back: TakenBack) -> tuple[str, ...]:
    """Guids of the known entries that are taken back now: they were not before, and the document does not list them still."""
    if not taken_back:
        return ()
    listed = {entry.guid for entry in (*changes.changed, *changes.same)}
    gone = (item for item in known if item.guid in taken_back and item.guid not in listed and not item.withdrawn)
    return tuple(item.guid for item in gone if _before(_instant(item), taken_back[item.guid]))


def restored(known: Iterable[KnownEntry], changes: Changes) -> tuple[Entry, ...]:
    """The listed entries that were taken back once and come in a newer form: with another text, or dated later.

    As it was, an entry comes from a copy of the feed that some server on the way has kept.
    """
    gone = {item.guid: item for item in known if item.withdrawn}
    again = [entry for entry in changes.changed if entry.guid in gone]
    for entry in changes.same:
        old, new = _instant(gone[entry.guid]) if entry.guid in gone else None, _instant(entry)
        if old is not None and new is not None and new > old:
            again.append(entry)
    return tuple(again)


def _instant(item: Entry | KnownEntry) -> datetime | None:
    return item.updated or item.published


def _ended(instant: datetime | None, when: datetime | None) -> bool:
    """Whether a listed entry is surely no newer than its tombstone."""
    return instant is not None and when is not None and instant <= when


def _before(instant: datetime | None, when: datetime | None) -> bool:
    """Whether an entry that is no longer listed may be no newer than its tombstone."""
    return instant is None or when is None or instant <= when
