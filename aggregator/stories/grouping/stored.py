"""Packs what was extracted from a document as bytes, which a later process uses instead of reading the document again.

Reading documents is most of the cost of a restart, and an encoder costs even more. A form identifies everything that a
reading depends on; bytes of another form are ignored and the document is read again.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from aggregator.stories.copies.postings import Hashes
from aggregator.stories.encoder import Vector
from aggregator.stories.grouping.features import Features
from aggregator.stories.grouping.index import Flags
from aggregator.stories.grouping.views import NO_KEYS
from aggregator.stories.model import Document

READING = 7  # raised whenever the same document would be read otherwise: a test holds a reading to it
# Bytes of the packed words, then how many terms, figures of the vector, keys of the title and hashes.
_HEAD = struct.Struct("<IHHHI")
_SAME = "\x00"  # marks a term that is stored as it is


@dataclass(frozen=True, slots=True)
class Reading:
    """All that is compared of an article: its terms, its shingles, what it means, and how it begins."""

    features: Features
    hashes: Hashes
    vector: Vector | None  # see `articles.rounded`
    head: str = ""  # see `lookalikes.head`
    title_keys: Flags = field(default_factory=lambda: NO_KEYS)  # see `lookalikes.title_keys`


def form(languages: tuple[str, ...], encoder: str) -> str:
    """Return the name of the form in which documents are read under these settings."""
    named = "\n".join((str(READING), *languages, "", encoder))
    return blake2b(named.encode(), digest_size=8).hexdigest()


def fingerprint(document: Document) -> str:
    """Identify all of a document that its reading depends on, so that a reading of an earlier text is not used."""
    parts = (document.title, document.text, document.source, document.language or "", document.url or "")
    read = repr((*parts, document.links)).encode("utf-8", "replace")
    return blake2b(read, digest_size=16).hexdigest()


def pack(reading: Reading) -> bytes:
    """Return a reading as bytes: some 3 kB for an article of 400 words."""
    terms, shown = reading.features.terms, reading.features.shown
    lines = [
        reading.features.language,
        *reading.head.partition("\n")[::2],
        *terms,
        *(_SAME if shown[t] == t else shown[t] for t in terms),
    ]
    words = zlib.compress("\n".join(lines).encode(), 1)
    vector = np.empty(0, np.float32) if reading.vector is None else reading.vector
    parts: tuple[NDArray[np.number], ...] = (reading.features.flags, vector, reading.title_keys, reading.hashes)
    return b"".join((_HEAD.pack(len(words), *map(len, parts)), words, *(part.tobytes() for part in parts)))


def unpack(packed: bytes) -> Reading | None:
    """Return the reading that `pack` made bytes of, or None where they are damaged."""
    try:
        size, many, wide, keyed, long = _HEAD.unpack_from(packed)
        at = _HEAD.size + size
        language, title, lead, *lines = zlib.decompress(packed[_HEAD.size : at]).decode().split("\n")
        flags = np.frombuffer(packed, np.uint16, many, at)
        vector = np.frombuffer(packed, np.float32, wide, at := at + flags.nbytes)
        keys = np.frombuffer(packed, np.uint16, keyed, at := at + vector.nbytes)
        hashes = np.frombuffer(packed, np.uint32, long, at + keys.nbytes)
    except (struct.error, zlib.error, ValueError):
        return None
    if len(lines) != 2 * many:
        return None
    terms, written = lines[:many], lines[many:]
    shown = dict(zip(terms, [term if w == _SAME else w for term, w in zip(terms, written, strict=True)], strict=True))
    features = Features(language, dict(zip(terms, flags.tolist(), strict=True)), shown)
    return Reading(features, hashes, vector if wide else None, f"{title}\n{lead}", keys)
