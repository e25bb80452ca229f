"""Converts between rows of the tables and the values of the packages."""

from __future__ import annotations

from typing import Any, TypeAlias

from aggregator.store.records import FeedRecord, host
from aggregator.store.schema.types import micros, pack, pack_words, storable
from feeds.model import Entry, FeedState, Hints, Validators

# SQLAlchemy types the columns of a row by position, but they are read by name here.
AnyRow: TypeAlias = Any

_STATE_COLUMNS = (
    "url",
    "next_check",
    "last_check",
    "last_success",
    "last_new",
    "failures",
    "error_code",
    "error_message",
    "gone",
    "redirect_to",
    "redirect_seen",
    "rate",
    "polls",
    "hub",
    "hub_topic",
)


def hints_document(hints: Hints) -> dict[str, Any]:
    """Return the hints that the feed gave, for the JSON column."""
    document: dict[str, Any] = {}
    if hints.ttl is not None:
        document["ttl"] = hints.ttl
    if hints.update_period is not None:
        document["update_period"] = hints.update_period
    if hints.skip_hours:
        document["skip_hours"] = sorted(hints.skip_hours)
    if hints.skip_days:
        document["skip_days"] = sorted(hints.skip_days)
    return document


def _hints(document: Any) -> Hints:
    if not document:
        return Hints()
    return Hints(
        ttl=document.get("ttl"),
        skip_hours=frozenset(document.get("skip_hours", ())),
        skip_days=frozenset(document.get("skip_days", ())),
        update_period=document.get("update_period"),
    )


def state_values(state: FeedState) -> dict[str, Any]:
    """Return the columns of `feed` that hold a feed's state."""
    values = {name: getattr(state, name) for name in _STATE_COLUMNS}
    values["etag"] = state.validators.etag
    values["last_modified"] = state.validators.last_modified
    values["body_hash"] = state.validators.body_hash
    values["aliases"] = state.aliases
    values["hints"] = hints_document(state.hints)
    return values


def feed_record(row: AnyRow) -> FeedRecord:
    """Return the record of a whole row of `feed`."""
    state = FeedState(
        validators=Validators(row.etag, row.last_modified, row.body_hash),
        aliases=tuple(row.aliases),
        hints=_hints(row.hints),
        **{name: getattr(row, name) for name in _STATE_COLUMNS},
    )
    return FeedRecord(
        id=row.id,
        state=state,
        configured=row.configured,
        name=row.name,
        topic=row.topic,
        weight=row.weight,
        language=row.language,
        options=row.options or {},
        title=row.title,
        site=row.site,
        subscribed=row.subscribed,
        added=row.added,
        pushed_until=row.pushed_until,
    )


def content_values(entry: Entry) -> dict[str, Any]:
    """Return the columns of `entry` that a publisher's edit may change."""
    return {
        "content_hash": entry.content_hash,
        "link": entry.link,
        "link_published": entry.link_published,
        "published": entry.published,
        "updated": entry.updated,
        "language": entry.language,
        "title": entry.title,
        "title_published": entry.title_published,
        "image": entry.image,
        "source_title": entry.source_title,
        "authors": entry.authors,
        "categories": entry.categories,
        "enclosures": [[e.url, e.type, e.length] for e in entry.enclosures],
        "links": entry.links,
        "text": entry.text,
        "summary_html": entry.summary_html,
        "content_html": entry.content_html,
        "teaser": entry.teaser,
        "full_text": entry.full_text,
    }


# The columns of a new entry, in the order of `entry_row` and of the table.
NEW_ENTRY = (
    "id",
    "feed_id",
    "guid",
    "guid_origin",
    "arrived",
    "backlog",
    "teaser",
    "full_text",
    "content_hash",
    "link",
    "published",
    "updated",
    "language",
    "title",
    "title_published",
    "link_published",
    "image",
    "source_title",
    "authors",
    "categories",
    "enclosures",
    "links",
    "text",
    "summary_html",
    "content_html",
)


def entry_row(entry: Entry, entry_id: int, feed_id: int, arrived: int, *, backlog: bool) -> tuple[Any, ...]:
    """Return a new row of `entry` (`NEW_ENTRY`) for the driver, with `arrived` in microseconds.

    A first fetch brings tens of thousands of entries; converting each value by its column type took twice as long.
    """
    row = (
        entry_id,
        feed_id,
        entry.guid,
        entry.guid_origin.value,
        arrived,
        backlog,
        entry.teaser,
        entry.full_text,
        entry.content_hash,
        entry.link,
        entry.published and micros(entry.published),
        entry.updated and micros(entry.updated),
        entry.language,
        entry.title,
        entry.title_published,
        entry.link_published,
        entry.image,
        entry.source_title,
        pack_words(entry.authors),
        pack_words(entry.categories),
        pack([[e.url, e.type, e.length] for e in entry.enclosures]) if entry.enclosures else "[]",
        pack_words(entry.links),
        entry.text,
        entry.summary_html,
        entry.content_html,
    )
    texts = "".join([value for value in row if type(value) is str])
    if storable(texts) is texts:  # one check for all texts, because they are nearly always storable
        return row
    return tuple(storable(value) if isinstance(value, str) else value for value in row)


def outlet(row: AnyRow) -> str:
    """Return the outlet of an entry: the republished source, the feed's name or title, or its host."""
    return str(row.source_title or row.feed_name or row.feed_title or host(row.feed_url))
