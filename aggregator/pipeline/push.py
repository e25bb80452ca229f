"""WebSub: subscribing at hubs, confirming to them, and accepting pushes. Polling goes on, but rarely.

feed names a hub ──request──▶ hub ──verifies──▶ ACTIVE ──push──▶ the feed is due now ──poll──▶ entries
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.store.database import Database
from aggregator.store.intake import feeds as feed_store
from aggregator.store.intake import push as store
from aggregator.store.records import FeedRecord
from feeds import websub
from feeds.errors import FeedError, PollEndsProcess
from feeds.http.access import AccessTable
from feeds.http.base import ACCEPT_TEXT, Hub, Request
from feeds.websub import Push

PATH = "/websub/"
REQUESTS_PER_TICK = 50  # maximum of subscription requests in one tick
MIN_INTERVAL = timedelta(minutes=1)  # between two polls of a feed, even if its hub pushes more often


@dataclass(frozen=True, slots=True)
class HubRequests:
    """The counts of subscription requests to hubs."""

    accepted: int = 0
    failed: int = 0


async def subscribe_at_hubs(db: Database, hub: Hub, public_url: str, now: datetime, access: AccessTable) -> HubRequests:
    """Send the due subscription requests. Each result is saved immediately, so that a crash repeats no request."""
    accepted = failed = 0
    for record, known in await asyncio.to_thread(store.due, db, now, REQUESTS_PER_TICK):
        push = _new_subscription(record) if known is None or _changed_hub(record, known) else known
        # Saved before the request, because the hub may verify before it responds.
        await asyncio.to_thread(store.save, db, [websub.after_request(push, now, accepted=True)])
        try:
            form = websub.subscription_form(push, f"{public_url}{PATH}{push.token}")
            trusted, own = record.allows_private(push.hub), access.of(record.configured)
            status = await hub.post(
                Request(push.hub, allow_private=trusted, accept=ACCEPT_TEXT, access=own, form=tuple(form.items()))
            )
        except FeedError:
            status = 0
        if 200 <= status < 300:
            accepted += 1
            continue
        failed += 1
        await asyncio.to_thread(_record_failure, db, push, now)
    return HubRequests(accepted, failed)


def _record_failure(db: Database, push: Push, now: datetime) -> None:
    """Record a failed request, unless the hub has verified the subscription meanwhile."""
    present = store.by_token(db, push.token)
    if present is not None and present.failures:
        store.save(db, [websub.after_request(push, now, accepted=False)])


def _new_subscription(record: FeedRecord) -> Push:
    hub, topic = record.state.hub, record.state.hub_topic
    assert hub is not None
    assert topic is not None
    return Push(record.id, hub, topic, secrets.token_urlsafe(24), secrets.token_urlsafe(32))


def _changed_hub(record: FeedRecord, push: Push) -> bool:
    return (record.state.hub, record.state.hub_topic) != (push.hub, push.topic)


def confirm_subscription(db: Database, token: str, query: Mapping[str, str], now: datetime) -> str | None:
    """Verify a subscription for the hub: return the challenge to echo, or None to refuse."""
    push = store.by_token(db, token)
    verified = websub.after_verification(push, query, now) if push is not None else None
    if verified is None:
        return None
    after, echo = verified
    store.save(db, [after])
    return echo


def accept_push(db: Database, push: Push, now: datetime) -> None:
    """Make the feed of a push with a valid signature due, at the earliest `MIN_INTERVAL` after its last check.

    A poll under way may have read the feed before what is pushed was in it, so another one follows. A feed that is set
    aside, because its polls ended the process, stays so.
    """
    record = feed_store.feed(db, push.feed)
    last_check, due = record.state.last_check, record.state.next_check
    earliest = max(now, last_check + MIN_INTERVAL) if last_check else now
    if not record.subscribed or record.state.error_code == PollEndsProcess.code:
        return
    if feed_store.is_leased(db, push.feed, now):
        feed_store.make_due(db, now + MIN_INTERVAL, [push.feed])
    elif due is None or due > earliest:
        feed_store.make_due(db, earliest, [push.feed])
