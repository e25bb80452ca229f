"""Full text from articles' web pages, for feeds with teasers only. Respects robots.txt.

wanted ──▶ fetch and extract ──▶ compare with the entry and with other pages ──▶ the page's text, or a refusal
(async)               (pure: feeds.discovery.acceptance)
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from aggregator.store.records import FeedRecord, PageMemory, PageRefusal
from feeds.discovery.pool import Pages
from feeds.errors import ExtractFailed, ExtractLimit, FeedError, RobotsRefused, Unexpected
from feeds.http.access import Access, AccessTable
from feeds.http.base import ACCEPT_PAGE, Fetcher, Request
from feeds.model import Entry, ExtractedArticle, FeedPlan

if TYPE_CHECKING:
    from feeds.discovery.acceptance import OtherPage, PageProblem

log = logging.getLogger(__name__)

MAX_PAGES = 10  # pages fetched for one feed in one poll, so that a first poll does not fetch a whole archive
MIN_CONFIDENCE = 0.5
MIN_GAIN = 1.3  # the page's text must be longer than the feed's by this factor
_LIMIT = f"{ExtractLimit.__doc__} ({ExtractLimit.hint})"


class Robots(Protocol):
    """Decides whether a page may be fetched."""

    async def allowed(self, url: str, *, allow_private: bool = False, access: Access | None = None) -> bool:
        """Whether the site's robots.txt allows this URL; the rest is as in `Request`."""
        ...


class FailedPages(Protocol):
    """Records pages that exceeded the limits of extraction."""

    async def blocked(self, urls: Sequence[str]) -> set[str]:
        """Return those of these pages that are not to be fetched now."""
        ...

    async def put(self, url: str, reason: str) -> None:
        """Record a failed page."""
        ...


@dataclass(frozen=True, slots=True)
class Completed:
    """A plan with the texts of pages, what failed on our side, and the pages that were refused."""

    plan: FeedPlan
    failures: tuple[str, ...] = ()
    refused: tuple[PageRefusal, ...] = ()


@dataclass(frozen=True, slots=True)
class _Page:
    """A page that was read for an entry. `url` is its URL after redirects."""

    entry: Entry
    article: ExtractedArticle
    url: str


