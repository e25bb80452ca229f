"""Makes the first sentence of a summary one about the event of the headline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from digests.language import names, numbers
from digests.language.detect import language_code
from digests.language.keys import number_keys
from digests.language.negations import count_negations
from digests.language.stopwords import all_stop_words
from digests.language.tokens import fold, lexicon, raw, sentence_terms, unspaced, without_elision
from digests.language.vectors import cosine, vector
from digests.model import Story
from digests.summarize import standalone, teaser
from digests.summarize.candidates import Candidate, likeness
from digests.summarize.changes.developments import developments
from digests.summarize.selection import choose_sentences, in_reading_order

_LONG = 5  # letters of a word that names a thing; shorter ones are shared by chance
_OWN_LEAD = 0.3  # nearness of the first sentence under the headline itself
_NEEDS, _LATER = 0.4, 0.1  # loss of a sentence that needs the one before it, and of each place after the first
_FAR = 0.5  # nearness below which a sentence that was chosen alone is replaced
_CLEARLY = 0.25  # by so much another sentence must be nearer to take the first place
_CLEARLY_MEANT = 0.1  # the same of meanings
_CLEARLY_TELLS = 0.3  # the same of both, of the outcome and of age
_OUTCOME = 0.4  # gain of a sentence that says what came of it, as the headline does: arrested, won, dead
_NEAR_MEANT = 0.45  # nearness in meaning from which a sentence without a word of the headline is about it
_FAR_MEANT = 0.45  # the same of meanings as `_FAR`
_OLD, _HALF_A_DAY = 0.4, 12.0  # loss of a sentence so many hours older than the headline
_STALE = 0.1  # loss from which such a sentence may be replaced
_REPEATED, _SAME_TERMS = 0.8, 0.85  # likenesses of words and of terms from which a sentence only repeats the headline
_NEW = 3  # terms that the headline lacks: a sentence with no more adds little
_FULLER = 4  # by so many more of them another sentence takes its place
_TEASER = 2  # sentences of an article that is only a teaser
_AGAIN = 0.6  # share of the terms of a sentence that headline and earlier sentences have, from which it is left out
_AGAIN_BUT_A_NUMBER = 0.8  # the same of a sentence with a number that was not given
_THIN = 6  # words: a sentence alone with fewer says nothing
_CALL = ("!", "！")


def _names_and_things(text: str, language: str | None) -> frozenset[str]:
    """Return the stems of the names, numbers and longer words of a text."""
    code = language_code(language)
    known, stops = lexicon(code), all_stop_words(code)
    found: set[str] = set()
    for token in (without_elision(token, code) for token in raw(text)):
        telling = len(token) >= _LONG or token[:1].isupper() or token[:1].isdigit() or unspaced(token)
        if telling and fold(token) not in stops:
            found.update(term for term, _ in known[token].terms)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline, its language, and the position of its article; -1 if it is the title of none."""

    text: str
    language: str
    source: int = -1


def _names_something(candidate: Candidate) -> bool:
    text, code = candidate.text, candidate.language
    return unspaced(text[:1]) or bool(names.last_words(text, code) or numbers.numbers_in(text, code))


def _repeats(candidate: Candidate, headline: Headline) -> bool:
    """Whether a sentence says only what the headline says, also with other stop words but the same negations."""
    if likeness(_words(candidate.text), _words(headline.text)) >= _REPEATED:
        return True
    said = frozenset(sentence_terms(headline.text, headline.language))
    denied = (count_negations(text, candidate.language) for text in (candidate.text, headline.text))
    return likeness(frozenset(candidate.terms), said) >= _SAME_TERMS and len(set(denied)) == 1


def _words(text: str) -> frozenset[str]:
    """Return all words of a text, stop words too, because "not" changes what a sentence says."""
    return frozenset(map(fold, raw(text)))


def about(
    headline: Headline, story: Story, taken: Sequence[Candidate], pool: Sequence[Candidate], words: int
) -> list[Candidate]:
    """Return the chosen sentences in reading order, the first one about the event of the headline.

    If no sentence is about the event and the articles are teasers, the headline is enough: the result is empty.
    """
    whole = teaser.is_teaser(pool)
    pool = [c for c in pool if not _repeats(c, headline)]
    if whole:
        return _of_teaser(headline, pool, words)
    if any(_repeats(c, headline) for c in taken):
        taken = choose_sentences(story, pool, words) if pool else ()
    ordered = in_reading_order(_whole(taken))
    if not ordered or language_code(headline.language) != language_code(ordered[0].language):
        return ordered
    event = _Event.of(headline)
    first = _opening(event, ordered, pool)
    if first is not None:
        first = event.fuller(first, pool)
        first = _Telling(event, headline, story).instead_of(first, pool) if _are_teasers(pool) else first
    if first is None:
        return [] if event.named and _are_teasers(pool) else ordered
    if first not in ordered:
        ordered = in_reading_order(_whole(choose_sentences(story, pool, words, opening=first)))
    rest = sorted((c for c in ordered if c is not first), key=lambda c: c.source != first.source)
    return [first, *rest]


