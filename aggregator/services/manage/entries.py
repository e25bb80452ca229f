"""The entries behind the counts of an edition's footer, each with the reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from aggregator.store.database import Database
from aggregator.store.intake import entries as entry_store
from aggregator.store.records import EntryGroup, EntryName
from digests.reasons import EntryClass, Reason


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """An entry of a list. `same_as` is the entry with the same text, for a copy."""

    entry: EntryName
    reason: Reason | None = None
    same_as: EntryName | None = None


@dataclass(frozen=True, slots=True)
class EntryList:
    """The entries of one class. `count` also includes those that are not listed: over the limit, or deleted."""

    entry_class: EntryClass
    count: int
    entries: tuple[ListedEntry, ...]


def entry_lists(
    db: Database, groups: Iterable[EntryGroup], classes: Collection[EntryClass] = (), limit: int | None = None
) -> list[EntryList]:
    """Return the lists of these classes, or of all, with at most `limit` entries each."""
    reasons: dict[EntryClass, list[tuple[int, Reason | None]]] = {}
    for group in groups:
        if not classes or group.entry_class in classes:
            reasons.setdefault(group.entry_class, []).extend((key, group.reason) for key in group.entries)
    return [EntryList(kind, len(found), _listed(db, kind, found[:limit])) for kind, found in reasons.items()]


def _listed(db: Database, kind: EntryClass, found: list[tuple[int, Reason | None]]) -> tuple[ListedEntry, ...]:
    names = entry_store.entry_names(db, [key for key, _ in found])
    originals: dict[int, EntryName] = {}
    if kind is EntryClass.COPIES:
        originals = entry_store.entry_names(db, [n.same_as for n in names.values() if n.same_as is not None])
    return tuple(
        ListedEntry(names[key], reason, originals.get(names[key].same_as or 0)) for key, reason in found if key in names
    )
