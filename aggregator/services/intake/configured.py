"""The feeds of the configuration: those of its file, and those of the OPML files that it names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path

from aggregator import __version__
from aggregator.config.schema import Config
from aggregator.config.sections import Feed
from aggregator.store import Database, meta
from aggregator.store.intake import feeds as feed_store
from aggregator.store.records import FeedConfigRow
from feeds.errors import ParseError
from feeds.model import Subscription


def sync_configured_feeds(db: Database, config: Config, now: datetime) -> None:
    """Store the configured feeds in the database."""
    feed_store.sync_subscriptions(db, configured_feeds(config, partial(_remembered_list, db)), now)


def configured_feeds(
    config: Config, read: Callable[[Path], Iterable[Subscription]] | None = None
) -> list[FeedConfigRow]:
    """Return every feed in the configuration file and its OPML files. An entry in the configuration file has priority.

    `read` reads an OPML file, by default `read_opml_file`. Raises ParseError for an invalid one; its `url` is the
    file's path.
    """
    read = read or read_opml_file
    rows = {feed.url: _feed_row(config, feed) for feed in config.feeds if feed.enabled}
    known = {feed.url for feed in config.feeds}
    for table in config.opml:
        for outline in read(config.resolve(table.file)):
            if outline.url not in known:
                topic = config.topic_called(outline.folder[-1]) if outline.folder else None
                rows.setdefault(outline.url, FeedConfigRow(outline.url, outline.title, topic))
    return list(rows.values())


def read_opml_file(path: Path) -> list[Subscription]:
    """Read the feeds of an OPML file. Raises ParseError; its `url` is the path."""
    return _read_list(path, path.read_bytes())


def _read_list(path: Path, data: bytes) -> list[Subscription]:
    from feeds.parse.pool import read_list  # only for a file that changed

    try:
        return read_list(data)
    except ParseError as error:
        error.url = str(path)
        raise


def _remembered_list(db: Database, path: Path) -> list[Subscription]:
    """Read an OPML file as `read_opml_file` does, or what was read of the same bytes before.

    Reading it takes a process of its own, a tenth of a fetch in which nothing changed.
    """
    data, key = path.read_bytes(), f"opml:{path}"
    digest = hashlib.sha256(__version__.encode() + b"\n" + data).hexdigest()
    known, _, feeds = (meta.get(db, key) or "").partition("\n")
    if known == digest:
        return [Subscription(url, title, folder=tuple(folder)) for url, title, folder in json.loads(feeds)]
    found = _read_list(path, data)
    listed = json.dumps([[one.url, one.title, one.folder] for one in found])
    meta.put(db, key, f"{digest}\n{listed}")
    return found


def _feed_row(config: Config, feed: Feed) -> FeedConfigRow:
    options: dict[str, object] = {}
    if feed.full_text:
        options["full_text"] = feed.full_text
    if feed.interval:
        options["interval"] = feed.interval.total_seconds()
    if feed.allow_private:
        options["allow_private"] = True
    if feed.page:
        options["page"] = {key: value for key, value in feed.page.dump().items() if value}
    return FeedConfigRow(
        feed.url, feed.name, config.topic_called(feed.topic) or None, feed.weight, feed.language, options
    )
