"""The editions service: composes editions, stores them with their deliveries, and renders them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from aggregator.operator import alerts
from aggregator.pipeline import compose as composing
from aggregator.pipeline import issue as issuing
from aggregator.pipeline.compose import Composed, Plan, Window
from aggregator.pipeline.deliver import expire_stale
from aggregator.pipeline.issue import Sender
from aggregator.pipeline.summarizers import Limits, Models, is_of_digest, opened_models
from aggregator.recipients import subscribers
from aggregator.services.context import Context
from aggregator.services.due import alerts as alerting
from aggregator.services.due import recipient_slots
from aggregator.services.due.alerts import Alert, Watch
from aggregator.services.mail_sender import link_keys
from aggregator.services.pictures.service import pictures_of
from aggregator.store import attempts as attempt_store
from aggregator.store.attempts import Attempts
from aggregator.store.editions import digests as digest_store
from aggregator.store.editions import editions as edition_store
from aggregator.store.editions import slots as slot_store
from aggregator.store.errors import NotFound
from aggregator.store.outgoing import deliveries as delivery_store
from aggregator.store.outgoing import recipients as recipient_store
from aggregator.store.records import DigestRecord, EditionDraft, RecipientSlot
from aggregator.system import process
from digests import codec
from digests.channels.recipient import Recipient
from digests.model import Edition, Story, Summary
from digests.ranking.settings import Quiet
from digests.render.mail.pictures import MailPicture
from digests.render.renderer import Renderer
from digests.render.templates.user import UserTemplates
from digests.schedule import next_slot, period, slots
from digests.summarize.model.endpoint import ChatSettings
from feeds.process.limited import LimitedProcess

DIGEST_LEASE = timedelta(minutes=10)
DIGEST_TRIES = 10  # that ended the process; by then a story at fault is found and left out, and the fault is elsewhere
DIGEST_ASIDE = timedelta(days=1)  # then it is tried again
DIGEST_LONGEST = timedelta(minutes=30)  # to compose its editions, with all responses of a model

Compose = Callable[[Plan, Window], Awaitable[list[Composed]]]
FetchPictures = Callable[[Sequence[Composed]], Awaitable[Mapping[str, MailPicture]]]


@dataclass(frozen=True, slots=True)
class EditionsSettings:
    """The digests, and how they are summarized and sent.

    `plans` and `template_folders` are by digest name; `sender` returns the sender of mail with keys that sign links;
    `link_key` returns the configured key, if any; `chat` the model for summaries and translations, if there is one.
    `extractive`: it does not write the summaries.
    """

    plans: Mapping[str, Plan]
    template_folders: Mapping[str, Path | None]
    sender: Callable[[tuple[bytes, ...]], Sender]
    link_key: Callable[[], bytes | None]
    chat: Callable[[], ChatSettings | None]
    limits: Limits
    alerts: Mapping[str, Alert] = field(default_factory=dict)
    extractive: bool = True


@dataclass(frozen=True, slots=True)
class Served:
    """A slot that is served: the digest's next one, and the recipients who got it if each has its own."""

    slot: datetime
    following: datetime | None
    by: tuple[RecipientSlot, ...] = ()


