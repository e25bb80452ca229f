"""Reads stories for digests, pages and the story engine. `save_grouping` writes them (see `placing`)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from aggregator.store.database import Database
from aggregator.store.intake.entries import FEED_COLUMNS
from aggregator.store.records import NewStory, StoryEvent, StoryRecord, host
from aggregator.store.schema.dialect import chunks
from aggregator.store.schema.rows import AnyRow, outlet
from aggregator.store.schema.tables import article, entry, entry_revision, feed, story_event
from aggregator.store.schema.tables import story as story_table
from aggregator.store.stories.placing import save_grouping
from aggregator.store.stories.readings import held_since, placed, texts
from aggregator.store.stories.ties import evidence_of, stored_ties, with_parts
from digests.model import Attachment, Carrier, Match, Source, Story, Version
from digests.reasons import reasons_from_plain

__all__ = [
    "article_ids",
    "events",
    "follow",
    "held_since",
    "list_stories",
    "placed",
    "save_grouping",
    "stories",
    "story",
    "texts",
]

_SOURCE_COLUMNS = (
    article.c.id,
    article.c.story_id,
    article.c.arrived,
    article.c.copy_of,
    entry.c.id.label("entry_id"),
    entry.c.title,
    entry.c.text,
    entry.c.link,
    entry.c.published,
    entry.c.language,
    entry.c.authors,
    entry.c.categories,
    entry.c.image,
    entry.c.enclosures,
    entry.c.revised,
    entry.c.withdrawn,
    entry.c.source_title,
)
_FIRST = entry.alias("first")  # the first entry of the article, which decides whether the article is backlog
_LEAD = func.coalesce(article.c.lead_id, article.c.id)
_CARRYING = article.join(entry, entry.c.article_id == article.c.id).join(feed, feed.c.id == entry.c.feed_id)


def story(db: Database, story_id: str) -> StoryRecord | None:
    """Return a story's row; for a merged story that of its survivor, and None if there is no such story."""
    with db.read() as connection:
        survivor = _follow(connection, [story_id]).get(story_id)
        row = connection.execute(select(story_table).where(story_table.c.id == survivor)).first()
        if row is None:
            return None
        absorbed = _absorbed(connection, [row.id]).get(row.id, ())
        mine = select(article.c.id).where(article.c.story_id == row.id).order_by(article.c.id)
        return _record(row, absorbed, tuple(connection.execute(mine).scalars()))


def count_stories(db: Database, since: datetime) -> int:
    """Return the number of stories with an article after `since`."""
    query = select(func.count()).where(story_table.c.last > since, story_table.c.merged_into.is_(None))
    with db.read() as connection:
        return int(connection.execute(query).scalar_one())


def list_stories(db: Database, since: datetime, limit: int | None = None) -> list[StoryRecord]:
    """Return the stories with an article after `since`, latest first, without texts."""
    query = select(story_table).where(story_table.c.last > since, story_table.c.merged_into.is_(None))
    with db.read() as connection:
        rows = connection.execute(query.order_by(story_table.c.last.desc(), story_table.c.id.desc()).limit(limit)).all()
        absorbed = _absorbed(connection, [row.id for row in rows])
        return [_record(row, absorbed.get(row.id, ()), ()) for row in rows]


def newest(db: Database, since: datetime, limit: int) -> list[NewStory]:
    """Return the stories with an article after `since` that no rule mutes, latest first, with little of their rows."""
    query = select(*(story_table.c[name] for name in ("id", "last", "title", "topics")))
    query = query.where(story_table.c.last > since, story_table.c.merged_into.is_(None), ~story_table.c.muted)
    with db.read() as connection:
        rows = connection.execute(query.order_by(story_table.c.last.desc(), story_table.c.id.desc()).limit(limit)).all()
    return [NewStory(row.id, row.last, row.title, tuple(name for name, _, _ in row.topics)) for row in rows]


