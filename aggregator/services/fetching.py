"""The intake put together: one configuration, one database, the network and the parse workers.

What `fetch` needs and no more: stories, digests and their libraries are not imported here, since they cost several times
what a look at unchanged feeds does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Self

from aggregator import __version__
from aggregator.config.schema import Config
from aggregator.config.secrets import database_url
from aggregator.config.sections import Feed
from aggregator.pipeline import push as pushing
from aggregator.pipeline.fetch import Intake, Polled, poll
from aggregator.pipeline.fulltext import FullText
from aggregator.store.database import Database
from aggregator.store.errors import NotFound
from aggregator.store.intake import feeds as feed_store
from aggregator.store.records import FeedConfigRow, FeedRecord
from aggregator.system import process as owner
from aggregator.system.clock import Clock, SystemClock
from feeds.decide import PollSettings
from feeds.errors import FeedError, ParseError, Unexpected
from feeds.http import FetchSettings, Request
from feeds.http.client import HttpSource
from feeds.http.robots import RobotsRules
from feeds.model import FeedState, Parsed, Subscription
from feeds.parse.pool import ParsePool, read_list

POLL_LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Preview:
    """An address that is not subscribed, fetched and read without storing anything."""

    url: str
    parsed: Parsed | None = None
    error: FeedError | None = None


@dataclass(frozen=True, slots=True)
class FetchReport:
    """What one `fetch` did. Its own text is short: asyncio puts together that of a finished task's result, and drops it."""

    results: tuple[Polled, ...] = field(default=(), repr=False)
    previews: tuple[Preview, ...] = field(default=(), repr=False)

    @property
    def nothing_worked(self) -> bool:
        """Whether every feed failed: exit status 3."""
        outcomes = [p.code is not None for p in self.results] + [p.error is not None for p in self.previews]
        return bool(outcomes) and all(outcomes)


