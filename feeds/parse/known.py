"""What was read before is not read again: an item that comes exactly as it came last time is taken from what is stored.

Cleaning its text is most of what a changed feed costs, and of forty items one or two are new; many feeds change nothing but
a date at the top. So the parser gives every item a digest of all that it is made from. Beside the feed a note is
kept of which digest led to which entry; the digests that still lead to a stored entry are given to the parser,
which leaves those items out, and the entries stand in for them when it is decided what is new. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import blake2b

from feeds.model import Entry, FeedPlan, GuidOrigin, KnownEntry, Parsed

DIGEST = 12  # bytes of an item's digest
_CONTENT = 16  # bytes of a content hash
_NAME = 8  # bytes that a guid is told by
_LINE = DIGEST + _CONTENT + _NAME


def note(parsed: Parsed) -> bytes:
    """A line for each item of a whole document: its digest, its content's hash, and what tells its guid."""
    if not parsed.digests:
        return b""
    pairs = zip(parsed.digests, parsed.entries, strict=True)
    return b"".join(digest + bytes.fromhex(entry.content_hash) + _name(entry.guid) for digest, entry in pairs)


def hashes(noted: bytes) -> list[str]:
    """The content hashes in a note: what to look for among the stored entries."""
    return [noted[at + DIGEST : at + DIGEST + _CONTENT].hex() for at in range(0, len(noted), _LINE)]


def repeats(noted: bytes, known: Iterable[KnownEntry]) -> dict[bytes, KnownEntry]:
    """The items that need not be read again, by digest, each with the one stored entry that it surely is.

    One whose text several entries share, or that is stored under another guid than its own, is read whatever it costs.
    """
    stored = list(known)
    count = Counter(item.content_hash for item in stored)
    by_hash = {item.content_hash: item for item in stored if count[item.content_hash] == 1}
    found: dict[bytes, KnownEntry] = {}
    for at in range(0, len(noted), _LINE):
        line = noted[at : at + _LINE]
        item = by_hash.get(line[DIGEST : DIGEST + _CONTENT].hex())
        if item is not None and _name(item.guid) == line[-_NAME:]:
            found[line[:DIGEST]] = item
    return found


def restored(parsed: Parsed, repeated: Mapping[bytes, KnownEntry]) -> Parsed:
    """The document with stand-ins for the items that the parser left out, each in its place."""
    if len(parsed.entries) == len(parsed.digests) or not repeated:
        return parsed
    read = iter(parsed.entries)
    entries = (_stand_in(repeated[digest]) if digest in repeated else next(read) for digest in parsed.digests)
    return replace(parsed, entries=tuple(entries))


def unsettled(plan: FeedPlan, repeated: Mapping[bytes, KnownEntry]) -> bool:
    """Whether a stand-in would be stored, since something else took its place, or withdrawn: then the document must be read whole.

    A stand-in does not know whether its publisher has dated it anew.
    """
    standing = {item.content_hash for item in repeated.values()}
    stored = {item.guid for item in repeated.values()} if plan.withdrawn else ()
    return any(entry.content_hash in standing for entry in (*plan.new, *plan.changed)) or any(
        guid in stored for guid in plan.withdrawn
    )


def _stand_in(item: KnownEntry) -> Entry:
    """As much of an entry as identity asks for."""
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
