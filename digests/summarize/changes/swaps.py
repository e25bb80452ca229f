"""Sentences of an article swapped for others that have as little to do with it: one advertisement for another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digests.language.counts import mentions
from digests.language.keys import sentence_key
from digests.language.tokens import sentence_term_set, word_count
from digests.summarize.changes.developments import developments

_LONGEST = 14  # words: advertisements between sentences are short


@dataclass(frozen=True, slots=True)
class Swap:
    """A sentence and the one that took its place."""

    was: str
    now: str


def swapped(title: str, before: Sequence[str], now: Sequence[str], language: str | None) -> Iterator[Swap]:
    """Yield the swaps in an article, given as sentences before and after its publisher changed it.

    Both sentences stand behind the same one, share no word with title and unchanged sentences nor with each other, and
    report nothing that news counts and no development.
    """
    old, new = ([sentence_key(text, language) for text in texts] for texts in (before, now))
    kept = [text for key, text in zip(old, before, strict=True) if key in new]
    subject = frozenset().union(*(sentence_term_set(text, language) for text in (title, *kept)))
    for was, key, behind in zip(before[1:], old[1:], old, strict=False):
        if key in new or behind not in new:
            continue
        place = new.index(behind) + 1
        if place < len(now) and new[place] not in old and _unrelated(was, now[place], subject, language):
            yield Swap(was, now[place])


def _unrelated(was: str, now: str, subject: frozenset[str], language: str | None) -> bool:
    one, other = (sentence_term_set(text, language) for text in (was, now))
    return (
        subject.isdisjoint(one | other)
        and one.isdisjoint(other)
        and not any(_reports(text, language) for text in (was, now))
    )


def _reports(text: str, language: str | None) -> bool:
    if word_count(text) > _LONGEST or developments(text, language):
        return True
    return any(one.is_listed for one in mentions.in_sentence(text, language or ""))
