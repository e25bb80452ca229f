"""Skips items that were parsed before: an item that comes again unchanged is taken from the store.

Cleaning texts is most of the cost of a changed feed, and of forty items one or two are new. So the parser gives every
item a digest of all its parts. An index stored with the feed maps digests to stored entries. Digests that still lead to
a stored entry are given to the parser, which leaves those items out; placeholders replace them when it is decided what
is new. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import blake2b

from feeds.model import Entry, FeedPlan, GuidOrigin, KnownEntry, Parsed

DIGEST = 12  # bytes of an item's digest
_CONTENT = 16  # bytes of a content hash
_NAME = 8  # bytes of a hash of a guid
_RECORD = DIGEST + _CONTENT + _NAME


def item_index(parsed: Parsed) -> bytes:
    """Return the index of a whole document: for each item its digest, its content's hash and a hash of its guid."""
    if not parsed.digests:
        return b""
    pairs = zip(parsed.digests, parsed.entries, strict=True)
    return b"".join(digest + bytes.fromhex(entry.content_hash) + _name(entry.guid) for digest, entry in pairs)


def indexed_hashes(index: bytes) -> list[str]:
    """Return the content hashes in an index: what to look up among the stored entries."""
    return [index[at + DIGEST : at + DIGEST + _CONTENT].hex() for at in range(0, len(index), _RECORD)]


def unchanged_items(index: bytes, known: Iterable[KnownEntry]) -> dict[bytes, KnownEntry]:
    """Return the items that need not be parsed again, by digest, each with its stored entry.

    An item is left out when several stored entries have its text, or when it is stored under another guid.
    """
    stored = list(known)
    count = Counter(item.content_hash for item in stored)
    by_hash = {item.content_hash: item for item in stored if count[item.content_hash] == 1}
    found: dict[bytes, KnownEntry] = {}
    for at in range(0, len(index), _RECORD):
        record = index[at : at + _RECORD]
        item = by_hash.get(record[DIGEST : DIGEST + _CONTENT].hex())
        if item is not None and _name(item.guid) == record[-_NAME:]:
            found[record[:DIGEST]] = item
    return found


def with_unchanged_items(parsed: Parsed, unchanged: Mapping[bytes, KnownEntry]) -> Parsed:
    """Return the document with placeholders for the items that the parser left out, each in its position."""
    if len(parsed.entries) == len(parsed.digests) or not unchanged:
        return parsed
    read = iter(parsed.entries)
    entries = (_placeholder(unchanged[digest]) if digest in unchanged else next(read) for digest in parsed.digests)
    return replace(parsed, entries=tuple(entries))


def needs_full_parse(plan: FeedPlan, unchanged: Mapping[bytes, KnownEntry]) -> bool:
    """Whether a placeholder would be stored or withdrawn, so that the document must be parsed without the index.

    A placeholder does not have the present date of its item.
    """
    content_hashes = {item.content_hash for item in unchanged.values()}
    stored = {item.guid for item in unchanged.values()} if plan.withdrawn else ()
    return any(entry.content_hash in content_hashes for entry in (*plan.new, *plan.changed)) or any(
        guid in stored for guid in plan.withdrawn
    )


def _placeholder(item: KnownEntry) -> Entry:
    """Return an entry with only the fields that identity needs."""
    return Entry(
        guid=item.guid,
        guid_origin=GuidOrigin.GUID,
        title=item.title,
        link=item.link,
        published=item.published,
        updated=item.updated,
        content_hash=item.content_hash,
    )


def _name(guid: str) -> bytes:
    return blake2b(guid.encode("utf-8", "replace"), digest_size=_NAME).digest()
