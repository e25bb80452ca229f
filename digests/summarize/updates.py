"""Updates: what is new in a story for a recipient who was told of it, from the articles that arrived since."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from digests.language import counted, dates, names, numbers
from digests.language.detect import language_code
from digests.language.numbers import Number
from digests.language.stopwords import all_stop_words
from digests.language.tokens import sentence_term_set
from digests.model import Sentence, Story, Told
from digests.summarize import candidates, facts
from digests.summarize.candidates import Candidate
from digests.summarize.selection import choose_sentences, in_reading_order

_LEAD = 5  # first sentences of an article that may contain its news
_UNKNOWN = 0.6  # share of new terms from which a sentence is news without a new number or name
_PARTLY = 0.2  # the same for the first sentence of an article that has news
_FEWEST = 5  # new terms at least
_A_FEW = 3  # numbers up to this are no news by themselves: "three of them"
_COUNTED = re.compile(r"(?:-[^\W\d_][\w-]*| ?%|(?: of(?: the| its| their)?)?[ \u00a0][^\W\d_][\w-]*)")
_PAUSE = re.compile(r"[,;:]\s")
_BEFORE = 4  # words before a number that may name the thing it counts


@dataclass(frozen=True, slots=True)
class News:
    """A sentence with new facts, and what they are: the new numbers or names as written."""

    candidate: Candidate
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """The content of the told articles: their terms by language, and the keys of their numbers and names."""

    terms: dict[str, set[str]]
    keys: set[str]


def _known(story: Story, told: Told) -> _Known:
    known: dict[str, set[str]] = {}
    # The name of an outlet is no news.
    keys = set(told.facts) | {facts.name_fact(s.outlet) for s in story.sources}
    for source in story.sources:
        if source.article not in told.articles:
            continue
        language = source.language or story.language
        for text in (source.title, source.text, source.previous_text or ""):
            if text:
                known.setdefault(language or "", set()).update(sentence_term_set(text, language))
                keys |= facts.number_keys(text, language) | facts.name_keys(text, language)
    return _Known(known, keys)


def _new_numbers(candidate: Candidate, known: _Known) -> list[str]:
    """Return counts that were not told, each with what it counts, or empty where that is unknown; no dates and small numbers."""
    text = candidate.text
    found = (n for n in numbers.numbers_in(text, candidate.language) if f"n:{n.key}" not in known.keys)
    telling = (
        n for n in found if (n.unit or n.value > _A_FEW or n.value != int(n.value)) and not dates.is_date(text, n)
    )
    return [_counted(text, n, candidate.language) for n in telling]


def _counted(text: str, number: Number, language: str) -> str:
    """Return a number with what it counts: `71-year-old`, `4.000 hectáreas`, `killed at least 98`; empty for a number alone."""
    behind = _COUNTED.match(text, number.end)
    word = behind[0].lower().split()[-1].strip("-") if behind else ""
    end = behind.end() if behind and word not in all_stop_words(language) else number.end
    begin = number.start if end > number.end and counted.thing(word, language) else _ahead(text, number, language)
    named = number.unit or begin < number.start or end > number.end
    return text[begin:end].strip() if named else ""


def _ahead(text: str, number: Number, language: str) -> int:
    """Return where the word begins that names a counted thing before a number; the number's start if there is none."""
    words = counted.words_with_places(text, 0, number.start)[-_BEFORE:]
    begin = next((t.start() for t in reversed(words) if counted.thing(t.group(), language)), number.start)
    return number.start if _PAUSE.search(text[begin : number.start]) else begin


def _new_names(candidate: Candidate, known: _Known) -> list[str]:
    """Return names that were not told, as written."""
    found = names.names_in(candidate.text, candidate.language)
    keys = {name: facts.name_fact(name) for name in found}
    return [name for name in dict.fromkeys(found) if keys[name] and keys[name] not in known.keys]


def _news(candidate: Candidate, known: _Known) -> News | None:
    """What a sentence tells beyond what is known; None when that is nothing."""
    own = set(candidate.terms)
    language_known = known.terms.get(candidate.language)
    if facts.sentence_key(candidate.text, candidate.language) in known.keys:
        return None
    fresh = own - (language_known or set())
    counts = _new_numbers(candidate, known)
    if counts and len(own) >= 3:
        return News(candidate, tuple(filter(None, counts)))
    if language_known is None:
        return None  # in a language none of the told articles is in, only numbers can be compared
    share = len(fresh) / len(own) if own else 0.0
    new_names = _new_names(candidate, known)
    if new_names and share >= 0.3 and len(fresh) >= 3:
        return News(candidate, tuple(new_names))
    if share >= _UNKNOWN and len(fresh) >= _FEWEST:
        return News(candidate)
    return None


def news(story: Story, told: Told) -> tuple[News, ...]:
    """Return sentences with new facts from the beginning of articles that arrived after the recipient was last told.

    Known facts in another article or in other words are not new. Backlog and withdrawn articles are ignored.
    """
    fresh = [
        index
        for index, source in enumerate(story.sources)
        if source.article not in told.articles and not source.withdrawn and not source.backlog
    ]
    if not fresh:
        return ()
    known = _known(story, told)
    return tuple(item for index in fresh for item in _of_article(candidates.of_source(story, index)[:_LEAD], known))


def _of_article(top: Sequence[Candidate], known: _Known) -> list[News]:
    """Return the news at the beginning of one article, after its first sentence if that introduces the news."""
    found = [one for c in top if (one := _news(c, known))]
    if found and found[0].candidate is not top[0] and _leads_in(top[0], known):
        found.insert(0, News(top[0]))
    return found


def _leads_in(opening: Candidate, known: _Known) -> bool:
    own, before = set(opening.terms), known.terms.get(opening.language)
    told = facts.sentence_key(opening.text, opening.language) in known.keys
    return not told and before is not None and len(own - before) >= _PARTLY * len(own)


def new_facts(found: Sequence[News]) -> tuple[str, ...]:
    """Return the new numbers or names of the first sentence that has any, as written."""
    return next((item.facts for item in found if item.facts), ())


def in_language(found: Sequence[News], language: str) -> list[News]:
    """Return the news in the digest's language if there is any, else in the most frequent language."""
    spoken = [n for n in found if n.candidate.language in (language_code(language), "")]
    if spoken or not found:
        return spoken
    tally = Counter(n.candidate.language for n in found)
    return [n for n in found if n.candidate.language == tally.most_common(1)[0][0]]


def new_sentences(story: Story, found: Sequence[News], words: int) -> tuple[Sentence, ...]:
    """Return the sentences of an update, each marked `new`, within `words`; at least one if there is any news."""
    pool = candidates.merged(item.candidate for item in found)
    # A sentence with a new fact may refer to what was told before.
    taken = choose_sentences(story, pool, words, share=1.0, lean=True)
    return tuple(Sentence(c.text, c.sources, new=True) for c in in_reading_order(taken))
