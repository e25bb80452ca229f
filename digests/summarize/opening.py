"""Makes the first sentence of a summary one about the event of the headline."""

from __future__ import annotations

from collections.abc import Sequence

from digests.language.detect import language_code
from digests.language.stopwords import all_stop_words
from digests.language.tokens import fold, lexicon, raw, unspaced, without_elision
from digests.summarize import standalone
from digests.summarize.candidates import Candidate
from digests.summarize.selection import in_reading_order

_LONG = 5  # letters of a word that names a thing; shorter ones are shared by chance
_TEASER = 2  # sentences of an article that is only a teaser
_THIN, _CUT = 6, 12  # words: a sentence alone with fewer says nothing; likewise one that the feed cut off


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


def about(
    headline: str, language: str, taken: Sequence[Candidate], pool: Sequence[Candidate], words: int
) -> list[Candidate]:
    """Return the sentences in reading order, the first one about the event of the headline.

    If none of them is, one of the pool replaces the last. If there is none and the articles are teasers, the headline
    is enough: the result is empty.
    """
    ordered = in_reading_order(_whole(taken))
    if not ordered or language_code(language) != language_code(ordered[0].language):
        return ordered
    named = _names_and_things(headline, language)

    def fits(candidate: Candidate) -> bool:
        return not named.isdisjoint(candidate.terms) and not standalone.is_question(candidate.text)

    first = next((c for c in ordered if fits(c) and not standalone.dangles(c.text, c.language)), None)
    if first is None:
        first = min(
            (c for c in pool if fits(c) and not cut_off(c.text)),
            key=lambda c: (standalone.leans(c.text, c.language), c.place, c.source),
            default=None,
        )
    if first is None:
        return [] if named and _are_teasers(pool) else ordered
    return _led_by(first, ordered, words)


def cut_off(text: str) -> bool:
    """Whether a sentence ends where the feed cut it off."""
    return text.rstrip("\"'”’»)] ").endswith(("…", "..."))


def _whole(taken: Sequence[Candidate]) -> list[Candidate]:
    """Return the sentences that were not cut off; one alone must be long enough to say something."""
    whole = [c for c in taken if not cut_off(c.text)] or list(taken)
    if (
        len(whole) == 1
        and whole[0].words < (_CUT if cut_off(whole[0].text) else _THIN)
        and not unspaced(whole[0].text[:1])
    ):
        return []
    return whole


def _are_teasers(pool: Sequence[Candidate]) -> bool:
    return max((c.place for c in pool), default=0) < _TEASER


def _led_by(first: Candidate, ordered: Sequence[Candidate], words: int) -> list[Candidate]:
    """Return the sentences with this one first, and those of its article after it, within the length."""
    rest = [c for c in ordered if c is not first]
    if first not in ordered:
        while rest and first.words + sum(c.words for c in rest) > words:
            rest.pop()
    rest.sort(key=lambda c: c.source != first.source)
    return [first, *rest]
