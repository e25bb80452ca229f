"""Distinguishes two reports made from one template: two earthquakes, two results, two closing prices.

Two outlets that write about one event independently rarely share half of the words of their first sentences in the same
order. Reports that do are made from one template, and the places that differ show whether they are about two events or
about one event with a new count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from zlib import crc32

import numpy as np

from aggregator.stories.copies.alignment import NAME, NUMBER, WORD, Aligned, Slot, Tokenized, align, aligned_words
from aggregator.stories.grouping import views
from aggregator.stories.grouping.features import LEAD_CHARS, Features, headline
from aggregator.stories.grouping.index import Flags, Floats, Index
from aggregator.stories.grouping.terms import BODY, LEAD, TITLE
from aggregator.stories.grouping.terms import NUMBER as FIGURE
from aggregator.stories.grouping.views import NO_KEYS, IndexedArticle, Met, Several, Truths, has_body
from aggregator.stories.model import Values
from digests.language import dates, tokens
from digests.language.counts import counted

FORM = 0.5  # share of the shorter lead that is equal, in order
FILLED = 0.85  # of the leads equal or a place that is filled otherwise: who rewrites also adds, cuts and turns
TITLED = 0.4  # the same of the titles
UNTITLED = 0.8  # of the leads, where the titles are unlike or missing
TERMS = 0.5  # share of the terms of the shorter lead that both have: below it nothing is aligned
OPENED = 0.6  # share of the shorter first sentence that is equal, of two items of one outlet
LEAST = 8  # words of a lead that show a form
TITLE_WORDS = 4  # words of a title that show a form by themselves
GROWN = 1.25  # times as much at most that a count changes by within a story
TIES = 4.3  # weight of a number in both that ties two reports together
LATER = timedelta(hours=8)  # for a changed count to be of the same event
PLACES = 2  # counts of one event that grow at a time
TOLLS = frozenset({"dead", "injured"})
TOLL_DAYS, TOLL_GROWS = timedelta(days=3), 4.0  # between two counts of one disaster, and how much more at most
COUNTED_WORDS = 3  # after a number in a title, in which the thing that it counts is named
ORDINAL = "第"  # before a number in Chinese and Japanese
SCORE_DIGITS = 3
SERIES = 0.6  # share of the words of two titles of one outlet that are equal, where only names differ
TOLL_WORDS = 5  # on both sides of a number, in which the thing that it counts is named
REPEATED = timedelta(hours=24)  # the same words of one outlet after this are about something new
ISSUE_WORDS = 5  # of the text of an issue of a column; fewer do not show that it is another one
DAILY = timedelta(hours=18)  # an outlet that uses a title again after this writes a column
COMPARED_TERMS = TITLE | BODY | FIGURE
COMPARED = 32  # pairs that are aligned for one document
_WIDE_TOLL = re.compile(r"死者|死亡|遇难|遇難|负伤|負傷|受伤|けが")
_SENTENCE_END = re.compile(r"(?<=[^\W\d_]{3})[.!?…](?=\s)|[。！？]")
_SIGNS = ".,:;!?()\"'«»„“”"


@dataclass(frozen=True, slots=True)
class Lookalike:
    """How two reports made from one template differ: two events, or one event with a new count."""

    other: bool
    recount: bool = False
    slots: tuple[Slot, ...] = ()
    titles: bool = False  # only the titles are in one form
    toll: bool = False  # the only number that differs is of the dead or injured, and grew

    @property
    def differing(self) -> Values:
        """What differs: the document's, then the other's, alternately."""
        pairs = dict.fromkeys((slot.mine, slot.theirs) for slot in self.slots)
        return tuple(side for pair in pairs for side in pair)


def lookalikes(
    document: IndexedArticle, articles: Several, index: Index, met: Met | None = None
) -> dict[int, Lookalike]:
    """Return by place which of `articles` are in the document's form of words; `met` is what `views.meet` gives."""
    found: dict[int, Lookalike] = {}
    same_outlet = articles.from_source(document.source)
    for k in _of_one_series(document, articles, same_outlet):
        other = articles.article(k)
        if (like := _column(document, other) or _series(document, other)) is not None:
            found[k] = like
    likely = lead_shares(met or views.meet(document, articles, index), document)
    places = np.flatnonzero((likely >= TERMS) & _comparable(document, articles, same_outlet))
    for k in places[np.argsort(-likely[places], kind="stable")[:COMPARED]].tolist():
        if k not in found and (like := _reports(document, articles.article(k), index)) is not None:
            found[k] = like
    for k in _with_like_titles(document, articles):
        if k not in found and (like := _titled(document, articles.article(k))) is not None:
            found[k] = like
    return found


