"""The text of an article that is only a teaser: its editor wrote it as a whole, so it stays one."""

from __future__ import annotations

from collections.abc import Sequence

from digests.summarize import standalone
from digests.summarize.candidates import Candidate
from digests.summarize.selection import says_nothing

_SENTENCES, _WORDS = 4, 70  # a text with more of either is an article, of which a summary takes a part


def is_teaser(pool: Sequence[Candidate]) -> bool:
    """Whether these sentences are all that one article says, and few."""
    if len({c.source for c in pool}) != 1 or len(pool) > _SENTENCES:
        return False
    return max(c.place for c in pool) < _SENTENCES and sum(c.words for c in pool) <= _WORDS


def kept(pool: Sequence[Candidate], words: int, opening: Candidate | None = None) -> list[Candidate]:
    """Return the sentences of a teaser in their order, within `words`.

    Questions and scraps are left out, and sentences that refer to one which is left out; the `opening` may refer to
    the headline.
    """
    taken: list[Candidate] = []
    room = words
    for candidate in pool:
        follows = bool(taken) and taken[-1].place == candidate.place - 1
        if says_nothing(candidate) or (not follows and candidate is not opening and _leans(candidate)):
            continue
        if candidate.words > room:
            break
        room -= candidate.words
        taken.append(candidate)
    return taken


def _leans(candidate: Candidate) -> bool:
    return standalone.leans(candidate.text, candidate.language)
