"""The port that turns a story into a summary."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from digests.model import ItemKind, Reported, Story, Summary

BY_MODEL = "model "  # begins the `method` of a summary that a model wrote; its name follows


class Summarizer(Protocol):
    """Makes one summary at a time; safe to call concurrently.

    `words` bounds the sentences together; a summary has at least one sentence whenever the story has any text.
    `reported` is what the recipient already knows of the story: in an update or a correction only sentences with new
    facts are marked `new`. `language` is the digest's; `at` is when the summary is read, in the digest's zone: an
    article that tells as still to come what is over by then gives no sentence while there is another one. Every
    sentence of the answer names at least one source by its place in `story.sources`. Raises SummaryError when nothing
    usable can be made; callers then use the extractive summarizer.
    """

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
        """Summarize one story."""
        ...