def records(db: Database, ids: Iterable[str]) -> dict[str, StoryRecord]:
    """Return the rows of these stories by id, without texts; merged and missing stories are left out."""
    with db.read() as connection:
        query = select(story_table).where(story_table.c.merged_into.is_(None))
        rows = [row for part in chunks(ids) for row in connection.execute(query.where(story_table.c.id.in_(part)))]
    return {row.id: _record(row, (), ()) for row in rows}


def _record(row: AnyRow, absorbed: Iterable[str], articles: tuple[int, ...]) -> StoryRecord:
    return StoryRecord(
        id=row.id,
        first=row.first,
        last=row.last,
        title=row.title,
        language=row.language,
        topics=_matches(row.topics),
        interests=_matches(row.interests),
        boost=row.boost,
        must=row.must,
        muted=row.muted,
        dropped=row.dropped,
        muted_by=row.muted_by,
        terms=_terms(row.terms),
        absorbed=tuple(absorbed),
        articles=articles,
    )


def undescribed(db: Database, limit: int = 1000) -> list[str]:
    """Return stories that have no title, because a crash came between saving and describing them."""
    query = (
        select(story_table.c.id)
        .where(story_table.c.merged_into.is_(None), story_table.c.title == "")
        .order_by(story_table.c.last.desc())
    )
    with db.read() as connection:
        return list(connection.execute(query.limit(limit)).scalars())


def article_ids(db: Database, ids: Iterable[str]) -> dict[str, list[int]]:
    """Return the articles of these stories, or of their survivors, in order of arrival."""
    found: dict[str, list[int]] = {}
    with db.read() as connection:
        survivors = sorted(set(_follow(connection, ids).values()))
        for part in chunks(survivors):
            query = select(article.c.id, article.c.story_id).where(article.c.story_id.in_(part))
            for row in connection.execute(query.order_by(article.c.id)):
                found.setdefault(row.story_id, []).append(row.id)
    return found


def follow(db: Database, ids: Sequence[str]) -> dict[str, str]:
    """Return the survivor of each stored story: mostly the story itself, else the one it was merged into."""
    with db.read() as connection:
        return _follow(connection, ids)


