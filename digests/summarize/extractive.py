"""Summaries of sentences taken from the articles, word for word: the default, without any service."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digests.language.detect import language_code
from digests.language.keys import sentence_key
from digests.language.tokens import word_count
from digests.model import ItemKind, Reported, Sentence, Story, Summary
from digests.ranking import forms
from digests.ranking.related import reported_part
from digests.summarize import candidates, facts, headline, opening, overdue, pair
from digests.summarize.candidates import Candidate
from digests.summarize.changes import corrections, disagreements, timeline, updates
from digests.summarize.opening import Headline
from digests.summarize.selection import choose_sentences, in_reading_order


def summarize_story(
    story: Story,
    *,
    words: int,
    kind: ItemKind = ItemKind.NEW,
    reported: Reported | None = None,
    language: str = "en",
    at: datetime | None = None,
) -> Summary:
    """Summarize one story without any service, except its related articles.

    Pure: the same story and time give the same summary.
    """
    whole, story = story, reported_part(story)  # what is related may be known, and is no news then
    wrong = corrections.corrections(story, reported)
    places = range(len(story.sources))
    still = overdue.still_current(story, at, language) if at else places
    current = _only(story, still)
    fresh: list[updates.News] = []
    if reported and kind is not ItemKind.NEW:
        found = updates.news(_only(whole, still), reported) or updates.news(_only(whole, places), reported)
        fresh = updates.in_language(found, language)
        fresh = updates.without_corrections(fresh, (c.now for c in wrong))
    told = _since(story, kind, reported, fresh, words, language, at) if kind is not ItemKind.NEW else None
    if told is not None and not told.sentences:
        told = replace(told, sentences=corrections.corrected_sentences(story, wrong))
    if told is None or (not told.sentences and not told.by_title):
        news = {one.candidate.source for one in fresh}
        told = _report(_only(story, news) if news else current, words, language)
    differing, histories = disagreements.compared(story)
    summary = Summary(
        headline=told.headline,
        sentences=told.sentences,
        disagreements=differing,
        counts=histories,
        timeline=timeline.of(whole, reported.articles if reported else ()),
        corrections=wrong,
    )
    return replace(summary, facts=facts.of_summary(story, summary))


@dataclass(frozen=True, slots=True)
class _Told:
    """A headline and sentences. `by_title`: the headline alone tells an update's news."""

    headline: str
    sentences: tuple[Sentence, ...]
    by_title: bool = False


def _report(story: Story, words: int, language: str) -> _Told:
    """Return what a first report says: of teasers a headline and a sentence that are chosen as a pair."""
    pool = candidates.of_story(story, language) or candidates.as_written(story, language)
    paired = pair.choose(story, language, pool, words)
    if paired is not None:
        return _Told(paired.headline.text, _sentences(pair.sentences(paired, story, pool, words)))
    chosen = in_reading_order(choose_sentences(story, pool, words))
    leading = [place for c in chosen[:1] for place in c.sources]
    title = headline.best_title(story, language, leading=leading)
    place, code = headline.origin(story, title)
    named = Headline(title, code or language_code(language), place)
    return _Told(title, _sentences(opening.about(named, story, chosen, pool, words)))


def _since(
    story: Story,
    kind: ItemKind,
    reported: Reported | None,
    fresh: Sequence[updates.News],
    words: int,
    language: str,
    at: datetime | None,
) -> _Told:
    """Return what an update or a recap says of what is new."""
    said = updates.choose_new(story, fresh, words)
    news = {one.candidate.source for one in fresh}
    if kind is not ItemKind.RECAP and (paired := _new_pair(story, reported, fresh, words, language)) is not None:
        return paired
    title = headline.best_title(story, language, news, [place for c in said[:1] for place in c.sources])
    place, code = headline.origin(story, title, news)
    if kind is ItemKind.RECAP:
        sentences = _recap_sentences(story, reported, fresh, words, language, at)
    else:
        rolling = place >= 0 and forms.of_article(story.sources[place]) in forms.ROLLING
        sentences = _new_sentences(opening.of_update(Headline(title, code, place), said, rolling=rolling))
    return _Told(title, sentences, any(one.in_title for one in fresh) or (bool(said) and place in news))


def _new_pair(
    story: Story, reported: Reported | None, fresh: Sequence[updates.News], words: int, language: str
) -> _Told | None:
    """Return a headline and a sentence with news that tell one event; None if there is no such pair.

    Where the title of an article has news, its sentences count as news, but for those that the recipient was sent.
    """
    sent = reported.facts if reported else frozenset()
    news = {one.candidate.source for one in fresh}
    told_by_title = {one.candidate.source for one in fresh if one.in_title}
    pool = candidates.merged(
        c
        for place in sorted(news)
        for c in candidates.of_source(story, place, language)
        if any(c.text == one.candidate.text for one in fresh)
        or (place in told_by_title and sentence_key(c.text, c.language) not in sent)
    )
    paired = pair.choose(story, language, pool, words, news) if pool else None
    if paired is None or (paired.first is None and paired.headline.source not in told_by_title):
        return None
    return _Told(
        paired.headline.text, _new_sentences(pair.sentences(paired, story, pool, words, share=1.0)), by_title=True
    )


def _only(story: Story, places: Collection[int]) -> Story:
    """Return a story of these articles alone, at their positions; of all if there are none."""
    kept = (s if place in places else replace(s, withdrawn=True) for place, s in enumerate(story.sources))
    return replace(story, sources=tuple(kept)) if places else story


def _sentences(taken: Sequence[Candidate]) -> tuple[Sentence, ...]:
    return tuple(Sentence(c.text, c.sources) for c in taken)


def _new_sentences(taken: Sequence[Candidate]) -> tuple[Sentence, ...]:
    return tuple(Sentence(c.text, c.sources, new=True) for c in taken)


def _recap_sentences(
    story: Story,
    reported: Reported | None,
    fresh: Sequence[updates.News],
    words: int,
    language: str,
    at: datetime | None,
) -> tuple[Sentence, ...]:
    """Return a short first report and the developments since; empty if there are no developments."""
    since = _new_sentences(updates.choose_new(story, fresh, words * 2 // 3)) if reported else ()
    if not since or reported is None:
        return ()
    places = [i for i, source in enumerate(story.sources) if source.article in reported.articles]
    first = replace(story, sources=tuple(story.sources[i] for i in places))
    left = max(words // 3, words - sum(word_count(s.text) for s in since))
    begun = summarize_story(first, words=left, language=language, at=at).sentences
    said = {s.text for s in since}
    kept = (replace(s, sources=tuple(places[i] for i in s.sources)) for s in begun if s.text not in said)
    return (*kept, *since)


class ExtractiveSummarizer:
    """The default summarizer: no model, no network, no cost. `in_thread` calls a function in a thread."""

    def __init__(self, in_thread: Callable[..., Awaitable[Summary]] = asyncio.to_thread) -> None:
        self._in_thread = in_thread
        self._turn = asyncio.Lock()

    async def summarize(
        self,
        story: Story,
        *,
        words: int,
        kind: ItemKind = ItemKind.NEW,
        reported: Reported | None = None,
        language: str = "en",
        at: datetime | None = None,
    ) -> Summary:
        """Summarize one story, in a thread: a large one takes seconds. One at a time, because each uses a processor."""
        async with self._turn:
            return await self._in_thread(
                summarize_story, story, words=words, kind=kind, reported=reported, language=language, at=at
            )
