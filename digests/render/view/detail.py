"""The levels of detail of an output.

A mail shows less of a story's sources, timeline and reasons than its page. It must also be below the size at which
Gmail clips a message. The first level that fits is used: at first details are left out that the web page shows too,
then sentences, then whole stories. The web page always has everything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Detail:
    """What is shown of each story. `stories`, `sentences`, `sources` and `related` are upper limits; None is no limit.

    `brief`: a timeline only for a story without a page of its own, and a single reason.
    """

    brief: bool = False
    timelines: bool = True
    reasons: bool = True
    feedback: bool = True
    carriers: bool = True
    titles: bool = True  # of the articles, in the list of sources
    sentences: int | None = None
    sources: int | None = None
    related: int | None = None
    stories: int | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing is left out of what a page or a mail shows at most."""
        return self in (FULL, MAIL)


FULL = Detail()
MAIL = Detail(brief=True, titles=False, carriers=False, sources=5, related=3)  # in a mail most lines are news
_WITHOUT_TIMELINES = replace(MAIL, timelines=False)
_WITHOUT_REASONS = replace(_WITHOUT_TIMELINES, reasons=False)
_WITHOUT_FEEDBACK = replace(_WITHOUT_REASONS, feedback=False)
_SHORT = replace(_WITHOUT_FEEDBACK, sentences=3, related=0)
_SHORTER = replace(_SHORT, sentences=2, sources=3)
_SHORTEST = replace(_SHORT, sentences=1, sources=1)
LADDER = (MAIL, _WITHOUT_TIMELINES, _WITHOUT_REASONS, _WITHOUT_FEEDBACK, _SHORT, _SHORTER, _SHORTEST)


def shortest(stories: int) -> Detail:
    """Return the last level: the first `stories` in their shortest form."""
    return replace(_SHORTEST, stories=stories)