def _of_one_series(document: IndexedArticle, articles: Several, same_outlet: Truths) -> list[int]:
    """Return the places of the articles of one outlet that may be parts of one series, by the words of their titles.

    Two titles of a series begin or end with the same word, or are numbers alone. Hashes of the words are compared, so
    none is ever left out; without hashes all are returned.
    """
    if not same_outlet.any():
        return []
    keys = document.title_keys
    if not len(keys) or set(_title(document).worth) == {NUMBER}:
        return np.flatnonzero(same_outlet).tolist()
    after = np.cumsum(articles.keyed)
    hashed = np.flatnonzero(same_outlet & (articles.keyed > 0))
    first, last = articles.keys[(after - articles.keyed)[hashed]], articles.keys[after[hashed] - 1]
    likely = same_outlet.copy()
    likely[hashed] = (first == keys[0]) | (last == keys[-1])
    return np.flatnonzero(likely).tolist()


def _column(document: IndexedArticle, other: IndexedArticle) -> Lookalike | None:
    """Return that two texts of one outlet under one title, a day or more apart, are two issues of a column."""
    if not document.source or document.source != other.source:
        return None
    if abs(document.published - other.published) < DAILY:
        return None
    hashed = document.has_body and other.has_body  # others have no hashes of their titles
    if hashed and not np.array_equal(document.title_keys, other.title_keys):
        return None
    title, their_title = _title(document), _title(other)
    if not title.keys or title.keys != their_title.keys:
        return None
    lead, their_lead = _lead(document), _lead(other)
    if min(len(lead), len(their_lead)) < ISSUE_WORDS or align(lead, their_lead).share >= UNTITLED:
        return None
    return Lookalike(other=True)


def _series(document: IndexedArticle, other: IndexedArticle) -> Lookalike | None:
    """Return how two items of one outlet differ whose titles are in one form: versions, episodes, warnings, results.

    An outlet that reports again on one event changes a count or other words than a name or the number of a version.
    """
    if not document.source or document.source != other.source:
        return None
    mine, theirs = _title(document), _title(other)
    if not mine.keys or not theirs.keys or mine.keys == theirs.keys:
        return None
    numbered = {*mine.worth, *theirs.worth} == {NUMBER}
    if not numbered and mine.keys[0] != theirs.keys[0] and mine.keys[-1] != theirs.keys[-1]:
        return None
    label = _label(mine, theirs)
    if numbered or label:
        return Lookalike(other=True, slots=(_rest(mine, theirs, label),))
    titles = align(mine, theirs)
    figures = [slot for slot in titles.of(NUMBER) if _identifies(slot.mine, mine, document.language)]
    if figures and titles.filled >= FILLED:
        return Lookalike(other=True, slots=tuple(figures[:3]))
    return Lookalike(other=True, slots=titles.slots[:3]) if _only_names_differ(titles) else None


def _label(mine: Tokenized, theirs: Tokenized) -> int:
    """Return how many words the common label of two titles has that share nothing after it; 0 if there is none.

    A label is followed by a colon, and has no name or number: one that has is a subject.
    """
    for k in range(1, min(len(mine), len(theirs))):
        if mine.keys[:k] != theirs.keys[:k] or mine.worth[k - 1] in (NAME, NUMBER):
            return 0
        if mine.starts[k] and theirs.starts[k]:
            return 0 if {*mine.keys[k:]} & {*theirs.keys[k:]} else k
    return 0


def _rest(mine: Tokenized, theirs: Tokenized, start: int) -> Slot:
    return Slot(" ".join(mine.written[start:]), " ".join(theirs.written[start:]), WORD, start)


def _identifies(number: str, title: Tokenized, language: str) -> bool:
    """Whether a number in a title names a version, a chapter, a case or a day, and counts nothing."""
    parts = number.split()
    place = title.written.index(parts[0])
    near = title.written[max(place - 1, 0) : place + COUNTED_WORDS]
    if any(map(tokens.unspaced, near)):
        return near[0] == ORDINAL
    if sum(_scores(word) for word in (*parts[1:], *near[:3])) > 1:
        return False
    if any(counted.thing(word, language) or counted.is_anybody(word) for word in near):
        return False
    named = place == 1 or (place > 1 and title.worth[place - 1] in (NAME, NUMBER))
    return named or number.count(".") > 1 or number[:1].isalpha() or any(map(dates.is_month, near[:3]))


def _scores(word: str) -> bool:
    """Whether a word may be the points of one side: two such words together are a result."""
    return word.isdigit() and len(word) <= SCORE_DIGITS


def _only_names_differ(titles: Aligned) -> bool:
    """Whether two titles are equal but for names, and numbers beside them, in the same places."""
    filled = sum(len(slot.mine.split()) + len(slot.theirs.split()) for slot in titles.slots)
    equal = 2 * titles.equal + filled == titles.shorter + titles.longer
    names = titles.of(NAME)
    spaced = not any(tokens.unspaced(slot.mine) for slot in names)  # else each letter counts as a name
    named = bool(names) and spaced and not titles.of(WORD) and not titles.turned
    return named and equal and titles.share >= SERIES


