"""Saves the outcome of polls: entries, revisions, feed state and history in one transaction.

item_notes      which item of the feed's last document is stored as which entry
known_entries   stored entries that share a guid, a link or a hash with new items
recent_entries  the newest entries of a feed, for feeds whose guids change
save_poll       one feed
save_polls      many feeds in one transaction, with one fsync for all
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, insert, select, union_all, update

from aggregator.store.database import Database
from aggregator.store.errors import LeaseLost
from aggregator.store.intake.observed import write_observed
from aggregator.store.intake.pages import write_refusals
from aggregator.store.records import FetchRecord, Poll
from aggregator.store.schema.dialect import chunks, insert_or_replace, insert_rows_or_skip, take_ids
from aggregator.store.schema.rows import NEW_ENTRY, AnyRow, content_values, entry_row, state_values
from aggregator.store.schema.tables import entry, entry_revision, feed, fetch, reading
from aggregator.store.schema.types import micros
from feeds.model import Entry, FeedPlan, FeedState, KnownEntry


@dataclass(frozen=True, slots=True)
class Saved:
    """The result of `save_polls`: ids of new entries by feed, in order of arrival, and feeds whose lease was lost."""

    new: Mapping[int, list[int]] = field(default_factory=dict)
    lost: tuple[int, ...] = ()


def item_notes(db: Database, feed_id: int) -> bytes:
    """Return the notes on the items of the feed's last document (see `feeds.parse.known`); empty if there are none."""
    with db.read() as connection:
        return connection.execute(_ITEM_NOTES, {"feed": feed_id}).scalar() or b""


_ITEM_NOTES = select(reading.c.noted).where(reading.c.feed_id == bindparam("feed"))


def known_entries(
    db: Database, feed_id: int, guids: Collection[str], links: Collection[str] = (), hashes: Collection[str] = ()
) -> list[KnownEntry]:
    """Return the feed's stored entries that have one of these guids, links or content hashes."""
    found: dict[str, KnownEntry] = {}
    none: list[str] = []
    parts = zip_longest(chunks(guids), chunks(links), chunks(hashes), fillvalue=none)
    with db.read() as connection:
        for some_guids, some_links, some_hashes in parts:
            wanted = {"feed": feed_id, "guids": some_guids, "links": some_links, "hashes": some_hashes}
            for row in connection.execute(_KNOWN, wanted):
                found[row.guid] = KnownEntry(*row)
    return list(found.values())


_IDENTITY = (  # in the order of `KnownEntry`
    entry.c.guid,
    entry.c.content_hash,
    entry.c.link,
    entry.c.title,
    entry.c.published,
    entry.c.updated,
    entry.c.withdrawn,
)
_OWN = select(*_IDENTITY).where(entry.c.feed_id == bindparam("feed"))
# Not OR, for which SQLite uses one index and scans all entries of the feed; nor a union without ALL, for which
# SQLite 3.53 reads all of them in order. A row that is found twice is the same row.
_KNOWN = union_all(
    _OWN.where(entry.c.guid.in_(bindparam("guids", expanding=True))),
    _OWN.where(entry.c.link.in_(bindparam("links", expanding=True))),
    _OWN.where(entry.c.content_hash.in_(bindparam("hashes", expanding=True))),
)


def recent_entries(db: Database, feed_id: int, limit: int) -> list[KnownEntry]:
    """Return the newest `limit` entries of a feed, newest first."""
    with db.read() as connection:
        return [KnownEntry(*row) for row in connection.execute(_RECENT, {"feed": feed_id, "limit": limit})]


def recent_descriptions(db: Database, feed_id: int, limit: int) -> list[tuple[str, str, str]]:
    """Return guid, title and the description's HTML of the newest `limit` entries of a feed."""
    with db.read() as connection:
        rows = connection.execute(_DESCRIPTIONS, {"feed": feed_id, "limit": limit})
        return [(row.guid, row.title, row.description) for row in rows]


_DESCRIPTIONS = (
    select(
        entry.c.guid,
        entry.c.title,
        # The content of an entry with the text of its page is not the feed's.
        case(
            (entry.c.full_text | (entry.c.content_html == ""), entry.c.summary_html), else_=entry.c.content_html
        ).label("description"),
    )
    .where(entry.c.feed_id == bindparam("feed"))
    .order_by(entry.c.id.desc())
    .limit(bindparam("limit"))
)


