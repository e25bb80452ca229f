"""Headline and first sentence of a story of teasers, chosen together: they tell one event.

An editor wrote a teaser to follow its own title, so that the two of one article belong together; a sentence of another
article must show by its words that it tells the event of the headline. Each pair of a title and a sentence has one
score: how informative the title is, and how well the sentence tells its event.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate

from digests.language import names
from digests.language.detect import language_code
from digests.language.stopwords import all_stop_words
from digests.language.tokens import fold, raw, sentence_terms, unspaced
from digests.language.vectors import cosine, vector
from digests.model import Story
from digests.ranking import importance
from digests.summarize import headline, references, standalone, teaser
from digests.summarize.candidates import Candidate
from digests.summarize.changes.developments import developments
from digests.summarize.opening import (
    NEAR,
    Headline,
    HeadlineEvent,
    follows_its_own,
    meant,
    repeats,
    whole,
    without_repetition,
)
from digests.summarize.selection import SHARE, choose_sentences, in_reading_order, says_nothing

_TEASER = 2  # sentences of an article that is only a teaser
_OWN = 0.35  # gain of a sentence whose article has the headline: it was written to follow this title
_MEANT = 0.5  # weight of the likeness in meaning against that of names and things
_ALIKE = 0.7  # likeness of both from which more is no gain: a sentence should not repeat the headline
_OUTCOME = 0.2  # gain of a sentence that says what came of it, as the headline does: arrested, won, dead
_NAMED = 0.1  # gain of a sentence with a name of the headline
_ADDS, _MANY = 0.3, 8  # gain of a sentence with so many terms that the headline lacks
_OLD, _HALF_A_DAY = 0.4, 12.0  # loss of a sentence so many hours older than the headline
_STALE = 0.2  # loss from which a sentence does not follow either
_LATER = 0.1  # loss of each place after the first in its article
_LEANS, _LEANS_ON_HEADLINE = 1.0, 0.1  # loss of a sentence that needs another one; of one that the headline explains
_BACKGROUND, _PERSONAL, _PERSONAL_QUOTE, _CALL = 0.6, 0.5, 0.2, 0.5  # losses of sentences that do not tell the news
_QUOTATION, _QUOTES_FIRST, _WITHOUT_SPEAKER = 0.1, 0.4, 0.7  # losses of quotations
_ASKED = 0.7  # loss of a quotation that asks
_LONG_AGO = 0.2  # loss of a sentence with a year before that of its article, which the headline lacks
_THIN, _FEW = 0.3, 6  # loss of a sentence with fewer words: "The Sweet 16 is set."
_CUT = 0.6  # loss of a part of a sentence
_OPEN_END = 0.06  # loss of a sentence without a full stop, as a subtitle
_LONG, _A_WORD, _TOO_LONG = 40, 0.02, 0.3  # words from which each more is a loss, and the most of it
_TITLE = 1.5  # weight of a title's worth against how well a sentence tells its event
_SEVERAL = 3  # articles from which they show what matters
_AGREED, _AGREED_BY_TWO = 0.4, 0.1  # gain of a sentence with what they agree on, and of one of two articles
_NEWEST = 0.1  # gain of the newest sentences of an update
_TOLD, _TOLD_BY_OWN = 0.5, 0.5  # least score of a sentence of another article, and of the headline's own
_COMMON = 0.8  # how much less a name or thing of the headline counts for each further article that has it
_NEAR = 0.15  # least share of the names and things of a headline that a sentence of another article has
_SAME_THING = 0.4  # likeness in meaning from which two nouns name one thing
_NONE = 0.6  # loss of a headline without a sentence


# A year that is no `since 2024`, which tells how rare the news is.
_YEAR = re.compile(
    r"(?:\b(?:since|seit|depuis|desde|dal|sinds|с|з|od)\s(?:\w+\s)?\d{4})|(?<![\w.,])((?:19|20)\d\d)(?![\w%])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class HeadlinePair:
    """A headline and the sentence that follows it; None where no sentence tells its event."""

    headline: Headline
    first: Candidate | None


def choose(
    story: Story, language: str, pool: Sequence[Candidate], words: int, fresh: Collection[int] = ()
) -> HeadlinePair | None:
    """Return the best pair of a title and a sentence of a story; `fresh` are the articles with an update's news.

    None if it has no title, or if its articles are more than teasers.
    """
    short = max((c.place for c in pool), default=0) < _TEASER
    if not short and not teaser.is_teaser(pool):
        return None
    titled = (headline.instead(story, one) for one in headline.titles(story, language, fresh))
    agreed = _agreed(story, pool, words, update=bool(fresh))
    pairs = [_best(story, pool, agreed, Headline(one.text, one.language, one.source), one.worth) for one in titled]
    best = max(pairs, key=lambda pair: pair[0])[1] if pairs else None
    return best if best is not None and (short or best.first is not None) else None


def _agreed(story: Story, pool: Sequence[Candidate], words: int, *, update: bool) -> dict[Candidate, float]:
    """Return the gain of each sentence with what the articles agree on; that of old ones is superseded.

    In an update the newest ones gain instead, because its articles need not tell of one development.
    """
    chosen = choose_sentences(story, pool, words)
    most = _AGREED if not update and len({c.source for c in pool}) >= _SEVERAL else _AGREED_BY_TWO
    newest = max((story.sources[c.source].moment for c in pool), default=story.last)

    def fresh(candidate: Candidate) -> float:
        return max(0.0, 1 - (newest - story.sources[candidate.source].moment) / timedelta(hours=_HALF_A_DAY))

    return {c: (most * (c in chosen) + _NEWEST * update) * fresh(c) for c in pool}


def _best(
    story: Story, pool: Sequence[Candidate], agreed: Mapping[Candidate, float], named: Headline, worth: float
) -> tuple[float, HeadlinePair]:
    event = _Told.of(named, story, pool)
    scored = [
        (round(told + gain - _OPEN_END * (not standalone.ends(c.text)), 6), -c.place, -c.source, c)
        for c, gain in agreed.items()
        if (told := event.score_of(c)) is not None
    ]
    score, _, _, first = max(scored, key=lambda one: one[:3], default=(-_NONE, 0, 0, None))
    return round(_TITLE * worth + score, 6), HeadlinePair(named, first)


def sentences(
    pair: HeadlinePair, story: Story, pool: Sequence[Candidate], words: int, share: float = SHARE
) -> list[Candidate]:
    """Return the sentences of a summary in reading order: the first of the pair, then what adds to it.

    `share` is the longest summary as a share of the words of `pool`.
    """
    first = pair.first
    if first is None:
        return []
    told = _Told.of(pair.headline, story, pool)
    rest = [c for c in pool if c is first or told.can_follow(c, first)]
    if teaser.is_teaser(pool):
        kept = teaser.kept(rest, words, first)
        return whole(kept if first in kept else [first, *kept])
    chosen = [c for c in choose_sentences(story, rest, words, share) if c is not first]
    if first.place == 0 and told.second in rest and told.second not in chosen:
        chosen.append(told.second)
    ordered = [first, *sorted(in_reading_order(chosen), key=lambda c: c.source != first.source)]
    taken = _within(words, told.understood(without_repetition(told.event, ordered)))
    return whole(taken) if told.second in taken or told.can_stand_alone(first) else []


def _within(words: int, ordered: Sequence[Candidate]) -> list[Candidate]:
    """Return as many sentences as fit, but the first one in any case."""
    ends = accumulate(c.words for c in ordered)
    return [c for number, (c, end) in enumerate(zip(ordered, ends, strict=True)) if not number or end <= words]


@dataclass(frozen=True, slots=True)
class _Told:
    """Judges how well a sentence tells the event of a headline."""

    event: HeadlineEvent
    named: Headline
    story: Story
    names: frozenset[str]
    second: Candidate | None
    weight: Mapping[str, float]

    @classmethod
    def of(cls, named: Headline, story: Story, pool: Sequence[Candidate]) -> _Told:
        """Return the judge of a headline. `second` is the second sentence of its article, if that is a teaser."""
        own = [c for c in pool if c.source == named.source]
        second = next((c for c in own if c.place == 1), None) if teaser.is_teaser(own) else None
        known = frozenset(names.last_words(named.text, named.language))
        event = HeadlineEvent.of(named)
        users = {term: {c.source for c in pool if term in c.terms} for term in event.named}
        weight = {term: 1 / (1 + _COMMON * max(0, len(by) - 1)) for term, by in users.items()}
        return cls(event, named, story, known, second, weight)

    def can_stand_alone(self, first: Candidate) -> bool:
        """Whether a first sentence is about the headline without the second one of its article."""
        return len(self._taken(first)) == 1 or not self.event.named or self._is_about(first)

    def understood(self, ordered: Sequence[Candidate]) -> list[Candidate]:
        """Return the sentences without those, after the first, that need one which was not taken."""
        kept = list(ordered[:1])
        for candidate in ordered[1:]:
            background = standalone.is_background(candidate.text) or standalone.concedes(candidate.text)
            if _untold(candidate) - _BACKGROUND * background >= _PERSONAL:
                continue
            before = [self.named.text, *(c.text for c in kept)]
            if follows_its_own(candidate, kept) or not _needs_unsaid(candidate, before):
                kept.append(candidate)
        return kept

    def can_follow(self, candidate: Candidate, first: Candidate) -> bool:
        """Whether a sentence can come behind the first one: it neither precedes it in its article nor is older news."""
        if repeats(candidate, self.named) or self._stale(candidate) > _STALE:
            return False
        return candidate.source != first.source or candidate.place > first.place

    def score_of(self, candidate: Candidate) -> float | None:
        """Return how well a sentence tells the event; None if it cannot follow the headline."""
        text, language = candidate.text, candidate.language
        if says_nothing(candidate) or repeats(candidate, self.named):
            return None
        if importance.asks_or_holds_back(text, language) and not standalone.dangles(text, language):
            return None
        score = self._score(candidate)
        if language_code(language) != language_code(self.named.language):
            fits = not standalone.leans(text, language)  # nothing in it can be compared
        elif self._is_own(candidate):
            fits = score >= _TOLD_BY_OWN and (not self.event.named or any(map(self._is_about, self._taken(candidate))))
        else:
            fits = score >= _TOLD and self._shared(candidate) >= _NEAR
        return score if fits else None

    def _score(self, candidate: Candidate) -> float:
        """Return how well a sentence tells the event, less what speaks against it as the first one."""
        near = max(map(self._likeness, self._taken(candidate)))
        gain = _OWN * self._is_own(candidate) + _OUTCOME * self._has_outcome(candidate)
        gain += _NAMED * (not self.names.isdisjoint(names.last_words(candidate.text, candidate.language)))
        gain += _ADDS * min(1.0, self.event.adds(candidate) / _MANY)
        loss = (
            _LONG_AGO * self._is_of_long_ago(candidate)
            + self._stale(candidate)
            + self._lean(candidate)
            + _untold(candidate)
            + self._cut(candidate)
        )
        return min(_ALIKE, near) + gain - loss - _LATER * candidate.place

    def _taken(self, candidate: Candidate) -> list[Candidate]:
        """Return a sentence with the one behind it that needs it, in the headline's article: both tell the event."""
        second = self.second if candidate.place == 0 and candidate.source == self.named.source else None
        return [candidate, second] if second and _needs_unsaid(second, [self.named.text]) else [candidate]

    def _is_about(self, candidate: Candidate) -> bool:
        return self._shared(candidate) > 0 or (meant(self.named, candidate) or 0.0) >= NEAR

    def _likeness(self, candidate: Candidate) -> float:
        return self._shared(candidate) + _MEANT * max(0.0, meant(self.named, candidate) or 0.0)

    def _is_own(self, candidate: Candidate) -> bool:
        return self.named.source in candidate.sources

    def _shared(self, candidate: Candidate) -> float:
        """Return the share of the names and things of the headline that a sentence has; what all articles name less."""
        both = self.event.named.intersection(candidate.terms)
        return sum(map(self.weight.__getitem__, both)) / max(1e-9, sum(self.weight.values()))

    def _has_outcome(self, candidate: Candidate) -> bool:
        told = developments(self.named.text, self.named.language)
        return not told.keys().isdisjoint(developments(candidate.text, candidate.language))

    def _stale(self, candidate: Candidate) -> float:
        """Return the loss of a sentence whose article is older than that of the headline."""
        sources = self.story.sources
        hours = (sources[self.named.source].moment - sources[candidate.source].moment) / timedelta(hours=1)
        return _OLD * min(1.0, max(0.0, hours / _HALF_A_DAY))

    def _is_of_long_ago(self, candidate: Candidate) -> bool:
        """Whether a sentence has a year before that of its article, not the headline's, and reports no development."""
        years = {int(year) for year in _YEAR.findall(candidate.text) if year and year not in self.named.text}
        now = self.story.sources[candidate.source].moment.year
        return bool(years) and max(years) < now and not developments(candidate.text, candidate.language)

    def _lean(self, candidate: Candidate) -> float:
        """Return the loss of a sentence that needs another one before it; the headline may name who "she" is."""
        text, language = candidate.text, candidate.language
        if not standalone.whole(text) or standalone.adds(text):
            return _LEANS
        follows = self._is_own(candidate) and candidate.place == 0
        if not standalone.dangles(text, language):
            unsaid = _needs_unsaid(candidate, [self.named.text])
            return unsaid * (_LEANS_ON_HEADLINE if follows else _LEANS)
        pronoun = standalone.begins_with_pronoun(text, language) and _names_somebody(self.named)
        # "This student": the headline has the student too
        again = not self.event.said.isdisjoint(sentence_terms(" ".join(list(raw(text))[1:2]), language))
        return _LEANS_ON_HEADLINE if follows and (pronoun or again) else _LEANS

    def _cut(self, candidate: Candidate) -> float:
        """Return the loss of a part of a sentence: its article goes on, or it ends with a word such as "their"."""
        text = candidate.text
        if standalone.ends(text):
            return 0.0
        goes_on = not self.story.sources[candidate.source].text.rstrip().endswith(text[-10:])
        last = fold(next(reversed(raw(text)), ""))
        return _CUT * (goes_on or (not unspaced(last) and last in all_stop_words(candidate.language)))


