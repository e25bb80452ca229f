"""Previews on stored entries: what rules match, and how other settings would group. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from aggregator.pipeline.describe import CompiledRule
from aggregator.pipeline.query_fields import entry_subject
from aggregator.store.database import Database
from aggregator.store.intake import entries as entry_store
from aggregator.store.records import EntryRecord
from aggregator.store.stories import search as search_store
from aggregator.store.stories import stories as story_store
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.grouping.window import turn
from aggregator.stories.model import Placed
from aggregator.stories.prefilter import required_words

TOGETHER = timedelta(minutes=5)  # between the arrivals of entries of one round of polls
TIDY_INTERVAL = 500  # documents between two calls of `tidy`, as in regular grouping


@dataclass(frozen=True, slots=True)
class RuleMatch:
    """A story that a rule matches, and the outlets of the matching articles."""

    rule: CompiledRule
    story: str
    title: str
    outlets: tuple[str, ...]
    last: datetime


def find_matches(db: Database, rules: Sequence[CompiledRule], since: datetime) -> tuple[list[RuleMatch], int]:
    """Return each rule's matches among stories with news after `since`, newest first, and the number of stories."""
    records = story_store.list_stories(db, since)
    articles = story_store.article_ids(db, [r.id for r in records])
    entries = entry_store.article_entries(db, [a for found in articles.values() for a in found])
    out = []
    for record in records:
        of_story = [e for a in articles.get(record.id, ()) for e in entries.get(a, ())]
        for rule in rules:
            hits = [e for e in of_story if rule.query.matches(entry_subject(e, record.topics, record.id))]
            if hits:
                out.append(RuleMatch(rule, record.id, record.title or hits[0].title, _outlets(hits), record.last))
    return out, len(records)


@dataclass(frozen=True, slots=True)
class QuickMatches:
    """What a rule matched among the newest articles. `whole`: all that may match were looked at."""

    found: tuple[RuleMatch, ...]
    stories: int  # with news since then
    looked_at: int  # articles
    whole: bool


def newest_matches(db: Database, rule: CompiledRule, query: str, since: datetime, most: int) -> QuickMatches:
    """Return a rule's matches among the newest articles that have the words of its query, at most `most` of them."""
    hits = search_store.matching_entries(db, required_words(query), most + 1)
    whole = len(hits) <= most
    records = story_store.records(db, {hit.story for hit in hits if hit.story})
    entries = {one.id: one for one in entry_store.searched_entries(db, [hit.entry for hit in hits[:most]])}
    found: dict[str, list[EntryRecord]] = {}
    looked_at = 0
    for hit in hits[:most]:
        entry, record = entries.get(hit.entry), records.get(hit.story or "")
        if entry is None or record is None:
            continue
        if entry.arrived <= since:
            whole = True  # all others are older
            break
        looked_at += 1
        if rule.query.matches(entry_subject(entry, record.topics, record.id)):
            found.setdefault(record.id, []).append(entry)
    matches = tuple(
        RuleMatch(rule, key, records[key].title or own[0].title, _outlets(own), records[key].last)
        for key, own in found.items()
    )
    return QuickMatches(matches, story_store.count_stories(db, since), looked_at, whole)


def _outlets(entries: Iterable[EntryRecord]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.outlet for entry in entries))


ChangeKind = Literal["joined", "split"]


@dataclass(frozen=True, slots=True)
class Change:
    """Stories that would be joined, or one that would be split, with the titles of each part, largest first."""

    kind: ChangeKind
    stories: tuple[str, ...]  # ids as they are now
    parts: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """The difference between the stored stories and a new grouping."""

    entries: int
    before: int  # stories
    after: int
    changes: tuple[Change, ...]


def replay(
    db: Database, grouper: Grouper, since: datetime, on_batch: Callable[[int, int], None] | None = None
) -> ReplayResult:
    """Group the entries of stories with news after `since` again, and compare the stories.

    The order is that of arrival, and of publication among entries that arrived together, as in regular grouping.
    `on_batch` takes now and then how many entries are grouped, and of how many.
    """
    placed = story_store.placed(db, since)
    regrouped = _group_all(grouper, list(_by_turn(placed)), on_batch)
    heads = {p.article: p.document.title for p in placed if p.document.entry == p.article}
    before: dict[str, set[int]] = defaultdict(set)
    after: dict[str, set[int]] = defaultdict(set)
    for one in placed:
        before[one.story].add(one.article)
        after[regrouped[one.document.entry]].add(one.article)
    changes = [*_changes(before, after, heads, "split"), *_changes(after, before, heads, "joined")]
    return ReplayResult(len(placed), len(before), len(after), tuple(changes))


def _by_turn(placed: Iterable[Placed]) -> Iterator[Placed]:
    together: list[Placed] = []
    for one in placed:
        if together and one.document.arrived - together[0].document.arrived > TOGETHER:
            yield from _by_publication(together)
            together = []
        together.append(one)
    if together:
        yield from _by_publication(together)


def _by_publication(together: list[Placed]) -> list[Placed]:
    now = max(one.document.arrived for one in together)

    def key(one: Placed) -> tuple[Any, ...]:
        return turn(one.document.entry, one.document.title, one.document.published, one.document.arrived, now)

    return sorted(together, key=key)


def _group_all(
    grouper: Grouper, placed: Sequence[Placed], on_batch: Callable[[int, int], None] | None
) -> dict[int, str]:
    """Group all entries and return the final story of each."""
    story_of: dict[int, str] = {}
    article_of: dict[int, int] = {}
    ended: dict[str, str] = {}
    for count, one in enumerate(placed, start=1):
        decision = grouper.add(one.document)
        article_of[one.document.entry] = decision.article
        story_of[decision.article] = decision.story
        ended.update(dict.fromkeys(decision.merged, decision.story))
        if count % TIDY_INTERVAL == 0:
            _tidy(grouper, one.document.arrived, story_of)
            if on_batch:
                on_batch(count, len(placed))
    if article_of:
        _tidy(grouper, one.document.arrived, story_of)

    def last(story: str) -> str:
        while story in ended:
            story = ended[story]
        return story

    return {entry: last(story_of[article]) for entry, article in article_of.items()}


def _tidy(grouper: Grouper, now: datetime, story_of: dict[int, str]) -> None:
    for move in grouper.tidy(now):
        story_of[move.article] = move.to_story
    grouper.forget(now)


def _changes(
    whole: dict[str, set[int]], parts: dict[str, set[int]], heads: dict[int, str], kind: ChangeKind
) -> Iterable[Change]:
    """Yield the changes where one story in `whole` is several in `parts`."""
    part_of = {article: story for story, articles in parts.items() for article in articles}
    for story, articles in whole.items():
        groups: dict[str, list[int]] = defaultdict(list)
        for article in sorted(articles):
            groups[part_of[article]].append(article)
        if len(groups) > 1:
            ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[1]))
            ids = (story,) if kind == "split" else tuple(name for name, _ in ordered)
            titles = tuple(tuple(heads.get(a, "") for a in found) for _, found in ordered)
            yield Change(kind, ids, titles)
