"""A process that delivers and is killed, again and again, at random moments; and the count of what came of it.

A moment is a number of messages that the server has taken and a few milliseconds more, not a time since the start: so a
fast machine is killed as often as a slow one.
"""

from __future__ import annotations

import math
import multiprocessing
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from aggregator.pipeline.deliver import DeliverySettings, deliver_due
from aggregator.store.database import Database
from aggregator.store.outgoing import deliveries
from aggregator.system.clock import SystemClock
from digests.channels import SmtpSettings, open_channel
from digests.outbox import FINAL, Policy, State, WhenUnknown
from tests.support.outbox import fill, message, message_id
from tests.support.smtp import SmtpServer

LEASE = timedelta(seconds=0.5)
SOON = timedelta(milliseconds=50)

# Each life is a process of its own, forked from one that has the imports done and nothing else.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class Outcome:
    """`lost`: neither arrived nor reported as unknown; `outside`: duplicates of messages not killed at the dot."""

    kills: int
    arrived: int
    lost: int
    duplicates: int
    outside: int
    unknown: int
    different: int
    seconds: float


def child(database: str, port: int, when_unknown: WhenUnknown, says: Connection) -> None:
    """Deliver until nothing is left to deliver. What the killed process runs."""
    db = Database.open(database)
    policy = Policy(when_unknown, first_wait=SOON, longest_wait=SOON, unknown_wait=SOON, busy_wait=SOON)
    says.send("ready")
    pause = threading.Event()
    while any(state not in FINAL | {State.UNKNOWN} for state in deliveries.counts(db)):
        deliver_due(
            db,
            lambda _: open_channel("smtp", SmtpSettings("127.0.0.1", port, "none")),
            SystemClock(),
            policy,
            f"process {time.monotonic_ns()}",
            settings=DeliverySettings(lease=LEASE),
        )
        pause.wait(0.05)
    db.close()


def crash(folder: Path, messages: int, kills: int, seed: int, when_unknown: WhenUnknown) -> Outcome:
    """Deliver `messages` by a process that is killed `kills` times, then left alone; count."""
    url = f"sqlite:///{folder / 'crash.db'}"
    db = Database.open(url)
    db.migrate()
    addresses = [f"reader{n}@example.com" for n in range(messages)]
    fill(db, [f"mail:{address}" for address in addresses], datetime.now(UTC))
    chance, window, began = random.Random(seed), set[str](), time.monotonic()
    with SmtpServer() as server:
        done = 0
        args = (url, server.port, when_unknown)
        while live(child, args, server, _moment(chance, messages // kills) if done < kills else None):
            done += 1
            window |= {record.message_id for record in deliveries.list_deliveries(db, states=[State.DOT])}
    counted = Counter(one.message_id for one in server.accepted)
    unknown = {record.message_id for record in deliveries.list_deliveries(db, states=[State.UNKNOWN])}
    db.close()
    doubled = {key: count - 1 for key, count in counted.items() if count > 1}
    stored = {message_id(n): message(n, address) for n, address in enumerate(addresses)}
    return Outcome(
        kills=done,
        arrived=len(counted),
        lost=len(set(stored) - set(counted) - unknown),
        duplicates=sum(doubled.values()),
        outside=sum(count for key, count in doubled.items() if key not in window),
        unknown=len(unknown),
        different=sum(one.body != stored[one.message_id] for one in server.accepted),
        seconds=time.monotonic() - began,
    )


@dataclass(frozen=True)
class Moment:
    """When to kill: so many messages taken in this life, or so many seconds waited for them, and some seconds later."""

    messages: int
    seconds: float
    longest: float = math.inf


def _moment(chance: random.Random, most: int) -> Moment:
    """Draw one; with `most` messages a life at the most, all lives together seldom reach the last message."""
    return Moment(chance.randint(0, most - 2), chance.uniform(0, 0.01))


def live(target: Callable[..., None], args: tuple[object, ...], server: SmtpServer, end: Moment | None) -> bool:
    """Run one life, `target(*args, connection)`; True if it was killed, False if it came to its end."""
    ready, says = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=target, args=(*args, says))
    process.start()
    says.close()
    before = len(server.accepted)
    assert ready.recv() == "ready"
    if end is not None:
        limit = time.monotonic() + end.longest
        while process.is_alive() and len(server.accepted) - before < end.messages and time.monotonic() < limit:
            process.join(0.001)
        process.join(end.seconds)
        if process.is_alive():
            process.kill()
    process.join()
    ready.close()
    status = process.exitcode
    process.close()
    if status not in (0, -signal.SIGKILL):
        raise RuntimeError(f"the process failed with {status}")
    return status != 0
