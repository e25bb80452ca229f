"""The records of digests, editions, deliveries and recipients."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from digests.channels.base import Parcel
from digests.channels.recipient import Recipient
from digests.model import Edition
from digests.outbox import Delivery, State
from digests.reasons import EntryClass, Reason


@dataclass(frozen=True, slots=True)
class DigestConfigRow:
    """A digest in the configuration. `schedule` is cron and zone as one text; when it changes, `next_slot` applies."""

    name: str
    schedule: str
    next_slot: datetime | None


@dataclass(frozen=True, slots=True)
class DigestRecord:
    """A stored digest with its last and next slot."""

    name: str
    schedule: str
    next_slot: datetime | None
    last_slot: datetime | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class RecipientSlot:
    """The last slot of a digest that a recipient got, as local time in its zone, and when it was `served`.

    Before the first, `served` is None and `slot` the time in UTC from which on the recipient gets the digest.
    """

    recipient_id: int
    slot: datetime
    served: datetime | None = None


@dataclass(frozen=True, slots=True)
class RecipientConfigRow:
    """A recipient with its preferred language, time zone and format."""

    recipient: Recipient
    language: str | None = None
    zone: str | None = None
    format: str | None = None


@dataclass(frozen=True, slots=True)
class FeedbackRecord:
    """The feedback of recipients on a story: above 0 for more like it, below 0 for less. `at` is its last change."""

    story: str
    value: int
    at: datetime


@dataclass(frozen=True, slots=True)
class RecipientRecord:
    """A recipient as stored. A paused one gets nothing; `reason` says why."""

    id: int
    recipient: Recipient
    language: str | None = None
    zone: str | None = None
    format: str | None = None
    paused: bool = False
    reason: str = ""

    @property
    def address(self) -> str:
        """The address of the recipient."""
        return self.recipient.address


@dataclass(frozen=True, slots=True)
class SuppressedAddress:
    """An address that gets nothing, why, and since when."""

    address: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class SubscriptionRecord:
    """The state of a subscription: `pending`, `active` or `left`."""

    recipient: Recipient
    digest: str
    state: str
    since: datetime


class Purpose(StrEnum):
    """What a delivery is for; the words of the database."""

    EDITION = "edition"
    CONFIRMATION = "confirmation"  # a letter to an address that must confirm a subscription
    OPERATOR = "operator"  # a letter that reports problems to the operator


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A letter to queue. `body` is sent unchanged at every attempt; `digest` is empty when it concerns none."""

    recipient: Recipient
    purpose: Purpose
    subject: str
    message_id: str
    body: bytes
    sender: str
    expires: datetime
    digest: str = ""


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A delivery to queue. `body` is sent unchanged at every attempt."""

    recipient_id: int
    message_id: str
    body: bytes
    sender: str = ""
    media_type: str = "message/rfc822"
    filename: str = ""
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class EntryGroup:
    """The entries of an edition's period that are in one class for one reason."""

    entry_class: EntryClass
    entries: tuple[int, ...]
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class EditionDraft:
    """An edition with everything that is saved with it. The ledger records it for `recipient_ids`.

    `articles` has all articles that each of its stories had when the edition was composed, shown or not; articles that
    join later are new. Without it an item's own sources count as all. `notes` are for the operator and are not stored.
    """

    edition: Edition
    document: str
    subject: str = ""
    deliveries: tuple[NewDelivery, ...] = ()
    recipient_ids: tuple[int, ...] = ()
    articles: Mapping[str, Collection[int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    groups: tuple[EntryGroup, ...] = ()  # what it did with the entries of its period


@dataclass(frozen=True, slots=True)
class EditionRecord:
    """A stored edition. `document` is the composed edition as JSON; it is empty in listings."""

    id: str
    digest: str
    slot: datetime
    audience: str
    composed: datetime
    period_start: datetime
    period_end: datetime
    items: int
    quiet: bool
    title: str
    subject: str
    document: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """A stored delivery. `body` is empty in listings, and `edition_id` is None for a letter."""

    id: int
    edition_id: str | None
    recipient_id: int
    recipient_key: str
    channel: str
    address: str
    copy: int
    state: State
    attempts: int
    message_id: str
    sender: str
    subject: str
    media_type: str
    filename: str
    created: datetime
    updated: datetime
    purpose: Purpose = Purpose.EDITION
    digest: str = ""
    doubts: int = 0
    body: bytes = b""
    next_try: datetime | None = None
    expires: datetime | None = None
    sent_at: datetime | None = None
    reply_code: int | None = None
    detail: str = ""

    @property
    def outbox(self) -> Delivery:
        """The delivery's state, from which the outbox decides the next step."""
        return Delivery(self.message_id, self.state, self.attempts, self.created, self.expires, self.doubts)

    @property
    def shown(self) -> str:
        """Its recipient as it may be printed and logged: without the secret part of an address."""
        return Recipient(self.channel, self.address).shown

    @property
    def parcel(self) -> Parcel:
        """The delivery as input of its channel."""
        return Parcel(self.id, self.address, self.message_id, self.sender, self.body, self.media_type, self.filename)


@dataclass(frozen=True, slots=True)
class DeliveryStop:
    """Until when nothing is sent to a server or through a channel, and why."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Recovered:
    """Deliveries whose lease holder died: `queued` had sent nothing, of `unknown` the outcome is not known."""

    queued: tuple[int, ...] = ()
    unknown: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Spend:
    """The number and the cost of model calls on one day."""

    calls: int = 0
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows retention emptied or deleted."""

    emptied: int = 0  # entries that lost their texts and kept their rows
    entries: int = 0  # entries deleted
    stories: int = 0
    fetches: int = 0
    summaries: int = 0
    bodies: int = 0  # deliveries that lost their body; the editions stay
    pages: int = 0  # texts of pages that are no longer an interest's example