# The subquery reads only an index, so that no other rows of the feed are read.
_RECENT = (
    select(*_IDENTITY)
    .where(
        entry.c.id.in_(
            select(entry.c.id)
            .where(entry.c.feed_id == bindparam("feed"))
            .order_by(entry.c.id.desc())
            .limit(bindparam("limit"))
        )
    )
    .order_by(entry.c.id.desc())
)


def save_poll(
    db: Database, feed_id: int, holder: str, plan: FeedPlan, fetch_record: FetchRecord, now: datetime
) -> list[int]:
    """Save one poll and release the feed's lease; return the ids of the new entries, in order of arrival.

    Raises `LeaseLost` when the feed is leased to another, and has then written nothing.
    """
    saved = save_polls(db, [Poll(feed_id, plan, fetch_record)], holder, now)
    if saved.lost:
        raise LeaseLost
    return saved.new[feed_id]


def save_polls(db: Database, polls: Sequence[Poll], holder: str, now: datetime) -> Saved:
    """Save many polls in one transaction, in their order; skip and return feeds whose lease was lost."""
    with db.write() as connection:
        leased = _leased(connection, polls, holder)
        urls = {key: row.url for key, row in leased.items()}
        mine = [_pushed(poll, leased[poll.feed_id].next_check) for poll in polls if poll.feed_id in leased]
        mine = _undo_moves_to_taken_urls(connection, mine, urls)
        new = _insert_entries(connection, mine, now)
        changed = _revise_entries(connection, mine, now)
        _write_withdrawals(connection, mine, now)
        _write_states(connection, mine)
        _write_history(connection, mine, new, changed)
        _write_item_notes(connection, mine)
        write_refusals(connection, mine, now)
        write_observed(connection, mine)
    return Saved(new, tuple(poll.feed_id for poll in polls if poll.feed_id not in urls))


def _write_item_notes(connection: Connection, polls: Sequence[Poll]) -> None:
    rows = [{"feed_id": poll.feed_id, "noted": poll.item_notes} for poll in polls if poll.item_notes is not None]
    if rows:
        connection.execute(insert_or_replace(connection, reading, ["feed_id"], ["noted"]), rows)


def _leased(connection: Connection, polls: Sequence[Poll], holder: str) -> dict[int, AnyRow]:
    """Return current URL and due time of the feeds still leased to `holder`; lock their rows until the end."""
    rows: dict[int, AnyRow] = {}
    for part in chunks(sorted(poll.feed_id for poll in polls)):
        query = select(feed.c.id, feed.c.url, feed.c.next_check)
        query = query.where(feed.c.id.in_(part), feed.c.lease_owner == holder).order_by(feed.c.id)
        rows.update((row.id, row) for row in connection.execute(query.with_for_update()))
    return rows


def _pushed(poll: Poll, stored: datetime | None) -> Poll:
    """Keep a due time that was set while the poll was under way: it may have come too early for what was pushed."""
    state = poll.plan.state
    if poll.due is None or stored is None or stored == poll.due:
        return poll
    if state.next_check is not None and state.next_check <= stored:
        return poll
    return replace(poll, plan=replace(poll.plan, state=replace(state, next_check=stored)))


def _undo_moves_to_taken_urls(connection: Connection, polls: list[Poll], urls: Mapping[int, str]) -> list[Poll]:
    """Keep the old URL of a feed that would move to the URL of another feed."""
    moving = {poll.feed_id: poll.plan.state.url for poll in polls if poll.plan.state.url != urls[poll.feed_id]}
    if not moving:
        return polls
    taken = {
        row.url: row.id
        for part in chunks(set(moving.values()))
        for row in connection.execute(select(feed.c.id, feed.c.url).where(feed.c.url.in_(part)))
    }
    result = []
    for poll in polls:
        target = moving.get(poll.feed_id)
        if target is not None and taken.setdefault(target, poll.feed_id) != poll.feed_id:
            result.append(_without_move(poll, urls[poll.feed_id], target))
        else:
            result.append(poll)
    return result


