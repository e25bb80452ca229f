"""The sentences that a summary of a story may use, each with its position and the articles that contain it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from digests.language import sentences
from digests.language.detect import language_code
from digests.language.tokens import sentence_terms, unspaced, word_count
from digests.model import Source, Story
from digests.ranking import forms
from digests.summarize import boilerplate, standalone

_SAME = 0.85  # Jaccard likeness of terms from which two sentences count as one
_MAX_SENTENCES = 60  # of one article: the news is at the top, and a long live blog must not cost more
_MAX_SOURCES = 40
_HISTORY = timedelta(days=3)  # so much older than the newest article, another one does not tell how things are
_SCRAP = 6  # words: a last sentence with fewer and without its end was cut off
_LONGEST = 3000  # characters; what is longer without a full stop is no sentence
_CLOSING = "\"'”’»)] "
_CLAUSE = re.compile(r"[,;:]\s|\s[-–—]+\s|—|[，；：、]")
_CLAUSE_WORDS, _CLAUSE_SHARE = 8, 0.55  # what a sentence that the feed cut off must keep to say something
_LEADING_HYPHEN = re.compile(r"^-{1,2}\s+")  # what separates a subtitle from the text; speech begins with a dash
_SHORT = 2000  # characters of an article that are read when no sentence passed the filter


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence: `source` is the position of its article in the story, `place` its own in the article, both from 0.

    `sources` are all articles that contain it or nearly the same sentence. `words` is its length.
    """

    text: str
    source: int
    place: int
    language: str
    terms: tuple[str, ...]
    words: int
    sources: tuple[int, ...] = ()


def cut_off(text: str) -> bool:
    """Whether a text ends where the feed cut it off."""
    return text.rstrip(_CLOSING).endswith(("…", "...", ",", "，", "\\"))


def without_cut(text: str) -> str:
    """Return a sentence that the feed cut off up to its last clause that is whole; empty if too little is left.

    A sentence that is not cut off is returned as it is.
    """
    if not cut_off(text):
        return text
    bare = text.rstrip(_CLOSING)
    if bare.endswith((",", "，")):
        return bare[:-1].rstrip()
    ends = [m.start() for m in _CLAUSE.finditer(bare)]
    whole = bare[: ends[-1]].rstrip() if ends else ""
    return whole if word_count(whole) >= _CLAUSE_WORDS and len(whole) >= _CLAUSE_SHARE * len(bare) else ""


def language_of(story: Story, source: Source) -> str:
    """Return the language code of an article; empty when it is unknown."""
    return language_code(source.language or story.language)


def of_source(story: Story, index: int, otherwise: str = "") -> list[Candidate]:
    """Return the sentences of one article without dateline, credits, captions and calls to action.

    `otherwise` is the language of an article that does not say its own.
    """
    source = story.sources[index]
    language = language_of(story, source) or language_code(otherwise)
    found: list[Candidate] = []
    text = source.text
    begin = 0
    for start, end in sentences.spans(text, language)[: _MAX_SENTENCES * 2]:
        if end - start > _LONGEST:
            continue
        # A caption may precede the dateline, so the first two sentences may begin with one. It may have a full stop
        # (`TOPEKA, Kan. — `), which ends a sentence for `spans`.
        begin = max(begin, start + boilerplate.dateline(text[start:]) if len(found) < 2 else start)
        sentence = _without_next_quote(without_cut(_LEADING_HYPHEN.sub("", text[begin:end].strip())), text[:begin])
        if not sentence or boilerplate.is_boilerplate(sentence) or boilerplate.is_note(sentence):
            continue
        if boilerplate.is_pointer(sentence):
            continue
        own = tuple(sentence_terms(sentence, language))
        if not own:
            continue
        found.append(Candidate(sentence, index, len(found), language, own, word_count(sentence), (index,)))
        if len(found) == _MAX_SENTENCES:
            break
    return found[:-1] if len(found) > 1 and _is_cut_without_mark(found) else found


def _is_cut_without_mark(found: Sequence[Candidate]) -> bool:
    """Whether the feed cut off the last sentence without a mark: it is a scrap, or of several the only one without end.

    `With Syracuse`; `Italy has the second-most home runs of the tournament, with Vinnie`
    """
    *before, last = found
    if unspaced(last.text[:1]) or standalone.ends(last.text):
        return False
    return last.words < _SCRAP or all(standalone.ends(one.text) for one in before)


