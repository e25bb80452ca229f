"""Updates: what is new in a story for a recipient who was sent it: in articles that arrived or were changed since."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digests.language import dates, names, numbers, sentences
from digests.language.counts import counted, mentions
from digests.language.detect import language_code
from digests.language.keys import name_fact, name_keys, number_keys, sentence_key, sentence_keys
from digests.language.numbers import Number
from digests.language.stopwords import all_stop_words
from digests.language.tokens import sentence_term_set, sentence_terms, word_count
from digests.model import Reported, Story, Version
from digests.summarize import candidates, headline
from digests.summarize.candidates import Candidate
from digests.summarize.changes import swaps
from digests.summarize.changes.developments import developments
from digests.summarize.changes.timeline import SAME_TIME
from digests.summarize.selection import choose_sentences, in_reading_order

_LEAD = 5  # first sentences of an article that may contain its news, or first new ones of a changed article
_UNKNOWN = 0.6  # share of new terms from which a sentence is news without a new number or name
_PARTLY = 0.2  # the same for the first sentence of an article that has news
_FEWEST = 5  # new terms at least
_A_FEW = 3  # numbers up to this are no news by themselves: "three of them"
_LATER = timedelta(hours=6)  # an article this much later than all known ones seldom repeats them in other words
_NEW_TITLE, _NEW_LEAD = 0.5, 0.35  # shares of new terms from which such an article is news
_REWORDED = 0.5  # likeness to an old sentence from which a changed one is a rewording
_COUNTED = re.compile(r"(?:-[^\W\d_][\w-]*| ?%|(?: of(?: the| its| their)?)?[ \u00a0][^\W\d_][\w-]*)")
# English says what is counted at the end: `43 field goal attempts`, `35 key security fixes`.
_PLURAL = re.compile(r"(?: [^\W\d_]+){0,2}? [^\W\d_]{2,}(?<![su'’])s\b")
_DIGITS = re.compile(r"[\d\W]+")
_PAUSE = re.compile(r"[,;:]\s")
_BEFORE, _NEAR = 4, 200  # words before a number that may name the thing it counts, and characters in which they stand
_SHORT = 8  # words of a line that gives a number and no more: `Points: 340`
_ALIKE = 0.5  # share of common terms from which two sentences count the same thing
_TITLE = -1  # the place of a title among the sentences of its article


@dataclass(frozen=True, slots=True)
class Changed:
    """A count that differs from the one that was sent, in the words of the article: `killed`, `86`, `77`."""

    about: str
    now: str
    was: str


@dataclass(frozen=True, slots=True)
class News:
    """A sentence or title with new facts, and the facts: counts that changed, and new numbers or words as written."""

    candidate: Candidate
    facts: tuple[str, ...] = ()
    changed: tuple[Changed, ...] = ()

    @property
    def in_title(self) -> bool:
        """Whether it is the title of an article, which is no sentence of a summary."""
        return self.candidate.place == _TITLE


@dataclass(frozen=True, slots=True)
class _KnownCount:
    """A count that a recipient knows, and the time of the article that gave it."""

    said: mentions.Mention
    at: datetime


@dataclass(slots=True)
class _Known:
    """The content of the articles that a recipient knows, as it was when they were sent.

    `terms` by language; `keys` of numbers, names and sentences; `counts` by thing: value, text and time of each.
    """

    keys: set[str]
    terms: dict[str, set[str]] = field(default_factory=dict)
    developments: set[str] = field(default_factory=set)
    counts: dict[tuple[str, ...], list[_KnownCount]] = field(default_factory=dict)
    latest: datetime | None = None

    def add(self, title: str, text: str, language: str | None, at: datetime) -> None:
        """Add one article or an earlier version of it."""
        code = language_code(language)
        for part in filter(None, (title, text)):
            self.terms.setdefault(code, set()).update(sentence_term_set(part, language))
            self.keys |= number_keys(part, language) | name_keys(part, language)
        for part in (title, *sentences.split(text, language)):
            self.developments |= developments(part, language).keys()
        for one in mentions.mentions(title, text, language):
            self.counts.setdefault(one.key, []).append(_KnownCount(one, at))
        self.latest = at if self.latest is None else max(self.latest, at)


def _known(story: Story, reported: Reported) -> _Known:
    # The name of an outlet is no news.
    known = _Known(set(reported.facts) | {name_fact(s.outlet) for s in story.sources})
    for source in story.sources:
        if source.article in reported.articles:
            sent = source.version_at(reported.last_reported) or Version(source.arrived, source.title, source.text)
            known.add(sent.title, sent.text, source.language or story.language, source.moment)
    return known


def news(story: Story, reported: Reported) -> tuple[News, ...]:
    """Return the new facts of articles that arrived or were changed since the recipient was sent the story.

    Known facts in another article or in other words are not new. Backlog and withdrawn articles are ignored.
    """
    known: _Known | None = None
    found: list[News] = []
    for index, source in enumerate(story.sources):
        if source.withdrawn or source.backlog:
            continue
        before = source.version_at(reported.last_reported)
        if source.article in reported.articles and before is None:
            continue
        known = known or _known(story, reported)
        if source.article not in reported.articles:
            found.extend(_of_new_article(story, index, known))
        elif before is not None:
            found.extend(_of_changed_article(story, index, before, known))
    return tuple(found)


def _of_new_article(story: Story, index: int, known: _Known) -> list[News]:
    """Return the news at the beginning of one article, after its first sentence if that introduces the news."""
    source = story.sources[index]
    at = source.moment
    top = candidates.of_source(story, index)[:_LEAD]
    title = _title(story, index)
    found = [one for c in top if (one := _news(c, known, at, opening=c is top[0]))]
    headlines = [one] if title and (one := _news(title, known, at, opening=True)) else []
    if not found and not headlines and title and _is_another_report(title, top[:1], known, at):
        headlines = [News(title)]
    if top and (found or headlines) and (not found or found[0].candidate is not top[0]):
        introduces = _leads_in(top[0], known)
        found[:0] = [News(top[0])] if introduces else []
    return [*headlines, *found]


def _title(story: Story, index: int) -> Candidate | None:
    source = story.sources[index]
    language = candidates.language_of(story, source)
    text = headline.without_outlet(source.title, (source.outlet,))
    own = tuple(sentence_terms(text, language))
    return Candidate(text, index, _TITLE, language, own, word_count(text), (index,)) if own else None


def _of_changed_article(story: Story, index: int, before: Version, known: _Known) -> list[News]:
    """Return the news in what a publisher added to an article: a live blog or an incident page keeps its entry."""
    source = story.sources[index]
    language = candidates.language_of(story, source)
    at = source.revised or source.moment
    known_sentences = sentences.split(before.text, language)
    old = [sentence_term_set(t, language) for t in known_sentences]
    keys = sentence_keys(before.text, language)
    fresh = swaps.swapped(source.title, known_sentences, sentences.split(source.text, language), language)
    keys |= {sentence_key(swap.now, language) for swap in fresh}
    added = [c for c in candidates.of_source(story, index) if sentence_key(c.text, language) not in keys][:_LEAD]
    title = _title(story, index) if source.title != before.title else None
    lines = {_without_numbers(t) for t in (before.title, *known_sentences)}
    added = [c for c in added if not _is_counter(c, lines)]
    found = [one for c in added if (one := _news(c, known, at, opening=True) or _of_addition(c, old, known))]
    title = None if title and _is_counter(title, lines) else title
    headlines = [one] if title and (one := _news(title, known, at, opening=True)) else []
    return [*headlines, *found]


def _is_counter(candidate: Candidate, lines: Collection[str]) -> bool:
    """Whether a short line only has other numbers than before, of nothing that news counts: views, votes, prices."""
    if candidate.words >= _SHORT or _without_numbers(candidate.text) not in lines:
        return False
    return all(not one.is_listed for one in mentions.in_sentence(candidate.text, candidate.language))


def _without_numbers(text: str) -> str:
    return _DIGITS.sub("", text).casefold()


def _of_addition(candidate: Candidate, old: Iterable[frozenset[str]], known: _Known) -> News | None:
    """Return a sentence that was added and says mostly new things; a rewording of an old sentence is none."""
    own = frozenset(candidate.terms)
    if len(own) < 3 or any(candidates.likeness(own, sentence) >= _REWORDED for sentence in old):
        return None
    fresh = own - known.terms.get(candidate.language, set())
    return News(candidate) if len(fresh) >= 3 and len(fresh) >= 0.4 * len(own) else None


def _is_another_report(title: Candidate, lead: Sequence[Candidate], known: _Known, at: datetime) -> bool:
    """Whether a later article is about another subject than the known ones, by the words of its title and lead."""
    before = known.terms.get(title.language)
    if before is None or known.latest is None or at - known.latest < _LATER:
        return False
    fresh = set(title.terms) - before
    if len(fresh) < 2 or len(fresh) < _NEW_TITLE * len(set(title.terms)):
        return False
    return all(len(set(c.terms) - before) >= max(4, _NEW_LEAD * len(set(c.terms))) for c in lead)


def _news(candidate: Candidate, known: _Known, at: datetime, *, opening: bool = False) -> News | None:
    """Return the new facts of a sentence, or None. Only an `opening` can report a development."""
    if sentence_key(candidate.text, candidate.language) in known.keys:
        return None
    own = set(candidate.terms)
    counts, changed = _new_counts(candidate, known, at)
    if (counts or changed) and len(own) >= 2:
        return News(candidate, tuple(filter(None, counts)), tuple(changed))
    happened = developments(candidate.text, candidate.language) if opening else {}
    steps = [written for name, written in happened.items() if name not in known.developments]
    language_known = known.terms.get(candidate.language)
    if steps and (
        language_known is None or any(set(sentence_terms(s, candidate.language)) - language_known for s in steps)
    ):
        return News(candidate, tuple(steps[:1]))
    if language_known is None:
        return None  # in a language none of the known articles is in, only numbers and developments can be compared
    fresh = own - language_known
    share = len(fresh) / len(own) if own else 0.0
    new_names = _new_names(candidate, known)
    if new_names and share >= 0.3 and len(fresh) >= 3:
        # Where each word of a title is capitalised, its names are not known.
        shouted = candidate.place == _TITLE and names.is_title_case(candidate.text)
        unknown = (name for name in new_names if not _has_last_word(language_known, name, candidate.language))
        return News(candidate, () if shouted else tuple(unknown))
    if share >= _UNKNOWN and len(fresh) >= _FEWEST:
        return News(candidate)
    return None


def _new_counts(candidate: Candidate, known: _Known, at: datetime) -> tuple[list[str], list[Changed]]:
    """Return the unknown counts, each with what it counts or empty if that is unclear, and the counts that changed.

    Dates, small numbers, and earlier counts of a thing whose later count is known are left out.
    """
    text, language = candidate.text, candidate.language
    said = {one.value: one for one in mentions.in_sentence(text, language)}
    new: list[str] = []
    changed: list[Changed] = []
    for number in numbers.numbers_in(text, language):
        one = said.get(number.value)
        before = (
            [count for count in known.counts.get(one.key, []) if one.is_of(count.said, _ALIKE)]
            if one is not None
            else []
        )
        if f"n:{number.key}" in known.keys or dates.is_date(text, number):
            continue
        if one is not None and before:
            latest = max(before, key=lambda count: count.at).said
            if not _is_history(one, before, at) and (one.raises(latest) or not one.allows(latest)):
                changed.append(Changed(one.label, one.shown, latest.shown))
        elif number.unit or number.value > _A_FEW or number.value != int(number.value):
            new.append(_counted(text, number, language))
    return new, changed


def _is_history(one: mentions.Mention, before: Sequence[_KnownCount], at: datetime) -> bool:
    """Whether a count is no newer than what is known: an earlier one, or a lower one of what cannot become less."""
    latest = max(before, key=lambda b: b.at)
    lower = one.value < max(b.said.value for b in before)
    return at < latest.at or (lower and (not one.may_shrink or at - latest.at < SAME_TIME))


def _counted(text: str, number: Number, language: str) -> str:
    """Return a number with what it counts: `71-year-old`, `4.000 hectáreas`, `killed at least 98`; else empty."""
    behind = _COUNTED.match(text, number.end)
    if behind and language == "en" and (longer := _PLURAL.match(text, number.end)):
        behind = longer
    word = behind[0].lower().split()[-1].strip("-") if behind else ""
    end = behind.end() if behind and word not in all_stop_words(language) else number.end
    begin = number.start if end > number.end and counted.thing(word, language) else _ahead(text, number, language)
    named = number.unit or begin < number.start or end > number.end
    return text[begin:end].strip() if named else ""


def _ahead(text: str, number: Number, language: str) -> int:
    """Return where the word begins that names a counted thing before a number; the number's start if there is none."""
    words = counted.words_with_places(text, max(0, number.start - _NEAR), number.start)[-_BEFORE:]
    begin = next((t.start() for t in reversed(words) if counted.thing(t.group(), language)), number.start)
    return number.start if _PAUSE.search(text[begin : number.start]) else begin


