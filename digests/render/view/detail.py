"""How much of an edition an output shows.

A mail must stay under the size at which Gmail cuts a message off. It steps down this ladder until it fits: first what
can be looked up, then the length of summaries, last whole stories; the web copy always has everything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Detail:
    """What is shown of each story. `stories`: how many are told; None is all. `sentences` and `sources`: at most."""

    timelines: bool = True
    reasons: bool = True
    feedback: bool = True
    carriers: bool = True
    titles: bool = True  # of the articles, in the list of sources
    sentences: int | None = None
    sources: int | None = None
    stories: int | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing is left out."""
        return self == FULL


FULL = Detail()
_WITHOUT_TIMELINES = replace(FULL, timelines=False)
_WITHOUT_REASONS = replace(_WITHOUT_TIMELINES, reasons=False)
_WITHOUT_FEEDBACK = replace(_WITHOUT_REASONS, feedback=False)
_SHORT = replace(_WITHOUT_FEEDBACK, sentences=3)
_PLAIN_SOURCES = replace(_SHORT, titles=False, carriers=False)
_SHORTER = replace(_PLAIN_SOURCES, sentences=2, sources=3)
_SHORTEST = replace(_PLAIN_SOURCES, sentences=1, sources=1)
LADDER = (FULL, _WITHOUT_TIMELINES, _WITHOUT_REASONS, _WITHOUT_FEEDBACK, _SHORT, _PLAIN_SOURCES, _SHORTER, _SHORTEST)


def only(stories: int) -> Detail:
    """The last resort: the first `stories` at their shortest."""
    return replace(_SHORTEST, stories=stories)
