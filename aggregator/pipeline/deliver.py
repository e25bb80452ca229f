"""Delivering queued editions and letters.

    recover ──▶ expire ──▶ claim ──▶ one by one: channel ──▶ mark (committed) ──▶ final dot ──▶ record (committed)
    (leases     (stale      (a few                 │
     run out)    ones)       at a time)            └──▶ the outbox decides what follows

Each delivery is tried, decided and saved separately, so that the failure of one does not affect another. The mark is on
the disk before the final dot; a window of deliveries is marked in one commit. The result is in the database immediately
and survives the end of the process; it reaches the disk with the next marks. So a window waits for the disk once. A
crash leaves one outcome unknown, that of the first of a window without a result; a power failure as many as a window
holds. Where unknown outcomes are held for a person, a window is one delivery.

A stop of a server is stored, so that a restart does not connect to it too early. A thread renews the leases while a
slow server responds, so leases can be short and are recovered soon after a crash.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from aggregator.store.database import Database
from aggregator.store.errors import LeaseLost, Locked, StoreError
from aggregator.store.outgoing import deliveries, recipients, recovery
from aggregator.store.outgoing.marks import Marks
from aggregator.store.records import DeliveryRecord, DeliveryStop, Purpose
from aggregator.system import process
from aggregator.system.clock import Clock
from digests.channels.base import Channel, Receipt
from digests.errors import ChannelError, OutcomeUnknown, TemporaryFailure
from digests.outbox import Effect, Policy, State, Step, WhenUnknown, step_after_try, step_before_try

log = logging.getLogger(__name__)

Channels = Callable[
    [str], Channel
]  # returns an open channel for a kind of recipient; raises ValueError for an unknown kind

_RUNS = itertools.count(1)
_WINDOW = timedelta(minutes=1)
_STOPS_READ = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """The settings of a run. `batch` deliveries are claimed at a time.

    A crash delays a delivery by `lease`; `per_minute` limits the messages to one mail domain (0: no limit). `window`
    deliveries are marked at a time, if unknown outcomes are sent again. `shared`: other workers may end the leases of
    this process early, if they take it for dead.
    """

    lease: timedelta = timedelta(minutes=2)
    batch: int = 20
    window: int = 10
    per_minute: int = 0
    shared: bool = False


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """The result of one run.

    `counts`: deliveries by final state (`queued`: will be tried again); also `recovered` from dead processes, `paused`
    recipients, `lost` to another process. `notes` are for the operator, each once; `log_notes` are about letters to the
    operator: they are for the log only, because another letter would fail as well. `tried`: ids of the claimed
    deliveries. `failures`: those whose last try failed, or that a stopped server delays. `expired` are the deliveries
    that became stale before this run. `paced`: how many wait for the limit of messages a minute.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    log_notes: tuple[str, ...] = ()
    failures: frozenset[int] = frozenset()
    tried: frozenset[int] = frozenset()
    expired: tuple[DeliveryRecord, ...] = ()
    paced: int = 0

    @property
    def sent(self) -> int:
        """The number of accepted messages."""
        return self.counts.get(State.SENT, 0)

    def then(self, later: DeliveryReport) -> DeliveryReport:
        """Return the result of this run and a later one together."""
        return DeliveryReport(
            Counter(self.counts) + Counter(later.counts),
            tuple(dict.fromkeys((*self.notes, *later.notes))),
            tuple(dict.fromkeys((*self.log_notes, *later.log_notes))),
            (self.failures - later.tried) | later.failures,
            self.tried | later.tried,
            (*self.expired, *later.expired),
            later.paced,
        )


