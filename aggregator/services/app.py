"""The program put together: one configuration, one database, and the operations that commands and the daemon share."""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from aggregator.config.schema import Config
from aggregator.config.secrets import secret
from aggregator.operator import alerts
from aggregator.operator import letters as notices
from aggregator.pipeline import compose as composing
from aggregator.pipeline import deliver as delivering
from aggregator.pipeline import issue as issuing
from aggregator.pipeline.compose import Composed, Plan, Window
from aggregator.pipeline.group import Grouped, GroupingRoom
from aggregator.pipeline.issue import Sender
from aggregator.pipeline.summarizers import summarizer
from aggregator.recipients import bounces as returns
from aggregator.recipients import opt_in as welcome
from aggregator.recipients import subscribers
from aggregator.recipients.bounces import Returned
from aggregator.services import settings as wiring
from aggregator.services.fetching import IntakeDesk, is_address
from aggregator.store import meta
from aggregator.store.database import Database
from aggregator.store.editions import digests as digest_store
from aggregator.store.editions import editions as edition_store
from aggregator.store.errors import NotFound
from aggregator.store.outgoing import recipients as recipient_store
from aggregator.store.records import DigestRecord, EditionRecord, RecipientConfigRow
from aggregator.stories.profile.interests import Profile
from aggregator.system.clock import Clock
from digests import codec
from digests.channels import Channel
from digests.model import Edition, Story, Summary
from digests.render.renderer import Renderer
from digests.schedule import next_slot, slots
from feeds.discovery import article
from feeds.errors import FeedError
from feeds.http import Request
from feeds.http.base import ACCEPT_PAGE

log = logging.getLogger(__name__)

DIGEST_LEASE = timedelta(minutes=10)
FIRST_PERIOD = timedelta(hours=24)  # what a digest's first edition covers
_LINK_KEY = "link-key"


