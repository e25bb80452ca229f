"""Saves the decisions of the story engine: articles, stories, merges, moves and their reasons, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, func, insert, select, update

from aggregator.store.database import Database
from aggregator.store.records import StoryUpdate
from aggregator.store.schema.dialect import chunks, insert_or_skip
from aggregator.store.schema.tables import article, entry, story, story_event
from aggregator.store.stories.origins import write_origins
from aggregator.stories.copies.origin import Origin
from aggregator.stories.model import Action, Decision, Evidence, Move
from digests.model import Match
from digests.reasons import to_plain

_EVENTS = {
    Action.CARRIES: "carried",
    Action.OPENS: "opened",
    Action.JOINS: "joined",
    Action.BRIDGES: "bridged",
}


@dataclass(slots=True)
class _Plan:
    """All changes, computed before they are written. `merged` maps a merged story to the one it was merged into."""

    merged: dict[str, str]
    stories: dict[str, datetime] = field(default_factory=dict)  # perhaps new; when their first article arrived
    articles: dict[int, tuple[str, datetime]] = field(default_factory=dict)
    entries: dict[int, int] = field(default_factory=dict)
    merges: list[tuple[str, str]] = field(default_factory=list)
    moves: list[tuple[int, str, str]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def follow(self, story_id: str) -> str:
        """Return the story that survives this one's merges."""
        while story_id in self.merged:
            story_id = self.merged[story_id]
        return story_id

    def event(self, story_id: str, at: datetime, what: str, **more: Any) -> None:
        """Add an event to the history of a story."""
        empty: dict[str, Any] = {
            "entry_id": None,
            "article_id": None,
            "other_story": None,
            "score": None,
            "evidence": [],
        }
        self.events.append({"story_id": story_id, "at": at, "what": what, **empty, **more})

    def place(self, decision: Decision, arrived: datetime, now: datetime) -> None:
        """Add a decision."""
        target = self.follow(decision.story)
        self.stories.setdefault(target, arrived)
        for merged in decision.merged:
            self._merge(merged, target, arrived, now)
        self.articles.setdefault(decision.article, (target, arrived))
        self.entries[decision.entry] = decision.article
        self.event(
            target,
            now,
            _EVENTS[decision.action],
            entry_id=decision.entry,
            article_id=decision.article,
            score=decision.score,
            evidence=_evidence(decision.evidence),
        )

    def _merge(self, merged: str, target: str, arrived: datetime, now: datetime) -> None:
        merged = self.follow(merged)
        if merged == target:
            return
        self.stories.setdefault(merged, arrived)
        self.merged[merged] = target
        self.merges.append((merged, target))
        self.event(target, now, "merged", other_story=merged)

    def move(self, move: Move, now: datetime, *, split: bool) -> None:
        """Add a later move of an article."""
        target = self.follow(move.to_story)
        self.stories.setdefault(target, now)
        self.moves.append((move.article, move.from_story, target))
        reasons = [["moved", 0.0, [move.reason]], *_evidence(move.evidence)]
        what = "split" if split else "moved"
        self.event(target, now, what, article_id=move.article, other_story=move.from_story, evidence=reasons)
        if (origin := self.follow(move.from_story)) != target:
            self.stories.setdefault(origin, now)
            self.event(origin, now, "left", article_id=move.article, other_story=target, evidence=reasons)


def _evidence(evidence: Iterable[Evidence]) -> list[list[Any]]:
    return [[reason.view, round(reason.weight, 4), reason.text or list(reason.values)] for reason in evidence]


def save_grouping(
    db: Database,
    decisions: Sequence[Decision],
    moves: Sequence[Move] = (),
    stories: Sequence[StoryUpdate] = (),
    origins: Sequence[Origin] = (),
    *,
    now: datetime,
) -> int:
    """Write decisions, moves, properties of stories and origins of articles; return how many entries were placed.

    An entry that is placed already keeps its place, so saving twice changes nothing. A story that was merged meanwhile
    is replaced by its survivor. A story that loses its last article is merged into the story that took it.
    """
    with db.write() as connection:
        arrived = _ungrouped_arrivals(connection, [decision.entry for decision in decisions])
        plan = _Plan(_merged(connection, _story_ids(decisions, moves, stories)))
        for decision in decisions:
            if decision.entry in arrived:
                plan.place(decision, arrived[decision.entry], now)
        known = _stored(connection, {move.to_story for move in moves}) | set(plan.stories)
        for move in moves:
            plan.move(move, now, split=move.to_story not in known)
        _write(connection, plan)
        _update_stories(connection, plan, stories)
        write_origins(connection, origins)
        return len(plan.entries)


def _story_ids(decisions: Sequence[Decision], moves: Sequence[Move], stories: Sequence[StoryUpdate]) -> set[str]:
    ids = {update.id for update in stories}
    for decision in decisions:
        ids.update((decision.story, *decision.merged))
    for move in moves:
        ids.update((move.from_story, move.to_story))
    return ids


