"""Decides which articles a text is a copy of: the same text, and nothing that matters differs.

shared wording (near_duplicates) ── too little ── no copy
    │ enough
titles and texts word by word (alignment) ── a name, a number, a place differs ── another event, or an update
    │ nothing differs
  a copy
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from aggregator.stories.copies.alignment import EDGE, NAME, NUMBER, WORD, Aligned, Slot, align, said
from aggregator.stories.copies.near_duplicates import Copy, NearDuplicates, Shingles, own_text
from aggregator.stories.grouping.features import headline
from aggregator.stories.model import Document
from digests.language import detect as languages

JUDGED = 6  # candidates that are aligned, likeliest first
CARRIERS = 3  # copies of an article that another text must agree with as well: a cut one leaves out what tells two events apart
SIMILAR = 0.5  # of the shorter title equal: titles in one form of words, whose differences count
ALIKE = 0.6  # the same, for a difference in plain words
BRIEF = 150  # words: of a text no longer, one plain word may be the news
TOLERATED = 150  # equal words for each figure or name that another outlet may have corrected, after the beginning
RETITLED = 40  # equal words under another title
KEPT = 0.75  # of the shorter text equal under another title


@dataclass(frozen=True, slots=True)
class ComparedText:
    """What is aligned of an entry."""

    title: str
    text: str
    source: str = ""


class Texts(Protocol):
    """Reads the texts of entries that were seen before."""

    def read(self, entries: Sequence[int]) -> Mapping[int, ComparedText]:
        """Return the texts of those that are known."""

    def keep(self, document: Document) -> None:
        """Remember a text, where nobody else does."""

    def drop(self, entry: int) -> None:
        """Forget a text, where it was remembered."""


class HeldTexts:
    """Texts in memory, compressed: for a grouper without a database."""

    def __init__(self) -> None:
        self._held: dict[int, tuple[str, bytes, str]] = {}

    def read(self, entries: Sequence[int]) -> dict[int, ComparedText]:
        """Return the texts of those that are held."""
        found = ((e, self._held[e]) for e in entries if e in self._held)
        return {
            e: ComparedText(title, zlib.decompress(packed).decode(), source) for e, (title, packed, source) in found
        }

    def keep(self, document: Document) -> None:
        """Hold the text of a document."""
        packed = zlib.compress(document.text[:20_000].encode(errors="replace"), 1)
        self._held[document.entry] = (document.title, packed, document.source)

    def drop(self, entry: int) -> None:
        """Let go of a text."""
        self._held.pop(entry, None)


class Copies:
    """The articles of the window as a text that comes in is compared with them."""

    def __init__(self, texts: Texts, allowed: tuple[str, ...] = ()) -> None:
        self._texts = texts
        self._allowed = allowed
        self._known = NearDuplicates()
        self._carriers: dict[int, list[int]] = {}

    def wording(self, article: int) -> Shingles | None:
        """Return what is known of an article; None of one that is not."""
        return self._known.wording(article)

    def add(self, document: Document, known: Shingles) -> None:
        """Remember a document as an article."""
        self._known.add(document.entry, known)
        self._texts.keep(document)

    def carry(self, article: int, document: Document) -> None:
        """Note that another entry carries an article."""
        carriers = self._carriers.setdefault(article, [])
        if len(carriers) < CARRIERS:
            carriers.append(document.entry)
            self._texts.keep(document)

    def discard(self, article: int) -> None:
        """Forget an article; unknown ones are ignored."""
        self._known.discard(article)
        for entry in (article, *self._carriers.pop(article, ())):
            self._texts.drop(entry)

    def find(self, document: Document, sought: Shingles) -> list[Copy]:
        """Return the article that a document is a copy of, then every other that is the same text in whole."""
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
    """Return what two texts say otherwise in the same place, as far as it makes them two pieces of news.

    `form` is whether they are in a form of words of which only the filled places tell anything.
    """
    outlets = (mine.source, theirs.source)
    head = _titles(mine, theirs, language, outlets)
    body = align(*(said(own_text(t.text), language, outlets) for t in (mine, theirs)))
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
    return align(*(said(headline(t.title), language, tuple(outlets)) for t in (mine, theirs)))


def _enough(mine: ComparedText, theirs: ComparedText, language: str, copy: Copy) -> bool:
    """Whether two texts agree on enough, if their titles do not: most of the text, unless that is a form of words."""
    outlets = (mine.source, theirs.source)
    head = _titles(mine, theirs, language, outlets)
    if not head.shorter or head.share >= SIMILAR:
        return True
    if copy.form:
        return False
    body = align(*(said(own_text(t.text), language, outlets) for t in (mine, theirs)))
    return body.equal >= RETITLED and body.share >= KEPT
