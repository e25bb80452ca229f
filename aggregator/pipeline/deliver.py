"""From queued deliveries to accepted mail.

    recover ──▶ expire ──▶ claim ──▶ one by one: channel ──▶ mark (committed) ──▶ final dot ──▶ record (committed)
    (leases     (stale      (a few                 │
     run out)    ones)       at a time)            └──▶ the outbox decides what follows

Each delivery is tried, decided and written by itself: one recipient's failure never costs another. The mark is on the disk before
the final dot; the record is in the database at once, where it outlives this process, and on the disk with the next mark: so a
message waits for the disk once, and only a power failure in between makes an outcome that was known unknown. What stops a server stands
in the database, so that a restart does not knock again. A thread renews the leases while a slow server is waited for, so
that leases can be short and a crash is recovered from soon.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from aggregator.store import meta
from aggregator.store.database import Database
from aggregator.store.errors import LeaseLost, Locked, StoreError
from aggregator.store.outgoing import deliveries, recipients
from aggregator.store.records import DeliveryRecord
from aggregator.system.clock import Clock
from digests.channels.base import Channel
from digests.errors import ChannelError, OutcomeUnknown, TemporaryFailure
from digests.model import Receipt
from digests.outbox import Effect, Policy, State, Step, after, before

Channels = Callable[[str], Channel]  # the kind of a recipient -> an open channel; ValueError where there is none

_STOP = "delivery-stop "  # key of a stop in the database: `until` and the reason
_DOUBTS = "delivery-doubts "  # key of how often a delivery's outcome was unknown
_WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """How deliveries are taken, `batch` at a time.

    `lease` bounds how long a crash holds one back; `per_minute` bounds messages to one mail domain (0: no bound).
    """

    lease: timedelta = timedelta(minutes=2)
    batch: int = 20
    per_minute: int = 0


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What one run came to.

    `counts`: by the state a delivery ended in (`queued`: will be tried again); also `recovered` from dead processes, `paused`
    recipients, `lost` to another process. `notes` are for the owner, each once. `failures`: ids of the deliveries whose last
    try failed, or that a stopped server holds back.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    failures: frozenset[int] = frozenset()

    @property
    def sent(self) -> int:
        """How many were accepted."""
        return self.counts.get(State.SENT, 0)


def deliver_due(
    db: Database,
    channels: Channels,
    clock: Clock,
    policy: Policy,
    owner: str,
    *,
    limit: int | None = 100,
    settings: DeliverySettings | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> DeliveryReport:
    """Deliver what is due, at most `limit` of it or all, in the calling thread. `owner` names this process in the leases.

    `stopping` is asked between deliveries; when it says so, what is claimed but not begun goes back into the queue. Raises
    StoreError when the database fails; what was under way is then recovered when its lease runs out.
    """
    run = _Run(db, channels, clock, policy, owner, settings or DeliverySettings())
    try:
        run.prepare()
        with run.heartbeat:
            left = sys.maxsize if limit is None else limit
            while left > 0 and not stopping():
                batch = run.claim(left)
                if not batch:
                    break
                left -= len(batch)
                run.deliver(batch, stopping)
    finally:
        run.close()
    return DeliveryReport(dict(run.counts), tuple(run.notes), frozenset(run.failures))


class Heartbeat:
    """Renews the leases of the deliveries it holds, from a thread of its own, until left."""

    def __init__(self, db: Database, clock: Clock, owner: str, lease: timedelta) -> None:
        self._db, self._clock, self._owner, self._lease = db, clock, owner, lease
        self._held: set[int] = set()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="delivery-leases", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def hold(self, ids: Iterable[int]) -> None:
        """Hold these and nothing else."""
        self._held = set(ids)  # replaced, never changed: the thread reads it without a lock

    def _beat(self) -> None:
        while not self._done.wait(self._lease.total_seconds() / 3):
            held = list(self._held)
            # A database that is busy now is asked again at the next beat; two may fail before a lease runs out.
            with contextlib.suppress(StoreError):
                if held:
                    deliveries.renew(self._db, held, self._owner, self._clock.now(), self._lease)


class _Run:
    """One run: its ports, the channels it opened, and what it counted."""

    def __init__(
        self, db: Database, channels: Channels, clock: Clock, policy: Policy, owner: str, settings: DeliverySettings
    ) -> None:
        self.db, self.clock, self.policy, self.owner, self.settings = db, clock, policy, owner, settings
        self.heartbeat = Heartbeat(db, clock, owner, settings.lease)
        self.counts: Counter[str] = Counter()
        self.notes: dict[str, None] = {}
        self.failures: set[int] = set()
        self._open = channels
        self._channels: dict[str, Channel] = {}
        self._pace = _Pace(db, settings.per_minute)
        self._stops: dict[str, str] = {}  # as they stood when the batch began, and those of our own since
        self._last = True  # of a batch

    def prepare(self) -> None:
        """Settle what dead processes left behind and end what is stale."""
        found = deliveries.recover(self.db, self.clock.now(), self.policy)
        self.counts["recovered"] += len(found.queued) + len(found.unknown)
        for delivery_id in found.unknown:
            self._doubt(delivery_id)
        if found.unknown:
            self._note(f"{len(found.unknown)} deliveries were interrupted after the final dot: perhaps accepted")
        for stale in deliveries.expire(self.db, self.clock.now()):
            self.counts[State.EXPIRED] += 1
            self._note(f"{stale.recipient_key}: stale after {stale.attempts} attempts; last: {stale.detail or 'none'}")

    def claim(self, limit: int) -> list[DeliveryRecord]:
        """Take the next few, those of one server together so that they share a connection."""
        size = min(limit, self.settings.batch)
        claimed = deliveries.claim_due(self.db, self.clock.now(), self.owner, self.settings.lease, size)
        self.heartbeat.hold(record.id for record in claimed)
        return sorted(claimed, key=lambda record: record.channel)  # stable: within a kind, the longest waiting first

    def deliver(self, batch: Sequence[DeliveryRecord], stopping: Callable[[], bool]) -> None:
        """Try each of a batch, unless its time is up, its server is stopped, or we are."""
        self._pace.look()
        self._stops = meta.starting(self.db, _STOP)
        for index, record in enumerate(batch):
            self._last = index == len(batch) - 1
            self.heartbeat.hold(one.id for one in batch[index:])
            with contextlib.suppress(_Lost):
                if stopping():
                    self._wait(record, self.clock.now(), "")
                elif not self._held_back(record):
                    self._deliver(record)
        self.heartbeat.hold(())

    def close(self) -> None:
        """Close every channel that was opened."""
        for channel in self._channels.values():
            channel.close()

    def _held_back(self, record: DeliveryRecord) -> bool:
        now = self.clock.now()
        stale = before(record.outbox, now, self.policy)
        if stale is not None:
            self._write(record, stale, f"{record.recipient_key}: {stale.detail}")
            return True
        until, reason = self._stopped(record, now)
        if until is not None:
            self.failures.add(record.id)
        elif not self._pace.allows(record, now):
            until, reason = now + _WINDOW, f"no more than {self.settings.per_minute} a minute to this domain"
        if until is None:
            return False
        self._wait(record, until, reason)
        return True

    def _stopped(self, record: DeliveryRecord, now: datetime) -> tuple[datetime | None, str]:
        """Until when this delivery's way is stopped, and why."""
        names = [f"kind:{record.channel}"]
        with contextlib.suppress(ValueError):
            names.append(self._channel(record.channel).server)
        for name in names:
            until, _, reason = self._stops.get(name, "").partition(" ")
            if until and datetime.fromisoformat(until) > now:
                return datetime.fromisoformat(until), reason
        return None, ""

    def _deliver(self, record: DeliveryRecord) -> None:
        outcome = self._try(record)
        self.failures.discard(record.id)
        if isinstance(outcome, ChannelError):
            self.failures.add(record.id)
        facts = record.outbox
        if isinstance(outcome, OutcomeUnknown):
            facts = replace(facts, doubts=self._doubt(record.id))
        step = after(facts, outcome, self.clock.now(), self.policy)
        note = ""
        if isinstance(outcome, ChannelError):
            note = f"{record.recipient_key}: {outcome.message}" + (f" ({outcome.hint})" if outcome.hint else "")
        self._write(record, step, note)
        if step.state is State.SENT:
            self._pace.count(record)
        if step.stop_until is not None:
            self._stop(record, step, step.stop_until)
        if Effect.PAUSE_RECIPIENT in step.effects:
            recipients.pause(self.db, record.recipient_id, step.detail)
            self.counts["paused"] += 1

    def _try(self, record: DeliveryRecord) -> Receipt | ChannelError:
        marked = False

        def mark() -> None:
            nonlocal marked
            deliveries.mark_dot(self.db, record.id, self.owner, self.clock.now())
            marked = True

        try:
            return self._channel(record.channel).deliver(record.parcel, mark)
        except ChannelError as error:
            return error
        except LeaseLost as error:  # nothing was sent: whoever has it now sends it
            self.counts["lost"] += 1
            raise _Lost from error
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault in one channel or for one recipient never costs another
            kind = OutcomeUnknown if marked else TemporaryFailure
            return kind(f"{type(error).__name__}: {error}", reply_code=None if marked else 500)

    def _channel(self, kind: str) -> Channel:
        if kind not in self._channels:
            self._channels[kind] = self._open(kind)
        return self._channels[kind]

    def _doubt(self, delivery_id: int) -> int:
        """Count one more unknown outcome of a delivery; return how many there were before."""
        key = f"{_DOUBTS}{delivery_id}"
        earlier = int(meta.get(self.db, key) or 0)
        meta.put(self.db, key, str(earlier + 1))
        return earlier

    def _stop(self, record: DeliveryRecord, step: Step, until: datetime) -> None:
        everything = Effect.STOP_ALL in step.effects
        name = f"kind:{record.channel}" if everything else self._channel(record.channel).server
        self._stops[name] = f"{until.isoformat()} {step.detail}"
        meta.put(self.db, _STOP + name, self._stops[name])

    def _wait(self, record: DeliveryRecord, until: datetime, reason: str) -> None:
        """Put a delivery back that was not tried: it costs no attempt."""
        detail = f"waits: {reason}" if reason else record.detail
        when = min(until, record.expires) if record.expires else until
        self._write(record, Step(State.QUEUED, record.attempts, when, record.reply_code, detail), "")

    def _write(self, record: DeliveryRecord, step: Step, note: str) -> None:
        """Write a step. What is known of a delivery must not be lost to a moment's lock: it is tried a few times.

        The disk is waited for at the last of a batch; before that the next one's mark takes this along.
        """
        for last in (False, False, True):
            try:
                deliveries.record(self.db, record.id, self.owner, step, self.clock.now(), durable=self._last)
                break
            except LeaseLost as error:
                self.counts["lost"] += 1
                raise _Lost from error
            except Locked:
                if last:
                    raise
        self.counts[step.state] += 1
        if note and Effect.TELL_OWNER in step.effects:
            self._note(note)

    def _note(self, text: str) -> None:
        self.notes[text] = None


class _Pace:
    """How many messages went to each domain during the last minute, whoever sent them."""

    def __init__(self, db: Database, per_minute: int) -> None:
        self._db, self._per_minute = db, per_minute
        self._sent: dict[str, int] = {}

    def look(self) -> None:
        """Count anew when a domain is next asked about: other processes send too."""
        self._sent.clear()

    def allows(self, record: DeliveryRecord, now: datetime) -> bool:
        """Whether one more may go to this recipient's domain now."""
        domain = _domain(record)
        if not self._per_minute or not domain:
            return True
        if domain not in self._sent:
            self._sent[domain] = deliveries.count_sent(self._db, domain, now - _WINDOW)
        return self._sent[domain] < self._per_minute

    def count(self, record: DeliveryRecord) -> None:
        """Count one more."""
        if _domain(record) in self._sent:
            self._sent[_domain(record)] += 1


class _Lost(Exception):
    """Another owner has the delivery."""


def _domain(record: DeliveryRecord) -> str:
    return record.address.rpartition("@")[2].lower() if "@" in record.address else ""
