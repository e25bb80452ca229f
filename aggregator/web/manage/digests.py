"""The page of digests: next slot, what the last edition did with its entries, preview, and send now."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aggregator.config.schema import Config
from aggregator.config.sections import Digest
from aggregator.recipients import subscribers
from aggregator.store.editions import digests as digest_store
from aggregator.store.editions import editions as edition_store
from aggregator.store.editions import entries as entry_store
from aggregator.store.records import DigestRecord, EditionRecord
from aggregator.web import forms
from aggregator.web.look import shown_title
from aggregator.web.manage.management import NOTICES, Management, recipient_name
from digests.channels.recipient import Recipient
from digests.model import Edition
from digests.reasons import EntryClass, _
from digests.render.view.entries import LABELS
from digests.render.view.measures import relative_time
from digests.render.view.subject import without_title
from digests.render.view.wording import Wording

log = logging.getLogger(__name__)

WAIT_SECONDS = 1.0  # for an edition, before the list of digests shows that it is being composed
SHOWN = timedelta(minutes=10)  # from the start: how long the list shows that an edition failed or was empty
LATE = timedelta(minutes=10)  # after its time: the daemon composes an edition within a minute, so it does not run
RECIPIENTS = 20  # that are named before an edition is sent
LISTED = (EntryClass.COPIES, EntryClass.MUTED, EntryClass.DROPPED, EntryClass.HELD, EntryClass.SENT)


@dataclass(frozen=True, slots=True)
class LastEdition:
    """The last edition of a digest. `counts` are class, number and label of the entries that it did not show."""

    id: str
    subject: str
    when: str
    iso: str
    counts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class DigestLine:
    """A digest in the list."""

    name: str
    title: str
    enabled: bool
    schedule: str
    next: str
    iso: str
    overdue: bool
    recipients: int
    last: LastEdition | None
    sending: str = ""


@dataclass(slots=True)
class Composing:
    """The composing of an edition that was asked for: since when, and how it ended."""

    since: datetime
    task: asyncio.Task[list[Edition]]

    @property
    def has_edition(self) -> bool:
        """Whether an edition was composed."""
        ended = self.task.done() and not self.task.cancelled() and self.task.exception() is None
        return ended and bool(self.task.result())

    def status(self, words: Wording) -> str:
        """Return the status as a sentence; empty after a success, which the list shows itself."""
        if not self.task.done():
            return words.t(
                "An edition is being composed, since {time}. Open this page again to see it.",
                time=words.time(self.since),
            )
        if self.task.cancelled() or self.task.exception() is not None:
            return words.t("The edition could not be composed. The log says why.")
        return "" if self.task.result() else words.t(NOTICES["no-edition"])


@dataclass(frozen=True, slots=True)
class DigestPages:
    """Handles the requests of digests. One edition is composed at one time, however often a button is pressed.

    `sent` are the editions that were asked for last, by digest.
    """

    base: Management
    composing: asyncio.Lock = field(default_factory=asyncio.Lock)
    sent: dict[str, Composing] = field(default_factory=dict)

    def routes(self) -> list[Route]:
        """Return the routes of the list and of sending."""
        return [
            self.base.route("/manage/digests", self.index),
            self.base.route("/manage/digests/send", self.send, ["POST"]),
        ]

    async def index(self, request: Request) -> Response:
        """List the digests."""
        config = self.base.config(await self.base.snapshot())
        lines = await run_in_threadpool(self._lines, config, self.base.words(request))
        return await self.base.page(request, "digests.html", _("Digests"), digests=lines)

    async def send(self, request: Request) -> Response:
        """Ask, then compose an edition and queue its deliveries; the daemon sends them."""
        fields = await self.base.fields(request)
        name, program = forms.first(fields, "digest"), self.base.program
        configured = program.config.digest(name)
        if configured is None:
            return await self.base.missing(request, _("There is no such digest"))
        everyone = await run_in_threadpool(self._recipients, program.config, configured)
        if not fields.get("confirmed"):
            return await self.base.page(
                request,
                "send.html",
                self.base.words(request).t("Send {name} now?", name=shown_title(configured.title or name)),
                digest=name,
                recipients=[recipient_name(one) for one in everyone[:RECIPIENTS]],
                more=max(0, len(everyone) - RECIPIENTS),
            )
        known = self.sent.get(name)
        if known is None or known.task.done():
            known = Composing(program.clock.now(), asyncio.create_task(self._send(name)))
            self.sent[name] = known
        # The request does not wait long: composing goes on, and the list of digests shows its status.
        await asyncio.wait([known.task], timeout=WAIT_SECONDS)
        if not known.has_edition:
            return self.base.then("/manage/digests")
        query = urlencode({"edition": known.task.result()[0].id})
        return self.base.then(f"/manage/deliveries?{query}", "queued")

    async def _send(self, name: str) -> list[Edition]:
        async with self.composing:
            try:
                await self.base.program.stories.update()
                return await self.base.program.editions.send(name)
            except Exception:
                log.exception("an edition could not be composed", extra={"fields": {"digest": name}})
                raise

    def _recipients(self, config: Config, digest: Digest) -> tuple[Recipient, ...]:
        return subscribers.recipients_of(self.base.program.db, config.recipients(digest), digest.name)

    def _sending(self, name: str, words: Wording) -> str:
        found = self.sent.get(name)
        if found is None or (found.task.done() and self.base.program.clock.now() - found.since > SHOWN):
            return ""
        return found.status(words)

    def _lines(self, config: Config, words: Wording) -> list[DigestLine]:
        db = self.base.program.db
        stored = digest_store.records(db)
        lines = []
        for digest in config.digests:
            editions = edition_store.editions(db, digest.name, limit=1)
            last = self._last(config, digest, editions[0], words) if editions else None
            count = len(self._recipients(config, digest))
            lines.append(self._line(config, digest, words, stored.get(digest.name), count, last))
        return lines

    def _line(
        self,
        config: Config,
        digest: Digest,
        words: Wording,
        record: DigestRecord | None,
        count: int,
        last: LastEdition | None,
    ) -> DigestLine:
        slot = record.next_slot if record is not None and record.active and digest.enabled else None
        local, now = Wording(words.language, config.zone(digest)), self.base.program.clock.now()
        return DigestLine(
            name=digest.name,
            title=shown_title(digest.title or digest.name),
            enabled=digest.enabled,
            schedule=f"{digest.schedule} {config.zone(digest)}",
            next=f"{local.moment(slot)} ({relative_time(slot, now, words)})" if slot else "",
            overdue=slot is not None and slot < now - LATE,
            iso=local.iso(slot) if slot else "",
            recipients=count,
            last=last,
            sending=self._sending(digest.name, words),
        )

    def _last(self, config: Config, digest: Digest, record: EditionRecord, words: Wording) -> LastEdition:
        local = Wording(words.language, config.zone(digest))
        counts = dict.fromkeys(LISTED, 0)
        for group in entry_store.entry_groups(self.base.program.db, record.id):
            if group.entry_class in counts:
                counts[group.entry_class] += len(group.entries)
        return LastEdition(
            id=record.id,
            subject=shown_title(without_title(record.subject, record.title)),
            when=local.day(record.slot),
            iso=local.iso(record.slot),
            counts=tuple((kind.value, words.number(n), words.t(LABELS[kind])) for kind, n in counts.items() if n),
        )