def _without_move(poll: Poll, url: str, target: str) -> Poll:
    state: FeedState = replace(
        poll.plan.state, url=url, aliases=tuple(alias for alias in poll.plan.state.aliases if alias != url)
    )
    note = f"moved to {target}, which is subscribed already: remove one of the two"
    return replace(poll, plan=replace(poll.plan, state=state, notes=(*poll.plan.notes, note)))


def _insert_entries(connection: Connection, polls: Sequence[Poll], now: datetime) -> dict[int, list[int]]:
    new: dict[int, list[int]] = {poll.feed_id: [] for poll in polls}
    count = sum(len(poll.plan.new) for poll in polls)
    if not count:
        return new
    ids = take_ids(connection, entry, count)
    rising = iter(ids)
    arrived = micros(now)
    rows = [
        entry_row(item, next(rising), poll.feed_id, arrived, backlog=item.guid in poll.plan.backlog)
        for poll in polls
        for item in poll.plan.new
    ]
    insert_rows_or_skip(connection, entry, NEW_ENTRY, rows)
    # When a poll is saved twice, the insert skips its entries, and they are not new.
    query = select(entry.c.id).where(entry.c.id.between(ids[0], ids[-1]))
    stored = set(connection.execute(query).scalars())
    for row in rows:
        if row[0] in stored:
            new[row[1]].append(row[0])
    return new


def _revise_entries(connection: Connection, polls: Sequence[Poll], now: datetime) -> dict[int, int]:
    """Store the old text of changed entries as a revision and overwrite them; return how many changed, by feed.

    A text from the article's page is not overwritten by a teaser, which would look as if the publisher had deleted the
    rest. It stays until the page is fetched again or the feed has the full text. What only lost its volatile sentences
    is no revision.
    """
    wanted = {(poll.feed_id, item.guid): item for poll in polls for item in poll.plan.changed}
    if not wanted:
        return {}
    changed: dict[int, tuple[int, Entry]] = {}
    with_page_text: set[int] = set()
    columns = (entry.c.id, entry.c.feed_id, entry.c.guid, entry.c.content_hash, entry.c.full_text, entry.c.emptied)
    for part in chunks(wanted):
        query = select(*columns).where(
            entry.c.feed_id.in_({feed_id for feed_id, _ in part}), entry.c.guid.in_({guid for _, guid in part})
        )
        for row in connection.execute(query):
            item = wanted.get((row.feed_id, row.guid))
            if item is not None and item.content_hash != row.content_hash:
                changed[row.id] = (row.feed_id, item)
                if row.full_text and not row.emptied and item.teaser:
                    with_page_text.add(row.id)
    quiet = {(poll.feed_id, guid) for poll in polls for guid, one in poll.observed.items() if one.quiet}
    revised = {key: now for key, (feed_id, item) in changed.items() if (feed_id, item.guid) not in quiet}
    if changed:
        from aggregator.store.stories.search import unindex  # most polls change nothing

        for ids in chunks(changed):
            unindex(connection, ids)
    for ids in chunks(revised):
        _insert_revisions(connection, ids, now)
    texts = {key: item for key, (_, item) in changed.items() if key not in with_page_text}
    _overwrite(connection, texts, revised)
    _overwrite(connection, {key: changed[key][1] for key in with_page_text}, revised, kept=_PAGE_COLUMNS)
    return Counter(changed[key][0] for key in revised)


_PAGE_COLUMNS = frozenset({"text", "content_html", "teaser", "full_text"})


def _overwrite(
    connection: Connection,
    changed: Mapping[int, Entry],
    revised: Mapping[int, datetime],
    kept: frozenset[str] = frozenset(),
) -> None:
    """Overwrite the entries with these ids, except the columns in `kept`; `revised` is the time of a revision."""
    if not changed:
        return
    rows = [
        {name: value for name, value in content_values(item).items() if name not in kept} for item in changed.values()
    ]
    values: dict[str, Any] = {name: bindparam(name) for name in rows[0]}
    moment = func.coalesce(bindparam("when", type_=entry.c.revised.type), entry.c.revised)
    overwriting = (
        update(entry).where(entry.c.id == bindparam("key")).values({**values, "revised": moment, "emptied": False})
    )
    keyed = [{"key": key, "when": revised.get(key), **row} for key, row in zip(changed, rows, strict=True)]
    connection.execute(overwriting, keyed)


