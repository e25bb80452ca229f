"""Which entries a publisher deleted (Atom's `at:deleted-entry`, RFC 6721), compared with the known ones. Pure.

A feed can delete its own entries only, because only those are searched. An entry that is merely missing from a feed is
not deleted; it may just be old. An entry that the feed lists in a newer form than its tombstone is not deleted either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from feeds.model import Changes, Entry, KnownEntry, Tombstone

DeletionTimes = Mapping[str, datetime | None]  # guid to when it was deleted; None: time unknown


def deletion_times(found: Iterable[Tombstone], latest: datetime) -> DeletionTimes:
    """Return when each guid was deleted. Dates after `latest` become None: they would win over every later edit."""
    return {one.ref: one.when if one.when is None or one.when <= latest else None for one in found}


def without_deleted(entries: Sequence[Entry], deleted: DeletionTimes) -> Sequence[Entry]:
    """Return the entries of a document without those that it deletes itself."""
    if not deleted:
        return entries
    return [entry for entry in entries if not _is_no_newer(_instant(entry), deleted.get(entry.guid))]


def withdrawn_guids(known: Iterable[KnownEntry], changes: Changes, deleted: DeletionTimes) -> tuple[str, ...]:
    """Return the guids of the known entries that are deleted now: not deleted before, and no longer listed."""
    if not deleted:
        return ()
    listed = {entry.guid for entry in (*changes.changed, *changes.same)}
    gone = (item for item in known if item.guid in deleted and item.guid not in listed and not item.withdrawn)
    return tuple(item.guid for item in gone if _may_be_no_newer(_instant(item), deleted[item.guid]))


def republished(known: Iterable[KnownEntry], changes: Changes) -> tuple[Entry, ...]:
    """Return the listed entries that were deleted once and come in a newer form: with another text, or a later date.

    An entry in its old form comes from a cached copy of the feed.
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


def _is_no_newer(instant: datetime | None, when: datetime | None) -> bool:
    """Whether a listed entry is certainly not newer than its tombstone."""
    return instant is not None and when is not None and instant <= when


def _may_be_no_newer(instant: datetime | None, when: datetime | None) -> bool:
    """Whether an entry that is no longer listed may be as old as its tombstone or older."""
    return instant is None or when is None or instant <= when