def _with_like_titles(document: IndexedArticle, articles: Several) -> list[int]:
    """Return the places of the articles whose titles may have enough words in common with the document's to be aligned.

    Of titles alone an alignment says nothing that the words do not. Hashes of the words are compared: two words with
    one hash add an article, and none is ever left out.
    """
    if not document.has_body:
        return []
    mine = np.zeros(1 << 16, np.bool_)
    mine[document.title_keys] = True
    shared = np.bincount(np.repeat(np.arange(len(articles)), articles.keyed), mine[articles.keys], len(articles))
    shorter = np.minimum(articles.keyed, len(document.title_keys))
    like = (shorter >= TITLE_WORDS) & (shared >= FORM * shorter)
    return np.flatnonzero(like & articles.has_body & articles.in_language(document.language)).tolist()


def _titled(document: IndexedArticle, other: IndexedArticle) -> Lookalike | None:
    """Return which names differ in the same place of two titles in one form; None if the titles are unlike or agree."""
    mine, theirs = _title(document), _title(other)
    if min(len(mine), len(theirs)) < TITLE_WORDS or not _meet(mine, theirs, 2 * FORM):
        return None
    titles = align(mine, theirs)
    names = titles.of(NAME) if titles.share >= FORM and titles.filled >= FILLED and not titles.turned else []
    return Lookalike(other=False, slots=tuple(names), titles=True) if names else None


def _comparable(document: IndexedArticle, articles: Several, same_outlet: Truths) -> Truths:
    """Whether each article is in the document's language, and both have a text or one outlet, which may be unknown."""
    texts = articles.has_body & document.has_body
    one = same_outlet if document.source else np.array([not source for source in articles.sources])
    return np.asarray(articles.in_language(document.language) & (texts | one), np.bool_)


def compare(document: IndexedArticle, other: IndexedArticle, index: Index) -> Lookalike | None:
    """Return how two texts differ that are parts of a series, or reports in one form of words; None for others."""
    return _column(document, other) or _series(document, other) or _reports(document, other, index)


def _reports(document: IndexedArticle, other: IndexedArticle, index: Index) -> Lookalike | None:
    """Return how two reports differ if they are in one form of words; None if they are not, or if nothing differs."""
    same_outlet = bool(document.source) and document.source == other.source
    title, their_title, lead, their_lead = _title(document), _title(other), _lead(document), _lead(other)
    brief = min(len(lead), len(their_lead)) < LEAST or not (document.has_body and other.has_body)
    if brief:
        if (
            not same_outlet
            or min(len(title), len(their_title)) < TITLE_WORDS
            or not _meet(title, their_title, UNTITLED)
        ):
            return None
        titles = align(title, their_title)
        aligned = [titles] if titles.share >= UNTITLED and titles.filled >= FILLED else []
    else:
        if same_outlet and (opened := _openings(document, other)):
            return opened
        if not _meet(lead, their_lead, FORM):
            return None
        leads, titles = align(lead, their_lead), align(title, their_title)
        titled = titles.share >= TITLED
        formed = leads.filled >= FILLED and leads.share >= (FORM if titled else UNTITLED)
        aligned = [titles, leads][not titled :] if formed else []
    if not aligned:
        return None
    return _judged([slot for one in aligned for slot in one.slots], document, other, index, same_outlet=same_outlet)


def _openings(document: IndexedArticle, other: IndexedArticle) -> Lookalike | None:
    """Return which names differ in two first sentences of one outlet that are in one form; None if there are none."""
    mine, theirs = (
        _tokenized(_first_sentence(a.head.partition("\n")[2]), a.language, a.source) for a in (document, other)
    )
    if min(len(mine), len(theirs)) < LEAST or not _meet(mine, theirs, OPENED):
        return None
    both = align(mine, theirs)
    names = both.of(NAME) if both.share >= OPENED and both.filled >= FILLED and not both.turned else []
    return Lookalike(other=True, slots=tuple(names[:3])) if names else None


def _first_sentence(text: str) -> str:
    found = _SENTENCE_END.search(text)
    return text[: found.end()] if found else text


def _meet(one: Tokenized, other: Tokenized, least: float) -> bool:
    """Whether two texts have enough words in common, anywhere, to be aligned."""
    mine, theirs = set(one.keys), set(other.keys)
    return len(mine & theirs) >= least * min(len(mine), len(theirs)) / 2


