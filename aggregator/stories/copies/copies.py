"""Decides which articles a text is a copy of: the text is the same, and nothing that matters differs.

shared wording (near_duplicates) ── too little ── not a copy
    │ enough
titles and texts word by word (alignment) ── a name, number or place differs ── another event, or an update
    │ no difference
  a copy
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from aggregator.stories.copies.alignment import EDGE, NAME, NUMBER, WORD, Aligned, Slot, align, aligned_words
from aggregator.stories.copies.near_duplicates import Copy, NearDuplicates, Shingles, own_text
from aggregator.stories.grouping.features import headline
from aggregator.stories.model import Document
from aggregator.stories.record_store import RecordStore
from digests.language import detect as languages

JUDGED = 6  # candidates that are aligned, the likeliest first
CARRIERS = 3  # copies of an article that are compared too, because a shortened article lacks some of its differences
SIMILAR = 0.5  # equal share of the shorter title from which differing names and numbers in the titles count
ALIKE = 0.6  # the same share, for differing plain words
BRIEF = 150  # words: in a text this short, one plain word may be the news
TOLERATED = 150  # equal words for each number or name that an outlet may have corrected, after the beginning
RETITLED = 40  # equal words that a copy with another title needs
KEPT = 0.75  # equal share of the shorter text that a copy with another title needs


@dataclass(frozen=True, slots=True)
class ComparedText:
    """The parts of an entry that are aligned."""

    title: str
    text: str
    source: str = ""


class Texts(Protocol):
    """Provides the texts of earlier entries."""

    def read(self, entries: Sequence[int]) -> Mapping[int, ComparedText]:
        """Return the texts of those of `entries` that are known, by entry."""

    def keep(self, document: Document) -> None:
        """Keep a text, if no database has it."""

    def drop(self, entry: int) -> None:
        """Drop a text that was kept."""


class HeldTexts:
    """Keeps compressed texts in memory, for a grouper without a database."""

    def __init__(self) -> None:
        self._held: dict[int, tuple[str, bytes, str]] = {}

    def read(self, entries: Sequence[int]) -> dict[int, ComparedText]:
        """Return the texts of those of `entries` that are kept, by entry."""
        found = ((e, self._held[e]) for e in entries if e in self._held)
        return {
            e: ComparedText(title, zlib.decompress(packed).decode(), source) for e, (title, packed, source) in found
        }

    def keep(self, document: Document) -> None:
        """Keep the text of a document."""
        packed = zlib.compress(document.text[:20_000].encode(errors="replace"), 1)
        self._held[document.entry] = (document.title, packed, document.source)

    def drop(self, entry: int) -> None:
        """Drop a text."""
        self._held.pop(entry, None)


class Copies:
    """Finds the articles of the window that a new text is a copy of."""

    def __init__(self, texts: Texts, records: RecordStore, allowed: tuple[str, ...] = ()) -> None:
        self._texts = texts
        self._allowed = allowed
        self._known = NearDuplicates(records)
        self._carriers: dict[int, list[int]] = {}

    def wording(self, article: int) -> Shingles | None:
        """Return the shingles of an article; None if it is unknown."""
        return self._known.wording(article)

    def same_words(self, article: int) -> set[int]:
        """Return the other articles of its feed that have the title and text of an article: each is another item."""
        return self._known.same_words(article)

    def add(self, document: Document, known: Shingles) -> None:
        """Add a document as an article."""
        self.add_all([(document, known)])

    def add_all(self, added: Sequence[tuple[Document, Shingles]]) -> None:
        """Add many documents as articles."""
        self._known.add_all([(document.entry, known) for document, known in added])
        for document, _ in added:
            self._texts.keep(document)

    def carry(self, article: int, document: Document) -> None:
        """Add another entry that has the same article."""
        carriers = self._carriers.setdefault(article, [])
        if len(carriers) < CARRIERS:
            carriers.append(document.entry)
            self._texts.keep(document)

    def discard(self, article: int) -> None:
        """Remove an article; unknown ones are ignored."""
        self._known.discard(article)
        for entry in (article, *self._carriers.pop(article, ())):
            self._texts.drop(entry)

    def find(self, document: Document, sought: Shingles) -> list[Copy]:
        """Return the article that a document is a copy of, then every other article with the same whole text."""
        candidates = self._known.candidates(sought)[:JUDGED]
        if not candidates:
            return []
        wanted = [e for c in candidates for e in (c.article, *self._carriers.get(c.article, ()))]
        texts = self._texts.read(wanted)
        mine = ComparedText(document.title, document.text, document.source)
        language = languages.detect(f"{mine.title}\n{mine.text[:600]}", document.language, self._allowed)
        found: list[Copy] = []
        for copy in candidates:
            known = [texts[e] for e in (copy.article, *self._carriers.get(copy.article, ())) if e in texts]
            agreed = all(not differing(mine, other, language, form=copy.form) for other in known)
            if (
                agreed
                and known
                and _enough(mine, known[0], language, copy)
                and (not found or self._known.whole(copy, sought))
            ):
                found.append(copy)
        return found


def differing(mine: ComparedText, theirs: ComparedText, language: str, *, form: bool = False) -> list[Slot]:
    """Return the differences of two texts that make them two news items.

    `form`: both are made from one template, so that only the differences have meaning.
    """
    outlets = (mine.source, theirs.source)
    head = _titles(mine, theirs, language, outlets)
    body = align(*(aligned_words(own_text(t.text), language, outlets) for t in (mine, theirs)))
    brief = body.longer <= BRIEF
    out: list[Slot] = []
    if head.share >= SIMILAR and not head.turned:
        out += head.of(NUMBER, NAME)
        if head.share >= ALIKE and (brief or form):
            out += head.of(WORD)
    hard = body.of(NUMBER, NAME)
    first = [slot for slot in hard if slot.at < EDGE]
    if first or len(hard) * TOLERATED > body.equal:
        out += first or hard
    if form and brief:
        out += body.of(WORD)
    return out


def _titles(mine: ComparedText, theirs: ComparedText, language: str, outlets: Iterable[str]) -> Aligned:
    return align(*(aligned_words(headline(t.title), language, tuple(outlets)) for t in (mine, theirs)))


def _enough(mine: ComparedText, theirs: ComparedText, language: str, copy: Copy) -> bool:
    """Whether the texts are equal enough if their titles differ: most of the text, and not made from a template."""
    outlets = (mine.source, theirs.source)
    head = _titles(mine, theirs, language, outlets)
    if not head.shorter or head.share >= SIMILAR:
        return True
    if copy.form:
        return False
    body = align(*(aligned_words(own_text(t.text), language, outlets) for t in (mine, theirs)))
    return body.equal >= RETITLED and body.share >= KEPT