class App(IntakeDesk):
    """The intake desk, and what stories, digests and deliveries need besides."""

    def __init__(self, config: Config, db: Database, clock: Clock | None = None) -> None:
        super().__init__(config, db, clock)
        self._room: GroupingRoom | None = None
        self._renderers: dict[Path | None, Renderer] = {}
        self._texts: dict[str, str] = {}
        self.stopping = threading.Event()
        """Set when the program is to end: what takes long gives back what it has not begun."""

    def close(self) -> None:
        """Let go of everything that needs no event loop."""
        for renderer in self._renderers.values():
            renderer.close()
        self._renderers.clear()
        super().close()

    # ── configuration ────────────────────────────────────────────────────────────────────────────────────────────────

    def sync(self) -> None:
        """Make the store agree with the configuration: subscriptions, and the digests' next slots."""
        super().sync()
        now = self.clock.now()
        digest_store.sync_digests(self.db, wiring.digest_rows(self.config, now), now)

    async def reconfigure(self, config: Config) -> None:
        """Take a new configuration over without a restart. Raises StoreError, or ParseError of a list; the old one is then kept."""
        before, self.config = self.config, config
        try:
            await asyncio.to_thread(self.sync)
        except Exception:
            self.config = before
            raise
        self._room = None
        for renderer in self._renderers.values():
            renderer.close()
        self._renderers.clear()
        if config.fetch != before.fetch:
            await self.renew_intake()
        await self.prepare()

    # ── stories ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def prepare(self) -> None:
        """Read the pages that interests name as examples; one that cannot be read is left out until the next start."""
        wanted = [e for i in self.config.interests for e in (*i.examples, *i.unlike) if is_address(e)]
        for url in dict.fromkeys(wanted):
            if url not in self._texts and (text := await self.page_text(url)):
                self._texts[url] = text
                self._room = None

    async def page_text(self, url: str) -> str:
        """The text of a page, remembered in the store; empty if it cannot be read."""
        known = await asyncio.to_thread(meta.get, self.db, f"example {url}")
        if known:
            return known
        intake = await self.intake()
        try:
            fetched = await intake.source.fetch(Request(url, accept=ACCEPT_PAGE))
            found = await asyncio.to_thread(article.extract, fetched.body or b"", fetched.final_url)
        except FeedError as error:
            log.warning("page of an interest", extra={"fields": {"url": url, "error": error.message}})
            return ""
        text = f"{found.title}\n\n{found.text}".strip()
        if text:
            await asyncio.to_thread(meta.put, self.db, f"example {url}", text)
        return text

    def room(self) -> GroupingRoom:
        """The grouping stage with its live window."""
        if self._room is None:
            describer = wiring.describer(self.config, self._texts)
            make = wiring.grouper(self.config)
            self._room = GroupingRoom(self.db, describer, make, self.owner, self.config.stories.window)
        return self._room

    def profiles(self) -> list[Profile]:
        """The interests as the engine understands them, in the order of the configuration; `prepare` reads their pages."""
        return [profile for profile, _ in wiring.describer(self.config, self._texts).profiles]

    def group(self, on_batch: Callable[[int], None] | None = None) -> Grouped:
        """Group everything that waits."""
        return self.room().run(self.clock.now(), on_batch)

    # ── editions ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def plan(self, name: str) -> Plan:
        """A digest of the configuration, ready to compose. Raises NotFound."""
        digest = self.config.digest(name)
        if digest is None:
            names = ", ".join(d.name for d in self.config.digests) or "none"
            raise NotFound(f"there is no digest {name!r}; there are: {names}")
        plan = wiring.plan(self.config, digest)
        return replace(plan, readers=subscribers.readers(self.db, plan.readers, name))

    async def summarize(self, story: Story, words: int, language: str) -> Summary:
        """Summarize one story, whatever any reader knows of it."""
        settings, limits = wiring.chat(self.config), wiring.summary_limits(self.config)
        async with summarizer(self.db, self.clock, settings, limits) as writer:
            return await writer.summarize(story, words=words, language=language)

    async def _composed(self, plan: Plan, window: Window) -> list[Composed]:
        settings, limits = wiring.chat(self.config), wiring.summary_limits(self.config)
        async with summarizer(self.db, self.clock, settings, limits) as writer:
            return await composing.compose(self.db, plan, window, writer)

    def sender(self) -> Sender:
        """Who mail comes from."""
        return wiring.sender(self.config, (self._link_key(),))

    def _link_key(self) -> bytes:
        given = secret(self.config, "web", "secret")
        if given:
            return given.get_secret_value().encode()
        key = meta.get(self.db, _LINK_KEY)
        if key is None:
            meta.put(self.db, _LINK_KEY, secrets.token_hex(32))
            key = meta.get(self.db, _LINK_KEY)
        assert key is not None
        return key.encode()

    def renderer(self, name: str) -> Renderer:
        """Renders a digest's editions, with the user's templates if the digest names a folder."""
        digest = self.config.digest(name)
        folder = self.config.resolve(digest.template_folder) if digest and digest.template_folder else None
        if folder not in self._renderers:
            self._renderers[folder] = Renderer(folder)
        return self._renderers[folder]

    def window(self, plan: Plan, slot: datetime, end: datetime, catch_up: int = 0) -> Window:
        """The arrivals that an edition covers: since the last one of this digest, up to `end`."""
        last = next((e for e in edition_store.editions(self.db, plan.spec.name, limit=5) if e.period_end <= end), None)
        start = last.period_end if last else end - FIRST_PERIOD
        return Window(slot=slot, start=start, end=end, catch_up=catch_up)

    async def compose(self, name: str, at: datetime | None = None) -> list[Composed]:
        """What would go out now, or would have at an earlier time. Records nothing."""
        end = at or self.clock.now()
        plan = self.plan(name)
        window = await asyncio.to_thread(self.window, plan, end.replace(second=0, microsecond=0), end)
        return await self._composed(plan, window)

    async def serve(self, record: DigestRecord) -> list[Edition]:
        """Serve a digest's due slot: compose and save it with its deliveries. A slot is served once, late if it must be."""
        plan = self.plan(record.name)
        now = self.clock.now()
        assert record.next_slot is not None
        missed = slots(plan.spec.schedule, plan.spec.zone, record.next_slot, now)
        slot = missed[-1] if missed else record.next_slot
        window = await asyncio.to_thread(self.window, plan, slot, now, len(missed))
        following = next_slot(plan.spec.schedule, plan.spec.zone, now)
        composed = await self._composed(plan, window)
        return await asyncio.to_thread(self._save, plan, composed, following, scheduled=True)

    async def send(self, name: str, only: str | None = None, *, dry_run: bool = False) -> list[Edition]:
        """Compose a digest now, outside its schedule, for its readers or for `only` one; deliveries wait in the outbox.

        Raises Unwelcome if nothing would be delivered to that one.
        """
        plan = self.plan(name)
        if only is not None:
            key = wiring.recipient(self.config, only).key
            await asyncio.to_thread(subscribers.must_be_welcome, self.db, key, name)
            plan = replace(plan, readers=(key,))
        now = self.clock.now()
        window = await asyncio.to_thread(self.window, plan, now.replace(microsecond=0), now)
        composed = await self._composed(plan, window)
        if dry_run:
            return [one.edition for one in composed]
        return await asyncio.to_thread(self._save, plan, composed, None, scheduled=False)

    def _save(
        self, plan: Plan, composed: Sequence[Composed], next_slot: datetime | None, *, scheduled: bool
    ) -> list[Edition]:
        now = self.clock.now()
        sender = self.sender()
        renderer = self.renderer(plan.spec.name)
        recipients = recipient_store.ensure(self.db, plan.readers, now)
        by_key = {r.key: r for r in recipients}
        drafts = []
        for one in composed:
            fresh = [by_key[key] for key in one.fresh if not by_key[key].paused]
            readers = [*one.recipients, *fresh]
            if one.edition.quiet and plan.spec.quiet == "skip":
                readers = []
            drafts.append(issuing.draft(one, readers, renderer, sender, lambda: self._earlier(plan.spec.name)))
        owner = self.owner if scheduled else None
        edition_store.save_editions(self.db, drafts, next_slot=next_slot, owner=owner, now=now)
        notes = list(dict.fromkeys(note for one in drafts for note in one.notes))
        alerts.templates(self.db, self.tell_owner, notes, now)
        return [d.edition for d in drafts]

    def _earlier(self, name: str) -> list[Edition]:
        """The stored editions of a digest, newest first: as many as a feed of them holds."""
        kept = edition_store.editions(self.db, name, limit=issuing.FEED_LENGTH)
        return [self.edition(record.id) for record in kept]

    def edition(self, edition_id: str) -> Edition:
        """A stored edition. Raises NotFound."""
        record = edition_store.edition(self.db, edition_id)
        if record is None:
            raise NotFound(f"there is no edition {edition_id!r}", "`aggregator editions` lists them")
        return codec.load(record.document)

    def feed_of_editions(self, name: str) -> str:
        """The newest editions of a digest as an Atom feed. Raises NotFound."""
        self.plan(name)
        return self.renderer(name).atom(self._earlier(name), issuing.feed_links(self.sender())).content

    def recent_editions(self, limit: int = 60) -> list[EditionRecord]:
        """The newest editions, without their documents."""
        return edition_store.editions(self.db, limit=limit)

    def invite(self, reader: RecipientConfigRow, name: str) -> bool:
        """Write to an address that somebody put down for a digest, to confirm; False if no mail went out."""
        digest = self.config.digest(name)
        title = (digest.title if digest else "") or name
        about = (name, title, digest.language if digest else "")
        return welcome.invite(self.db, self.sender(), self._mail_channel, reader, about, self.clock.now())

    def tell_owner(self, subject: str, lines: Sequence[str]) -> bool:
        """Write to the owner; False when there is no way to, which the caller tries again later."""
        return notices.tell(wiring.notice(self.config), self._mail_channel, subject, lines, self.clock.now())

    def _mail_channel(self) -> Channel:
        return wiring.channel(self.config, "mail")

    # ── what comes back ──────────────────────────────────────────────────────────────────────────────────────────────

    def returned(self, messages: Iterable[bytes]) -> list[Returned]:
        """Take delivery reports and complaints."""
        keys, strikes = self.sender().keys, self.config.bounces.strikes
        return [one for text in messages for one in returns.take(self.db, text, keys, strikes, self.clock.now())]

    def read_returns(self) -> list[Returned]:
        """Take what is new in the mailbox of the reports, if there is one. Raises MailboxError."""
        return self.returned(wiring.mailbox(self.config))

    # ── delivery ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def deliver(self, limit: int | None = 100) -> delivering.DeliveryReport:
        """Deliver what is due, one by one: at most `limit` of it, or all."""
        return delivering.deliver_due(
            self.db,
            lambda kind: wiring.channel(self.config, kind),
            self.clock,
            wiring.policy(self.config),
            self.owner,
            limit=limit,
            stopping=self.stopping.is_set,
            settings=wiring.delivery_settings(self.config),
        )


@asynccontextmanager
async def opened(config: Config, clock: Clock | None = None) -> AsyncIterator[App]:
    """An app, closed at the end whatever happens."""
    app = await asyncio.to_thread(App.open, config, clock)
    try:
        yield app
    finally:
        await app.aclose()
        app.close()