def _ungrouped_arrivals(connection: Connection, ids: Sequence[int]) -> dict[int, datetime]:
    """Return the arrival times of those entries that have no story yet, and lock their rows."""
    found: dict[int, datetime] = {}
    for part in chunks(sorted(ids)):
        query = select(entry.c.id, entry.c.arrived).where(entry.c.id.in_(part), ~entry.c.grouped)
        found.update((row.id, row.arrived) for row in connection.execute(query.order_by(entry.c.id).with_for_update()))
    return found


def _merged(connection: Connection, ids: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in chunks(ids):
        query = select(story.c.id, story.c.merged_into).where(story.c.id.in_(part), story.c.merged_into.is_not(None))
        found.update((row.id, row.merged_into) for row in connection.execute(query))
    return found


def _stored(connection: Connection, ids: set[str]) -> set[str]:
    return {
        key
        for part in chunks(ids)
        for key in connection.execute(select(story.c.id).where(story.c.id.in_(part))).scalars()
    }


def _write(connection: Connection, plan: _Plan) -> None:
    """Write in the order of the foreign keys: stories, articles, then their changes."""
    if plan.stories:
        rows = [
            {"id": key, "first": at, "last": at, "topics": [], "interests": [], "terms": []}
            for key, at in plan.stories.items()
        ]
        connection.execute(insert_or_skip(connection, story), rows)
    if plan.articles:
        placed = [
            {"id": key, "story_id": plan.follow(story_id), "arrived": at}
            for key, (story_id, at) in plan.articles.items()
        ]
        connection.execute(insert_or_skip(connection, article), placed)
    if plan.entries:
        where = update(entry).where(entry.c.id == bindparam("key"))
        rows = [{"key": key, "article": of} for key, of in plan.entries.items()]
        connection.execute(where.values(article_id=bindparam("article"), grouped=True), rows)
    if plan.merges:
        _write_merges(connection, plan.merges)
    if plan.moves:
        where = update(article).where(article.c.id == bindparam("key"))
        rows = [{"key": key, "story": to} for key, _, to in plan.moves]
        connection.execute(where.values(story_id=bindparam("story")), rows)
    if plan.events:
        connection.execute(insert(story_event), plan.events)
    _refresh(connection, plan)


def _write_merges(connection: Connection, merges: list[tuple[str, str]]) -> None:
    """Point the articles of each merged story, and the stories merged into it before, at the survivor.

    `merges` are in the order in which they happened: a survivor may be merged by a later one of them.
    """
    rows = [{"merged": merged, "survivor": survivor} for merged, survivor in merges]
    merged: BindParameter[str] = bindparam("merged")
    survivor: BindParameter[str] = bindparam("survivor")
    connection.execute(update(article).where(article.c.story_id == merged).values(story_id=survivor), rows)
    connection.execute(update(story).where(story.c.id == merged).values(merged_into=survivor), rows)
    connection.execute(update(story).where(story.c.merged_into == merged).values(merged_into=survivor), rows)


def _refresh(connection: Connection, plan: _Plan) -> None:
    """Compute the first and last arrival of changed stories again; merge stories that lost their last article."""
    origins = _left(plan)
    touched = {plan.follow(key) for key in plan.stories} | set(origins)
    # Two statements, because with subqueries PostgreSQL would scan the index of all arrivals for each minimum.
    spans = select(
        article.c.story_id, func.min(article.c.arrived).label("first"), func.max(article.c.arrived).label("last")
    )
    rows: list[dict[str, Any]] = []
    for part in chunks(sorted(touched)):
        grouped = spans.where(article.c.story_id.in_(part)).group_by(article.c.story_id)
        rows += [{"key": r.story_id, "new_first": r.first, "new_last": r.last} for r in connection.execute(grouped)]
    if rows:
        where = update(story).where(story.c.id == bindparam("key"))
        connection.execute(where.values(first=bindparam("new_first"), last=bindparam("new_last")), rows)
    if origins:
        empty = select(story.c.id).where(story.c.id.in_(list(origins)), story.c.merged_into.is_(None))
        gone = set(
            connection.scalars(empty.where(~select(article.c.id).where(article.c.story_id == story.c.id).exists()))
        )
        merges = [(key, to) for key, to in origins.items() if key in gone and to != key]
        if merges:
            _write_merges(connection, merges)


def _left(plan: _Plan) -> dict[str, str]:
    """Return where the last article went that left each story, in the order in which they left."""
    origins: dict[str, str] = {}
    for _, origin, to in plan.moves:
        story_id = plan.follow(origin)
        origins.pop(story_id, None)
        origins[story_id] = plan.follow(to)
    return origins


def _update_stories(connection: Connection, plan: _Plan, stories: Sequence[StoryUpdate]) -> None:
    rows = [
        {
            "key": plan.follow(new.id),
            "title": new.title,
            "language": new.language,
            "topics": _matches(new.topics),
            "interests": _matches(new.interests),
            "boost": new.boost,
            "must": new.must,
            "muted": new.muted,
            "dropped": new.dropped,
            "muted_by": new.muted_by,
            "terms": new.terms,
        }
        for new in stories
        if new.id not in plan.merged
    ]
    if rows:
        values: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "key"}
        connection.execute(update(story).where(story.c.id == bindparam("key")).values(values), rows)


def _matches(matches: Iterable[Match]) -> list[list[Any]]:
    return [[m.name, m.score, [to_plain(reason) for reason in m.reasons]] for m in matches]
