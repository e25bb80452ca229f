"""The tasks that an engine runs by name. A task takes ids, reads the current state again, and is idempotent."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict
from datetime import timedelta

from aggregator.daemon.engine.base import Task
from aggregator.observe.metrics import Metrics
from aggregator.operator import alerts
from aggregator.pipeline.fetch import Polled
from aggregator.recipients.bounces import Returned
from aggregator.recipients.mailbox import MailboxError
from aggregator.recipients.opt_in import CONFIRM_LIFE
from aggregator.services.delivery import BATCH, DeliveryService
from aggregator.services.editions import EditionsService
from aggregator.services.intake.fetching import POLL_LEASE
from aggregator.services.intake.newsletters import NewslettersService, newsletter_settings
from aggregator.services.operator import OperatorService
from aggregator.services.program import Program
from aggregator.services.recipients import RecipientsService
from aggregator.services.stories import StoriesService
from aggregator.store import retention
from aggregator.store.errors import AlreadyComposed, AlreadyReported
from aggregator.store.intake import feeds as feed_store
from aggregator.store.intake import push as push_store
from aggregator.store.outgoing import subscriptions
from aggregator.web.site.refresh import refresh_sites

log = logging.getLogger(__name__)


def build_tasks(program: Program, metrics: Metrics) -> dict[str, Task]:
    """Return every task by name, bound to this program."""

    async def poll(feeds: tuple[int, ...]) -> None:
        now = program.clock.now()
        records = await asyncio.to_thread(feed_store.claim, program.db, feeds, now, program.context.holder, POLL_LEASE)
        await program.fetching.poll(records, lambda polled: record_poll(polled, metrics))

    async def group() -> None:
        grouped = await asyncio.to_thread(program.stories.group)
        metrics.grouped(grouped.entries)
        if grouped.entries:
            counts = {"entries": grouped.entries, "opened": grouped.opened, "joined": grouped.joined}
            log.info("grouped", extra={"fields": {**counts, "carried": grouped.carried}})

    async def compose(digest: str) -> None:
        await _compose(program.stories, program.editions, metrics, digest)

    async def deliver() -> None:
        await deliver_all(program.delivery, program.operator, metrics)
        await write_due_sites(program)

    async def saved() -> None:
        sent = await asyncio.to_thread(program.saving.send_due)
        log.info("sent to services that keep articles", extra={"fields": {"tries": sent}})

    async def push() -> None:
        requests = await program.fetching.subscribe_at_hubs()
        if requests.accepted or requests.failed:
            log.info(
                "requests sent to hubs", extra={"fields": {"accepted": requests.accepted, "failed": requests.failed}}
            )

    async def returns() -> None:
        await _read_bounces(program.recipients, program.operator)

    async def newsletters() -> None:
        await _read_newsletters(program)

    async def maintain() -> None:
        now, keep = program.clock.now(), timedelta(days=program.config.storage.keep_days)
        pruned = await asyncio.to_thread(retention.prune, program.db, now, keep, program.stories.example_urls)
        await asyncio.to_thread(push_store.forget, program.db)
        log.info("pruned", extra={"fields": asdict(pruned)})
        await asyncio.to_thread(subscriptions.forget_unconfirmed, program.db, now - CONFIRM_LIFE)
        await asyncio.to_thread(alerts.feeds, program.db, program.operator.report, now)
        await asyncio.to_thread(alerts.set_aside, program.db, program.operator.report)

    return {
        "poll": poll,
        "group": group,
        "compose": compose,
        "deliver": deliver,
        "saved": saved,
        "push": push,
        "returns": returns,
        "newsletters": newsletters,
        "maintain": maintain,
    }


async def write_due_sites(program: Program) -> None:
    """Write the sites to which an edition was delivered; log what went wrong."""
    for problem in await asyncio.to_thread(refresh_sites, program):
        log.warning("delivery needs attention", extra={"fields": {"note": problem}})


async def deliver_all(service: DeliveryService, operator: OperatorService, metrics: Metrics) -> None:
    """Deliver until nothing is due; report after each pass, because a long queue takes many."""
    while True:
        report = await asyncio.to_thread(service.deliver)
        metrics.delivered(report)
        for note in (*report.notes, *report.log_notes):
            log.warning("delivery needs attention", extra={"fields": {"note": note}})
        await asyncio.to_thread(alerts.deliveries, operator.report, report.notes)
        if len(report.tried) < BATCH:
            return


async def _read_bounces(recipients: RecipientsService, operator: OperatorService) -> None:
    found: list[Returned] = []
    notes: list[str] = []
    try:
        await asyncio.to_thread(lambda: found.extend(recipients.read_mailbox()))
    except MailboxError as error:
        log.warning("bounces are not read", extra={"fields": {"why": str(error)}})
        notes.append(f"bounces are not read: {error}")
    for one in found:
        log.info("returned", extra={"fields": {"action": one.action, "recipient": one.recipient, "detail": one.detail}})
    notes += [one.note for one in found if one.note]
    await asyncio.to_thread(alerts.deliveries, operator.report, notes)


async def _read_newsletters(program: Program) -> None:
    service = NewslettersService(program.context, newsletter_settings(program.config))
    try:
        received = await asyncio.to_thread(service.read_mailboxes)
    except MailboxError as error:
        log.warning("newsletters are not read", extra={"fields": {"why": str(error)}})
        notes = [f"newsletters are not read: {error}"]
        await asyncio.to_thread(alerts.deliveries, program.operator.report, notes)
        return
    if received.new or received.refused:
        fields = {"new": received.new.total(), "refused": dict(received.refused)}
        log.info("newsletters", extra={"fields": fields})


def record_poll(polled: Polled, metrics: Metrics) -> None:
    """Count and log a poll."""
    metrics.polled(polled)
    fields: dict[str, object] = {"feed": polled.feed.label, "new": polled.new, "changed": polled.changed}
    if polled.code:
        log.warning("poll failed", extra={"fields": {**fields, "code": polled.code, "why": polled.message}})
    elif polled.new or polled.changed:
        log.info("polled", extra={"fields": fields})
    for note in polled.notes:
        log.info("feed", extra={"fields": {"feed": polled.feed.label, "note": note}})


async def _compose(stories: StoriesService, service: EditionsService, metrics: Metrics, digest: str) -> None:
    # Waiting entries must be grouped before they can be chosen.
    await asyncio.to_thread(stories.group)
    await serve_digest(service, metrics, digest)


async def serve_digest(service: EditionsService, metrics: Metrics, digest: str) -> None:
    """Compose the editions of a digest that are due."""
    try:
        editions = await service.serve_due(digest)
    except (AlreadyComposed, AlreadyReported) as error:
        # Another process was faster; its edition is kept.
        log.warning("not composed", extra={"fields": {"digest": digest, "why": str(error)}})
        return
    for edition in editions:
        metrics.composed(edition)
        fields = {"edition": edition.id, "stories": len(edition.items), "missed": edition.catch_up}
        log.info("composed", extra={"fields": fields})
    if not editions:
        log.info(
            "no edition", extra={"fields": {"digest": digest, "why": "nothing is new, or another process composes it"}}
        )