def _new_names(candidate: Candidate, known: _Known) -> list[str]:
    """Return names that are not known, as written."""
    found = names.names_in(candidate.text, candidate.language)
    keys = {name: name_fact(name) for name in found}
    return [name for name in dict.fromkeys(found) if keys[name] and keys[name] not in known.keys]


def _has_last_word(known: Collection[str], name: str, language: str) -> bool:
    """Whether the last word of a name is known: `Musk` at the beginning of a sentence was not taken for a name."""
    return sentence_terms(name, language)[-1:] != [] and sentence_terms(name, language)[-1] in known


def _leads_in(opening: Candidate, known: _Known) -> bool:
    own, before = set(opening.terms), known.terms.get(opening.language)
    sent = sentence_key(opening.text, opening.language) in known.keys
    return not sent and before is not None and len(own - before) >= _PARTLY * len(own)


def new_facts(found: Sequence[News]) -> tuple[str, ...]:
    """Return the new numbers, names or developments of the first news that has any; sentences precede titles."""
    return next((item.facts for item in sorted(found, key=lambda n: n.in_title) if item.facts), ())


def changed_counts(found: Sequence[News]) -> Iterator[Changed]:
    """Yield the counts that changed, each thing once; those of sentences precede those of titles."""
    seen: set[str] = set()
    for one in (one for item in sorted(found, key=lambda n: n.in_title) for one in item.changed):
        if one.about.lower() not in seen:
            seen.add(one.about.lower())
            yield one


def in_language(found: Sequence[News], language: str) -> list[News]:
    """Return the news in the digest's language if there is any, else in the most frequent language."""
    spoken = [n for n in found if n.candidate.language in (language_code(language), "")]
    if spoken or not found:
        return spoken
    tally = Counter(n.candidate.language for n in found)
    return [n for n in found if n.candidate.language == tally.most_common(1)[0][0]]


def without_corrections(found: Sequence[News], corrected: Iterable[str]) -> list[News]:
    """Return the news without sentences whose numbers and names are all in the corrected texts."""
    said = set().union(*(number_keys(text, None) | name_keys(text, None) for text in corrected))

    def repeats(one: News) -> bool:
        text, language = one.candidate.text, one.candidate.language
        own = number_keys(text, language) | name_keys(text, language)
        return bool(own) and own <= said

    return [one for one in found if not repeats(one)]


def choose_new(story: Story, found: Sequence[News], words: int) -> list[Candidate]:
    """Return the sentences of an update in reading order, within `words`; none if only titles have news."""
    pool = candidates.merged(item.candidate for item in found if not item.in_title)
    # A sentence with a new fact may refer to what was sent before.
    return in_reading_order(choose_sentences(story, pool, words, share=1.0, lean=True))
