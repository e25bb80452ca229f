"""`add`, `remove`, `import`, `export`: subscriptions, kept in the user's own file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from aggregator.cli.base import FAILED, NOTHING, Command, Failure, state

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.store.records import FeedConfigRow
    from feeds.discovery.subscribing import DiscoveredFeed
    from feeds.model import Subscription

FeedKeys = dict[str, str | float | bool]
"""The keys of a `[[feed]]` table as they will be written."""


@click.command(
    "add",
    cls=Command,
    examples=(
        "aggregator add https://www.example.org",
        "aggregator add example.org/feed.xml --topic Science --name Example",
    ),
)
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--topic", default="", help="Topic that all its entries belong to.")
@click.option("--name", default="", help="Its name in digests [what the feed calls itself].")
@click.option("--no-check", is_flag=True, help="Add the address as it is, without asking it.")
@click.option("--allow-private", is_flag=True, help="The feed lives at a private address, and that is meant.")
def add_command(urls: tuple[str, ...], topic: str, name: str, *, no_check: bool, allow_private: bool) -> None:
    """Find the feed behind any site's URL, show it and subscribe to it.

    The feed is added to the configuration file; its comments stay as they are.
    """
    import asyncio

    from aggregator.cli.output import line
    from feeds.discovery.subscribing import with_scheme

    if name and len(urls) > 1:
        raise click.UsageError("--name goes with one URL only")
    config = state().load()
    if no_check:
        new: list[FeedKeys] = [{"url": with_scheme(url)} for url in urls]
        failed = 0
    else:
        found = asyncio.run(_find(config, urls, allow_private=allow_private))
        failed = len(urls) - len(found)
        new = [{"url": feed.url, "name": feed.name} for feed in found]
    said: FeedKeys = {"name": name, "topic": topic, "allow_private": allow_private}
    given = {key: value for key, value in said.items() if value}
    added = _add(config, [{**feed, **given} for feed in new])
    for feed in added:
        line(f"added {feed.get('name') or feed['url']} to {config.path}")
    if failed:
        raise Failure(
            f"{failed} of {len(urls)} addresses gave no feed", exit_code=NOTHING if failed == len(urls) else FAILED
        )


async def _find(config: Config, urls: Sequence[str], *, allow_private: bool) -> list[DiscoveredFeed]:
    """Ask each address; a failure is told and costs the others nothing."""
    from aggregator.cli.errors import say
    from aggregator.cli.output import line
    from aggregator.services.fetching import fetch_settings
    from feeds.discovery.subscribing import find_feed
    from feeds.errors import FeedError
    from feeds.http.client import HttpSource

    found = []
    async with HttpSource(fetch_settings(config)) as source:
        for url in urls:
            try:
                feed = await find_feed(source, url, allow_private=allow_private)
            except FeedError as error:
                say(f"{url}: {error} [{error.code}]")
                say(f"  hint: {error.hint}")
                continue
            for text in _described(feed):
                line(text)
            found.append(feed)
    return found


def _described(feed: DiscoveredFeed) -> list[str]:
    from aggregator.cli.output import clean

    facts = [
        feed.parsed.format,
        f"{len(feed.parsed.entries)} entries",
        *([feed.parsed.language] if feed.parsed.language else []),
    ]
    lines = [f"{clean(feed.name)}: {feed.url} ({', '.join(facts)})"]
    lines += [f"  {clean(entry.title)}" for entry in feed.parsed.entries[:3]]
    lines += [f"  also there: {clean(other.title or other.type)} {other.url}" for other in feed.others[:5]]
    return lines


def _add(config: Config, wanted: Sequence[FeedKeys]) -> list[FeedKeys]:
    """Write the feeds that are not there yet into the file and return them. Names are made unlike those that are there."""
    from aggregator.cli.output import note
    from aggregator.config import edit
    from aggregator.config.load import read_text
    from aggregator.services.fetching import subscriptions

    known = {feed.url for feed in config.feeds} | {row.url for row in subscriptions(config)}
    names = {feed.name for feed in config.feeds}
    new: list[FeedKeys] = []
    for feed in wanted:
        if feed["url"] in known:
            note(f"{feed['url']} is subscribed already")
            continue
        known.add(str(feed["url"]))
        name = _unlike(str(feed.get("name", "")), names)
        names.add(name)
        new.append(
            {
                "url": feed["url"],
                **({"name": name} if name else {}),
                **{k: v for k, v in feed.items() if k not in ("url", "name")},
            }
        )
    if new:
        before = read_text(config.path)
        edit.save(config.path, before, edit.add_feeds(before, new))
    return new


def _unlike(name: str, names: set[str]) -> str:
    """A name that is not taken: `News`, `News (2)`, …"""
    from itertools import count

    name = " ".join(name.split())
    if not name or name not in names:
        return name
    return next(f"{name} ({n})" for n in count(2) if f"{name} ({n})" not in names)


@click.command(
    "remove",
    cls=Command,
    examples=('aggregator remove "Ars Technica"', "aggregator remove https://example.org/feed.xml"),
)
@click.argument("feed", metavar="FEED")
def remove_command(feed: str) -> None:
    """Unsubscribe from FEED, given by its name or address.

    What it brought stays in the archive.
    """
    from aggregator.cli.output import line
    from aggregator.config import edit
    from aggregator.config.load import read_text

    config = state().load()
    index = _index(config, feed)
    before = read_text(config.path)
    edit.save(config.path, before, edit.remove_feed(before, index))
    gone = config.feeds[index]
    line(f"removed {gone.name or gone.url} from {config.path}")


def _index(config: Config, wanted: str) -> int:
    """The place of a feed in the file, by address or name, whatever its case; by a part of it if that is one feed only."""
    from aggregator.config.checks import closest

    low = wanted.strip().casefold()
    exact = [i for i, feed in enumerate(config.feeds) if low in (feed.url.casefold(), feed.name.casefold())]
    part = exact or [
        i for i, feed in enumerate(config.feeds) if low in feed.name.casefold() or low in feed.url.casefold()
    ]
    if len(part) == 1:
        return part[0]
    if part:
        names = ", ".join(config.feeds[i].name or config.feeds[i].url for i in part)
        raise Failure(f"{wanted!r} may be any of: {names}", "give more of the name, or the address")
    _refuse_opml(config, low)
    hint = closest(wanted, [feed.name for feed in config.feeds if feed.name])
    raise Failure(
        f"no feed {wanted!r} in {config.path}", f"did you mean {hint}?" if hint else "`aggregator feeds` lists them"
    )


def _refuse_opml(config: Config, low: str) -> None:
    from aggregator.services.fetching import listed

    for table in config.opml:
        for line in listed(config.resolve(table.file)):
            if low in (line.url.casefold(), line.title.casefold()):
                raise Failure(f"this feed comes from {table.file}", "take it out there")


@click.command(
    "import", cls=Command, examples=("aggregator import subscriptions.opml", "aggregator import - < subscriptions.opml")
)
@click.argument("file", type=click.File("rb"), metavar="FILE.opml")
@click.option("--no-topics", is_flag=True, help="Leave the folders out; else the outermost folder becomes the topic.")
def import_command(file: IO[bytes], *, no_topics: bool) -> None:
    """Subscribe to every feed of an OPML file; folders become topics.

    Feeds that are there already stay as they are.
    """
    from aggregator.cli.output import line, note
    from feeds.discovery.subscribing import with_scheme
    from feeds.parse.pool import read_list

    config = state().load()
    wanted: list[FeedKeys] = []
    for subscription in read_list(file.read()):
        url = with_scheme(subscription.url)
        if not _is_address(url):
            note(f"passed over, not a web address: {subscription.url}")
            continue
        topic = subscription.folder[0] if subscription.folder and not no_topics else ""
        wanted.append({"url": url, "name": subscription.title, **({"topic": topic} if topic else {})})
    if not wanted:
        raise Failure("the file names no feed", "export OPML from the other program once more")
    added = _add(config, wanted)
    line(f"{len(added)} feeds added to {config.path}, {len(wanted) - len(added)} were there already")


def _is_address(url: str) -> bool:
    from pydantic import TypeAdapter, ValidationError

    from aggregator.config.types import Url

    try:
        TypeAdapter(Url).validate_python(url)
    except ValidationError:
        return False
    return True


@click.command("export", cls=Command, examples=("aggregator export subscriptions.opml", "aggregator export | less"))
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), default="-", metavar="[FILE]")
def export_command(file: Path) -> None:
    """Write the subscriptions as OPML to FILE (standard output); topics become folders."""
    from aggregator.cli.output import note
    from aggregator.services.fetching import subscriptions
    from feeds.opml import write_opml

    config = state().load()
    feeds = subscriptions(config)
    data = write_opml([_subscription(feed) for feed in feeds], "News aggregator")
    if str(file) == "-":
        sys.stdout.buffer.write(data)
        return
    file.write_bytes(data)
    note(f"{len(feeds)} feeds written to {file}")


def _subscription(feed: FeedConfigRow) -> Subscription:
    from feeds.model import Subscription

    return Subscription(url=feed.url, title=feed.name, folder=(feed.topic,) if feed.topic else ())
