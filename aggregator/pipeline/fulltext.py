"""The article's own page where a feed gives only a teaser: asked politely, and used only when it says more."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import urlsplit

from aggregator.store.records import FeedRecord
from feeds.discovery.pool import Pages
from feeds.errors import ExtractFailed, ExtractLimit, FeedError, RobotsRefused, Unexpected
from feeds.http.base import ACCEPT_PAGE, Fetcher, Request
from feeds.model import Entry, ExtractedArticle

log = logging.getLogger(__name__)

MOST_PAGES = 10  # of one feed in one poll: a first fetch must not read a whole archive
LEAST_CONFIDENCE = 0.5
_LIMIT = f"{ExtractLimit.__doc__} ({ExtractLimit.hint})"
LEAST_GAIN = 1.3  # the page's text must be this much longer than the feed's own


class Robots(Protocol):
    """Says whether a page may be read."""

    async def allowed(self, url: str, *, allow_private: bool = False) -> bool:
        """Whether the site lets robots read this address; `allow_private` for one on the user's own network."""
        ...


class FailedPages(Protocol):
    """Remembers the pages that could not be read within the limits."""

    async def blocked(self, urls: Sequence[str]) -> set[str]:
        """Those of these pages that are not read now."""
        ...

    async def put(self, url: str, reason: str) -> None:
        """Note that a page failed."""
        ...


@dataclass(slots=True)
class FullText:
    """Completes entries. `policy` is never, teaser or always; a feed's own option stands before it."""

    source: Fetcher
    robots: Robots
    pages: Pages
    failed: FailedPages
    policy: str = "teaser"

    async def complete(
        self, record: FeedRecord, entries: tuple[Entry, ...], backlog: frozenset[str]
    ) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
        """The entries, each with its page's text where that is wanted, allowed and better; and what failed on our side.

        Never raises: an entry whose page cannot be read keeps the feed's own text.
        """
        policy = str(record.options.get("full_text") or self.policy)
        wanted = [e.guid for e in entries if e.link and e.guid not in backlog and _wants(policy, e)][:MOST_PAGES]
        if not wanted:
            return entries, ()
        blocked = await self.failed.blocked([e.link for e in entries if e.link and e.guid in wanted])
        chosen = {e.guid for e in entries if e.guid in wanted and e.link not in blocked}
        failures: Counter[str] = Counter()
        done = [await self._tried(e, _trusted(record, e), failures) if e.guid in chosen else e for e in entries]
        return tuple(done), tuple(f"{_pages(count)} not read: {cause}" for cause, count in failures.items())

    async def _tried(self, entry: Entry, trusted: bool, failures: Counter[str]) -> Entry:
        """The entry with its page's text; as it is where something fails, which is counted if the page is not at fault."""
        if failures[_LIMIT]:  # the next page of this feed would keep others waiting as long
            return entry
        try:
            return await self._page(entry, trusted)
        except ExtractLimit as error:
            failures[_LIMIT] += 1
            await self.failed.put(entry.link or "", error.message)
            log.info("full text", extra={"fields": {"url": entry.link, "why": error.message}})
        except ExtractFailed as error:
            failures[f"{error.message} ({error.hint})"] += 1
            log.info("full text", extra={"fields": {"url": entry.link}}, exc_info=error)
        except FeedError:
            pass  # the site's affair
        except Exception as error:
            failures[Unexpected.of(error, entry.link or "").message] += 1
            log.info("full text", extra={"fields": {"url": entry.link}}, exc_info=error)
        return entry

    async def _page(self, entry: Entry, trusted: bool) -> Entry:
        assert entry.link is not None
        if not await self.robots.allowed(entry.link, allow_private=trusted):
            raise RobotsRefused(url=entry.link)
        fetched = await self.source.fetch(Request(entry.link, allow_private=trusted, accept=ACCEPT_PAGE))
        if fetched.body is None:
            return entry
        return better(entry, await self.pages.extract(fetched.body, fetched.final_url))


def _pages(count: int) -> str:
    return f"{count} {'page' if count == 1 else 'pages'}"


def _trusted(record: FeedRecord, entry: Entry) -> bool:
    """Leave for private addresses covers the feed's own host: an entry must not lead us to its neighbours."""
    own = urlsplit(record.url).hostname == urlsplit(entry.link or "").hostname
    return own and bool(record.options.get("allow_private", False))


def _wants(policy: str, entry: Entry) -> bool:
    return policy == "always" or (policy == "teaser" and entry.teaser)


def better(entry: Entry, found: ExtractedArticle) -> Entry:
    """The entry with the page's text if that clearly says more, else the entry as it was."""
    if found.confidence < LEAST_CONFIDENCE or len(found.text) < LEAST_GAIN * len(entry.text):
        return entry
    return replace(
        entry,
        text=found.text,
        content_html=found.html or entry.content_html,
        authors=entry.authors or found.authors,
        published=entry.published or found.published,
        image=entry.image or found.image,
        teaser=False,
        full_text=True,
    )
