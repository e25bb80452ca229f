"""Subscribing at hubs and answering them: news the moment it is published, polling as the net below.

feed names a hub ──ask──▶ hub ──verifies──▶ ACTIVE ──push──▶ the feed is due at once ──poll──▶ entries
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
from feeds.errors import FeedError
from feeds.http.base import Hub
from feeds.websub import Push

PATH = "/websub/"
AT_ONCE = 50  # hubs asked in one tick
AGAIN = timedelta(minutes=1)  # between two looks at one feed, however often its hub calls


@dataclass(frozen=True, slots=True)
class Asked:
    """What one round of asking did."""

    accepted: int = 0
    failed: int = 0


async def subscribe(db: Database, hub: Hub, public_url: str, now: datetime) -> Asked:
    """Ask the hubs that are due. Every outcome is saved at once, so that a crash asks no hub twice in a row."""
    accepted = failed = 0
    for record, known in await asyncio.to_thread(store.due, db, now, AT_ONCE):
        push = _fresh(record) if known is None or _moved(record, known) else known
        # Saved before the hub is asked: it may call back before it has answered.
        await asyncio.to_thread(store.save, db, [websub.after_request(push, now, accepted=True)])
        try:
            status = await hub.post(
                push.hub,
                websub.subscription_form(push, f"{public_url}{PATH}{push.token}"),
                allow_private=bool(record.options.get("allow_private", False)),
            )
        except FeedError:
            status = 0
        if 200 <= status < 300:
            accepted += 1
            continue
        failed += 1
        await asyncio.to_thread(_failed, db, push, now)
    return Asked(accepted, failed)


def _failed(db: Database, push: Push, now: datetime) -> None:
    """Note an asking that came to nothing, unless the hub has verified it meanwhile, whatever it answered."""
    present = store.by_token(db, push.token)
    if present is not None and present.failures:
        store.save(db, [websub.after_request(push, now, accepted=False)])


def _fresh(record: FeedRecord) -> Push:
    hub, topic = record.state.hub, record.state.hub_topic
    assert hub is not None
    assert topic is not None
    return Push(record.id, hub, topic, secrets.token_urlsafe(24), secrets.token_urlsafe(32))


def _moved(record: FeedRecord, push: Push) -> bool:
    return (record.state.hub, record.state.hub_topic) != (push.hub, push.topic)


def confirm(db: Database, token: str, query: Mapping[str, str], now: datetime) -> str | None:
    """Answer a hub that asks whether we meant it: what to echo, or None for no."""
    push = store.by_token(db, token)
    found = websub.after_verification(push, query, now) if push is not None else None
    if found is None:
        return None
    after, echo = found
    store.save(db, [after])
    return echo


def pushed(db: Database, token: str, signature: str, body: bytes, now: datetime) -> bool:
    """Take a push: if our secret signed it, its feed is due at once. False for an address that is none of ours.

    A push that is not signed with our secret is taken without a word and changes nothing (section 8 of the standard).
    """
    push = store.by_token(db, token)
    if push is None:
        return False
    if websub.is_authentic(push, signature, body):
        record = feed_store.feed(db, push.feed)
        looked = record.state.last_check
        soonest = max(now, looked + AGAIN) if looked else now
        if record.subscribed and (record.state.next_check is None or record.state.next_check > soonest):
            feed_store.make_due(db, soonest, [push.feed])
    return True
