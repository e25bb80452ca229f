"""Short ways to put feeds, entries, stories and editions into a store. All texts are invented."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from aggregator.store import Database
from aggregator.store.editions import editions
from aggregator.store.intake import entries, feeds
from aggregator.store.outgoing import recipients
from aggregator.store.records import EntryRecord, FeedConfigRow, FeedRecord, FetchRecord, NewDelivery, Poll
from aggregator.store.schema import tables
from aggregator.store.stories import stories
from aggregator.stories.model import Action, Decision
from digests.channels.recipient import Recipient
from digests.model import Edition, Item, ItemKind, ItemSource, Section
from feeds.model import Entry, FeedPlan, GuidOrigin

NOW = datetime(2026, 3, 17, 6, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LEASE = timedelta(minutes=5)


def entry(guid: str, **changes: object) -> Entry:
    """An entry whose hash follows from what it says."""
    made = Entry(guid=guid, guid_origin=GuidOrigin.GUID, title=f"Title of {guid}", text=f"Text of {guid}.")
    made = replace(made, **changes)  # type: ignore[arg-type]
    return made if made.content_hash else replace(made, content_hash=f"{made.title}|{made.text}|{made.link}")


def subscribe(db: Database, *urls: str, now: datetime = NOW) -> None:
    """Subscribe to exactly these addresses."""
    feeds.sync_subscriptions(db, [FeedConfigRow(url) for url in urls], now)


def poll(
    record: FeedRecord, new: Sequence[Entry] = (), changed: Sequence[Entry] = (), now: datetime = NOW, **state: object
) -> Poll:
    """What a good poll of a feed gives."""
    after = replace(record.state, next_check=now + HOUR, last_check=now, last_success=now, polls=record.state.polls + 1)
    after = replace(after, **state)  # type: ignore[arg-type]
    return Poll(record.id, FeedPlan(after, tuple(new), tuple(changed)), FetchRecord(now, 200, seen=len(new)))


def publish(
    db: Database,
    new: Sequence[Entry] = (),
    changed: Sequence[Entry] = (),
    *,
    url: str = "https://a.example/feed",
    now: datetime = NOW,
) -> list[int]:
    """Let one feed bring these entries; return their ids."""
    try:
        record = feeds.feed(db, url)
    except LookupError:
        known = [_as_configured(one) for one in feeds.feeds_by_id(db).values()]
        feeds.sync_subscriptions(db, [*known, FeedConfigRow(url)], now)
        record = feeds.feed(db, url)
    (taken,) = feeds.claim(db, [record.id], now, "publisher", LEASE)
    return feeds.save_polls(db, [poll(taken, new, changed, now)], "publisher", now).new[record.id]


def _as_configured(one: FeedRecord) -> FeedConfigRow:
    return FeedConfigRow(one.url, one.name, one.topic, one.weight, one.language, one.options)


def opened(ids: Iterable[int], *, prefix: str = "s") -> list[Decision]:
    """Each entry opens a story of its own: entry 7 story `s7`."""
    return [Decision(key, key, f"{prefix}{key}", Action.OPENS) for key in ids]


def publish_stories(db: Database, number: int = 3, *, now: datetime = NOW) -> list[str]:
    """Publish entries and open a story for each; return the stories' ids."""
    ids = publish(db, [entry(f"entry {k} {now}") for k in range(number)], now=now)
    stories.save_grouping(db, opened(ids), now=now)
    return [f"s{key}" for key in ids]


def item(story: str, kind: ItemKind = ItemKind.NEW, facts: Iterable[str] = (), articles: Iterable[int] = ()) -> Item:
    """A story as reported."""
    keys = list(articles) or [int(story[1:])]
    sources = tuple(ItemSource(key, "The Outlet", "A title") for key in keys)
    return Item(story, kind, "World", f"Headline of {story}", (), sources, facts=frozenset(facts))


def edition(items: Iterable[Item], *, slot: datetime = NOW, digest: str = "morning", audience: str = "") -> Edition:
    """An edition of one section."""
    return Edition(
        id=f"{digest}-{slot:%Y%m%dT%H%M}{audience}",
        digest=digest,
        title="Morning",
        slot=slot,
        composed=slot,
        period_start=slot - DAY,
        period_end=slot,
        sections=(Section("World", tuple(items)),),
        audience=audience,
    )


def send(
    db: Database, made: Edition, readers: Sequence[int], *, now: datetime = NOW, expires: datetime | None = None
) -> list[int]:
    """Save an edition with a delivery for each reader; return the deliveries' ids."""
    new = [
        NewDelivery(reader, f"<{made.id}.{reader}@digest.example>", f"To {reader}".encode(), expires=expires)
        for reader in readers
    ]
    return editions.save_edition(db, made, "{}", "Subject", new, recipient_ids=readers, now=now)


def readers(db: Database, *addresses: str) -> list[int]:
    """Ensure readers by mail; return their ids."""
    return [r.id for r in recipients.ensure(db, [Recipient("mail", address) for address in addresses], NOW)]


def feed_entries(db: Database, feed_id: int) -> list[EntryRecord]:
    """A feed's entries, newest first."""
    with db.read() as connection:
        ids = list(connection.execute(select(tables.entry.c.id).where(tables.entry.c.feed_id == feed_id)).scalars())
    return entries.entries(db, ids)[::-1]


def revisions(db: Database, entry_id: int) -> list[tuple[str, datetime]]:
    """What an entry said before it was changed, each text with the time until which it did, oldest first."""
    table = tables.entry_revision
    with db.read() as connection:
        rows = connection.execute(select(table).where(table.c.entry_id == entry_id).order_by(table.c.id))
        return [(row.text, row.at) for row in rows]


def ledger_rows(db: Database, recipient_id: int) -> list[tuple[str, ItemKind]]:
    """What a recipient was reported, newest first: stories, each with the kind of news it was."""
    table = tables.ledger
    with db.read() as connection:
        query = select(table).where(table.c.recipient_id == recipient_id)
        rows = connection.execute(query.order_by(table.c.at.desc(), table.c.story_id))
        return [(row.story_id, ItemKind(row.kind)) for row in rows]


def slots(db: Database) -> list[tuple[datetime | None, datetime | None]]:
    """The last and the next slot of each digest that is configured, next one first."""
    table = tables.digest
    with db.read() as connection:
        rows = connection.execute(select(table).where(table.c.active).order_by(table.c.next_slot))
        return [(row.last_slot, row.next_slot) for row in rows]
