from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.pipeline.deliver import DeliveryReport, DeliverySettings, Heartbeat, deliver_due
from aggregator.services.context import Context
from aggregator.services.delivery import DeliveryService, DeliveryServiceSettings
from aggregator.store.database import Database
from aggregator.store.errors import DiskFull, Locked
from aggregator.store.outgoing import deliveries, recipients, recovery
from aggregator.store.outgoing.marks import Marks
from aggregator.store.records import DeliveryRecord
from aggregator.system import process
from aggregator.system.clock import ManualClock
from digests.channels import Channel, FolderSettings, SmtpSettings, Timeouts, WebhookSettings, open_channel
from digests.channels.base import BeforeDot, Parcel, Receipt
from digests.channels.memory import MemoryChannel
from digests.errors import LoginRefused, OutcomeUnknown, RecipientRefused, ServerBusy, TemporaryFailure
from digests.outbox import Policy, State, Step, WhenUnknown
from tests.support.outbox import fill, message
from tests.support.smtp import SmtpServer
from tests.support.statements import counting

NOW = datetime(2026, 3, 29, 5, 0, tzinfo=UTC)
HOLD = Policy(when_unknown=WhenUnknown.HOLD)
ADDRESSES = [f"reader{n}@example.com" for n in range(4)]


class Desk:
    """A database, a clock, and channels; `run` delivers once."""

    def __init__(self, db: Database) -> None:
        self.db, self.clock = db, ManualClock(NOW)
        self.memory = MemoryChannel()
        self.channels: dict[str, Channel] = {"mail": self.memory}

    def fill(self, addresses: list[str] = ADDRESSES, kind: str = "mail", **more: object) -> list[int]:
        return fill(self.db, [f"{kind}:{address}" for address in addresses], NOW, **more)  # type: ignore[arg-type]

    def open(self, kind: str) -> Channel:
        if kind not in self.channels:
            raise ValueError(f"no channel delivers to {kind!r}")
        return self.channels[kind]

    def run(self, policy: Policy | None = None, holder: str = "me", **more: object) -> DeliveryReport:
        return deliver_due(self.db, self.open, self.clock, policy or Policy(), holder, **more)  # type: ignore[arg-type]

    def records(self) -> list[DeliveryRecord]:
        return sorted(deliveries.list_deliveries(self.db), key=lambda record: record.id)

    def states(self) -> list[State]:
        return [record.state for record in self.records()]


@pytest.fixture
def desk() -> Iterator[Desk]:
    db = Database.in_memory()
    yield Desk(db)
    db.close()


def test_every_delivery_goes_out_once(desk: Desk) -> None:
    desk.fill()
    assert desk.run().sent == 4
    assert desk.run().sent == 0
    assert [p.recipient for p in desk.memory.accepted] == ADDRESSES
    assert [p.body for p in desk.memory.accepted] == [message(n, a) for n, a in enumerate(ADDRESSES)]
    assert {(r.state, r.attempts, r.sent_at) for r in desk.records()} == {(State.SENT, 1, NOW)}


def test_over_a_real_server_with_one_connection(desk: Desk) -> None:
    desk.fill()
    with SmtpServer() as server:
        desk.channels["mail"] = open_channel("smtp", SmtpSettings("127.0.0.1", server.port, "none"))
        assert desk.run().sent == 4
    assert server.connections == 1
    assert [m.body for m in server.accepted] == [message(n, a) for n, a in enumerate(ADDRESSES)]


def test_one_failing_recipient_never_costs_another(desk: Desk) -> None:
    desk.fill()
    desk.memory.fail([RecipientRefused("550 5.1.1 nobody", reply_code=550, status="5.1.1"), None, TemporaryFailure()])
    report = desk.run()
    assert desk.states() == [State.FAILED, State.SENT, State.QUEUED, State.SENT]
    assert report.counts["paused"] == 1
    assert report.notes == (
        (
            "mail:reader0@example.com: 550 5.1.1 nobody (check the address; it gets nothing until it is "
            "changed or settled)"
        ),
    )
    paused = recipients.list_recipients(desk.db)
    assert [r.paused for r in paused] == [True, False, False, False]