class IntakeDesk:
    """Holds what polling needs as long as the program runs. `clock` is the edge where time comes in."""

    def __init__(self, config: Config, db: Database, clock: Clock | None = None) -> None:
        self.config = config
        self.db = db
        self.clock = clock or SystemClock()
        self.owner = owner.make()
        self._intake: Intake | None = None
        self._open = AsyncExitStack()
        self._polling = 0
        self.under_way = 0
        """Feeds that are claimed, handed to `poll` and not saved yet."""
        self._idle = asyncio.Event()
        self._idle.set()

    @classmethod
    def open(cls, config: Config, clock: Clock | None = None) -> Self:
        """Open the database, bring it up to date, and note what is subscribed. Raises StoreError."""
        url = database_url(config)
        if url.startswith("sqlite:///"):
            Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        db = Database.open(url)
        db.migrate()
        desk = cls(config, db, clock)
        desk.sync()
        return desk

    def close(self) -> None:
        """Let go of everything that needs no event loop."""
        self.db.close()

    async def aclose(self) -> None:
        """Let go of the network and the parse workers."""
        self._intake = None
        await self._open.aclose()

    async def renew_intake(self) -> None:
        """Take new network settings: the present ports are closed once the polls under way are done."""
        old, self._open, self._intake = self._open, AsyncExitStack(), None
        await self._idle.wait()
        await old.aclose()

    def sync(self) -> None:
        """Make the store agree with the configuration: which feeds are subscribed."""
        feed_store.sync_subscriptions(self.db, subscriptions(self.config), self.clock.now())

    async def intake(self) -> Intake:
        """The ports of the intake, opened when first needed and kept."""
        if self._intake is None:
            source = await self._open.enter_async_context(
                HttpSource(fetch_settings(self.config), clock=self.clock.monotonic)
            )
            parser = await self._open.enter_async_context(ParsePool(self.config.fetch.parse_workers))
            self._intake = Intake(
                db=self.db,
                source=source,
                hub=source,
                parser=parser,
                clock=self.clock,
                owner=self.owner,
                settings=poll_settings(self.config),
                full_text=FullText(source, RobotsRules(source), self.config.fetch.full_text),
                concurrency=self.config.fetch.concurrency,
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
        """Poll these feeds, those that are due, or all. An address that is not subscribed is only shown."""
        records, strangers = await asyncio.to_thread(self._claim, targets, due)
        if force:
            records = [replace(r, state=_forgetful(r.state)) for r in records]
        results = await self.poll(records, on_result)
        previews = [await self.preview(url) for url in strangers]
        return FetchReport(tuple(results), tuple(previews))

    def _claim(self, targets: Sequence[str], due: bool) -> tuple[list[FeedRecord], list[str]]:
        now = self.clock.now()
        if due and not targets:
            return feed_store.claim_due(self.db, now, self.owner, POLL_LEASE, limit=100_000), []
        ids: list[int] = []
        strangers: list[str] = []
        for target in targets:
            try:
                ids.append(feed_store.feed(self.db, target).id)
            except NotFound:
                if not is_address(target):
                    raise
                strangers.append(target)
        if not targets:
            ids = list(feed_store.feeds_by_id(self.db))
        return feed_store.claim(self.db, ids, now, self.owner, POLL_LEASE), strangers

    async def poll(
        self, records: Sequence[FeedRecord], on_result: Callable[[Polled], None] | None = None
    ) -> list[Polled]:
        """Poll feeds that are claimed already; what is not finished is given back."""
        if not records:
            return []
        self._polling += 1
        self._idle.clear()
        self.under_way += len(records)
        left = len(records)

        def done(polled: Polled) -> None:
            nonlocal left
            left -= 1
            self.under_way -= 1
            if on_result:
                on_result(polled)

        try:
            return await poll(await self.intake(), records, done)
        finally:
            self.under_way -= left
            self._polling -= 1
            if not self._polling:
                self._idle.set()
            # A poll that was saved has no lease any more, so this touches only what was broken off.
            await asyncio.to_thread(feed_store.release, self.db, [r.id for r in records], self.owner)

    async def subscribe_at_hubs(self) -> pushing.Asked:
        """Ask the hubs of feeds that name one to tell us of news, at the public address of the pages."""
        intake = await self.intake()
        public = self.config.web.public_url.rstrip("/")
        assert intake.hub is not None
        return await pushing.subscribe(self.db, intake.hub, public, self.clock.now())

    async def preview(self, url: str) -> Preview:
        """Fetch and read an address without storing anything."""
        intake = await self.intake()
        try:
            fetched = await intake.source.fetch(Request(url))
            body = fetched.body or b""
            return Preview(url, parsed=await intake.parser.parse(body, fetched.final_url, fetched.headers))
        except FeedError as error:
            return Preview(url, error=error)
        except Exception as error:  # noqa: BLE001 - one address never costs another
            return Preview(url, error=Unexpected.of(error, url))


@asynccontextmanager
async def opened(config: Config, clock: Clock | None = None) -> AsyncIterator[IntakeDesk]:
    """A desk, closed at the end whatever happens."""
    desk = await asyncio.to_thread(IntakeDesk.open, config, clock)
    try:
        yield desk
    finally:
        await desk.aclose()
        desk.close()


def fetch_settings(config: Config) -> FetchSettings:
    """The limits of every fetch."""
    fetch = config.fetch
    return FetchSettings(
        timeout=fetch.timeout.total_seconds(),
        max_bytes=fetch.max_bytes,
        max_redirects=fetch.max_redirects,
        concurrency=fetch.concurrency,
        per_host=fetch.per_host,
        host_delay=fetch.host_delay.total_seconds(),
        user_agent=fetch.user_agent or f"aggregator-digest/{__version__}",
        contact=fetch.contact or config.web.public_url or config.mail.owner,
        allow_private=fetch.allow_private,
    )


def poll_settings(config: Config) -> PollSettings:
    """When feeds are looked at again."""
    return PollSettings(
        min_interval=config.fetch.min_interval.total_seconds(), max_interval=config.fetch.max_interval.total_seconds()
    )


def subscriptions(config: Config) -> list[FeedConfigRow]:
    """Every feed that is subscribed, in the file itself and in OPML files; the file's own entry stands before OPML's.

    Raises `ParseError`, its `url` the path of the list that cannot be read.
    """
    rows = {feed.url: _feed_row(feed) for feed in config.feeds if feed.enabled}
    known = {feed.url for feed in config.feeds}
    for table in config.opml:
        for outline in listed(config.resolve(table.file)):
            if outline.url not in known:
                topic = outline.folder[-1] if outline.folder else None
                rows.setdefault(outline.url, FeedConfigRow(outline.url, outline.title, topic))
    return list(rows.values())


def listed(path: Path) -> list[Subscription]:
    """The feeds of an OPML file. Raises `ParseError`, its `url` the path."""
    try:
        return read_list(path.read_bytes())
    except ParseError as error:
        error.url = str(path)
        raise


def _feed_row(feed: Feed) -> FeedConfigRow:
    options: dict[str, object] = {}
    if feed.full_text:
        options["full_text"] = feed.full_text
    if feed.interval:
        options["interval"] = feed.interval.total_seconds()
    if feed.allow_private:
        options["allow_private"] = True
    return FeedConfigRow(feed.url, feed.name, feed.topic or None, feed.weight, feed.language, options)


def is_address(example: str) -> bool:
    """Whether an example is the address of a page."""
    return example.startswith(("http://", "https://")) and not any(c.isspace() for c in example)


def _forgetful(state: FeedState) -> FeedState:
    """The state without what would make the request conditional."""
    return replace(state, validators=type(state.validators)())