def _follow(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    survivor = func.coalesce(story_table.c.merged_into, story_table.c.id).label("survivor")
    return {
        row.id: row.survivor
        for part in chunks(ids)
        for row in connection.execute(select(story_table.c.id, survivor).where(story_table.c.id.in_(part)))
    }


def _absorbed(connection: Connection, ids: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in chunks(ids):
        query = (
            select(story_table.c.id, story_table.c.merged_into)
            .where(story_table.c.merged_into.in_(part))
            .order_by(story_table.c.id)
        )
        for row in connection.execute(query):
            found.setdefault(row.merged_into, []).append(row.id)
    return found


def stories(
    db: Database,
    since: datetime | None = None,
    ids: Sequence[str] | None = None,
    limit: int | None = None,
    *,
    sent: Sequence[datetime] = (),
) -> list[Story]:
    """Return whole stories, latest first: those with an article after `since`, and only these `ids` or their survivors.

    The source of an article is the entry of its author's outlet, if known, else its first entry; its other entries are
    carriers. `versions` are the text before the last change and the texts at the times in `sent`. An article whose
    source was withdrawn while others still carry it has two sources: the withdrawn one, and the first of the others.
    """
    with db.read() as connection:
        rows = _story_rows(connection, since, ids)[:limit]
        found = [row.id for row in rows]
        absorbed = _absorbed(connection, found)
        sources = _sources(connection, found, sent)
        ties = stored_ties(connection, {key: absorbed.get(key, ()) for key, own in sources.items() if len(own) > 1})
    for key, own in ties.items():
        sources[key] = with_parts(sources[key], own)
    return [_story(row, sources[row.id], absorbed.get(row.id, ())) for row in rows if row.id in sources]


def _story_rows(connection: Connection, since: datetime | None, ids: Sequence[str] | None) -> list[AnyRow]:
    query = select(story_table).where(story_table.c.merged_into.is_(None))
    if since is not None:
        query = query.where(story_table.c.last > since)
    if ids is None:
        rows = list(connection.execute(query))
    else:
        survivors = sorted(set(_follow(connection, ids).values()))
        rows = [
            row for part in chunks(survivors) for row in connection.execute(query.where(story_table.c.id.in_(part)))
        ]
    return sorted(rows, key=lambda row: (row.last, row.id), reverse=True)


def _sources(connection: Connection, story_ids: Sequence[str], sent: Sequence[datetime]) -> dict[str, list[Source]]:
    """Return each story's sources in order of arrival."""
    found: dict[str, list[Source]] = {}
    leading = article.join(entry, entry.c.id == _LEAD).join(feed, feed.c.id == entry.c.feed_id)
    leading = leading.join(_FIRST, _FIRST.c.id == article.c.id)
    for part in chunks(story_ids):
        query = select(*_SOURCE_COLUMNS, _FIRST.c.backlog, *FEED_COLUMNS).select_from(leading)
        rows = connection.execute(query.where(article.c.story_id.in_(part)).order_by(article.c.id)).all()
        carriers = _carriers(connection, part)
        still_carried = [row.id for row in rows if row.withdrawn and row.id in carriers]
        substitutes = {row.id: row for row in _first_not_withdrawn(connection, still_carried)}
        rows = [one for row in rows for one in (row, substitutes.get(row.id)) if one is not None]
        versions = _versions(connection, [row.entry_id for row in rows if row.revised is not None], sent)
        for row in rows:
            others = [] if row.withdrawn else _others(row, carriers.get(row.id, ()))
            found.setdefault(row.story_id, []).append(_source(row, others, versions.get(row.entry_id, ())))
    return found


def _others(leading: AnyRow, carriers: Iterable[AnyRow]) -> list[Carrier]:
    """Return the other outlets that carry an article, each once, because an outlet may have several feeds."""
    found: dict[str, Carrier] = {}
    for row in carriers:
        if row.entry_id != leading.entry_id and not _same_outlet(leading, row):
            found.setdefault(outlet(row).casefold(), Carrier(outlet(row), row.link))
    return list(found.values())


def _same_outlet(one: AnyRow, other: AnyRow) -> bool:
    """Whether two entries are of one outlet: by its name, or as two feeds of one site with names of their own."""
    if outlet(one).casefold() == outlet(other).casefold():
        return True
    if one.source_title or other.source_title or (one.feed_name and other.feed_name):  # the user named them apart
        return False
    if not (one.link and other.link and one.feed_site and other.feed_site):
        return False
    return host(one.feed_site) == host(other.feed_site) and host(one.link) == host(other.link)


def _carriers(connection: Connection, story_ids: Sequence[str]) -> dict[int, list[AnyRow]]:
    """Return the entries that carry each article, in order of arrival, without withdrawn entries."""
    query = select(article.c.id, entry.c.id.label("entry_id"), entry.c.link, entry.c.source_title, *FEED_COLUMNS)
    query = query.select_from(_CARRYING).where(
        article.c.story_id.in_(story_ids), entry.c.id != _LEAD, ~entry.c.withdrawn
    )
    found: dict[int, list[AnyRow]] = {}
    for row in connection.execute(query.order_by(entry.c.id)):
        found.setdefault(row.id, []).append(row)
    return found


def _first_not_withdrawn(connection: Connection, article_ids: Sequence[int]) -> list[AnyRow]:
    """Return the first entry of each article that was not withdrawn, as a source.

    Recipients who got the article learn that its author withdrew it; others can still get it from this source.
    """
    first = select(func.min(entry.c.id)).where(~entry.c.withdrawn).group_by(entry.c.article_id)
    query = select(*_SOURCE_COLUMNS, _FIRST.c.backlog, *FEED_COLUMNS).select_from(
        _CARRYING.join(_FIRST, _FIRST.c.id == article.c.id)
    )
    return [
        row
        for part in chunks(article_ids)
        for row in connection.execute(query.where(entry.c.id.in_(first.where(entry.c.article_id.in_(part)))))
    ]


def _versions(
    connection: Connection, entry_ids: Sequence[int], sent: Sequence[datetime]
) -> dict[int, tuple[Version, ...]]:
    """Return earlier texts of changed entries, oldest first: the last, and those of the times in `sent`.

    A live blog has hundreds of revisions, so that the texts of the others are not read.
    """
    times: dict[int, list[tuple[datetime, int]]] = {}
    for part in chunks(entry_ids):
        columns = (entry_revision.c.entry_id, entry_revision.c.at, entry_revision.c.id)
        query = select(*columns).where(entry_revision.c.entry_id.in_(part)).order_by(entry_revision.c.id)
        for row in connection.execute(query):
            times.setdefault(row.entry_id, []).append((row.at, row.id))
    wanted = sorted(key for revisions in times.values() for key in _sent_revisions(revisions, sent))
    found: dict[int, list[Version]] = {}
    for part in chunks(wanted):
        query = select(entry_revision).where(entry_revision.c.id.in_(part)).order_by(entry_revision.c.id)
        for row in connection.execute(query):
            found.setdefault(row.entry_id, []).append(Version(row.at, row.title, row.text))
    return {key: tuple(texts) for key, texts in found.items()}


def _sent_revisions(revisions: Sequence[tuple[datetime, int]], sent: Sequence[datetime]) -> set[int]:
    """Return the ids of the last revision and of each that was the text at one of the times in `sent`."""
    replaced = [at for at, _ in revisions]
    places = {bisect_right(replaced, moment) for moment in sent} | {len(revisions) - 1}
    return {revisions[place][1] for place in places if place < len(revisions)}


def _source(row: AnyRow, carriers: list[Carrier], versions: tuple[Version, ...]) -> Source:
    return Source(
        article=row.id,
        outlet=outlet(row),
        title=row.title,
        text=row.text,
        arrived=row.arrived,
        url=row.link,
        published=row.published,
        language=row.language or row.feed_language,
        authors=tuple(row.authors),
        categories=tuple(row.categories),
        image=row.image,
        attachments=_attachments(row.enclosures),
        carriers=tuple(carriers),
        weight=row.feed_weight,
        revised=row.revised,
        versions=versions,
        feed=row.feed_url,
        withdrawn=row.withdrawn,
        backlog=row.backlog,
        copy_of=row.copy_of,
    )


def _attachments(enclosures: Iterable[Sequence[Any]]) -> tuple[Attachment, ...]:
    """Return the files of an entry that are no images, which are shown as pictures."""
    files = (Attachment(url, kind or "", size) for url, kind, size in enclosures)
    return tuple(file for file in files if not file.type.startswith("image/"))


def _story(row: AnyRow, sources: list[Source], absorbed: Iterable[str]) -> Story:
    return Story(
        id=row.id,
        sources=tuple(sources),
        first=row.first,
        last=row.last,
        topics=_matches(row.topics),
        interests=_matches(row.interests),
        language=row.language,
        boost=row.boost,
        must=row.must,
        muted=row.muted,
        dropped=row.dropped,
        muted_by=row.muted_by,
        terms=_terms(row.terms),
        absorbed=tuple(absorbed),
    )


def _matches(document: Iterable[Sequence[Any]]) -> tuple[Match, ...]:
    return tuple(Match(name, score, reasons_from_plain(reasons)) for name, score, reasons in document)


def _terms(document: Iterable[Sequence[Any]]) -> tuple[tuple[str, float], ...]:
    return tuple((term, weight) for term, weight in document)


def events(db: Database, story_id: str) -> list[StoryEvent]:
    """Return the events of a story and of those merged into it, oldest first."""
    with db.read() as connection:
        survivor = _follow(connection, [story_id]).get(story_id, story_id)
        ids = [survivor, *_absorbed(connection, [survivor]).get(survivor, [])]
        query = select(story_event).where(story_event.c.story_id.in_(ids)).order_by(story_event.c.id)
        return [_event(row) for row in connection.execute(query)]


def _event(row: AnyRow) -> StoryEvent:
    return StoryEvent(
        story=row.story_id,
        at=row.at,
        what=row.what,
        entry=row.entry_id,
        article=row.article_id,
        other_story=row.other_story,
        score=row.score,
        evidence=tuple(evidence_of(*parts) for parts in row.evidence),
    )
