"""Makes the first sentence of a summary one about the event of the headline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from digests.language import names, numbers
from digests.language.detect import language_code
from digests.language.keys import number_keys
from digests.language.negations import count_negations
from digests.language.stopwords import all_stop_words
from digests.language.tokens import fold, lexicon, raw, sentence_terms, unspaced, without_elision
from digests.language.vectors import cosine, vector
from digests.model import Story
from digests.summarize import references, standalone
from digests.summarize.candidates import Candidate, likeness
from digests.summarize.selection import choose_sentences, in_reading_order

_LONG = 5  # letters of a word that names a thing; shorter ones are shared by chance
_OWN_LEAD = 0.3  # nearness of the first sentence under the headline itself
_NEEDS, _LATER = 0.4, 0.1  # loss of a sentence that needs the one before it, and of each place after the first
NEAR = 0.43  # likeness in meaning from which a sentence without a word of the headline is about it
_SOMEWHAT_NEAR = 0.1  # the same of an update's sentence with a name
_FAR = 0.5  # share of the nearness of a sentence that a fuller one must have
_CLEARLY = 0.25  # by so much another sentence must be nearer to take the first place
_REPEATED, _SAME_TERMS = 0.8, 0.85  # likenesses of words and of terms from which a sentence only repeats the headline
_NEW = 3  # terms that the headline lacks: a sentence with no more adds little
_FULLER = 4  # by so many more of them another sentence takes its place
_AGAIN = 0.6  # share of the terms of a sentence that headline and earlier sentences have, from which it is left out
_AGAIN_BUT_A_NUMBER = 0.8  # the same of a sentence with a number that was not given
_LITTLE = 2  # terms: a later sentence with no more new ones, no number and half of them old only repeats
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


def _may_tell(headline: Headline, candidate: Candidate) -> bool:
    """Whether a sentence without a word of the headline has a number, or a name and some likeness in meaning."""
    text, code = candidate.text, candidate.language
    if unspaced(text[:1]) or numbers.numbers_in(text, code):
        return True
    near = meant(headline, candidate)
    return bool(names.last_words(text, code)) and (near is None or near >= _SOMEWHAT_NEAR)


def repeats(candidate: Candidate, headline: Headline) -> bool:
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
    """Return the chosen sentences of whole articles in reading order, the first one about the event of the headline."""
    pool = [c for c in pool if not repeats(c, headline)]
    if any(repeats(c, headline) for c in taken):
        taken = choose_sentences(story, pool, words) if pool else ()
    ordered = in_reading_order(whole(taken))
    if not ordered or language_code(headline.language) != language_code(ordered[0].language):
        return ordered
    event = HeadlineEvent.of(headline)
    first = _opening(event, ordered, pool)
    if first is None:
        return [c for c in ordered if not c.text.endswith(_CALL)]
    first = event.fuller(first, pool)
    if first not in ordered:
        ordered = in_reading_order(whole(choose_sentences(story, pool, words, opening=first)))
    rest = sorted((c for c in ordered if c is not first), key=lambda c: c.source != first.source)
    return [first, *rest]


def meant(headline: Headline, candidate: Candidate) -> float | None:
    """Return how near a sentence is to the headline in meaning; None where no vectors are known."""
    one, other = vector(headline.text, headline.language or None), vector(candidate.text, candidate.language or None)
    return cosine(one, other)


def of_update(headline: Headline, taken: Sequence[Candidate], *, rolling: bool = False) -> list[Candidate]:
    """Return an update's sentences, the first one about the event of the headline if there is such a sentence.

    They may refer to what was sent before, so none is left out for that; only "eleven others" needs the sentence before
    it in its article. If none is about the event, those without any name or number are left out: the headline says
    more. All are left out then if the headline is that of a `rolling` article, such as a live blog, whose text goes on
    with other events.
    """
    ordered = [c for c in taken if not repeats(c, headline)]
    if not ordered or language_code(headline.language) != language_code(ordered[0].language):
        return ordered
    event = HeadlineEvent.of(headline)
    fitting = [c for c in ordered if event.fits(c)]
    if not fitting:
        ordered = [c for c in ordered if _may_tell(headline, c) and not rolling]
        if not ordered:
            return []
    first = next(filter(_begins, fitting), next(iter(fitting), ordered[0]))
    told: list[Candidate] = []
    for candidate in without_repetition(event, [first, *(c for c in ordered if c is not first)]):
        if not told or not references.continues(candidate.text) or follows_its_own(candidate, told):
            told.append(candidate)
    return told


def follows_its_own(candidate: Candidate, kept: Sequence[Candidate]) -> bool:
    """Whether the sentence before it in its article was kept."""
    return any(c.source == candidate.source and c.place == candidate.place - 1 for c in kept)


def without_repetition(event: HeadlineEvent, ordered: Sequence[Candidate]) -> list[Candidate]:
    """Return the sentences without those after the first that mostly say what was said before them."""
    said, given = set(event.said), frozenset[str]()
    kept: list[Candidate] = []
    for candidate in ordered:
        own, figures = set(candidate.terms), number_keys(candidate.text, candidate.language)
        most = _AGAIN if figures <= given else _AGAIN_BUT_A_NUMBER
        adds = len(own - said) > _LITTLE or figures - given or 2 * len(own & said) < len(own)
        if not kept or (adds and len(own & said) < most * len(own)):
            kept.append(candidate)
            said |= own
            given |= figures
    return kept


@dataclass(frozen=True, slots=True)
class HeadlineEvent:
    """What a headline says: the stems of its names and things, all its terms, and the position of its article."""

    named: frozenset[str]
    said: frozenset[str]
    source: int

    @classmethod
    def of(cls, headline: Headline) -> HeadlineEvent:
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


def _opening(event: HeadlineEvent, ordered: Sequence[Candidate], pool: Sequence[Candidate]) -> Candidate | None:
    """Return the sentence to begin with: the first chosen one that fits, or one that is clearly nearer to the event.

    Several chosen sentences complete each other, so one of the pool replaces them only if none of them fits.
    """
    first = next((c for c in ordered if event.fits(c) and _begins(c)), None)
    if first is None:
        fitting = [c for c in pool if event.fits(c)]
        return min(fitting, key=lambda c: (_needs_another(c), c.place, c.source), default=None)
    fitting = [c for c in ordered if event.fits(c)]
    best = max(fitting, key=lambda c: (event.nearness(c), -c.place, -c.source), default=first)
    return best if event.nearness(best) > event.nearness(first) + _CLEARLY else first


def _begins(candidate: Candidate) -> bool:
    """Whether a sentence can come first: it does not refer back to another sentence, and tells the news itself."""
    return not standalone.dangles(candidate.text, candidate.language) and _is_news(candidate.text)


def _needs_another(candidate: Candidate) -> bool:
    """Whether a sentence refers to another one, is part of a quotation, or does not tell the news."""
    return standalone.leans(candidate.text, candidate.language) or not _is_news(candidate.text)


def _is_news(text: str) -> bool:
    return not (standalone.adds(text) or standalone.is_background(text) or standalone.is_quotation(text))


def whole(taken: Sequence[Candidate]) -> list[Candidate]:
    """Return the sentences, or none if there is only one and it is too short to say something."""
    scrap = len(taken) == 1 and taken[0].words < _THIN and not unspaced(taken[0].text[:1])
    return [] if scrap else list(taken)
