"""The lowest score of an edition: fewer stories rather than trifles.

It is relative to the best stories, so that a digest about a hobby, whose stories are all small, is not emptied. It
counts only after the first `ALWAYS` stories that go in: of the best some are held back for other reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

ALWAYS = 10  # stories of an edition that may have any score
SHARE = 0.8  # of the median of these


def lowest_score(scores: Sequence[float], least: float) -> float:
    """Return the score that stories after the first `ALWAYS` need. `least` is the digest's own; 0 leaves out none.

    `scores` are those of all stories, without what the recipient's interests and rules add.
    """
    best = sorted(scores, reverse=True)[:ALWAYS]
    if least <= 0 or len(best) < ALWAYS:
        return least
    return max(least, SHARE * median(best))
