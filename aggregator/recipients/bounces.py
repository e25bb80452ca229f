"""Delivery reports and complaints, and what follows: an invalid address is paused, one that complains is suppressed.

    report ──▶ whose? by the return address that we signed, else by a Message-ID of ours ──▶ unknown: nothing happens
                    │
                    ├── complaint (ARF)                 suppressed, and off every digest
                    ├── failed, 5.1.x or 5.2.1          paused at once: the address itself is invalid
                    ├── failed otherwise (4.x too)      a strike; paused after some within a month
                    └── delayed, delivered, relayed     nothing

Anybody can send a report. It can at most stop mail to the one recipient that it names, and the operator is notified.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.store.database import Database
from aggregator.store.outgoing import deliveries, recipients, subscriptions
from aggregator.store.records import DeliveryRecord
from digests.channels import bounces
from digests.channels.bounces import Bounce
from digests.channels.recipient import Recipient

STRIKE_LIFE = timedelta(days=30)
# The fields that may hold the address that a report was sent to; each mail server writes one of them.
_SENT_TO = ("X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
_ADDRESS = re.compile(r"[^\s<>,;:\"]+@[^\s<>,;:\"]+")


@dataclass(frozen=True, slots=True)
class Returned:
    """What followed from one report. `action`: suppressed, paused, strike, noted, repeated, unknown (nothing of ours), none (no report)."""

    action: str
    recipient: str = ""
    detail: str = ""

    @property
    def note(self) -> str:
        """For the operator; empty where nothing was stopped."""
        return f"{self.recipient}: {self.action}: {self.detail}" if self.action in ("suppressed", "paused") else ""


def take(db: Database, message: bytes, keys: Sequence[bytes], strikes: int, now: datetime) -> list[Returned]:
    """Read one message and do what follows from it. The same message again changes nothing."""
    reports = bounces.read(message)
    if not reports:
        return [Returned("none")]
    token = next(filter(None, (bounces.returned_token(keys, one) for one in _sent_to(message))), None)
    return [_one(db, report, token, strikes, now) for report in reports]


def _one(db: Database, report: Bounce, token: str | None, strikes: int, now: datetime) -> Returned:
    found = deliveries.returned_to(db, token, report.message_id)
    if found is None:
        return Returned("unknown", report.recipient, report.diagnostic)
    who, detail = found.recipient_key, _words(report)
    if report.action == "complained":
        recipients.suppress(db, found.address, detail, now)
        subscriptions.leave_all(db, Recipient(found.channel, found.address), [found.digest], now)
        return Returned("suppressed", who, detail)
    if report.action != "failed":
        return Returned("noted", who, detail)
    if not deliveries.mark_returned(db, found.id, report.reply_class, detail, now):
        return Returned("repeated", who, detail)
    if report.address_is_bad or _strikes(db, found, now) >= strikes:
        recipients.pause(db, found.recipient_id, detail)
        return Returned("paused", who, detail)
    return Returned("strike", who, detail)


def _strikes(db: Database, found: DeliveryRecord, now: datetime) -> int:
    return deliveries.count_returned(db, found.recipient_id, now - STRIKE_LIFE)


def _words(report: Bounce) -> str:
    if report.action == "complained":
        return f"complained: {report.diagnostic}".rstrip(": ")
    return f"returned: {report.status or ''} {report.diagnostic}".replace(":  ", ": ").strip()


def _sent_to(message: bytes) -> Iterable[str]:
    head = message[:100_000].partition(b"\n\n")[0].partition(b"\r\n\r\n")[0]
    fields = email.message_from_bytes(head + b"\n\n", policy=email.policy.compat32)
    for name in _SENT_TO:
        for value in fields.get_all(name, []):
            yield from _ADDRESS.findall(str(value))