class EditionsService:
    """Composes, stores and renders editions.

    `report` queues letters to the operator; `pictures` returns the pictures of editions for mails, by URL.
    """

    def __init__(
        self, context: Context, settings: EditionsSettings, report: alerts.Report, pictures: FetchPictures
    ) -> None:
        self._context = context
        self._pictures = pictures
        self._settings = settings
        self._report = report
        self._renderers: dict[Path | None, Renderer] = {}
        self._watch = Watch()

    def configure(self, settings: EditionsSettings) -> None:
        """Use these settings from now on."""
        self._settings = settings
        self._watch = Watch()
        self.close()

    def close(self) -> None:
        """End the rendering processes."""
        for renderer in self._renderers.values():
            renderer.close()
        self._renderers.clear()

    def plan(self, name: str) -> Plan:
        """Return the plan of a digest with its present recipients. Raises NotFound."""
        alert = self._settings.alerts.get(name)
        plan = alert.plan if alert else self._settings.plans.get(name)
        if plan is None:
            names = ", ".join(self._settings.plans) or "none"
            raise NotFound(f"there is no digest {name!r}; there are: {names}")
        return replace(plan, recipients=subscribers.recipients_of(self._context.db, plan.recipients, name))

    async def summarize(self, story: Story, words: int, language: str) -> Summary:
        """Summarize one story without regard to earlier editions."""
        async with self._models() as models:
            return await models.summarizer.summarize(story, words=words, language=language)

    async def compose(self, name: str, at: datetime | None = None) -> list[Composed]:
        """Compose a digest as of now or an earlier time, and store nothing."""
        end = at or self._context.clock.now()
        plan = self.plan(name)
        window = await asyncio.to_thread(self._window, plan, end.replace(second=0, microsecond=0), end)
        return await self._compose(plan, window)

    def due_names(self) -> list[str]:
        """Return the digests with a slot that is due and that no process composes, and the alerts that are due."""
        db, now = self._context.db, self._context.clock.now()
        own = self._context.holder
        digest_store.release_ended(db, now, lambda holder: holder != own and process.has_ended(holder))
        by_recipient = {name for name, plan in self._settings.plans.items() if plan.by_recipient}
        idle = digest_store.idle_names(db, now)
        fixed = [name for name in digest_store.due_names(db, now) if name not in by_recipient]
        by_zone = [n for n in idle if n in by_recipient and recipient_slots.due_groups(db, self.plan(n), now)]
        alerts = self._settings.alerts
        return [*(n for n in idle if n in alerts and self._watch.is_due(db, alerts[n], now)), *fixed, *by_zone]

    async def serve_due(self, name: str) -> list[Edition]:
        """Compose and save the editions of a digest's due slots, unless another process does. Each is served once."""
        context = self._context
        taken = await asyncio.to_thread(
            digest_store.take, context.db, name, context.clock.now(), context.holder, DIGEST_LEASE
        )
        if taken is None:
            return []
        try:
            return await self._try(taken)
        finally:
            await asyncio.to_thread(digest_store.release, context.db, [name], context.holder)

    async def _try(self, record: DigestRecord) -> list[Edition]:
        """Serve a digest, unless processes died of it too often within a day."""
        db, clock, name = self._context.db, self._context.clock.now, record.name
        for one in await asyncio.to_thread(attempt_store.aside, db, "digest"):
            if one.key == name and clock() - one.since >= DIGEST_ASIDE:
                await asyncio.to_thread(attempt_store.forget, db, "digest", name)
        # Other workers compose other digests at the same time.
        tries = await asyncio.to_thread(Attempts, db, "digest", clock, DIGEST_TRIES, own=lambda key: key == name)
        if tries.is_aside(name):
            return []
        stories = await self._tries_of_stories(name)
        await asyncio.to_thread(tries.begin, [name])
        try:
            async with asyncio.timeout(DIGEST_LONGEST.total_seconds()) as limit:
                made = await self._serve(
                    record, partial(self._compose, attempts=stories, careful=name in tries.suspects)
                )
        except BaseException:
            if not limit.expired():  # composing that takes too long counts as a try
                await asyncio.to_thread(tries.take_back, [name])
            raise
        await asyncio.to_thread(tries.ended, [name])
        return made

    async def _serve(self, record: DigestRecord, compose: Compose) -> list[Edition]:
        plan = self.plan(record.name)
        now = self._context.clock.now()
        await asyncio.to_thread(self._expire, now)
        if record.name in self._settings.alerts:
            return await self._serve_alert(replace(self._settings.alerts[record.name], plan=plan), now, compose)
        if plan.by_recipient:
            return await self._serve_recipients(plan, now, compose)
        if record.next_slot is None or record.next_slot > now:
            return []
        missed = slots(plan.spec.schedule, plan.spec.zone, record.next_slot, now)
        slot = missed[-1] if missed else record.next_slot
        window = await asyncio.to_thread(self._window, plan, slot, now, len(missed), record.next_slot)
        following = next_slot(plan.spec.schedule, plan.spec.zone, now)
        composed = await compose(plan, window)
        return await self._save(plan, composed, Served(slot, following))

    async def _serve_alert(self, alert: Alert, now: datetime, compose: Compose) -> list[Edition]:
        """Send the stories that reached their sources, those that a recipient knows only as updates."""
        db = self._context.db
        mark = await asyncio.to_thread(alerting.mark_of, db, alert, now)
        found = await asyncio.to_thread(alerting.due_stories, db, alert, now)
        made: list[Edition] = []
        if found:
            plan, window = alerting.alert_of(alert, found, now)
            composed = await compose(plan, window)
            made = await self._save(plan, composed, Served(window.slot, None))
        self._watch.served(alert, mark)
        return made

    async def _serve_recipients(self, plan: Plan, now: datetime, compose: Compose) -> list[Edition]:
        """Serve the recipients whose slot has come in their own zone: one edition for each instant."""
        db, name = self._context.db, plan.spec.name
        made: list[Edition] = []
        following = await asyncio.to_thread(recipient_slots.next_of_all, db, plan, now)
        for group in await asyncio.to_thread(recipient_slots.due_groups, db, plan, now):
            if not group.recipients:  # all are paused
                await asyncio.to_thread(slot_store.serve, db, name, group.served)
                continue
            part = replace(plan, recipients=group.recipients)
            start = group.since or group.slot - period(plan.spec.schedule, plan.spec.zone, group.slot)
            window = Window(group.slot, min(start, now), now, group.missed)
            composed = await compose(part, window)
            made += await self._save(part, composed, Served(group.slot, following, group.served))
        return made

    async def send(self, name: str, only: Recipient | None = None, *, skip_quiet: bool = False) -> list[Edition]:
        """Compose a digest outside its schedule and queue deliveries to its recipients, or to `only` one.

        Who got an edition of this digest in the same minute gets no second one: that edition is returned. With
        `skip_quiet` an edition without news is not stored. Raises RecipientStopped if `only` may not get mail.
        """
        plan = self.plan(name)
        if only is not None:
            await asyncio.to_thread(subscribers.must_be_welcome, self._context.db, only, name)
            plan = replace(plan, recipients=(only,), alone=True)
        now = self._context.clock.now()
        await asyncio.to_thread(self._expire, now)
        minute = now.replace(second=0, microsecond=0)
        made, got = await asyncio.to_thread(self._made_since, name, minute)
        if made:
            plan = replace(plan, recipients=tuple(one for one in plan.recipients if one.key not in got))
            if not await asyncio.to_thread(self._unpaused, plan.recipients):
                return made
        # Each edition of a digest has a slot of its own, also if two are sent within a second.
        slot = max([now.replace(microsecond=0), *(one.slot + timedelta(seconds=1) for one in made)]) if made else minute
        window = await asyncio.to_thread(self._window, plan, slot, now)
        composed = [one for one in await self._compose(plan, window) if not (skip_quiet and one.edition.quiet)]
        saved = await self._save(plan, composed)
        if composed and only is None:
            await asyncio.to_thread(digest_store.cover, self._context.db, name, window.end)
        return made + saved

    def _made_since(self, name: str, since: datetime) -> tuple[list[Edition], set[str]]:
        """Return the editions of a digest since a time, and the keys of their recipients."""
        db = self._context.db
        made = [record.id for record in edition_store.editions(db, name) if record.slot >= since]
        got = {d.recipient_key for one in made for d in delivery_store.list_deliveries(db, edition_id=one, limit=None)}
        return [self.edition(one) for one in made], got

    def _unpaused(self, wanted: Sequence[Recipient]) -> list[Recipient]:
        paused = {known.recipient for known in recipient_store.find(self._context.db, wanted) if known.paused}
        return [one for one in wanted if one not in paused]

    def _expire(self, now: datetime) -> None:
        """End stale deliveries, so that what they did not report is new to their recipients again."""
        notes = dict.fromkeys(note for note, _ in expire_stale(self._context.db, now))
        alerts.deliveries(self._report, list(notes))

    def edition(self, edition_id: str) -> Edition:
        """Return a stored edition. Raises NotFound."""
        record = edition_store.edition(self._context.db, edition_id)
        if record is None:
            raise NotFound(f"there is no edition {edition_id!r}", "`aggregator editions` lists them")
        return codec.edition_from_json(record.document)

    def feed(self, name: str) -> str:
        """Render the newest editions of a digest as an Atom feed. Raises NotFound."""
        self.plan(name)
        return self.renderer(name).atom(self._earlier(name), issuing.feed_links(self.sender())).content

    def renderer(self, name: str) -> Renderer:
        """Return the renderer of a digest, with the user's templates if a folder is configured."""
        folder = self._settings.template_folders.get(name)
        if folder not in self._renderers:
            self._renderers[folder] = Renderer(UserTemplates(folder, LimitedProcess) if folder else None)
        return self._renderers[folder]

    def sender(self) -> Sender:
        """Return the sender of mail. Raises OSError when a DKIM key cannot be read."""
        return self._settings.sender(link_keys(self._context.db, self._settings.link_key()))

    def _models(self) -> AbstractAsyncContextManager[Models]:
        settings, context = self._settings, self._context
        chat = settings.chat()
        return opened_models(context.db, context.clock, chat, settings.limits, extractive=settings.extractive)

    async def _compose(
        self, plan: Plan, window: Window, attempts: Attempts | None = None, *, careful: bool = False
    ) -> list[Composed]:
        attempts = attempts or await self._tries_of_stories(plan.spec.name)
        async with self._models() as models:
            return await composing.compose(self._context.db, plan, window, models, attempts, careful=careful)

    async def _tries_of_stories(self, name: str) -> Attempts:
        """Return the tries of stories for one digest."""
        own = is_of_digest(name)
        return await asyncio.to_thread(Attempts, self._context.db, "compose", self._context.clock.now, own=own)

    def _window(
        self, plan: Plan, slot: datetime, end: datetime, catch_up: int = 0, due: datetime | None = None
    ) -> Window:
        """Return the period of an edition: from the end of the digest's last period to `end`.

        The first edition covers one period of the schedule before `due`, its first slot.
        """
        db, name = self._context.db, plan.spec.name
        # What is sent to one recipient covers nothing for the others.
        shared = (one.period_end for one in edition_store.editions(db, name, limit=5) if not one.audience)
        ends = [*shared, digest_store.covered(db, name)]
        first = min(due or end, end)
        start = max((one for one in ends if one and one <= end), default=None)
        start = start or first - period(plan.spec.schedule, plan.spec.zone, first)
        return Window(slot=slot, start=start, end=end, catch_up=catch_up)

    async def _save(self, plan: Plan, composed: Sequence[Composed], served: Served | None = None) -> list[Edition]:
        pictures = await self._pictures(composed)
        return await asyncio.to_thread(self._store, plan, composed, pictures, served)

    def _store(
        self,
        plan: Plan,
        composed: Sequence[Composed],
        pictures: Mapping[str, MailPicture],
        served: Served | None,
    ) -> list[Edition]:
        """Save the editions with their deliveries; one without news is not kept where the digest skips it.

        Of a scheduled edition the slot is `served` too.
        """
        db, now, name = self._context.db, self._context.clock.now(), plan.spec.name
        kept = [one for one in composed if not (one.edition.quiet and plan.spec.quiet is Quiet.SKIP)]
        holder = self._context.holder
        if not kept:
            if served is not None:
                until = None if plan.by_recipient else composed[0].edition.period_end
                digest_store.advance(
                    db, name, holder, next_slot=served.following, slot=served.slot, covered=until, served=served.by
                )
            return []
        drafts = self._drafts(plan, kept, pictures, now)
        if served is None:
            edition_store.save_editions(db, drafts, now=now)
        else:
            edition_store.save_editions(
                db, drafts, next_slot=served.following, holder=holder, served=served.by, now=now
            )
        notes = list(dict.fromkeys(note for one in drafts for note in one.notes))
        alerts.templates(self._report, notes)
        return [d.edition for d in drafts]

    def _drafts(
        self, plan: Plan, composed: Sequence[Composed], pictures: Mapping[str, MailPicture], now: datetime
    ) -> list[EditionDraft]:
        sender, renderer = self.sender(), self.renderer(plan.spec.name)
        stored = {r.recipient: r for r in recipient_store.ensure(self._context.db, plan.recipients, now)}
        drafts = []
        for one in composed:
            fresh = [stored[new] for new in one.fresh if not stored[new].paused]
            receiving = [*one.recipients, *fresh]
            shown = pictures_of(one.edition, pictures)
            drafts.append(
                issuing.edition_draft(one, receiving, renderer, sender, lambda: self._earlier(plan.spec.name), shown)
            )
        return drafts

    def _earlier(self, name: str) -> list[Edition]:
        """Load the newest FEED_LENGTH editions of a digest."""
        records = edition_store.editions(self._context.db, name, limit=issuing.FEED_LENGTH)
        return [self.edition(record.id) for record in records]