def test_a_fault_in_a_channel_never_costs_another(desk: Desk) -> None:
    class Faulty(MemoryChannel):
        def deliver(self, parcel: Parcel, before_dot: Callable[[], None]) -> Receipt:
            if parcel.recipient == ADDRESSES[0]:
                raise ZeroDivisionError("a bug")
            if parcel.recipient == ADDRESSES[1]:
                before_dot()
                raise ZeroDivisionError("a bug after the dot")
            return super().deliver(parcel, before_dot)

    desk.fill()
    desk.channels["mail"] = Faulty()
    report = desk.run(HOLD)
    assert desk.states() == [State.QUEUED, State.UNKNOWN, State.SENT, State.SENT]
    assert any("ZeroDivisionError: a bug" in note for note in report.notes)


def test_a_temporary_failure_is_tried_again_in_its_time(desk: Desk) -> None:
    desk.fill(ADDRESSES[:1])
    desk.memory.fail([TemporaryFailure("451 later", reply_code=451)])
    desk.run()
    desk.clock.advance(timedelta(minutes=1))
    assert desk.run().sent == 0
    assert desk.records()[0].detail == "451 later"
    desk.clock.advance(timedelta(minutes=2))
    assert desk.run().sent == 1


def test_421_stops_the_server_for_all_without_burning_attempts(desk: Desk) -> None:
    desk.fill()
    desk.memory.fail([None, ServerBusy("421 4.3.2 closing", reply_code=421)])
    assert desk.run().counts[State.QUEUED] == 3
    assert [r.attempts for r in desk.records()] == [1, 0, 0, 0]
    desk.clock.advance(timedelta(minutes=4))
    assert desk.run().counts.get(State.SENT, 0) == 0
    assert len(desk.memory.accepted) == 1  # nobody knocked meanwhile
    desk.clock.advance(timedelta(minutes=2))
    assert desk.run().sent == 2  # those that waited come first
    desk.clock.advance(timedelta(minutes=10))
    assert desk.run().sent == 1


def test_a_recipient_that_always_brings_421_does_not_starve_the_others(desk: Desk) -> None:
    class Moody(MemoryChannel):
        def deliver(self, parcel: Parcel, before_dot: Callable[[], None]) -> Receipt:
            if parcel.recipient == ADDRESSES[0]:
                raise ServerBusy("421 not with that one", reply_code=421)
            return super().deliver(parcel, before_dot)

    desk.fill()
    desk.channels["mail"] = Moody()
    for _ in range(6):
        desk.run()
        desk.clock.advance(timedelta(minutes=5))
    assert desk.states() == [State.QUEUED, State.SENT, State.SENT, State.SENT]


