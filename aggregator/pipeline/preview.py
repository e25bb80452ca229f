"""What a rule would have done, and what other settings would have grouped. Reads the archive and writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.pipeline.describe import CompiledRule
from aggregator.pipeline.query_fields import of_entry
from aggregator.store.database import Database
from aggregator.store.intake import entries as entry_store
from aggregator.store.stories import stories as story_store
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.model import Placed

TIDIED = 500  # documents between two looks back, as in live grouping


@dataclass(frozen=True, slots=True)
class Caught:
    """A story that a rule matches, and the outlets whose articles did it."""

    rule: CompiledRule
    story: str
    title: str
    outlets: tuple[str, ...]
    last: datetime


def caught(db: Database, rules: Sequence[CompiledRule], since: datetime) -> tuple[list[Caught], int]:
    """Return what each rule matches among the stories with news after `since`, newest first, and how many were asked."""
    records = story_store.list_stories(db, since)
    articles = story_store.article_ids(db, [r.id for r in records])
    entries = entry_store.article_entries(db, [a for found in articles.values() for a in found])
    out = []
    for record in records:
        told = [e for a in articles.get(record.id, ()) for e in entries.get(a, ())]
        for rule in rules:
            hits = [e for e in told if rule.query.matches(of_entry(e, record.topics, record.id))]
            if hits:
                outlets = tuple(dict.fromkeys(e.outlet for e in hits))
                out.append(Caught(rule, record.id, record.title or hits[0].title, outlets, record.last))
    return out, len(records)


@dataclass(frozen=True, slots=True)
class Change:
    """Stories that come together, or one that comes apart: the titles of each part, the largest part first."""

    kind: str  # joined, split
    stories: tuple[str, ...]  # ids as they are now
    parts: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """The archive grouped anew beside the archive as it is."""

    entries: int
    before: int  # stories
    after: int
    changes: tuple[Change, ...]


def replay(db: Database, grouper: Grouper, since: datetime, on_batch: Callable[[int], None] | None = None) -> Replayed:
    """Group what stories with news after `since` hold once more, in order of arrival, and compare."""
    placed = story_store.placed(db, since)
    anew = _grouped(grouper, placed, on_batch)
    heads = {p.article: p.document.title for p in placed if p.document.entry == p.article}
    before: dict[str, set[int]] = defaultdict(set)
    after: dict[str, set[int]] = defaultdict(set)
    for one in placed:
        before[one.story].add(one.article)
        after[anew[one.document.entry]].add(one.article)
    changes = [*_apart(before, after, heads, "split"), *_apart(after, before, heads, "joined")]
    return Replayed(len(placed), len(before), len(after), tuple(changes))


def _grouped(grouper: Grouper, placed: Iterable[Placed], on_batch: Callable[[int], None] | None) -> dict[int, str]:
    """Return the story of each entry when all have arrived."""
    story_of: dict[int, str] = {}
    article_of: dict[int, int] = {}
    ended: dict[str, str] = {}
    for count, one in enumerate(placed, start=1):
        decision = grouper.add(one.document)
        article_of[one.document.entry] = decision.article
        story_of[decision.article] = decision.story
        ended.update(dict.fromkeys(decision.merged, decision.story))
        if count % TIDIED == 0:
            _tidied(grouper, one.document.arrived, story_of)
            if on_batch:
                on_batch(count)
    if article_of:
        _tidied(grouper, one.document.arrived, story_of)

    def last(story: str) -> str:
        while story in ended:
            story = ended[story]
        return story

    return {entry: last(story_of[article]) for entry, article in article_of.items()}


def _tidied(grouper: Grouper, now: datetime, story_of: dict[int, str]) -> None:
    for move in grouper.tidy(now):
        story_of[move.article] = move.to_story
    grouper.forget(now)


def _apart(
    whole: dict[str, set[int]], parts: dict[str, set[int]], heads: dict[int, str], kind: str
) -> Iterable[Change]:
    """What is one story in `whole` and several in `parts`."""
    home = {article: story for story, articles in parts.items() for article in articles}
    for story, articles in whole.items():
        groups: dict[str, list[int]] = defaultdict(list)
        for article in sorted(articles):
            groups[home[article]].append(article)
        if len(groups) > 1:
            ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[1]))
            ids = (story,) if kind == "split" else tuple(name for name, _ in ordered)
            titles = tuple(tuple(heads.get(a, "") for a in found) for _, found in ordered)
            yield Change(kind, ids, titles)
