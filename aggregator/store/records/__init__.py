"""The immutable values that the store's functions take and return. Every instant is aware and in UTC.

The records of stories, editions and deliveries are imported on first use, because polling unchanged feeds does not need
them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.store.records.intake import (
    FeedConfigRow,
    FeedHealth,
    FeedRecord,
    FetchRecord,
    IntakeCounts,
    Observation,
    PageMemory,
    PageRefusal,
    PastPoll,
    Poll,
    StoredText,
    host,
)

if TYPE_CHECKING:
    from aggregator.store.records.outgoing import (
        DeliveryRecord,
        DeliveryStop,
        DigestConfigRow,
        DigestRecord,
        EditionDraft,
        EditionRecord,
        EntryGroup,
        FeedbackRecord,
        NewDelivery,
        NewLetter,
        Pruned,
        Purpose,
        RecipientConfigRow,
        RecipientRecord,
        RecipientSlot,
        Recovered,
        Spend,
        SubscriptionRecord,
        SuppressedAddress,
    )
    from aggregator.store.records.stories import (
        Arrival,
        EntryName,
        EntryRecord,
        Hit,
        NewStory,
        StoryEvent,
        StoryRecord,
        StoryUpdate,
    )
    from digests.outbox import State

__all__ = [
    "Arrival",
    "DeliveryRecord",
    "DeliveryStop",
    "DigestConfigRow",
    "DigestRecord",
    "EditionDraft",
    "EditionRecord",
    "EntryGroup",
    "EntryName",
    "EntryRecord",
    "FeedConfigRow",
    "FeedHealth",
    "FeedRecord",
    "FeedbackRecord",
    "FetchRecord",
    "Hit",
    "IntakeCounts",
    "NewDelivery",
    "NewLetter",
    "NewStory",
    "Observation",
    "PageMemory",
    "PageRefusal",
    "PastPoll",
    "Poll",
    "Pruned",
    "Purpose",
    "RecipientConfigRow",
    "RecipientRecord",
    "RecipientSlot",
    "Recovered",
    "Spend",
    "State",
    "StoredText",
    "StoryEvent",
    "StoryRecord",
    "StoryUpdate",
    "SubscriptionRecord",
    "SuppressedAddress",
    "host",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from aggregator.store.records import outgoing, stories

    return getattr(stories if hasattr(stories, name) else outgoing, name)