def deliver_due(
    db: Database,
    channels: Channels,
    clock: Clock,
    policy: Policy,
    holder: str,
    *,
    limit: int | None = 100,
    settings: DeliverySettings | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> DeliveryReport:
    """Deliver what is due, at most `limit` or all, in the calling thread. `holder` names this process in the leases.

    `stopping` is called between deliveries; when it returns True, claimed deliveries that have not started are queued
    again. Raises StoreError when the database fails; a started delivery is then recovered when its lease expires.
    """
    run = _Run(db, channels, clock, policy, holder, settings or DeliverySettings())
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
    return run.report()


def expire_stale(db: Database, now: datetime) -> list[tuple[str, DeliveryRecord]]:
    """End stale deliveries, so that the next edition reports their stories again; return each with a note.

    Notes of two webhooks of one host are the same.
    """
    ended = []
    for stale in deliveries.expire(db, now):
        last = stale.detail or "none"
        ended.append((f"{stale.shown}: stale after {stale.attempts} attempts; last: {last}", stale))
        _log(stale, stale.state, stale.attempts, stale.detail)
    return ended


class Heartbeat:
    """Renews the leases of the held deliveries in a thread, until the `with` block ends."""

    def __init__(self, db: Database, clock: Clock, holder: str, lease: timedelta) -> None:
        self._db, self._clock, self._holder, self._lease = db, clock, holder, lease
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
        """Set the deliveries whose leases are renewed from now on."""
        self._held = set(ids)  # replaced, never changed: the thread reads it without a lock

    def _beat(self) -> None:
        while not self._done.wait(self._lease.total_seconds() / 3):
            held = list(self._held)
            # If the database is busy, the next beat tries again; two may fail before a lease expires.
            with contextlib.suppress(StoreError):
                if held:
                    deliveries.renew(self._db, held, self._holder, self._clock.now(), self._lease)


class _Run:
    """One run: the channels that it has opened, and what it has counted."""

    def __init__(
        self, db: Database, channels: Channels, clock: Clock, policy: Policy, holder: str, settings: DeliverySettings
    ) -> None:
        self.db, self.clock, self.policy, self.settings = db, clock, policy, settings
        self._process = holder
        # Several runs of one process must not take each other's deliveries.
        self.holder = f"{holder}/{next(_RUNS)}"
        self.heartbeat = Heartbeat(db, clock, self.holder, settings.lease)
        window = settings.window if policy.when_unknown is WhenUnknown.RESEND else 1
        self._marks = Marks(db, self.holder, settings.lease, window, shared=settings.shared)
        self._following: Sequence[int] = ()
        self._stops: Mapping[str, DeliveryStop] | None = None
        self._stops_read = clock.now()
        self.counts: Counter[str] = Counter()
        self.notes: dict[str, None] = {}
        self.log_notes: dict[str, None] = {}
        self.failures: set[int] = set()
        self.tried: set[int] = set()
        self.expired: list[DeliveryRecord] = []
        self.paced: set[int] = set()
        self._open = channels
        self._channels: dict[str, Channel] = {}
        self._last = True  # of a batch

    def prepare(self) -> None:
        """Recover the deliveries of dead processes and end stale ones."""
        found = recovery.recover(self.db, self.clock.now(), self.policy, self._has_ended)
        self.counts["recovered"] += len(found.queued) + len(found.unknown)
        if found.unknown:
            note = f"{len(found.unknown)} deliveries were interrupted after the final dot: perhaps accepted"
            self.notes[note] = None
        for note, stale in expire_stale(self.db, self.clock.now()):
            self.counts[State.EXPIRED] += 1
            self.expired.append(stale)
            self._note(stale, note)

    def _has_ended(self, holder: str) -> bool:
        return not holder.startswith(f"{self._process}/") and process.has_ended(holder)

    def claim(self, limit: int) -> list[DeliveryRecord]:
        """Claim the next deliveries; return them sorted by channel, so that those of one channel share a connection."""
        size = min(limit, self.settings.batch)
        claimed = deliveries.claim_due(self.db, self.clock.now(), self.holder, self.settings.lease, size)
        self.heartbeat.hold(record.id for record in claimed)
        self.tried.update(record.id for record in claimed)
        return sorted(claimed, key=lambda record: record.channel)  # stable: within a kind, the longest waiting first

    def deliver(self, batch: Sequence[DeliveryRecord], stopping: Callable[[], bool]) -> None:
        """Try each delivery of a batch, unless it is stale, its server is stopped, or the run is to end."""
        for index, record in enumerate(batch):
            self._last = index == len(batch) - 1
            self.heartbeat.hold(one.id for one in batch[index:])
            self._following = [one.id for one in batch[index + 1 :] if one.channel == record.channel]
            with contextlib.suppress(_Lost):
                if stopping():
                    self._wait(record, self.clock.now(), "")
                elif not self._held_back(record):
                    self._deliver(record)
        self.heartbeat.hold(())

    def report(self) -> DeliveryReport:
        """Return the result so far."""
        return DeliveryReport(
            dict(self.counts),
            tuple(self.notes),
            tuple(self.log_notes),
            frozenset(self.failures),
            frozenset(self.tried),
            tuple(self.expired),
            len(self.paced),
        )

    def close(self) -> None:
        """Take back the marks of what was not sent, where the run failed; close every channel that was opened."""
        with contextlib.suppress(StoreError):
            self._marks.take_back()
        for channel in self._channels.values():
            channel.close()

    def _held_back(self, record: DeliveryRecord) -> bool:
        now = self.clock.now()
        stale = step_before_try(record.outbox, now, self.policy)
        if stale is not None:
            self._write(record, stale, f"{record.shown}: {stale.detail}")
            return True
        until, reason = self._stopped(record, now)
        if until is not None:
            self.failures.add(record.id)
        elif not self._take_turn(record, now):
            self.paced.add(record.id)
            until, reason = now + _WINDOW, f"no more than {self.settings.per_minute} a minute to this domain"
        if until is None:
            return False
        self._wait(record, until, reason)
        return True

    def _stopped(self, record: DeliveryRecord, now: datetime) -> tuple[datetime | None, str]:
        """Return until when this delivery's channel or server is stopped, and why."""
        names = [f"kind:{record.channel}"]
        with contextlib.suppress(ValueError):
            names.append(self._channel(record.channel).server)
        for name in names:
            stop = self._read_stops(now).get(name)
            if stop is not None and stop.until > now:
                return stop.until, stop.reason
        return None, ""

    def _read_stops(self, now: datetime) -> Mapping[str, DeliveryStop]:
        """Return the stops; those of other processes are read once a second, as reading takes as long as a record."""
        if self._stops is None or not timedelta(0) <= now - self._stops_read < _STOPS_READ:
            self._stops, self._stops_read = deliveries.stops(self.db, now), now
        return self._stops

    def _take_turn(self, record: DeliveryRecord, now: datetime) -> bool:
        """Whether one more message may go to this recipient's domain now, counting those of all processes."""
        most, domain = self.settings.per_minute, _domain(record)
        return not most or not domain or deliveries.take_turn(self.db, record.id, domain, most, now, _WINDOW)

    def _deliver(self, record: DeliveryRecord) -> None:
        outcome = self._try(record)
        self.failures.discard(record.id)
        if isinstance(outcome, ChannelError):
            self.failures.add(record.id)
        step = step_after_try(record.outbox, outcome, self.clock.now(), self.policy)
        note = ""
        if isinstance(outcome, ChannelError):
            note = f"{record.shown}: {outcome.message}" + (f" ({outcome.hint})" if outcome.hint else "")
        self._write(record, step, note)
        if step.stop_until is not None:
            self._stop(record, step, step.stop_until)
        if Effect.PAUSE_RECIPIENT in step.effects:
            recipients.pause(self.db, record.recipient_id, step.detail)
            self.counts["paused"] += 1

    def _try(self, record: DeliveryRecord) -> Receipt | ChannelError:
        marked = False

        def mark() -> None:
            nonlocal marked
            self._marks.mark(record.id, self._following, self.clock.now())
            marked = True

        try:
            return self._channel(record.channel).deliver(record.parcel, mark)
        except ChannelError as error:
            return error
        except LeaseLost as error:  # nothing was sent: the present holder sends it
            self.counts["lost"] += 1
            raise _Lost from error
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of one channel or recipient must not affect another
            kind = OutcomeUnknown if marked else TemporaryFailure
            return kind(f"{type(error).__name__}: {error}", reply_code=None if marked else 500)

    def _channel(self, kind: str) -> Channel:
        if kind not in self._channels:
            self._channels[kind] = self._open(kind)
        return self._channels[kind]

    def _stop(self, record: DeliveryRecord, step: Step, until: datetime) -> None:
        everything = Effect.STOP_ALL in step.effects
        name = f"kind:{record.channel}" if everything else self._channel(record.channel).server
        deliveries.stop(self.db, name, until, step.detail, self.clock.now())
        self._stops = None

    def _wait(self, record: DeliveryRecord, until: datetime, reason: str) -> None:
        """Queue a delivery again that was not tried: it counts as no attempt."""
        detail = f"waits: {reason}" if reason else record.detail
        when = min(until, record.expires) if record.expires else until
        self._write(record, Step(State.QUEUED, record.attempts, when, record.reply_code, detail), "")

    def _write(self, record: DeliveryRecord, step: Step, note: str) -> None:
        """Write a step. A short lock must not lose a known outcome: the write is tried a few times.

        Only the last of a batch waits for the disk; the others reach it with the next delivery's mark.
        """
        for last in (False, False, True):
            try:
                deliveries.record(self.db, record.id, self.holder, step, self.clock.now(), durable=self._last)
                break
            except LeaseLost as error:
                self.counts["lost"] += 1
                raise _Lost from error
            except Locked:
                if last:
                    raise
        self.counts[step.state] += 1
        _log(record, step.state, step.attempts, step.detail, step.next_try)
        if note and Effect.REPORT in step.effects:
            self._note(record, note)

    def _note(self, record: DeliveryRecord, text: str) -> None:
        notes = self.log_notes if record.purpose is Purpose.OPERATOR else self.notes
        notes[text] = None


class _Lost(Exception):
    """Another process holds the delivery."""


def _log(record: DeliveryRecord, state: State, attempts: int, detail: str, next_try: datetime | None = None) -> None:
    fields: dict[str, object] = {
        "delivery": record.id,
        "what": record.edition_id or f"letter: {record.purpose}",
        "to": record.shown,
        "state": str(state),
        "attempts": attempts,
    }
    if next_try is not None and state is State.QUEUED:
        fields["next_try"] = next_try.isoformat(timespec="seconds")
    if detail:
        fields["detail"] = detail
    log.info("delivery", extra={"fields": fields})


def _domain(record: DeliveryRecord) -> str:
    return record.address.rpartition("@")[2].lower() if "@" in record.address else ""