def _of_teaser(headline: Headline, pool: Sequence[Candidate], words: int) -> list[Candidate]:
    """Return a teaser as it was written, from the sentence that tells the event on; empty if none does."""
    event = _Event.of(headline)
    # The headline says who "he" is, if nothing else is left.
    ordered = teaser.kept(pool, words) or [c for c in pool[:1] if event.fits(c)]
    if not ordered or language_code(headline.language) != language_code(ordered[0].language):
        return ordered
    start = _start(event, headline, ordered)
    if start is None:
        return [] if event.named and _are_teasers(pool) else ordered
    return _whole(ordered[start:])


def _start(event: _Event, headline: Headline, ordered: Sequence[Candidate]) -> int | None:
    """Return the place of the sentence with which a teaser begins; None if no sentence is about the event.

    It is the first one, unless that sets the scene and a later one that can stand alone tells the event.
    """
    first = ordered[0]
    tells = _is_news(first.text) and not first.text.endswith(_CALL)
    about_event = any(map(event.fits, ordered))
    later = [c for c in ordered[1:] if event.fits(c) and not _needs_another(c)]
    best = max(later, key=lambda c: (event.nearness(c), -c.place), default=None)
    if best is not None and (not tells or _nearer(event, headline, best, first)):
        return ordered.index(best)
    return 0 if tells and (about_event or _is_meant(headline, first)) else None


def _is_meant(headline: Headline, first: Candidate) -> bool:
    """Whether a sentence means something near to the headline though it has none of its words."""
    meant = _meant(headline, first)
    return meant is not None and meant >= _NEAR_MEANT and not standalone.is_personal(first.text, first.language)


def _nearer(event: _Event, headline: Headline, one: Candidate, other: Candidate) -> bool:
    """Whether a sentence is clearly nearer to the headline than another, by its words and by its meaning."""
    near, far = (_meant(headline, c) for c in (one, other))
    by_meaning = near is None or far is None or near > far + _CLEARLY_MEANT
    return by_meaning and event.nearness(one) > (event.nearness(other) if event.fits(other) else 0.0) + _CLEARLY


def _meant(headline: Headline, candidate: Candidate) -> float | None:
    """Return how near a sentence is to the headline in meaning; None where no vectors are known."""
    one, other = vector(headline.text, headline.language or None), vector(candidate.text, candidate.language or None)
    return cosine(one, other)


@dataclass(frozen=True, slots=True)
class _Telling:
    """Judges which sentence of several teasers tells the event of the headline as it is now."""

    event: _Event
    headline: Headline
    story: Story

    def instead_of(self, first: Candidate, pool: Sequence[Candidate]) -> Candidate | None:
        """Return a sentence that clearly tells more of the event than `first`, or `first`; None if that is far off."""
        able = [c for c in pool if self.event.fits(c) and _begins(c)]
        best = max(able, key=lambda c: (self._worth(c), -c.source), default=first)
        weak = self._stale(first) > _STALE or self._is_far(first)
        if weak and self._worth(best) > self._worth(first) + _CLEARLY_TELLS:
            first = best
        return None if self._is_far(first) and first.source != self.headline.source else first

    def _is_far(self, candidate: Candidate) -> bool:
        meant = _meant(self.headline, candidate)
        return meant is not None and meant < _FAR_MEANT and self.event.nearness(candidate) < _FAR

    def _worth(self, candidate: Candidate) -> float:
        told = developments(self.headline.text, self.headline.language)
        outcome = not told.keys().isdisjoint(developments(candidate.text, candidate.language))
        near = self.event.nearness(candidate) + (_meant(self.headline, candidate) or 0.0)
        return near + _OUTCOME * outcome - self._stale(candidate)

    def _stale(self, candidate: Candidate) -> float:
        """Return the loss of a sentence whose article is older than that of the headline."""
        sources = self.story.sources
        told = sources[self.headline.source].moment if self.headline.source >= 0 else self.story.last
        hours = (told - sources[candidate.source].moment) / timedelta(hours=1)
        return _OLD * min(1.0, max(0.0, hours / _HALF_A_DAY))


def of_update(headline: Headline, taken: Sequence[Candidate]) -> list[Candidate]:
    """Return an update's sentences, the first one about the event of the headline if there is such a sentence.

    They may refer to what was sent before, so none is left out for that. If none is about the event, those without any
    name or number are left out: the headline says more.
    """
    ordered = [c for c in taken if not _repeats(c, headline)]
    if not ordered or language_code(headline.language) != language_code(ordered[0].language):
        return ordered
    event = _Event.of(headline)
    fitting = [c for c in ordered if event.fits(c)]
    if not fitting:
        ordered = [c for c in ordered if _names_something(c)]
        if not ordered:
            return []
    first = next(filter(_begins, fitting), next(iter(fitting), ordered[0]))
    return _without_repetition(event, [first, *(c for c in ordered if c is not first)])


