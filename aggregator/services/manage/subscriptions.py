"""Subscribing to feeds and removing them: the tables to write, and lists of feeds in OPML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from aggregator.config.edit import TableKeys
from aggregator.config.schema import Config
from aggregator.config.types import Url
from aggregator.observe.redact import url_without_secrets
from aggregator.services.intake.configured import configured_feeds
from aggregator.store.records import FeedConfigRow
from feeds.discovery.subscribing import with_scheme
from feeds.model import Subscription
from feeds.opml import write_opml

_URL: TypeAdapter[str] = TypeAdapter(Url)
OPML_TITLE = "News aggregator"


@dataclass(frozen=True, slots=True)
class NewFeeds:
    """The tables of feeds to add, each with a name that is not taken, and the URLs that are already subscribed."""

    tables: tuple[TableKeys, ...]
    known: tuple[str, ...]


def new_feeds(config: Config, wanted: Iterable[TableKeys]) -> NewFeeds:
    """Return which of these feeds are not in the configuration yet. A name that is taken gets a number."""
    known = {feed.url for feed in config.feeds} | {row.url for row in configured_feeds(config)}
    names = {feed.name for feed in config.feeds}
    tables: list[TableKeys] = []
    already: list[str] = []
    last: dict[str, int] = {}
    for feed in wanted:
        url = str(feed["url"])
        if url in known:
            already.append(url)
            continue
        known.add(url)
        name = _unused_name(str(feed.get("name", "")), names, last)
        names.add(name)
        others = {key: value for key, value in feed.items() if key not in ("url", "name")}
        tables.append({"url": url, **({"name": name} if name else {}), **others})
    return NewFeeds(tuple(tables), tuple(already))


def _unused_name(name: str, names: set[str], last: dict[str, int]) -> str:
    """Return a name that is not taken: `News`, `News (2)`, … `last` holds the last number of each name."""
    name = " ".join(name.split())
    if not name or name not in names:
        return name
    number = last.get(name, 1) + 1
    while f"{name} ({number})" in names:
        number += 1
    last[name] = number
    return f"{name} ({number})"


@dataclass(frozen=True, slots=True)
class ListedFeeds:
    """The feeds of a list as tables, and the texts in place of URLs that are none."""

    tables: tuple[TableKeys, ...]
    invalid: tuple[str, ...]


def listed_feeds(subscriptions: Iterable[Subscription], *, topics: bool = True) -> ListedFeeds:
    """Return the tables of subscriptions; with `topics` the outermost folder becomes the topic."""
    tables: list[TableKeys] = []
    invalid: list[str] = []
    for one in subscriptions:
        url = with_scheme(one.url)
        if not is_feed_url(url):
            invalid.append(one.url)
            continue
        topic = one.folder[0] if one.folder and topics else ""
        tables.append({"url": url, "name": one.title, **({"topic": topic} if topic else {})})
    return ListedFeeds(tuple(tables), tuple(invalid))


def is_feed_url(url: str) -> bool:
    """Whether the configuration accepts the text as the URL of a feed."""
    if not url.isprintable():
        return False
    try:
        _URL.validate_python(url)
    except ValidationError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class ExportedFeeds:
    """An OPML file, the number of its feeds, and from how many of their URLs a secret was left out."""

    data: bytes
    feeds: int
    without_secrets: int


def exported_feeds(config: Config, *, passwords: bool = False) -> ExportedFeeds:
    """Return the subscriptions as OPML, topics as folders; secrets in URLs are left out unless `passwords`."""
    feeds: Sequence[FeedConfigRow] = configured_feeds(config)
    changed = 0
    if not passwords:
        public = [replace(feed, url=url_without_secrets(feed.url)) for feed in feeds]
        changed = sum(one.url != feed.url for one, feed in zip(public, feeds, strict=True))
        feeds = public
    rows = [Subscription(url=f.url, title=f.name, folder=(f.topic,) if f.topic else ()) for f in feeds]
    return ExportedFeeds(write_opml(rows, OPML_TITLE), len(feeds), changed)
