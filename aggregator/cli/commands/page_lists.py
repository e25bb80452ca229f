"""The part of `add --page` that proposes selectors for web pages and shows what they find."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.config.edit import FeedKeys


async def find_page_lists(config: Config, urls: Sequence[str], *, allow_private: bool) -> list[FeedKeys]:
    """Propose selectors for each page and print what they find; print the error of a page without a list."""
    from aggregator.cli.errors import print_error
    from aggregator.cli.output import print_line, printable
    from aggregator.services.fetching import fetch_settings
    from feeds.discovery.subscribing import kept_url, with_scheme
    from feeds.errors import FeedError, NoItems
    from feeds.http.base import ACCEPT_PAGE, Request
    from feeds.http.client import HttpFetcher
    from feeds.parse.pool import propose_page

    found: list[FeedKeys] = []
    async with HttpFetcher(fetch_settings(config)) as source:
        for url in urls:
            try:
                page = await source.fetch(Request(with_scheme(url), allow_private=allow_private, accept=ACCEPT_PAGE))
                body, headers = page.body or b"", page.headers
                selectors, parsed = await asyncio.to_thread(propose_page, body, page.final_url, headers)
            except FeedError as error:
                print_error(f"{url}: {error} [{error.code}]")
                by_hand = isinstance(error, NoItems)
                print_error(f"  hint: {'write [feed.page] by hand, see docs/feeds.md' if by_hand else error.hint}")
                continue
            print_line(f"{printable(parsed.title)}: {kept_url(page)} ({len(parsed.entries)} items)")
            for key, selector in selectors.items():
                print_line(f"  {key} = {selector}")
            for entry in parsed.entries[:5]:
                date = f"{entry.published:%Y-%m-%d %H:%M}  " if entry.published else "no date  "
                print_line(f"  {date}{printable(entry.title)}  {entry.link}")
            found.append({"url": kept_url(page), "name": parsed.title, "page": selectors})
    return found
