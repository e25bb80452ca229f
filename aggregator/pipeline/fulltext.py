"""Full text from articles' web pages, for feeds with teasers only. Respects robots.txt."""

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

MAX_PAGES = 10  # pages fetched for one feed in one poll, so that a first poll does not fetch a whole archive
MIN_CONFIDENCE = 0.5
MIN_GAIN = 1.3  # the page's text must be longer than the feed's by this factor
_LIMIT = f"{ExtractLimit.__doc__} ({ExtractLimit.hint})"


class Robots(Protocol):
    """Decides whether a page may be fetched."""

    async def allowed(self, url: str, *, allow_private: bool = False) -> bool:
        """Whether the site's robots.txt allows this URL; `allow_private` allows a private network address."""
        ...


class FailedPages(Protocol):
    """Records pages that exceeded the limits of extraction."""

    async def blocked(self, urls: Sequence[str]) -> set[str]:
        """Return those of these pages that are not to be fetched now."""
        ...

    async def put(self, url: str, reason: str) -> None:
        """Record a failed page."""
        ...


@dataclass(slots=True)
class FullText:
    """Adds full text to entries. `policy` is never, teaser or always; a feed's own option has priority."""

    source: Fetcher
    robots: Robots
    pages: Pages
    failed: FailedPages
    policy: str = "teaser"

    async def complete(
        self, record: FeedRecord, entries: tuple[Entry, ...], backlog: frozenset[str]
    ) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
        """Return the entries with their pages' text where that is configured, allowed and longer, and our own failures.

        Never raises: an entry keeps the feed's text when its page cannot be fetched.
        """
        policy = str(record.options.get("full_text") or self.policy)
        wanted = [e.guid for e in entries if e.link and e.guid not in backlog and _wants(policy, e)][:MAX_PAGES]
        if not wanted:
            return entries, ()
        blocked = await self.failed.blocked([e.link for e in entries if e.link and e.guid in wanted])
        chosen = {e.guid for e in entries if e.guid in wanted and e.link not in blocked}
        failures: Counter[str] = Counter()
        done = [await self._complete_one(e, _trusted(record, e), failures) if e.guid in chosen else e for e in entries]
        return tuple(done), tuple(f"{_pages(count)} not read: {cause}" for cause, count in failures.items())

    async def _complete_one(self, entry: Entry, trusted: bool, failures: Counter[str]) -> Entry:
        """Return the entry with its page's text, or unchanged after a failure; count failures on our side."""
        if failures[_LIMIT]:  # the next page of this feed would probably be as slow
            return entry
        try:
            return await self._fetch_page(entry, trusted)
        except ExtractLimit as error:
            failures[_LIMIT] += 1
            await self.failed.put(entry.link or "", error.message)
            log.info("full text", extra={"fields": {"url": entry.link, "why": error.message}})
        except ExtractFailed as error:
            failures[f"{error.message} ({error.hint})"] += 1
            log.info("full text", extra={"fields": {"url": entry.link}}, exc_info=error)
        except FeedError:
            pass  # a failure of the website
        except Exception as error:
            failures[Unexpected.of(error, entry.link or "").message] += 1
            log.info("full text", extra={"fields": {"url": entry.link}}, exc_info=error)
        return entry

    async def _fetch_page(self, entry: Entry, trusted: bool) -> Entry:
        assert entry.link is not None
        if not await self.robots.allowed(entry.link, allow_private=trusted):
            raise RobotsRefused(url=entry.link)
        fetched = await self.source.fetch(Request(entry.link, allow_private=trusted, accept=ACCEPT_PAGE))
        if fetched.body is None:
            return entry
        return with_page_text(entry, await self.pages.extract(fetched.body, fetched.final_url))


def _pages(count: int) -> str:
    return f"{count} {'page' if count == 1 else 'pages'}"


def _trusted(record: FeedRecord, entry: Entry) -> bool:
    """Whether a private address is allowed: only on the feed's own host, not on others in the private network."""
    own = urlsplit(record.url).hostname == urlsplit(entry.link or "").hostname
    return own and bool(record.options.get("allow_private", False))


def _wants(policy: str, entry: Entry) -> bool:
    return policy == "always" or (policy == "teaser" and entry.teaser)


def with_page_text(entry: Entry, found: ExtractedArticle) -> Entry:
    """Return the entry with the page's text if that is clearly longer, else the entry unchanged."""
    if found.confidence < MIN_CONFIDENCE or len(found.text) < MIN_GAIN * len(entry.text):
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