def _judged(
    slots: list[Slot], document: IndexedArticle, other: IndexedArticle, index: Index, *, same_outlet: bool
) -> Lookalike | None:
    apart = abs(document.published - other.published)
    figures = [slot for slot in slots if slot.kind == NUMBER]
    names = [slot for slot in slots if slot.kind == NAME]
    words = [slot for slot in slots if slot.kind == WORD]
    if names or (words and (same_outlet or figures)):
        return Lookalike(other=True, slots=tuple([*names, *figures, *words][:3]))
    if figures:
        ratios = [ratio for slot in figures for ratio in _ratios(slot)]
        places = len({(s.mine, s.theirs) for s in figures})
        near = (
            places <= PLACES
            and max(ratios) <= GROWN
            and max(1 / ratio for ratio in ratios) <= (GROWN if places == 1 else 1.0)
        )
        recount = apart <= LATER and (near or (places == 1 and _tied(document, other, index)))
        toll = places == 1 and _is_growing_toll(figures[0], document, other)
        recount = recount or toll
        return Lookalike(other=not recount, recount=recount, slots=tuple(figures[:3]), toll=toll)
    if not slots and same_outlet and apart >= REPEATED:
        return Lookalike(other=True)
    return None


def _is_growing_toll(slot: Slot, document: IndexedArticle, other: IndexedArticle) -> bool:
    """Whether the later report has more dead or injured and is otherwise the same, within some days."""
    ratio = next(_ratios(slot))
    if document.published < other.published:
        ratio = 1 / ratio
    apart = abs(document.published - other.published)
    return apart <= TOLL_DAYS and 1 < ratio <= TOLL_GROWS and _is_toll(slot.mine, document)


def _is_toll(number: str, article: IndexedArticle) -> bool:
    """Whether a number in title or lead counts the dead or injured, by the nearest words on both sides."""
    for found in re.finditer(rf"(?<![\d.,]){re.escape(number)}(?![\d])", article.head):
        before, behind = article.head[: found.start()], article.head[found.end() :]
        if _WIDE_TOLL.search(before[-6:] + behind[:6]):
            return True
        near = (*before.split()[-TOLL_WORDS:], *behind.split()[:TOLL_WORDS])
        if any(counted.thing(word.strip(_SIGNS), article.language) in TOLLS for word in near):
            return True
    return False


def _ratios(slot: Slot) -> Iterator[float]:
    """Yield the ratio of each number of a slot to the other's; infinity if they are not plain numbers."""
    mine, theirs = slot.mine.split(), slot.theirs.split()
    if len(mine) != len(theirs):
        yield float("inf")
        return
    for one, other in zip(mine, theirs, strict=True):
        if len(one.partition(".")[2]) != len(other.partition(".")[2]):  # 6.25 and 6.1: versions, or two measures
            yield float("inf")
            continue
        try:
            yield float(one.replace(",", "")) / float(other.replace(",", "")) or float("inf")
        except (ValueError, ZeroDivisionError):
            yield float("inf")


def _tied(document: IndexedArticle, other: IndexedArticle, index: Index) -> bool:
    """Whether both have a number that few others have: a level, a time, a road, a case number."""
    mine = document.terms[(document.flags & COMPARED_TERMS) > 0]
    both = mine[np.isin(mine, other.terms[(other.flags & COMPARED_TERMS) > 0])]
    both = both[index.weights(both) >= TIES]
    return any(map(str.isdigit, "".join(index.words.term(term) for term in both.tolist())))


def _title(article: IndexedArticle) -> Tokenized:
    return _tokenized(article.head.partition("\n")[0], article.language, article.source)


def _lead(article: IndexedArticle) -> Tokenized:
    return _tokenized(article.head.partition("\n")[2], article.language, article.source)


@lru_cache(maxsize=2048)
def _tokenized(text: str, language: str, source: str) -> Tokenized:
    return aligned_words(text, language, (source,) if source else ())


def head(title: str, text: str) -> str:
    """Return what is kept of an article for this comparison: its title, and the beginning of its text."""
    return f"{' '.join(headline(title[:300]).split())}\n{' '.join(text[:LEAD_CHARS].split())}"


def title_keys(head: str, features: Features, source: str) -> Flags:
    """Return the hashes of the words of an article's title, by which like titles are found; none without a text."""
    if not has_body(features.flags):
        return NO_KEYS
    words = _tokenized(head.partition("\n")[0], features.language, source).keys
    return np.array([crc32(word.encode(errors="surrogatepass")) & 0xFFFF for word in words], np.uint16)


def lead_shares(met: Met, document: IndexedArticle) -> Floats:
    """Return the share of the terms of the shorter lead that a document has in common with each article it met."""
    led = (met.flags & LEAD) > 0
    both, theirs = np.add.reduceat(np.array((led & ((met.mine & LEAD) > 0), led), np.float64), met.starts, axis=1)
    mine = np.count_nonzero(document.flags & LEAD)
    return np.asarray(both / np.maximum(np.minimum(theirs, mine), 1.0))