def _without_next_quote(sentence: str, before: str) -> str:
    """Return a sentence without the mark of a quotation that the next one begins: `The talks ended."We left`.

    `before` is the text before it: inside of a quotation the mark closes it.
    """
    if not sentence.endswith(('."', '!"', '?"')):
        return sentence
    closes = sentence.count("“") > sentence.count("”")  # some feeds open with “ and close with "
    stray = not closes and before.count('"') % 2 == 0 and sentence.count('"') % 2 == 1
    return sentence[:-1] if stray else sentence


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the Jaccard likeness of two sets of terms."""
    if not one or not other:
        return 0.0
    return len(one & other) / len(one | other)


def merged(found: Iterable[Candidate]) -> list[Candidate]:
    """Return the sentences without repetition; one that several articles contain has all of them as its sources."""
    pool: list[Candidate] = []
    sets: list[frozenset[str]] = []
    by_term: dict[str, list[int]] = {}
    for candidate in found:
        own = frozenset(candidate.terms)
        near = _same_sentence(own, sets, by_term)
        if near is not None:
            if candidate.source not in pool[near].sources:
                pool[near] = _with_source(pool[near], candidate.source)
            continue
        for term in own:
            by_term.setdefault(term, []).append(len(pool))
        pool.append(candidate)
        sets.append(own)
    return pool


def _same_sentence(own: frozenset[str], sets: list[frozenset[str]], by_term: dict[str, list[int]]) -> int | None:
    shared: dict[int, int] = {}
    for term in own:
        for place in by_term.get(term, ()):
            shared[place] = shared.get(place, 0) + 1
    for place, common in shared.items():
        if common / (len(own) + len(sets[place]) - common) >= _SAME:
            return place
    return None


def _with_source(candidate: Candidate, index: int) -> Candidate:
    return Candidate(
        candidate.text, candidate.source, candidate.place, candidate.language, candidate.terms, candidate.words,
        (*candidate.sources, index),
    )  # fmt: skip


def readable(story: Story, language: str = "") -> list[int]:
    """Return the positions of the articles to summarize: not withdrawn, with text, if possible in the language.

    Those that are much older than the newest one are left out.
    """
    standing = [i for i, s in enumerate(story.sources) if not s.withdrawn and s.text.strip()]
    # A live blog or a comment does not give the summary while there is a report.
    standing = [standing[place] for place in forms.main_sources([story.sources[i] for i in standing])]
    wanted = language_code(language)
    spoken = [i for i in standing if language_of(story, story.sources[i]) in (wanted, "")]
    chosen = spoken or _one_language(story, standing)
    newest = max((story.sources[i].moment for i in chosen), default=story.last)
    return [i for i in chosen if newest - story.sources[i].moment < _HISTORY][:_MAX_SOURCES]


def of_story(story: Story, language: str = "") -> list[Candidate]:
    """Return the sentences of all articles in the language of the summary; shortened ones only if no other is left."""
    found = merged(c for index in readable(story, language) for c in of_source(story, index, language))
    return [c for c in found if not _is_shortened(story, c)] or found


def _is_shortened(story: Story, candidate: Candidate) -> bool:
    return cut_off(story.sources[candidate.source].text) and not standalone.ends(candidate.text)


def as_written(story: Story, language: str = "") -> list[Candidate]:
    """Return the first sentences unfiltered, for a story in which every sentence looks like boilerplate."""
    found = []
    for index in readable(story, language):
        source = story.sources[index]
        code = language_of(story, source) or language_code(language)
        for place, text in enumerate(map(without_cut, sentences.split(source.text[:_SHORT], code))):
            if not text or boilerplate.is_pointer(text):
                continue
            found.append(
                Candidate(text, index, place, code, tuple(sentence_terms(text, code)), word_count(text), (index,))
            )
    return found


def _one_language(story: Story, standing: list[int]) -> list[int]:
    """Return the articles in the language of most articles, the first on a tie."""
    tally: dict[str, int] = {}
    for index in standing:
        code = language_of(story, story.sources[index])
        tally[code] = tally.get(code, 0) + 1
    best = max(tally, key=lambda code: tally[code], default="")
    return [i for i in standing if language_of(story, story.sources[i]) == best]