def _needs_unsaid(candidate: Candidate, before: Sequence[str]) -> bool:
    """Whether a sentence refers to an earlier one, or names a thing as known that no text before it names."""
    text, language = candidate.text, candidate.language
    if standalone.leans(text, language):
        return True
    thing = references.known_thing(text, language)
    own = frozenset(sentence_terms(thing, language)) if thing else frozenset[str]()
    return bool(own) and not any(_names(own, thing, one, language) for one in before)


def _names(own: AbstractSet[str], thing: str, text: str, language: str) -> bool:
    """Whether a text names a thing, in the same word or one near in meaning: `accident` after `crash`."""
    if not own.isdisjoint(sentence_terms(text, language)):
        return True
    meaning = vector(thing, language or None)
    return any((cosine(meaning, vector(word, language or None)) or 0.0) >= _SAME_THING for word in raw(text))


def _untold(candidate: Candidate) -> float:
    """Return the loss of a sentence that sets the scene, quotes, calls or speaks of the writer."""
    text, language = candidate.text, candidate.language
    loss = _BACKGROUND * (standalone.is_background(text) or standalone.concedes(text))
    if standalone.is_personal(text, language):
        said_itself = standalone.is_personal(standalone.without_quotations(text), language)
        loss += _PERSONAL if said_itself else _PERSONAL_QUOTE
    loss += _THIN * (candidate.words < _FEW and not unspaced(text[:1]))
    loss += _CALL * text.endswith(("!", "！")) + min(_TOO_LONG, _A_WORD * max(0, candidate.words - _LONG))
    if not standalone.is_quotation(text):
        return loss
    loss += _ASKED * ("?" in text)
    speaker = names.last_words(standalone.without_quotations(text), language)
    return loss + (
        (_QUOTES_FIRST if standalone.begins_with_quotation(text) else _QUOTATION) if speaker else _WITHOUT_SPEAKER
    )


def _names_somebody(named: Headline) -> bool:
    return bool(names.last_words(named.text, named.language)) or unspaced(named.text[:1])
