"""The fetching service and its settings.

Imports no stories and digests, which takes long; what polls is imported when there is something to poll.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from aggregator.config.schema import Config
from aggregator.config.secrets import database_url
from aggregator.services.context import Context
from aggregator.services.intake.configured import sync_configured_feeds
from aggregator.services.intake.settings import FetchingSettings, fetching_settings
from aggregator.store import open_database
from aggregator.store.errors import NotFound
from aggregator.store.intake import feeds as feed_store
from aggregator.system import process
from aggregator.system.clock import Clock, SystemClock
from feeds.errors import FeedError, Unexpected
from feeds.http import Request
from feeds.http.base import ACCEPT_PAGE
from feeds.model import NEWSLETTER_SCHEME, ExtractedArticle, FeedState, Parsed

if TYPE_CHECKING:
    from aggregator.pipeline.fetch import Intake, Polled
    from aggregator.pipeline.push import HubRequests
    from aggregator.store.records import FeedRecord
    from feeds.discovery.subscribing import DiscoveredFeed, ProposedList

POLL_LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Preview:
    """The result of fetching a URL that is not subscribed; nothing is stored."""

    url: str
    parsed: Parsed | None = None
    error: FeedError | None = None


@dataclass(frozen=True, slots=True)
class FetchReport:
    """The results of one `fetch`. Its repr is short, because asyncio formats the result of every finished task."""

    results: tuple[Polled, ...] = field(default=(), repr=False)
    previews: tuple[Preview, ...] = field(default=(), repr=False)

    @property
    def nothing_worked(self) -> bool:
        """Whether every feed failed."""
        outcomes = [p.code is not None for p in self.results] + [p.error is not None for p in self.previews]
        return bool(outcomes) and all(outcomes)


class FetchingService:
    """Polls feeds. Network connections and parse processes are opened at the first use and kept open."""

    def __init__(self, context: Context, settings: FetchingSettings) -> None:
        self._context = context
        self._settings = settings
        self._intake: Intake | None = None
        self._open = AsyncExitStack()
        self._polling = 0
        self.in_flight = 0
        """The number of feeds that are claimed and passed to `poll`, but not yet saved."""
        self.may_begin: Callable[[], bool] = lambda: True  # whether a feed that is claimed may still be polled
        self.on_stored: Callable[[Sequence[int]], None] = lambda _: None  # takes the ids of new entries, in a thread
        self._idle = asyncio.Event()
        self._idle.set()

    async def aclose(self) -> None:
        """Close the network connections and the parse processes."""
        self._intake = None
        await self._open.aclose()

    async def configure(self, settings: FetchingSettings) -> None:
        """Use these settings from now on; old connections are closed when their polls have ended."""
        if settings == self._settings:
            return
        self._settings = settings
        old, self._open, self._intake = self._open, AsyncExitStack(), None
        await self._idle.wait()
        await old.aclose()

    async def intake(self) -> Intake:
        """Return the ports that polling needs; open them at the first call."""
        if self._intake is None:
            from aggregator.services.intake.ports import open_intake

            self._intake = await open_intake(
                self._open, self._context, self._settings, may_begin=self.may_begin, on_stored=self.on_stored
            )
        return self._intake

    async def fetch(
        self,
        targets: Sequence[str] = (),
        *,
        due: bool = False,
        force: bool = False,
        on_result: Callable[[Polled], None] | None = None,
    ) -> FetchReport:
        """Poll these feeds, the due ones, or all. A URL that is not subscribed is fetched, but not stored.

        Raises NotFound for a target that is neither a feed nor a URL, or is a newsletter.
        """
        records, unknown_urls = await asyncio.to_thread(self._claim, targets, due)
        if force:
            records = [replace(r, state=_without_validators(r.state)) for r in records]
        results = await self.poll(records, on_result)
        while due and not targets and len(records) == 1:  # one that may end the process was claimed alone
            records = (await asyncio.to_thread(self._claim, targets, due))[0]
            results += await self.poll(records, on_result)
        previews = [await self.preview(url) for url in unknown_urls]
        return FetchReport(tuple(results), tuple(previews))

    def _claim(self, targets: Sequence[str], due: bool) -> tuple[list[FeedRecord], list[str]]:
        db, now, holder = self._context.db, self._context.clock.now(), self._context.holder
        if due and not targets:
            return feed_store.claim_due(db, now, holder, POLL_LEASE, limit=100_000), []
        ids: list[int] = []
        unknown_urls: list[str] = []
        for target in targets:
            try:
                record = feed_store.feed(db, target)
            except NotFound:
                if not is_url(target):
                    raise
                unknown_urls.append(target)
                continue
            if record.url.startswith(NEWSLETTER_SCHEME):
                raise NotFound(f"{record.label} comes by mail", "`aggregator newsletters read` reads the mailbox")
            ids.append(record.id)
        if not targets:
            urls = feed_store.subscribed_urls(db)
            ids = [key for key, url in urls.items() if not url.startswith(NEWSLETTER_SCHEME)]
        return feed_store.claim(db, ids, now, holder, POLL_LEASE), unknown_urls

    async def poll(
        self, records: Sequence[FeedRecord], on_result: Callable[[Polled], None] | None = None
    ) -> list[Polled]:
        """Poll claimed feeds; release the leases of those that did not finish."""
        if not records:
            return []
        from aggregator.pipeline.fetch import poll

        self._polling += 1
        self._idle.clear()
        self.in_flight += len(records)
        remaining = len(records)

        def done(polled: Polled) -> None:
            nonlocal remaining
            remaining -= 1
            self.in_flight -= 1
            if on_result:
                on_result(polled)

        try:
            return await poll(await self.intake(), records, done)
        finally:
            self.in_flight -= remaining
            self._polling -= 1
            if not self._polling:
                self._idle.set()
            # A saved poll has no lease any more, so this releases only interrupted ones.
            await asyncio.to_thread(feed_store.release, self._context.db, [r.id for r in records], self._context.holder)

    async def subscribe_at_hubs(self) -> HubRequests:
        """Subscribe at the feeds' WebSub hubs, so that they push new entries to the public URL of the pages."""
        from aggregator.pipeline.push import subscribe_at_hubs

        intake = await self.intake()
        assert intake.hub is not None
        return await subscribe_at_hubs(
            self._context.db,
            intake.hub,
            self._settings.public_url,
            self._context.clock.now(),
            self._settings.access,
        )

    async def preview(self, url: str) -> Preview:
        """Fetch and parse a URL without storing anything."""
        intake = await self.intake()
        try:
            fetched = await intake.source.fetch(Request(url))
            body = fetched.body or b""
            return Preview(url, parsed=await intake.parser.parse(body, fetched.final_url, fetched.headers))
        except FeedError as error:
            return Preview(url, error=error)
        except Exception as error:  # noqa: BLE001 - the other URLs are still fetched
            return Preview(url, error=Unexpected.of(error, url))

    async def find(self, url: str) -> DiscoveredFeed:
        """Find the feed behind a URL; nothing is stored. Raises FeedError."""
        from feeds.discovery.subscribing import find_feed

        intake = await self.intake()
        return await find_feed(intake.source, url, parse=intake.parser.parse)

    async def propose(self, url: str) -> ProposedList:
        """Propose how to read a page that has no feed; nothing is stored. Raises FeedError."""
        from feeds.discovery.subscribing import propose_list

        return await propose_list((await self.intake()).source, url)

    async def article(self, url: str) -> ExtractedArticle:
        """Fetch a web page and extract its article. Raises FeedError."""
        intake = await self.intake()
        assert intake.pages is not None
        fetched = await intake.source.fetch(Request(url, accept=ACCEPT_PAGE))
        return await intake.pages.extract(fetched.body or b"", fetched.final_url)


@asynccontextmanager
async def opened_fetching(config: Config, clock: Clock | None = None) -> AsyncIterator[FetchingService]:
    """Open the fetching service and its database, and close both at the end. Raises StoreError."""
    db = await asyncio.to_thread(open_database, database_url(config))
    try:
        context = Context(db, clock or SystemClock(), process.lease_holder())
        await asyncio.to_thread(sync_configured_feeds, db, config, context.clock.now())
        service = FetchingService(context, fetching_settings(config))
        try:
            yield service
        finally:
            await service.aclose()
    finally:
        db.close()


def is_url(text: str) -> bool:
    """Whether the text is an http or https URL."""
    return text.startswith(("http://", "https://")) and not any(c.isspace() for c in text)


def _without_validators(state: FeedState) -> FeedState:
    """Return the state without validators, so that the next request is not conditional."""
    return replace(state, validators=type(state.validators)())
