"""Which recipients of a digest are due, if its schedule is in the time zone of each recipient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from aggregator.config import zone
from aggregator.pipeline.compose import Plan
from aggregator.store.database import Database
from aggregator.store.editions import slots as slot_store
from aggregator.store.outgoing import recipients as recipient_store
from aggregator.store.outgoing import subscriptions
from aggregator.store.records import RecipientRecord, RecipientSlot
from digests.channels.recipient import Recipient
from digests.schedule import next_slot, slots_since

_EVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DueGroup:
    """Recipients who get one edition: their slot is the same instant. `served` has the paused ones too.

    `missed` is the number of earlier slots that had no edition; `since` is when one of them last got an edition.
    """

    slot: datetime
    recipients: tuple[Recipient, ...]
    served: tuple[RecipientSlot, ...]
    missed: int = 0
    since: datetime | None = None


def begin_slots(db: Database, plan: Plan, now: datetime) -> None:
    """Store from when on each new recipient gets the digest: since its subscription, else from now on."""
    stored = recipient_store.find(db, plan.recipients)
    if len(stored) < len(plan.recipients):
        stored = recipient_store.ensure(db, plan.recipients, now)
    known = slot_store.slots_of(db, plan.spec.name)
    fresh = [one for one in stored if one.id not in known]
    if fresh:
        joined = _joined(db, plan)
        firsts = [RecipientSlot(one.id, _local(joined.get(one.recipient, now), "UTC")) for one in fresh]
        slot_store.begin(db, plan.spec.name, firsts)


def due_groups(db: Database, plan: Plan, now: datetime) -> list[DueGroup]:
    """Return who is due now, earliest slot first. A slot that was missed is served late, several as one."""
    begin_slots(db, plan, now)
    known, joined = slot_store.slots_of(db, plan.spec.name), _joined(db, plan)
    found: dict[datetime, list[tuple[RecipientRecord, RecipientSlot, int]]] = {}
    for one in recipient_store.find(db, plan.recipients):
        place = zone_of(one, plan)
        mine = known[one.id]
        last = mine.slot if mine.served else _local(mine.slot.replace(tzinfo=UTC), place)
        # A recipient who left and came back missed no slot in between.
        last = max(last, _local(joined.get(one.recipient, _EVER), place))
        come = slots_since(plan.spec.schedule, place, last, now)
        if come:
            local, instant = come[-1]
            found.setdefault(instant, []).append((one, RecipientSlot(one.id, local, now), len(come) - 1))
    return [_group(slot, members, known) for slot, members in sorted(found.items())]


def _group(
    slot: datetime, members: list[tuple[RecipientRecord, RecipientSlot, int]], known: dict[int, RecipientSlot]
) -> DueGroup:
    return DueGroup(
        slot,
        tuple(one.recipient for one, _, _ in members if not one.paused),
        tuple(served for _, served, _ in members),
        max(missed for _, _, missed in members),
        max((at for one, _, _ in members if (at := known[one.id].served)), default=None),
    )


def _joined(db: Database, plan: Plan) -> dict[Recipient, datetime]:
    """Return since when the recipients with a stored subscription are subscribed."""
    return {
        one.recipient: one.since
        for one in subscriptions.list_subscriptions(db)
        if one.digest == plan.spec.name and one.state == subscriptions.Standing.ACTIVE
    }


def next_of_all(db: Database, plan: Plan, now: datetime) -> datetime:
    """Return the earliest next slot of any recipient; without recipients that of the digest's own zone."""
    zones = {zone_of(one, plan) for one in recipient_store.find(db, plan.recipients)} or {plan.spec.zone}
    return min(next_slot(plan.spec.schedule, place, now) for place in zones)


def zone_of(recipient: RecipientRecord, plan: Plan) -> str:
    """Return the zone of a recipient, else the digest's; a zone that this machine does not know counts as none."""
    return recipient.zone if recipient.zone and zone.known(recipient.zone) else plan.spec.zone


def _local(at: datetime, place: str) -> datetime:
    return at.astimezone(ZoneInfo(place)).replace(tzinfo=None)
