"""What `add` finds behind URLs: feeds, and with `--page` selectors for lists of articles."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from aggregator.system.counts import count_of

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.config.edit import TableKeys
    from feeds.discovery.subscribing import DiscoveredFeed
    from feeds.errors import FeedError
    from feeds.http.client import HttpFetcher

Found = TypeVar("Found")


async def find_feeds(config: Config, urls: Sequence[str], *, allow_private: bool) -> list[DiscoveredFeed]:
    """Find the feed of each URL and print it; print the error of a URL that has none."""
    from aggregator.cli.output import print_line
    from feeds.discovery.subscribing import find_feed
    from feeds.errors import NotAFeed

    def hint(url: str, error: FeedError) -> str:
        if type(error) is NotAFeed:
            return f"try the URL of the front page, or read the page itself: aggregator add {url} --page"
        return address_hint(error, allow_private=allow_private)

    found = []
    async for feed in _found(config, urls, partial(find_feed, allow_private=allow_private), hint):
        for text in _feed_lines(feed):
            print_line(text)
        found.append(feed)
    return found


async def _found(
    config: Config,
    urls: Sequence[str],
    look: Callable[[HttpFetcher, str], Awaitable[Found]],
    hint: Callable[[str, FeedError], str],
) -> AsyncIterator[Found]:
    """Yield what `look` finds behind each URL; print the error of a URL behind which there is nothing, with a hint."""
    from aggregator.cli.errors import print_error
    from aggregator.services.intake.settings import fetch_settings
    from feeds.errors import FeedError
    from feeds.http.client import HttpFetcher

    async with HttpFetcher(fetch_settings(config)) as source:
        for url in urls:
            try:
                found = await look(source, url)
            except FeedError as error:
                print_error(f"{url}: {error} [{error.code}]")
                print_error(f"  hint: {hint(url, error)}")
            else:
                yield found


def _feed_lines(feed: DiscoveredFeed) -> list[str]:
    from aggregator.cli.tables import printable

    facts = [
        feed.parsed.format,
        count_of(len(feed.parsed.entries), "entry"),
        *([feed.parsed.language] if feed.parsed.language else []),
    ]
    lines = [f"{printable(feed.name)}: {feed.url} ({', '.join(facts)})"]
    lines += [f"  {printable(entry.title)}" for entry in feed.parsed.entries[:3]]
    lines += [f"  other feed: {printable(other.title or other.type)} {other.url}" for other in feed.others[:5]]
    return lines


async def find_page_lists(config: Config, urls: Sequence[str], *, allow_private: bool) -> list[TableKeys]:
    """Propose selectors for each page and print what they find; print the error of a page without a list."""
    from aggregator.cli.output import print_line
    from aggregator.cli.tables import printable
    from feeds.discovery.subscribing import propose_list
    from feeds.errors import NoItems

    def hint(_: str, error: FeedError) -> str:
        if isinstance(error, NoItems):
            return "write [feed.page] by hand, see docs/feeds.md"
        return address_hint(error, allow_private=allow_private)

    found: list[TableKeys] = []
    async for page in _found(config, urls, partial(propose_list, allow_private=allow_private), hint):
        print_line(f"{printable(page.parsed.title)}: {page.url} ({count_of(len(page.parsed.entries), 'item')})")
        for key, selector in page.selectors.items():
            print_line(f"  {key} = {selector}")
        for entry in page.parsed.entries[:5]:
            date = f"{entry.published:%Y-%m-%d %H:%M}  " if entry.published else "no date  "
            print_line(f"  {date}{printable(entry.title)}  {entry.link}")
        found.append({"url": page.url, "name": page.parsed.title, "page": page.selectors})
    return found


def address_hint(error: FeedError, *, allow_private: bool) -> str:
    """Return the hint of an error; of a refused address, the option of the command."""
    from feeds.errors import AddressRefused

    if isinstance(error, AddressRefused):
        return (
            "check the URL"
            if allow_private
            else "if the server is on your own network and you trust it, add --allow-private"
        )
    return error.hint
