"""Where sources differ on a count at about the same time, and how a count changed over time.

To say falsely that sources differ is worse than to say nothing: two numbers may count two attacks, or a whole and a
part of it. So numbers far apart are not compared, nor those of a source that gives the other number too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations

from digests.language import numbers
from digests.language.counts import mentions
from digests.language.counts.mentions import Mention
from digests.language.detect import language_code
from digests.model import Claim, CountHistory, CountStep, Disagreement, Source, Story
from digests.summarize.changes.timeline import SAME_TIME

_ALIKE = 0.3  # share of common terms from which two sentences count the same thing that `counted` does not know
_ABOUT = 1.2  # "more than 100" and 103 do not differ
_FARTHEST = 3.0  # times the least of the counts of one thing at about the same time
_READ = 600  # characters of an article in which it may give the number of another
_MOST_STEPS = 5
_MOST_PARTS = 4  # other numbers of a sentence that may add up to a total


@dataclass(frozen=True, slots=True)
class _Count:
    """What one article, or an earlier version of it, counted, and when."""

    said: Mention
    source: int
    at: datetime
    outlet: str
    given: frozenset[float]  # all numbers at the beginning of the article


def compared(story: Story) -> tuple[tuple[Disagreement, ...], tuple[CountHistory, ...]]:
    """Return where sources differ at about the same time, and how counts changed over time."""
    by_thing = _by_thing(story).values()
    side_by_side = (_side_by_side(_current(_latest(counts))) for counts in by_thing)
    histories = (_history(counts) for counts in by_thing)
    return (
        tuple(found for found in side_by_side if found is not None and len(found.claims) > 1),
        tuple(found for found in histories if found is not None),
    )


def _by_thing(story: Story) -> dict[tuple[str, ...], list[_Count]]:
    """Return by thing its first count in each article and in its earlier versions, without parts of sums."""
    everything = [one for index, source in enumerate(story.sources) for one in _counts(story, index, source)]
    by_key: dict[tuple[str, ...], list[_Count]] = {}
    for count in everything:
        by_key.setdefault(count.said.key, []).append(count)
    return {key: _first_of_each(_without_parts(counts)) for key, counts in by_key.items()}


def _counts(story: Story, index: int, source: Source) -> Iterator[_Count]:
    language = source.language or story.language
    if source.withdrawn:
        return
    now = mentions.mentions(source.title, source.text, language)
    outlet, at = source.outlet.casefold(), source.moment
    for version in source.versions:
        given = _given(version.title, version.text, language)
        for one in mentions.mentions(version.title, version.text, language):
            if not any(one.key == later.key and later.value < one.value for later in now):  # else it was corrected
                yield _Count(one, index, at, outlet, given)
        at = version.until
    given = _given(source.title, source.text, language)
    for one in now:
        yield _Count(one, index, at, outlet, given)


def _given(title: str, text: str, language: str | None) -> frozenset[float]:
    found = numbers.numbers_in(f"{title}\n{text[:_READ]}", language_code(language))
    return frozenset(number.value for number in found)


def _without_parts(counts: Sequence[_Count]) -> list[_Count]:
    """Return the counts without those that add up to another: seven in Lund and five in Orr agree with twelve."""
    parts: set[float] = set()
    by_article: dict[tuple[int, datetime], set[float]] = {}
    for count in counts:
        by_article.setdefault((count.source, count.at), set()).add(count.said.value)
    for group in by_article.values():
        parts.update(_parts_of_a_sum(group, group))
    most = max(counts, key=lambda c: c.said.value)
    at_that_time = {c.said.value for c in counts if abs(c.at - most.at) <= SAME_TIME}
    parts.update(_parts_of_a_sum(at_that_time, {most.said.value}))
    totals = {c.said.value for c in counts}
    kept = [c for c in counts if c.said.value not in parts]
    return [c for c in kept if not any(_adds_up(c.said, total) for total in totals if total > c.said.value)]


def _parts_of_a_sum(values: Iterable[float], totals: Iterable[float]) -> set[float]:
    found: set[float] = set()
    for total in totals:
        smaller = sorted((v for v in values if 0 < v < total), reverse=True)[: _MOST_PARTS + 1]
        for size in range(2, len(smaller) + 1):
            found.update(v for group in combinations(smaller, size) if sum(group) == total for v in group)
    return found


def _adds_up(said: Mention, total: float) -> bool:
    """Whether a count and other numbers of its sentence make the total: `7 were killed in Lund and 5 in Orr`."""
    beside = said.beside[:_MOST_PARTS]
    groups = (group for size in range(1, len(beside) + 1) for group in combinations(beside, size))
    return any(said.value + sum(group) == total for group in groups)


def _first_of_each(counts: Sequence[_Count]) -> list[_Count]:
    first: dict[tuple[int, datetime], _Count] = {}
    for count in counts:
        first.setdefault((count.source, count.at), count)
    return list(first.values())


def _latest(counts: Sequence[_Count]) -> list[_Count]:
    """Return the latest count of each outlet: its earlier counts are no disagreement."""
    last: dict[str, _Count] = {}
    for count in sorted(counts, key=lambda c: (c.at, c.source)):
        last[count.outlet] = count
    return sorted(last.values(), key=lambda c: c.source)


def _current(counts: Sequence[_Count]) -> list[_Count]:
    """Return the counts of about the time of the latest one, and earlier ones that agree with one of these."""
    latest = max((c.at for c in counts), default=None)
    if latest is None:
        return []
    current = [c for c in counts if latest - c.at <= SAME_TIME]
    return [c for c in counts if c in current or any(_same(c.said, now.said) for now in current)]


def _side_by_side(counts: list[_Count]) -> Disagreement | None:
    counts = _of_their_own(_of_one_thing(counts))
    if len({c.source for c in counts}) < 2:
        return None
    groups: list[list[_Count]] = []
    for count in sorted(counts, key=lambda c: (c.said.rough, c.source)):
        home = next((g for g in groups if _same(g[0].said, count.said)), None)
        if home is None:
            groups.append([count])
        else:
            home.append(count)
    values = [count.said.value for count in counts]
    if max(values) > _FARTHEST * min(values):
        return None  # of two events, or of a whole and a part
    groups.sort(key=lambda g: (-len(g), g[0].said.value))
    found = tuple(Claim(g[0].said.shown, tuple(sorted(c.source for c in g))) for g in groups)
    return Disagreement(counts[0].said.label, found)


def _of_one_thing(counts: list[_Count]) -> list[_Count]:
    """Return the counts; of a thing that has no entry in `counted`, those in sentences that resemble the first."""
    return [c for c in counts if counts[0].said.is_of(c.said, _ALIKE)]


def _of_their_own(counts: Sequence[_Count]) -> list[_Count]:
    """Return the counts without those of articles that give another's number too, as in `12 hurt, 2 badly`."""

    def is_of_both(count: _Count) -> bool:
        return any(
            other.source != count.source and not _same(other.said, count.said) and other.said.value in count.given
            for other in counts
        )

    return [count for count in counts if not is_of_both(count)]


