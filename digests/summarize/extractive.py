"""Summaries of sentences taken from the articles, word for word: the default, without any service."""

from __future__ import annotations

from dataclasses import replace

from digests.model import ItemKind, Reported, Sentence, Story, Summary
from digests.summarize import candidates, facts, headline, opening
from digests.summarize.changes import corrections, disagreements, timeline, updates
from digests.summarize.selection import choose_sentences


def summarize_story(
    story: Story, *, words: int, kind: ItemKind = ItemKind.NEW, reported: Reported | None = None, language: str = "en"
) -> Summary:
    """Summarize one story without any service. Pure: the same story gives the same summary."""
    wrong = corrections.corrections(story, reported)
    fresh = (
        updates.in_language(updates.news(story, reported), language) if reported and kind is not ItemKind.NEW else []
    )
    fresh = updates.without_corrections(fresh, (c.now for c in wrong))
    title = headline.best_title(story, language, {n.candidate.source for n in fresh})
    sentences: tuple[Sentence, ...] = ()
    if kind is not ItemKind.NEW:
        sentences = updates.new_sentences(story, fresh, words) or corrections.corrected_sentences(story, wrong)
    if not sentences and not any(one.in_title for one in fresh):
        pool = candidates.of_story(story, language) or candidates.as_written(story, language)
        chosen = choose_sentences(story, pool, words)
        code = headline.language_of(story, title)
        sentences = tuple(Sentence(c.text, c.sources) for c in opening.about(title, code, chosen, pool, words))
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


class ExtractiveSummarizer:
    """The default summarizer: no model, no network, no cost."""

    async def summarize(
        self,
        story: Story,
        *,
        words: int,
        kind: ItemKind = ItemKind.NEW,
        reported: Reported | None = None,
        language: str = "en",
    ) -> Summary:
        """Summarize one story."""
        return summarize_story(story, words=words, kind=kind, reported=reported, language=language)
