"""A process that composes and delivers alerts and is killed, again and again, at random moments; and what came of it."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import signal
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
from tests.support.items import Item
from tests.support.press import press
from tests.support.smtp import SmtpServer

RECIPIENTS = 6
SOON = timedelta(milliseconds=50)
_SYLLABLES = [
    "ba",
    "ke",
    "li",
    "mo",
    "nu",
    "ra",
    "se",
    "ti",
    "vo",
    "zu",
    "dar",
    "fen",
    "gil",
    "hol",
    "jas",
    "kor",
    "lum",
    "mer",
    "nor",
    "pex",
    "quin",
    "ros",
    "syl",
    "tav",
    "urn",
    "vel",
]
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class Outcome:
    """Of `wanted` messages, one for each alert and recipient.

    `doubled`: arrived twice and never caught in the dot window, or composed twice; `repeated`: by the next digest.
    """

    kills: int
    wanted: int
    lost: int
    doubled: int
    in_window: int
    repeated: int
    seconds: float


def event(number: int) -> Item:
    """One event in words that no other event has, so that it is a story of its own."""
    chance = random.Random(number)
    words = ["".join(chance.sample(_SYLLABLES, 5)) for _ in range(14)]
    title = f"{words[0].title()} {' '.join(words[1:4])} {words[4].title()} event{number}"
    text = f"{words[5].title()} {' '.join(words[6:10])} near {words[10].title()} {' '.join(words[11:])} event{number}."
    return Item(f"k{number}", title, text)


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
            while _live(folder / "config.toml", server, chance, done, kills):
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


def _live(file: Path, server: SmtpServer, chance: random.Random, done: int, kills: int) -> bool:
    """Run one life; True if it was killed. It is killed some messages or some moments after it began to work."""
    ready, says = _FORKS.Pipe(duplex=False)
    process = _FORKS.Process(target=child, args=(file, says))
    process.start()
    says.close()
    before, most = len(server.accepted), chance.randint(0, 4)
    assert ready.recv() == "ready"
    if done < kills:
        limit = time.monotonic() + chance.uniform(0.0, 0.4)
        while process.is_alive() and len(server.accepted) - before <= most and time.monotonic() < limit:
            process.join(0.001)
        process.join(chance.uniform(0, 0.01))
        if process.is_alive():
            process.kill()
    process.join()
    ready.close()
    status = process.exitcode
    process.close()
    if status not in (0, -signal.SIGKILL):
        raise RuntimeError(f"the process failed with {status}")
    return status != 0