def test_notes_and_logs_have_only_the_host_of_a_secret_address(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    desk.fill(["https://chat.example/hooks/SECRET", "nonsense SECRET"], kind="webhook")
    desk.channels["webhook"] = open_channel("webhook", WebhookSettings(check=refuse))
    report = desk.run()
    assert [note.partition(" (")[0] for note in report.notes] == [
        "webhook:https://chat.example/…: refused",
        "webhook:…: not a URL of http or https",
    ]
    assert len(caplog.records) == 2
    assert not [record for record in caplog.records if "SECRET" in str(vars(record))]


def refuse(url: str) -> None:
    """Refuse each URL, as the check of a network does that may not be connected to."""
    raise RecipientRefused("refused", status="5.7.1")


def test_a_stop_survives_a_restart(desk: Desk) -> None:
    desk.fill(ADDRESSES[:2])
    desk.memory.fail([ServerBusy("connect: refused")])
    report = desk.run()
    assert report.notes == (
        "mail:reader0@example.com: connect: refused (passes by itself: it is tried again until the edition is stale)",
    )
    desk.channels = {"mail": MemoryChannel()}
    desk.clock.advance(timedelta(minutes=1))
    assert desk.run(holder="the next process").sent == 0
    desk.clock.advance(timedelta(minutes=20))
    assert desk.run(holder="the next process").sent == 2


def test_a_refused_login_stops_the_channel_and_reports_the_operator_once(desk: Desk) -> None:
    desk.fill()
    desk.memory.fail([LoginRefused("535 5.7.8 no", reply_code=535)])
    report = desk.run()
    assert len(report.notes) == 1
    assert desk.states() == [State.QUEUED] * 4
    assert {r.attempts for r in desk.records()} == {0}
    desk.clock.advance(timedelta(minutes=14))
    assert desk.run().sent == 0
    desk.clock.advance(timedelta(minutes=30))
    assert desk.run().sent == 4


def test_a_stop_of_mail_does_not_stop_the_folder(desk: Desk, tmp_path: Path) -> None:
    fill(desk.db, ["mail:a@example.com", "folder:out"], NOW)
    desk.channels["folder"] = open_channel("folder", FolderSettings(tmp_path))
    desk.memory.fail([LoginRefused(reply_code=535)] * 2)
    assert desk.run().sent == 1
    assert len(list((tmp_path / "out").iterdir())) == 1


@pytest.mark.parametrize(("policy", "state"), [(Policy(), State.QUEUED), (HOLD, State.UNKNOWN)])
def test_an_unknown_outcome_follows_the_policy(desk: Desk, policy: Policy, state: State) -> None:
    desk.fill(ADDRESSES[:1])
    desk.memory.fail([OutcomeUnknown("dot: the server closed the connection")])
    desk.run(policy)
    assert desk.states() == [state]
    desk.clock.advance(timedelta(minutes=30))
    desk.run(policy)
    assert len(desk.memory.accepted) == (2 if policy.when_unknown is WhenUnknown.RESEND else 1)


def test_a_server_that_takes_every_copy_without_a_word_is_left_to_a_person(desk: Desk) -> None:
    desk.fill(ADDRESSES[:1])
    desk.memory.fail([OutcomeUnknown("dot: no answer")] * 50)
    for _ in range(40):
        desk.run()
        desk.clock.advance(timedelta(minutes=20))
    assert desk.states() == [State.UNKNOWN]
    assert len(desk.memory.accepted) == 1 + Policy().max_resends


def test_what_is_stale_expires_and_is_reported(desk: Desk) -> None:
    desk.fill(ADDRESSES[:1], expires=NOW + timedelta(hours=1))
    desk.memory.fail([TemporaryFailure("451 later")] * 50)
    notes: list[str] = []
    for _ in range(20):
        notes += desk.run().notes
        desk.clock.advance(timedelta(minutes=5))
    assert desk.states() == [State.EXPIRED]
    assert len(notes) == 1
    assert "stale" in notes[0]


def test_each_stale_delivery_is_counted_also_where_only_their_host_is_shown(desk: Desk) -> None:
    hooks = ["https://hooks.example/a-secret", "https://hooks.example/another"]
    desk.fill(hooks, "webhook", expires=NOW + timedelta(hours=1))
    desk.clock.advance(timedelta(hours=2))
    report = desk.run()
    assert report.counts[State.EXPIRED] == len(report.expired) == 2
    assert report.notes == ("webhook:https://hooks.example/…: stale after 0 attempts; last: none",), "each note once"


def test_without_an_expiry_of_its_own_the_policy_bounds_its_age(desk: Desk) -> None:
    desk.fill(ADDRESSES[:1])
    desk.clock.advance(timedelta(hours=20))
    assert desk.run().counts[State.EXPIRED] == 1
    assert desk.memory.accepted == []


def test_what_a_dead_process_left_is_recovered(desk: Desk) -> None:
    ids = desk.fill(ADDRESSES[:2])
    deliveries.claim_due(desk.db, NOW, "dead", timedelta(minutes=2), 2)
    deliveries.mark_dot(desk.db, ids[1], "dead", NOW)
    assert desk.run(HOLD).sent == 0
    desk.clock.advance(timedelta(minutes=3))
    report = desk.run(HOLD)
    assert report.counts["recovered"] == 2
    assert desk.states() == [State.SENT, State.UNKNOWN]
    assert "perhaps accepted" in report.notes[0]


def test_two_processes_on_one_database_send_each_message_once(desk: Desk) -> None:
    class Slow(MemoryChannel):
        """While it delivers its first parcel, another process runs and takes over what it can."""

        def deliver(self, parcel: Parcel, before_dot: Callable[[], None]) -> Receipt:
            if not self.accepted and not other.accepted:
                desk.clock.advance(timedelta(minutes=3))  # our leases run out
                desk.channels["mail"] = other
                desk.run(holder="other")
            return super().deliver(parcel, before_dot)

    desk.fill()
    other, slow = MemoryChannel(), Slow()
    desk.channels["mail"] = slow
    report = desk.run()
    assert report.counts["lost"] == 4
    assert slow.accepted == []
    assert sorted(p.recipient for p in other.accepted) == ADDRESSES
    assert desk.states() == [State.SENT] * 4


def test_leases_are_renewed_while_a_server_is_slow(desk: Desk) -> None:
    ids = desk.fill(ADDRESSES[:1])
    lease = timedelta(seconds=0.06)
    deliveries.claim_due(desk.db, NOW, "me", lease, 1)
    renewed = threading.Event()

    class Watched(ManualClock):
        def now(self) -> datetime:
            if threading.current_thread().name == "delivery-leases":
                renewed.set()
            return super().now()

    clock = Watched(NOW + timedelta(minutes=1))
    with Heartbeat(desk.db, clock, "me", lease) as heartbeat:
        heartbeat.hold(ids)
        assert renewed.wait(10)
    assert recovery.recover(desk.db, NOW + timedelta(minutes=1)).queued == ()
    assert recovery.recover(desk.db, NOW + timedelta(minutes=2)).queued == (ids[0],)


def test_a_database_that_is_busy_for_a_moment_loses_no_outcome(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    original, locked = deliveries.record, [True, True]

    def busy(*args: object, **more: object) -> None:
        if locked:
            locked.pop()
            raise Locked
        original(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(deliveries, "record", busy)
    desk.fill(ADDRESSES[:1])
    assert desk.run().sent == 1
    assert desk.states() == [State.SENT]


@pytest.mark.parametrize(
    ("policy", "batch"),
    [
        (HOLD, [("mark_dot", True), ("record", False), ("mark_dot", True), ("record", True)]),
        (Policy(), [("mark_dot", True), ("record", False), ("record", True)]),
    ],
)
def test_each_mark_waits_for_the_disk_and_of_the_records_only_the_last(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, policy: Policy, batch: list[tuple[str, bool]]
) -> None:
    """What a record does not wait for, the next mark brings to the disk; after the last of a batch there is none.

    A window is marked at once, unless unknown outcomes are held.
    """
    waited: list[tuple[str, bool]] = []
    for name in ("mark_dot", "record"):
        original = getattr(deliveries, name)

        def noted(*args: object, name: str = name, original: Callable[..., object] = original, **more: bool) -> object:
            waited.append((name, more.get("durable", True)))
            return original(*args, **more)

        monkeypatch.setattr(deliveries, name, noted)
    desk.fill()
    desk.run(policy, settings=DeliverySettings(batch=2))
    assert waited == batch * 2


class Cut(MemoryChannel):
    """A channel in which the process ends after the mark of a message."""

    def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
        before_dot()
        raise KeyboardInterrupt


@pytest.mark.parametrize(("policy", "unknown"), [(HOLD, 1), (Policy(), 3)])
def test_a_crash_leaves_no_more_unknown_than_a_window_holds(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, policy: Policy, unknown: int
) -> None:
    desk.fill([f"reader{n}@example.com" for n in range(8)])
    desk.channels = {"mail": Cut()}
    monkeypatch.setattr(Marks, "take_back", lambda _: None)  # a killed process does not
    with pytest.raises(KeyboardInterrupt):
        desk.run(policy, settings=DeliverySettings(window=3))
    assert desk.states().count(State.DOT) == unknown
    assert desk.states().count(State.SENDING) == 8 - unknown


def test_of_a_window_only_the_message_on_its_way_is_in_doubt_after_a_crash(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class CutLater(Cut):
        def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
            if len(self.accepted) < 2:
                return MemoryChannel.deliver(self, parcel, before_dot)
            return Cut.deliver(self, parcel, before_dot)

    ids = desk.fill([f"reader{n}@example.com" for n in range(8)])
    desk.channels = {"mail": CutLater()}
    monkeypatch.setattr(Marks, "take_back", lambda _: None)  # a killed process does not
    with pytest.raises(KeyboardInterrupt):
        desk.run(settings=DeliverySettings(window=5))
    found = recovery.recover(desk.db, desk.clock.now(), has_ended=lambda _: True)
    assert found.unknown == (ids[2],), "the two before it are sent"
    assert sorted(found.queued) == ids[3:]


def test_a_marked_message_of_a_worker_that_was_taken_for_dead_is_not_sent(desk: Desk) -> None:
    """The other workers end the leases of a worker whose signs of life are missing; it may still run."""

    class Declared(MemoryChannel):
        def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
            receipt = MemoryChannel.deliver(self, parcel, before_dot)
            if len(self.accepted) == 1:
                recovery.recover(desk.db, desk.clock.now(), has_ended=lambda _: True)
                deliveries.claim_due(desk.db, desk.clock.now(), "another", timedelta(minutes=2), 9)
            return receipt

    declared = Declared()
    ids = desk.fill(ADDRESSES[:3])
    desk.channels = {"mail": declared}
    assert desk.run(settings=DeliverySettings(shared=True)).counts["lost"] == 2
    assert [one.delivery for one in declared.accepted] == ids[:1]
    assert desk.states() == [State.SENT, State.SENDING, State.SENDING]


def test_what_ends_a_run_takes_back_the_marks_of_what_was_not_sent(desk: Desk) -> None:
    desk.fill()
    desk.channels = {"mail": Cut()}
    with pytest.raises(KeyboardInterrupt):
        desk.run()
    assert desk.states() == [State.DOT, State.SENDING, State.SENDING, State.SENDING]


def test_an_old_mark_does_not_count_after_another_process_took_the_delivery_over(desk: Desk) -> None:
    """A process that was stopped between two messages of a window, for longer than its lease."""

    class Stopped(MemoryChannel):
        def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
            receipt = MemoryChannel.deliver(self, parcel, before_dot)
            desk.clock.advance(timedelta(minutes=3))
            recovery.recover(desk.db, desk.clock.now())
            return receipt

    stopped = Stopped()
    desk.fill(ADDRESSES[:3])
    desk.channels = {"mail": stopped}
    report = desk.run()
    assert report.counts["lost"] == 3, "two after the first message, one after the second"
    assert [one.delivery for one in stopped.accepted] == [1, 2, 3], "each once, after it was claimed again"
    assert desk.states() == [State.SENT] * 3


def test_a_slow_server_does_not_make_marks_invalid(desk: Desk) -> None:
    class Slow(MemoryChannel):
        def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
            desk.clock.advance(timedelta(seconds=50))
            return MemoryChannel.deliver(self, parcel, before_dot)

    desk.fill()
    desk.channels = {"mail": Slow()}
    assert desk.run().sent == 4


def test_a_stop_by_another_process_is_seen_within_a_second(desk: Desk) -> None:
    class Slow(MemoryChannel):
        def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
            desk.clock.advance(timedelta(seconds=1))
            deliveries.stop(desk.db, "memory", desk.clock.now() + timedelta(hours=1), "busy", desk.clock.now())
            return MemoryChannel.deliver(self, parcel, before_dot)

    desk.fill()
    desk.channels = {"mail": Slow()}
    assert desk.run().sent == 1
    assert desk.states() == [State.SENT, State.QUEUED, State.QUEUED, State.QUEUED]


def test_a_full_disk_stops_before_anything_is_sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise DiskFull

    desk.fill()
    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "mark_dot", full)
        with pytest.raises(DiskFull):
            desk.run()
    assert desk.memory.accepted == []
    assert desk.memory.closed == 1
    desk.clock.advance(timedelta(minutes=3))
    assert desk.run().sent == 4


def test_a_kind_without_a_channel_waits_and_is_reported(desk: Desk) -> None:
    desk.fill(["x"], kind="pigeon")
    report = desk.run()
    assert desk.states() == [State.QUEUED]
    assert "no channel delivers to 'pigeon'" in report.notes[0]


def test_a_domain_gets_no_more_than_its_share_a_minute(desk: Desk) -> None:
    desk.fill([*ADDRESSES, "one@elsewhere.example"])
    settings = DeliverySettings(per_minute=2)
    assert desk.run(settings=settings).sent == 3
    assert desk.run(settings=settings).sent == 0
    desk.clock.advance(timedelta(minutes=1, seconds=1))
    assert desk.run(settings=settings).sent == 2


def test_what_other_processes_sent_to_a_domain_counts_and_other_domains_do_not(desk: Desk) -> None:
    desk.fill([*ADDRESSES[:2], "one@sub.example.com", "two@EXAMPLE.com"])
    for one in deliveries.claim_due(desk.db, NOW, "another", timedelta(minutes=1), 1):
        deliveries.mark_dot(desk.db, one.id, "another", NOW)
        deliveries.record(desk.db, one.id, "another", Step(State.SENT, 1), NOW)
    assert desk.run(settings=DeliverySettings(per_minute=2)).sent == 2
    assert [p.recipient for p in desk.memory.accepted] == [ADDRESSES[1], "one@sub.example.com"]


def test_asked_to_stop_it_puts_back_what_it_had_claimed(desk: Desk) -> None:
    desk.fill()
    desk.run(stopping=lambda: len(desk.memory.accepted) == 1)
    assert desk.states() == [State.SENT, State.QUEUED, State.QUEUED, State.QUEUED]
    assert desk.run(holder="next").sent == 3


def test_the_limit_holds(desk: Desk) -> None:
    desk.fill()
    assert desk.run(limit=3).sent == 3


def test_from_a_thread(desk: Desk) -> None:
    desk.fill()
    reports: list[DeliveryReport] = []
    thread = threading.Thread(target=lambda: reports.append(desk.run()))
    thread.start()
    thread.join(30)
    assert reports[0].sent == 4


def test_every_stage_of_a_bad_server_and_every_message_in_the_end(desk: Desk) -> None:
    quick = Timeouts(5, 5, 5, 5, 5, 0.3, 0.3)
    acts = [
        ("rcpt", "451 4.3.0 x"),
        ("dot", "452 4.3.1 x"),
        ("data", "drop"),
        ("mail", "421 4.3.0 x"),
        ("connect", "drop"),
        ("dot", "drop"),
        ("dot", "keep-drop"),
        ("ehlo", "drop"),
        ("rcpt", "noise"),
    ]
    desk.fill()
    with SmtpServer() as server:
        desk.channels["mail"] = open_channel("smtp", SmtpSettings("127.0.0.1", server.port, "none", timeouts=quick))
        for stage, act in acts:
            server.on(stage, act)
        for _ in range(40):
            desk.run()
            desk.clock.advance(timedelta(minutes=20))
    arrived = [m.recipient for m in server.accepted]
    assert set(arrived) == set(ADDRESSES)
    assert len(arrived) == len(ADDRESSES) + 1  # the one that was kept without an answer
    assert {m.body for m in server.accepted} == {message(n, a) for n, a in enumerate(ADDRESSES)}
    assert set(desk.states()) == {State.SENT}


def test_drain_waits_for_the_limit_of_messages_a_minute(desk: Desk) -> None:
    desk.fill()
    settings = DeliveryServiceSettings(desk.open, Policy(), DeliverySettings(per_minute=1))
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        desk.clock.advance(timedelta(seconds=seconds))

    report = DeliveryService(Context(desk.db, desk.clock, "me"), settings).drain(wait)
    assert report.sent == len(desk.memory.accepted) == 4
    assert report.tried == {r.id for r in desk.records()}
    assert len(waits) == 3
    assert not report.failures


def test_what_an_ended_process_held_is_delivered_at_once_and_a_living_one_keeps_its_own(desk: Desk) -> None:
    ids = desk.fill()
    dead = process.lease_holder()  # of this process number under another name: that process has ended
    deliveries.claim_due(desk.db, NOW, dead, timedelta(hours=1), 2)
    deliveries.claim_due(desk.db, NOW, "another-machine:7:aa", timedelta(hours=1), 1)
    assert desk.run().sent == 3
    assert [r.state for r in desk.records()].count(State.SENDING) == 1
    assert deliveries.delivery_by(desk.db, ids[2]).state is State.SENDING


def test_a_run_leaves_alone_what_another_run_of_its_process_sends(desk: Desk) -> None:
    """A worker has several tasks that deliver, under one process number."""
    me = process.lease_holder()

    class Meanwhile(MemoryChannel):
        def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
            receipt = MemoryChannel.deliver(self, parcel, before_dot)
            if len(self.accepted) == 1:
                other = desk.run(holder=me, settings=DeliverySettings(shared=True))
                assert (other.counts["recovered"], other.sent) == (0, 0)
            return receipt

    meanwhile = Meanwhile()
    ids = desk.fill(ADDRESSES[:3])
    desk.channels = {"mail": meanwhile}
    assert desk.run(holder=me, settings=DeliverySettings(shared=True)).sent == 3
    assert [one.delivery for one in meanwhile.accepted] == ids
    assert desk.states() == [State.SENT] * 3


def test_hurry_leaves_a_delivery_of_unknown_outcome_to_its_wait(desk: Desk) -> None:
    first, second = desk.fill(ADDRESSES[:2])
    desk.memory.fail([OutcomeUnknown("cut"), TemporaryFailure("later", reply_code=451)])
    desk.run()
    deliveries.stop(desk.db, "kind:mail", NOW + timedelta(hours=1), "busy", NOW)
    deliveries.hurry(desk.db, None, NOW)
    assert desk.run().sent == 1
    assert [deliveries.delivery_by(desk.db, one).state for one in (first, second)] == [State.QUEUED, State.SENT]


def test_the_log_has_a_line_for_every_delivery(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "aggregator.pipeline.deliver")
    desk.fill()
    desk.memory.fail([RecipientRefused("no such user", reply_code=550)])
    desk.run()
    lines = [record.fields for record in caplog.records]  # type: ignore[attr-defined]
    assert [line["to"] for line in lines] == [f"mail:{address}" for address in ADDRESSES]
    assert [line["state"] for line in lines] == ["failed", "sent", "sent", "sent"]
    assert lines[0]["detail"] == "no such user"


def _statements(mails: int, policy: Policy) -> int:
    db = Database.in_memory()
    desk = Desk(db)
    desk.fill([f"reader{n}@example.com" for n in range(mails)])
    with counting(db) as statements:
        assert desk.run(policy, settings=DeliverySettings(batch=100)).sent == mails
    db.close()
    return len(statements)


@pytest.mark.parametrize(("policy", "ten"), [(Policy(), 2 * 10 + 2), (HOLD, 4 * 10)])
def test_ten_messages_cost_few_statements(policy: Policy, ten: int) -> None:
    """Each outcome is written in a transaction of its own; a window is marked in one, or each message if held."""
    assert _statements(45, policy) - _statements(5, policy) == 4 * ten