@dataclass(slots=True)
class _Found:
    """The pages that were read at one poll, and how many failed, by cause."""

    pages: list[_Page] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class FullText:
    """Adds full text to entries. `policy` is never, teaser or always; a feed's own option has priority."""

    source: Fetcher
    robots: Robots
    pages: Pages
    failed: FailedPages
    policy: str = "teaser"
    access: AccessTable = field(default_factory=AccessTable)

    async def complete(
        self, record: FeedRecord, plan: FeedPlan, remember: Callable[[], Awaitable[PageMemory]], now: datetime
    ) -> Completed:
        """Return the plan in which entries have the text of their page if that is wanted, allowed and better.

        Never raises: an entry whose page cannot be read or is refused keeps the feed's own text. `remember` reads what
        is known of the feed's pages; it is called only when pages are wanted.
        """
        policy = str(record.options.get("full_text") or self.policy)
        wanted = [*_wanted(policy, plan.changed, frozenset()), *_wanted(policy, plan.new, plan.backlog)]
        if not wanted:
            return Completed(plan)
        memory = await remember()
        blocked = await self.failed.blocked([entry.link for entry in wanted if entry.link]) | memory.refused
        found = _Found()
        for entry in wanted:
            # After a page that exceeded its limits, the next one of this feed may keep others waiting as long.
            if entry.link not in blocked and not found.failures[_LIMIT]:
                await self._add_page(record, entry, found)
        judged = await asyncio.to_thread(_judged, found.pages, memory)
        done = {
            page.entry.guid: with_page_text(page.entry, page.article) for page, refused in judged if refused is None
        }
        refusals = tuple(PageRefusal(p.entry.link or "", refused, now) for p, refused in judged if refused is not None)
        plan = replace(
            plan,
            new=tuple(done.get(entry.guid, entry) for entry in plan.new),
            changed=tuple(done.get(entry.guid, entry) for entry in plan.changed),
        )
        failures = tuple(f"{_pages(count)} not read: {cause}" for cause, count in found.failures.items() if count)
        return Completed(plan, failures + _notes(refusals), refusals)

    async def _add_page(self, record: FeedRecord, entry: Entry, found: _Found) -> None:
        """Read an entry's page; a failure is counted unless the site is at fault."""
        try:
            page = await self._fetch_page(record, entry)
        except ExtractLimit as error:
            found.failures[_LIMIT] += 1
            await self.failed.put(entry.link or "", error.message)
            log.info("full text", extra={"fields": {"url": entry.link, "why": error.message}})
        except ExtractFailed as error:
            found.failures[f"{error.message} ({error.hint})"] += 1
            log.info("full text", extra={"fields": {"url": entry.link}}, exc_info=error)
        except FeedError:
            pass  # the site's fault
        except Exception as error:
            found.failures[Unexpected.of(error, entry.link or "").message] += 1
            log.info("full text", extra={"fields": {"url": entry.link}}, exc_info=error)
        else:
            if page is not None:
                found.pages.append(page)

    async def _fetch_page(self, record: FeedRecord, entry: Entry) -> _Page | None:
        assert entry.link is not None
        trusted, access = record.allows_private(entry.link), self.access.of(record.configured)
        if not await self.robots.allowed(entry.link, allow_private=trusted, access=access):
            raise RobotsRefused(url=entry.link)
        request = Request(entry.link, allow_private=trusted, accept=ACCEPT_PAGE, access=access)
        fetched = await self.source.fetch(request)
        if fetched.body is None:
            return None
        return _Page(entry, await self.pages.extract(fetched.body, fetched.final_url), fetched.final_url)


def _judged(pages: Sequence[_Page], memory: PageMemory) -> list[tuple[_Page, PageProblem | None]]:
    """Return each page with the reason why it is refused; None if it is the article of its entry."""
    from feeds.discovery.acceptance import OtherPage, refusal

    recent = [(guid, OtherPage(title, text)) for guid, title, text in memory.recent]
    here = [(page.entry.guid, OtherPage(page.entry.title, page.article.text)) for page in pages]

    def others(guid: str) -> list[OtherPage]:
        return [other for owner, other in (*here, *recent) if owner != guid]

    return [(page, refusal(page.entry, page.article, page.url, others(page.entry.guid))) for page in pages]


def _notes(refusals: Sequence[PageRefusal]) -> tuple[str, ...]:
    from feeds.discovery.acceptance import REASONS, PageProblem

    counts = Counter(refused.code for refused in refusals)
    return tuple(f"{_pages(count)} not used: {REASONS[PageProblem(code)]}" for code, count in counts.items())


def _pages(count: int) -> str:
    return f"{count} {'page' if count == 1 else 'pages'}"


def _wanted(policy: str, entries: Sequence[Entry], backlog: frozenset[str]) -> list[Entry]:
    found = [entry for entry in entries if entry.link and entry.guid not in backlog and _wants(policy, entry)]
    return found[:MAX_PAGES]


def _wants(policy: str, entry: Entry) -> bool:
    return policy == "always" or (policy == "teaser" and entry.teaser)


def with_page_text(entry: Entry, found: ExtractedArticle) -> Entry:
    """Return the entry with the page's text if that is clearly longer, else the entry unchanged."""
    from feeds.discovery.acceptance import without_headings

    text = without_headings(found.text, (entry.title,))
    if found.confidence < MIN_CONFIDENCE or len(text) < MIN_GAIN * len(entry.text):
        return entry
    return replace(
        entry,
        text=text,
        content_html=found.html or entry.content_html,
        authors=entry.authors or found.authors,
        published=entry.published or found.published,
        image=entry.image or found.image,
        teaser=False,
        full_text=True,
    )