def _insert_revisions(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    old = select(
        entry.c.id,
        bindparam("at", now, entry_revision.c.at.type),
        entry.c.content_hash,
        entry.c.link,
        entry.c.title,
        entry.c.text,
    ).where(entry.c.id.in_(ids))
    columns = ["entry_id", "at", "content_hash", "link", "title", "text"]
    connection.execute(insert(entry_revision).from_select(columns, old))


def _write_withdrawals(connection: Connection, polls: Sequence[Poll], now: datetime) -> None:
    """Mark entries that publishers withdrew, and unmark those that they published again."""
    for poll in polls:
        for part in chunks(poll.plan.withdrawn):
            gone = update(entry).where(entry.c.feed_id == poll.feed_id, entry.c.guid.in_(part), ~entry.c.withdrawn)
            connection.execute(gone.values(withdrawn=True, revised=now))
        rows = [
            {"feed": poll.feed_id, "key": item.guid, "new_updated": item.updated, "new_published": item.published}
            for item in poll.plan.restored
        ]
        if rows:
            connection.execute(_RESTORE, rows)


# The entry gets its new dates: with the old ones an old tombstone would withdraw it again.
_RESTORE = (
    update(entry)
    .where(entry.c.feed_id == bindparam("feed"), entry.c.guid == bindparam("key"))
    .values(
        withdrawn=False,
        updated=func.coalesce(bindparam("new_updated", type_=entry.c.updated.type), entry.c.updated),
        published=func.coalesce(bindparam("new_published", type_=entry.c.published.type), entry.c.published),
    )
)


def _write_states(connection: Connection, polls: Sequence[Poll]) -> None:
    rows = [
        {
            "key": poll.feed_id,
            "new_title": poll.fetch.title,
            "new_site": poll.fetch.site,
            **state_values(poll.plan.state),
        }
        for poll in polls
    ]
    if rows:
        connection.execute(_WRITE_STATE, rows)


_WRITE_STATE = (
    update(feed)
    .where(feed.c.id == bindparam("key"))
    .values({name: bindparam(name) for name in state_values(FeedState(""))})
    .values(
        title=func.coalesce(bindparam("new_title", type_=feed.c.title.type), feed.c.title),
        site=func.coalesce(bindparam("new_site", type_=feed.c.site.type), feed.c.site),
        lease_owner=None,
        lease_until=None,
        unfinished=0,
    )
)


def _write_history(
    connection: Connection, polls: Sequence[Poll], new: Mapping[int, list[int]], changed: Mapping[int, int]
) -> None:
    rows = [
        {
            "feed_id": poll.feed_id,
            "at": poll.fetch.at,
            "status": poll.fetch.status,
            "code": poll.fetch.code,
            "message": poll.fetch.message,
            "final_url": poll.fetch.final_url,
            "wire_bytes": poll.fetch.wire_bytes,
            "elapsed": poll.fetch.elapsed,
            "seen": poll.fetch.seen,
            "new": len(new[poll.feed_id]),
            "changed": changed.get(poll.feed_id, 0),
            "added_bytes": poll.fetch.added_bytes,
            "parser": poll.fetch.parser,
            "notes": poll.plan.notes,
        }
        for poll in polls
    ]
    if rows:
        connection.execute(insert(fetch), rows)


def added_since(db: Database, feed_id: int, since: datetime) -> tuple[int, int]:
    """Return how many entries, and bytes of their texts, a feed added or changed since an instant."""
    with db.read() as connection:
        row = connection.execute(_ADDED, {"feed": feed_id, "since": since}).one()
    return int(row[0] or 0), int(row[1] or 0)


_ADDED = select(func.sum(fetch.c.new + fetch.c.changed), func.sum(fetch.c.added_bytes)).where(
    fetch.c.feed_id == bindparam("feed"), fetch.c.at > bindparam("since", type_=fetch.c.at.type)
)
