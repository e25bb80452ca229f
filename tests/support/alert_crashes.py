"""Runs a process that composes and delivers alerts, kills it at random moments again and again, and counts."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from aggregator.config.load import load
from aggregator.pipeline.deliver import DeliverySettings
from aggregator.services.delivery import delivery_settings
from aggregator.services.program import Program
from aggregator.store.outgoing import deliveries
from digests.outbox import FINAL, Policy, State
from tests.support.crashes import FORKS, Moment, live
from tests.support.items import event
from tests.support.press import press
from tests.support.smtp import SmtpServer

RECIPIENTS = 6
SOON = timedelta(milliseconds=50)
FORKS.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class Outcome:
    """`wanted` messages: one for each alert and recipient.

    `doubled`: arrived twice and never seen in the dot window, or composed twice; `repeated`: in the next digest again.
    """

    kills: int
    wanted: int
    lost: int
    doubled: int
    in_window: int
    repeated: int
    seconds: float


def configuration(alerts: int, port: int) -> str:
    """The configuration: one alert for each event, and a digest, to the same recipients."""
    to = ", ".join(f'"ann{n}@example.org"' for n in range(RECIPIENTS))
    tables = "".join(
        f'[[alert]]\nname = "a{n}"\nquery = "event{n}"\nsources = 1\nzone = "UTC"\nto = [{to}]\n' for n in range(alerts)
    )
    digest = f'[[digest]]\nname = "daily"\nzone = "UTC"\nmin_score = 0\nto = [{to}]\n'
    mail = f'[mail]\nsender = "news@example.org"\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
    return f"[web]\nenabled = false\n{mail}{digest}{tables}"


def child(file: Path, says: Connection) -> None:
    """Send what is due until nothing is left. What the killed process runs."""
    program = Program.open(load(file))
    pace = DeliverySettings(lease=timedelta(seconds=0.5))
    policy = Policy(first_wait=SOON, longest_wait=SOON, unknown_wait=SOON, busy_wait=SOON)
    program.delivery.configure(replace(delivery_settings(program.config), policy=policy, pace=pace))
    says.send("ready")
    asyncio.run(_work(program))
    program.close()


async def _work(program: Program) -> None:
    pause = threading.Event()
    while True:
        names = program.editions.due_names()
        for name in names:
            await program.editions.serve_due(name)
            program.delivery.drain()
        program.delivery.drain()
        waiting = any(state not in FINAL | {State.UNKNOWN} for state in deliveries.counts(program.db))
        if not names and not waiting:
            await program.aclose()
            return
        pause.wait(0.05)


def _moment(chance: random.Random) -> Moment:
    return Moment(chance.randint(1, 5), chance.uniform(0, 0.01), chance.uniform(0, 0.4))


async def crash(folder: Path, alerts: int, kills: int, seed: int) -> Outcome:
    """Let the events of `alerts` happen, and send them by a process that is killed `kills` times; count."""
    began, chance, window = time.monotonic(), random.Random(seed), set[str]()
    with SmtpServer() as server:
        start = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
        text = configuration(alerts, server.port)
        async with press(folder, text, start, ("gazette",)) as paper:
            paper.clock.set(start + timedelta(minutes=1))
            paper.items["gazette"] = [event(n) for n in range(alerts)]
            paper.serve("gazette")
            await paper.program.fetching.fetch(force=True)
            paper.program.stories.group()
            db, done = paper.program.db, 0
            while live(child, (folder / "config.toml",), server, _moment(chance) if done < kills else None):
                done += 1
                window |= {one.message_id for one in deliveries.list_deliveries(db, states=[State.DOT], limit=None)}
            paper.clock.set(datetime.now(UTC))
            daily = await paper.program.editions.send("daily")
            stored = deliveries.list_deliveries(db, limit=None)
    counted = Counter(one.message_id for one in server.accepted)
    sent = [one for one in stored if one.digest != "daily"]
    composed = Counter((one.digest, one.recipient_key) for one in sent)
    twice = {key: count - 1 for key, count in counted.items() if count > 1}
    return Outcome(
        kills=done,
        wanted=alerts * RECIPIENTS,
        lost=alerts * RECIPIENTS - len({(one.digest, one.recipient_key) for one in sent if counted[one.message_id]}),
        doubled=sum(count - 1 for count in composed.values())
        + sum(count for key, count in twice.items() if key not in window),
        in_window=sum(count for key, count in twice.items() if key in window),
        repeated=sum(len(one.items) for one in daily),
        seconds=time.monotonic() - began,
    )
