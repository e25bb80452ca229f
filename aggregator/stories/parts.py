"""The parts of a story: articles that are firmly taken for one event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

FIRM = 0.75  # likelihood from which an article is firmly of one event with the article that it was compared with


@dataclass(frozen=True, slots=True)
class Tie:
    """How an article came into its story: most like another one, with a likelihood; both None if it opened it."""

    article: int
    nearest: int | None = None
    likelihood: float | None = None


def parts(articles: Sequence[int], ties: Iterable[Tie]) -> Mapping[int, int]:
    """Return the part of each article of one story, numbered from 0 in the order of `articles`.

    What opened the story and what opened one that was merged into it are of one part: stories are merged only when
    they are alike as wholes.
    """
    above = {article: article for article in articles}

    def top(article: int) -> int:
        while above[article] != article:
            article = above[article]
        return article

    last = {tie.article: tie for tie in ties}  # an article that moved has several
    opening = next((article for article in articles if article not in last), articles[0])
    for article in articles:
        tie = last.get(article, Tie(article))
        nearest = tie.nearest if tie.nearest in above else opening
        if tie.likelihood is None or tie.likelihood >= FIRM:
            one, other = sorted((top(article), top(nearest)))
            above[other] = one
    numbers: dict[int, int] = {}
    return {article: numbers.setdefault(top(article), len(numbers)) for article in articles}