def _without_repetition(event: _Event, ordered: Sequence[Candidate]) -> list[Candidate]:
    """Return the sentences without those after the first that mostly say what was said before them."""
    said, given = set(event.said), frozenset[str]()
    kept: list[Candidate] = []
    for candidate in ordered:
        own, figures = set(candidate.terms), number_keys(candidate.text, candidate.language)
        most = _AGAIN if figures <= given else _AGAIN_BUT_A_NUMBER
        if not kept or len(own & said) < most * len(own):
            kept.append(candidate)
            said |= own
            given |= figures
    return kept


@dataclass(frozen=True, slots=True)
class _Event:
    """What a headline says: the stems of its names and things, all its terms, and the position of its article."""

    named: frozenset[str]
    said: frozenset[str]
    source: int

    @classmethod
    def of(cls, headline: Headline) -> _Event:
        """Return the event of a headline."""
        named = _names_and_things(headline.text, headline.language)
        return cls(named, frozenset(sentence_terms(headline.text, headline.language)), headline.source)

    def adds(self, candidate: Candidate) -> int:
        """Return how many terms of a sentence the headline lacks."""
        return len(set(candidate.terms) - self.said - self.named)

    def fuller(self, first: Candidate, pool: Sequence[Candidate]) -> Candidate:
        """Return a sentence that tells more of the event than `first`, if `first` adds little to the headline."""
        added = self.adds(first)
        if added > _NEW:
            return first
        others = [c for c in pool if self.fits(c) and _begins(c) and self.adds(c) >= added + _FULLER]
        nearest = max(others, key=lambda c: (self.nearness(c), -c.place, -c.source), default=first)
        return nearest if self.nearness(nearest) >= _FAR * self.nearness(first) else first

    def fits(self, candidate: Candidate) -> bool:
        """Whether a sentence names what the headline names, and tells it: it neither asks nor calls out."""
        text = candidate.text
        return not (self.named.isdisjoint(candidate.terms) or standalone.is_question(text) or text.endswith(_CALL))

    def nearness(self, candidate: Candidate) -> float:
        """Return how near a sentence is to the headline, less what speaks against it as the first one."""
        shared = len(self.named.intersection(candidate.terms))
        lead = candidate.source == self.source and candidate.place == 0 and shared > 1
        needs = _NEEDS * _needs_another(candidate)
        return shared / max(1, len(self.named)) + _OWN_LEAD * lead - needs - _LATER * candidate.place


def _opening(event: _Event, ordered: Sequence[Candidate], pool: Sequence[Candidate]) -> Candidate | None:
    """Return the sentence to begin with: the first chosen one that fits, or one that is clearly nearer to the event.

    Several chosen sentences complete each other, so one of the pool replaces them only if none of them fits. One alone
    is replaced if it is far from the event.
    """
    first = next((c for c in ordered if event.fits(c) and _begins(c)), None)
    others = [c for c in (ordered if first and len(ordered) > 1 else pool) if event.fits(c)]
    teasers = _are_teasers(pool)
    if first is None and not teasers:
        return min(others, key=lambda c: (_needs_another(c), c.place, c.source), default=None)
    telling = others if first else [c for c in others if _is_news(c.text)]
    best = max(telling, key=lambda c: (event.nearness(c), -c.place, -c.source), default=None)
    if first is None or best is None:
        return first or best
    near = event.nearness(first)
    movable = best in ordered or (teasers and near < _FAR)
    return best if movable and event.nearness(best) > near + _CLEARLY else first


def _begins(candidate: Candidate) -> bool:
    """Whether a sentence can come first: it does not refer back to another sentence, and tells the news itself."""
    return not standalone.dangles(candidate.text, candidate.language) and _is_news(candidate.text)


def _needs_another(candidate: Candidate) -> bool:
    """Whether a sentence refers to another one, is part of a quotation, or does not tell the news."""
    return standalone.leans(candidate.text, candidate.language) or not _is_news(candidate.text)


def _is_news(text: str) -> bool:
    return not (standalone.adds(text) or standalone.is_background(text) or standalone.is_quotation(text))


def _whole(taken: Sequence[Candidate]) -> list[Candidate]:
    """Return the sentences, or none if there is only one and it is too short to say something."""
    scrap = len(taken) == 1 and taken[0].words < _THIN and not unspaced(taken[0].text[:1])
    return [] if scrap else list(taken)


def _are_teasers(pool: Sequence[Candidate]) -> bool:
    return max((c.place for c in pool), default=0) < _TEASER
