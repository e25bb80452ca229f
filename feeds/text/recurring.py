"""Descriptions that recur in their feed.

A module of its own, because the patterns of `placeholders` take 40 ms to compile: polls with new entries of few words
need this alone.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

MAX_PLACEHOLDER = 4000  # characters: a longer description is a text
WORD = re.compile(r"\w+(?:['’-]\w+)*")
_BRIEF = 20  # words of a description that two items are enough for to recur
_RECURS = 3  # items with one description


def recurring(descriptions: Iterable[tuple[str, str]], among: int) -> frozenset[str]:
    """Return the descriptions that recur in a feed of `among` items. Each is given with the title of its item.

    Two items are enough for a few words, three for more. A description with figures in it may be the news of several
    items: it must stand in half of them.
    """
    titles: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for title, description in descriptions:
        if 0 < len(description) <= MAX_PLACEHOLDER:
            titles[description][title] += 1
    return frozenset(said for said, found in titles.items() if _recurs(said, found, among))


def _recurs(description: str, titles: Counter[str], among: int) -> bool:
    count = titles.total()
    if count < 2 or (any(map(str.isdigit, description)) and 2 * count < among):
        return False
    brief = len(WORD.findall(description)) <= _BRIEF and len(description) <= 8 * _BRIEF
    if len(titles) == 1:  # a bulletin under one title; or one item that is listed again
        return count >= _RECURS and brief
    return brief or count >= _RECURS
