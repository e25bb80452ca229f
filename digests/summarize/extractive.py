"""Summaries of sentences taken from the articles, word for word: the default, without any service."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from digests.language.tokens import word_count
from digests.model import ItemKind, Reported, Sentence, Story, Summary
from digests.summarize import candidates, facts, headline, opening
from digests.summarize.candidates import Candidate
from digests.summarize.changes import corrections, disagreements, timeline, updates
from digests.summarize.selection import choose_sentences, in_reading_order


def summarize_story(
    story: Story, *, words: int, kind: ItemKind = ItemKind.NEW, reported: Reported | None = None, language: str = "en"
) -> Summary:
    """Summarize one story without any service. Pure: the same story gives the same summary."""
    wrong = corrections.corrections(story, reported)
    fresh = (
        updates.in_language(updates.news(story, reported), language) if reported and kind is not ItemKind.NEW else []
    )
    fresh = updates.without_corrections(fresh, (c.now for c in wrong))
    pool = candidates.of_story(story, language) or candidates.as_written(story, language)
    chosen = in_reading_order(choose_sentences(story, pool, words))
    said_since = updates.choose_new(story, fresh, words)
    leading = [place for c in (said_since or chosen)[:1] for place in c.sources]
    title = headline.best_title(story, language, {n.candidate.source for n in fresh}, leading)
    place, code = headline.origin(story, title)
    named = opening.Headline(title, code, place)
    sentences: tuple[Sentence, ...] = ()
    if kind is ItemKind.RECAP:
        sentences = _recap_sentences(story, reported, fresh, words, language)
    elif kind is not ItemKind.NEW:
        sentences = _new_sentences(opening.of_update(named, said_since)) or corrections.corrected_sentences(
            story, wrong
        )
    titled = any(one.in_title for one in fresh) or (bool(said_since) and place in {n.candidate.source for n in fresh})
    if not sentences and not titled:
        ordered = opening.about(named, story, chosen, pool, words)
        sentences = tuple(Sentence(c.text, c.sources) for c in ordered)
    differing, histories = disagreements.compared(story)
    summary = Summary(
        headline=title,
        sentences=sentences,
        disagreements=differing,
        counts=histories,
        timeline=timeline.of(story),
        corrections=wrong,
    )
    return replace(summary, facts=facts.of_summary(story, summary))


def _new_sentences(taken: Sequence[Candidate]) -> tuple[Sentence, ...]:
    return tuple(Sentence(c.text, c.sources, new=True) for c in taken)


def _recap_sentences(
    story: Story, reported: Reported | None, fresh: Sequence[updates.News], words: int, language: str
) -> tuple[Sentence, ...]:
    """Return a short first report and the developments since; empty if there are no developments."""
    since = _new_sentences(updates.choose_new(story, fresh, words * 2 // 3)) if reported else ()
    if not since or reported is None:
        return ()
    places = [i for i, source in enumerate(story.sources) if source.article in reported.articles]
    first = replace(story, sources=tuple(story.sources[i] for i in places))
    left = max(words // 3, words - sum(word_count(s.text) for s in since))
    begun = summarize_story(first, words=left, language=language).sentences
    said = {s.text for s in since}
    kept = (replace(s, sources=tuple(places[i] for i in s.sources)) for s in begun if s.text not in said)
    return (*kept, *since)


class ExtractiveSummarizer:
    """The default summarizer: no model, no network, no cost."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def summarize(
        self,
        story: Story,
        *,
        words: int,
        kind: ItemKind = ItemKind.NEW,
        reported: Reported | None = None,
        language: str = "en",
    ) -> Summary:
        """Summarize one story, in a thread: a large one takes seconds. One at a time, because each uses a processor."""
        async with self._turn:
            return await asyncio.to_thread(
                summarize_story, story, words=words, kind=kind, reported=reported, language=language
            )