def _history(counts: Sequence[_Count]) -> CountHistory | None:
    """Return the steps of a count: each value that replaced another, at the time when it was first given."""
    steps: list[CountStep] = []
    said: list[Mention] = []
    current = {(c.source, c.at) for c in _current(_latest(counts))}
    for count in sorted(_of_one_thing(list(counts)), key=lambda c: (c.at, c.source)):
        if said and _still_says(count.said, said[-1]):
            steps[-1] = replace(steps[-1], sources=tuple(sorted({*steps[-1].sources, count.source})))
        elif any(_still_says(count.said, one) for one in said):
            continue  # an article that still gives an earlier count
        elif steps and (count.source, count.at) not in current and count.at - steps[-1].at <= SAME_TIME:
            continue  # of about the same time: a disagreement then, not a step
        elif said and not count.said.is_listed and not _is_grown(said[-1].value, count.said.value):
            return None  # troops of two units, two launches: the word alone does not make it one thing
        else:
            steps.append(CountStep(count.said.shown, count.at, (count.source,)))
            said.append(count.said)
    if len(steps) < 2 or steps[-1].at - steps[0].at <= SAME_TIME:
        return None
    return CountHistory(counts[-1].said.label, tuple(steps[-_MOST_STEPS:]))


def _is_grown(before: float, after: float) -> bool:
    return before <= after <= _FARTHEST * before


def _same(one: Mention, other: Mention) -> bool:
    return one.allows(other) or _about_same(one, other)


def _still_says(one: Mention, earlier: Mention) -> bool:
    """Whether a count is no step after an earlier one: a toll that rises is one, even from a lower bound."""
    return _about_same(one, earlier) if one.raises(earlier) else _same(one, earlier)


def _about_same(one: Mention, other: Mention) -> bool:
    if one.value == other.value:
        return True
    low, high = sorted((one.value, other.value))
    return (one.rough or other.rough) and low > 0 and high / low <= _ABOUT
