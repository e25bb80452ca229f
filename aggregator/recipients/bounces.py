"""Delivery reports and complaints, and what follows: an invalid address is paused, one that complains is suppressed.

                    report ──▶ whose? by a return address that we signed: proof; else by a Message-ID of ours: a hint;
                    else nothing happens │ ├── complaint (ARF)                 suppressed, until the operator or the
                    recipient lifts it ├── failed, 5.1.x or 5.2.1          paused at once: the address itself is invalid
                    ├── failed otherwise (4.x too)      a strike; paused after some within a month └── delayed,
                    delivered, relayed     nothing

    "unsubscribe" ──▶ with the signed token of the List-Unsubscribe field: unsubscribed; without: reported to the
    operator

Anybody can send a report. Where deliveries have a signed return address, only a report that holds it counts. Elsewhere
a report stops nothing before a second one about another delivery, and the Message-ID must have a keyed part: those of
earlier versions can be computed by strangers, so reports about them are only shown to the operator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.pipeline.issue import UNSUBSCRIBE
from aggregator.store.database import Database
from aggregator.store.errors import StoreError
from aggregator.store.outgoing import deliveries, recipients, subscriptions
from aggregator.store.records import DeliveryRecord
from digests import links
from digests.channels import bounces
from digests.channels.bounces import Bounce
from digests.channels.kinds import Channels
from digests.channels.recipient import Recipient
from digests.errors import LinkError
from digests.render.mail.mime import is_keyed

STRIKE_LIFE = timedelta(days=30)
LEAST_HINTS = 2  # reports about different deliveries that together count as one that is proven


@dataclass(frozen=True, slots=True)
class Returned:
    """What followed from one report.

    `action`: left, asked (to unsubscribe, without proof), suppressed, paused, strike, hint, noted, repeated, unknown
    (nothing of ours), none (no report), unread.
    """

    action: str
    recipient: str = ""
    detail: str = ""

    @property
    def note(self) -> str:
        """For the operator; empty where there is nothing to know or to decide."""
        match self.action:
            case "suppressed" | "paused":
                return f"{self.recipient}: {self.action}: {self.detail}"
            case "hint":
                return (
                    f"{self.recipient}: {self.detail}; the report may be forged and has no effect: "
                    "`aggregator recipients suppress` stops mail to the address"
                )
            case "asked":
                return (
                    f"{self.recipient}: {self.detail}; the sender may be forged, so nothing is changed: "
                    "`aggregator recipients suppress` stops mail to the address"
                )
            case "unread":
                return f"a message in the mailbox of the reports could not be read: {self.detail}"
        return ""


def take(db: Database, message: bytes, keys: Sequence[bytes], strikes: int, now: datetime) -> list[Returned]:
    """Read one message and do what follows from it. The same message again changes nothing. Raises StoreError only."""
    try:
        reports = bounces.bounces_in(message)
        asked = None if reports else bounces.unsubscribe_request(message)
        if asked is not None:
            return [_unsubscribe(db, *asked, keys, now)]
        tokens = [bounces.returned_token(keys, one) for one in bounces.return_addresses(message)]
        token = next(filter(None, tokens), None)
        return [_one(db, report, token, strikes, now) for report in reports] or [Returned("none")]
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - one message never stops those behind it
        return [Returned("unread", detail=f"{type(error).__name__}: {error}"[:300])]


def _unsubscribe(db: Database, sender: str, token: str, keys: Sequence[bytes], now: datetime) -> Returned:
    """Unsubscribe the recipient in a signed token. Without a token nothing changes: a From field is no proof.

    Then only a recipient's own address is reported, else anybody could fill the operator's mailbox.
    """
    try:
        data = links.token_data(keys, token, UNSUBSCRIBE, now)
    except LinkError:
        known = recipients.find(db, [Recipient(Channels.MAIL, sender)])
        return Returned("asked" if known else "unknown", sender, "asks to unsubscribe")
    recipient = Recipient.from_key(data["recipient"])
    subscriptions.leave(db, recipient, data["digest"], now)
    return Returned("left", recipient.key, data["digest"])


def _one(db: Database, report: Bounce, token: str | None, strikes: int, now: datetime) -> Returned:
    found = deliveries.returned_to(db, token, report.message_id)
    if found is None or (token is None and bounces.has_token(found.sender)):
        return Returned("unknown", report.recipient, report.diagnostic)
    who, detail = found.recipient_key, _words(report)
    if report.action not in ("complained", "failed"):
        return Returned("noted", who, detail)
    if token is None and not is_keyed(found.message_id):
        return Returned("hint" if deliveries.add_hint(db, found.id, report.action, now) else "repeated", who, detail)
    if report.action == "complained":
        return _complained(db, found, detail, now, proven=token is not None)
    if not deliveries.mark_returned(db, found.id, report.reply_class, detail, now):
        return Returned("repeated", who, detail)
    count, enough = _strikes(db, found, now), 1 if token is not None else LEAST_HINTS
    if count >= enough and (report.address_is_bad or count >= strikes):
        recipients.pause(db, found.recipient_id, detail)
        return Returned("paused", who, detail)
    return Returned("strike", who, detail)


def _complained(db: Database, found: DeliveryRecord, detail: str, now: datetime, *, proven: bool) -> Returned:
    """Stop mail to an address after a complaint that is proven, or after a second one that is not."""
    if not deliveries.add_hint(db, found.id, "complained", now):
        return Returned("repeated", found.recipient_key, detail)
    hints = deliveries.hinted(db, found.recipient_id, "complained", now - STRIKE_LIFE)
    if not proven and sum(map(is_keyed, hints)) < LEAST_HINTS:
        return Returned("hint", found.recipient_key, detail)
    recipients.suppress(db, found.address, detail, now)
    return Returned("suppressed", found.recipient_key, detail)


def _strikes(db: Database, found: DeliveryRecord, now: datetime) -> int:
    return deliveries.count_returned(db, found.recipient_id, now - STRIKE_LIFE)


def _words(report: Bounce) -> str:
    if report.action == "complained":
        return f"complained: {report.diagnostic}".rstrip(": ")
    return f"returned: {report.status or ''} {report.diagnostic}".replace(":  ", ": ").strip()
