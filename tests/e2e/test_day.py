"""A day in fast time: loopback feeds, a real SMTP server, two digests in two zones over a clock change, and kill -9."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from aggregator.config.load import load
from aggregator.config.secrets import database_url
from aggregator.store.database import Database
from aggregator.store.editions.editions import editions
from aggregator.store.outgoing import deliveries
from aggregator.store.records import State
from tests.e2e.world import START, World, world
from tests.support.smtp import SmtpServer

HOURS = 42
SLOTS = {
    # 02:30 comes twice in Berlin on the 25th and is served at the first; the afternoon after it is an hour later in
    # UTC.
    "berlin": ["2026-10-24T12:30", "2026-10-25T00:30", "2026-10-25T13:30", "2026-10-26T01:30"],
    "kolkata": ["2026-10-24T13:30", "2026-10-25T01:30", "2026-10-25T13:30", "2026-10-26T01:30"],
}
READERS = {"berlin": ("ann@example.org", "bob@example.org"), "kolkata": ("asha@example.org",)}


def configuration(folder: Path, server: World, smtp: SmtpServer) -> Path:
    """Two digests: 02:30 in Berlin, which comes twice that night, and morning and evening in Kolkata."""
    base = f"http://127.0.0.1:{server.server_port}"
    feeds = "".join(
        f'[[feed]]\nurl = "{base}/{o}"\nallow_private = true\ninterval = "15m"\n' for o in ("herald", "tribune", "echo")
    )
    file = folder / "config.toml"
    file.write_text(
        '[storage]\nurl = "sqlite:///news.db"\n[web]\nenabled = false\n'
        f'[mail]\nsender = "digest@example.org"\nhost = "127.0.0.1"\nport = {smtp.port}\nsecurity = '
        '"none"\nwhen_unknown = "hold"\n'
        '[[digest]]\nname = "berlin"\nschedule = "30 2,14 * * *"\nzone = "Europe/Berlin"\nto = '
        f"{list(READERS['berlin'])}\nmax_stories = 100\nmax_words = 20000\n"
        '[[digest]]\nname = "kolkata"\nschedule = "0 7,19 * * *"\nzone = "Asia/Kolkata"\nto = '
        f"{list(READERS['kolkata'])}\nmax_stories = 100\nmax_words = 20000\n" + feeds,
        encoding="utf-8",
    )
    return file


def start(config: Path, clock: Path) -> subprocess.Popen[bytes]:
    end = START + timedelta(hours=HOURS)
    command = [sys.executable, "-m", "tests.e2e.fast_daemon", str(config), str(clock), end.isoformat()]
    with (clock.parent / "daemon.log").open("ab") as log:
        return subprocess.Popen(command, stderr=log)


def text_of(body: bytes) -> str:
    part = message_from_bytes(body, policy=default).get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def settle(db: Database, smtp: SmtpServer) -> int:
    """Do what an operator does with unknown deliveries: look whether the mail arrived. Returns how many there were."""
    accepted = {mail.message_id for mail in smtp.accepted}
    unknown = [d for d in deliveries.list_deliveries(db, limit=1000) if d.state is State.UNKNOWN]
    for delivery in unknown:
        deliveries.settle(db, delivery.id, delivery.message_id in accepted, START + timedelta(hours=HOURS))
    return len(unknown)


def kill_somewhere(process: subprocess.Popen[bytes], server: World, smtp: SmtpServer, dice: random.Random) -> bool:
    """Kill at a random moment: some polls later, or in the middle of some mail. False if the day was over before."""
    polls, mails = server.requests + dice.randint(4, 14), smtp.commands.count("DATA") + 1
    in_a_mail = dice.random() < 0.3
    patience = time.monotonic() + 60
    while server.requests < polls and not (in_a_mail and smtp.commands.count("DATA") >= mails):
        if process.poll() is not None:
            return False
        assert time.monotonic() < patience, "the daemon makes no progress"
        time.sleep(0.002)
    time.sleep(dice.uniform(0, 0.02 if in_a_mail else 0.1))  # the chance is the point
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


@pytest.mark.crash
@pytest.mark.timeout(400)
@pytest.mark.parametrize(("kills", "seed"), [(0, 1), (20, 2)], ids=["undisturbed", "twenty kills"])
def test_a_day_reports_every_story_once_to_each_reader(tmp_path: Path, kills: int, seed: int) -> None:
    clock = tmp_path / "clock"
    clock.write_text(START.isoformat())
    dice = random.Random(seed)
    with SmtpServer() as smtp, world(clock, HOURS - 18) as server:
        config = configuration(tmp_path, server, smtp)
        killed = sum(kill_somewhere(start(config, clock), server, smtp, dice) for _ in range(kills))
        assert killed == kills, "the day was over before the last kill"
        for _ in range(2):  # the second run sends what was settled after the first
            assert start(config, clock).wait() == 0, (tmp_path / "daemon.log").read_text()[-3000:]
            with opened(config) as db:
                unknown = settle(db, smtp)
            if not unknown:
                break
            clock.write_text((START + timedelta(hours=HOURS - 2)).isoformat())
        _check(server, smtp, config)


@contextmanager
def opened(config: Path) -> Iterator[Database]:
    db = Database.open(database_url(load(config)))
    try:
        yield db
    finally:
        db.close()


def _check(server: World, smtp: SmtpServer, config: Path) -> None:
    counted = Counter(mail.message_id for mail in smtp.accepted)
    assert max(counted.values()) == 1, "a mail was accepted twice"
    with opened(config) as db:
        assert set(deliveries.counts(db)) == {State.SENT}, deliveries.counts(db)
        served = {name: sorted(f"{e.slot:%Y-%m-%dT%H:%M}" for e in editions(db, name, limit=100)) for name in SLOTS}
    # One edition a slot, and one each for the readers who know more than the others (`audience`): the same slot again.
    assert {name: sorted(set(slots)) for name, slots in served.items()} == SLOTS
    for digest, readers in READERS.items():
        for reader in readers:
            mails = [text_of(m.body) for m in smtp.accepted if m.recipient == reader]
            assert len(mails) == len(SLOTS[digest]), f"{reader} got {len(mails)} mails"
            for event in server.events:
                reported = [n for n, mail in enumerate(mails) if event.marker in mail]
                assert len(reported) == 1, f"{digest}: {reader} got {event.marker} in mails {reported}"
