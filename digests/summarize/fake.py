"""A summarizer for tests: the first sentences of the first article."""

from __future__ import annotations

from datetime import datetime

from digests.language import sentences
from digests.language.tokens import word_count
from digests.model import ItemKind, Reported, Sentence, Story, Summary
from digests.summarize import facts, overdue


class LeadSummarizer:
    """Summarizes with the first sentences; `asked` lists its calls as pairs of story id and kind."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ItemKind]] = []

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
        """Take sentences from the top of the first article with text until `words` are used."""
        self.asked.append((story.id, kind))
        taken: list[Sentence] = []
        current = overdue.still_current(story, at, language) if at else range(len(story.sources))
        for index, source in enumerate(story.sources):
            if index not in current:
                continue
            for text in sentences.split(source.text, source.language or language):
                if taken and sum(word_count(s.text) for s in taken) + word_count(text) > words:
                    break
                taken.append(Sentence(text, (index,), new=reported is not None and kind is ItemKind.UPDATE))
            if taken:
                break
        title = next((s.title for s in story.sources if s.title), story.id)
        summary = Summary(title, tuple(taken), method="lead")
        return Summary(title, tuple(taken), method="lead", facts=facts.of_summary(story, summary))
