"""The soak: the daemon under all attacks with valid work. Prints figures; ends with 1 if one misses its limit.

    python -m tests.benchmarks.soak [--minutes 10]   (a digest goes out only if a slot of five minutes passes)

200 honest feeds publish, 20 readers open pages, a digest goes to three recipients every five minutes, and one return of
mail is honest. Meanwhile: hostile feeds and pages, robots.txt made to take long, idle and slow clients, forged posts
and tokens, subscriptions in the name of others, and a mailbox of poisoned mail. The last minutes publish nothing new.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from tests.benchmarks.soak.mailboxes import Mailbox, mailbox, poison, report
from tests.benchmarks.soak.publishers import FEEDS, HONEST, World, free_port, honest_host, hostile_host
from tests.support.smtp import SmtpServer

SLOT = timedelta(minutes=5)
RECIPIENTS = tuple(f"reader{n}@example.org" for n in range(3))
SETTLE_SECONDS = 300.0  # a machine with other work composes late
LAST_LOOK = timedelta(seconds=20)
QUIET = 150.0  # seconds at the end without new entries: longer than the interval of the feeds
MOST_HEALTH, MOST_MEMORY, MOST_LOG = 1.0, 500.0, 20.0  # seconds, MB, MB
Row = tuple[str, object, str, bool]


def configuration(folder: Path, world: World, smtp: SmtpServer, box: Mailbox, port: int) -> Path:
    """The configuration of the daemon under attack."""
    at = world.server_port
    feeds = [(f"http://{honest_host(n)}:{at}/feed", 'full_text = "never"') for n in range(HONEST)]
    names = [*FEEDS, *["pages"] * 4]
    feeds += [(f"http://{hostile_host(n)}:{at}/{name}", 'full_text = "always"') for n, name in enumerate(names)]
    (folder / "password").write_text("secret")
    (folder / "password").chmod(0o600)
    file = folder / "config.toml"
    file.write_text(
        '[storage]\nurl = "sqlite:///news.db"\n'
        f'[web]\nlisten = "127.0.0.1:{port}"\npublic_url = "http://127.0.0.1:{port}"\n'
        f'[mail]\nsender = "digest@news.example"\nhost = "127.0.0.1"\nport = {smtp.port}\nsecurity = "none"\n'
        f'[bounces]\naddress = "bounces@news.example"\nimap_host = "127.0.0.1"\nimap_port = {box.port}\n'
        'imap_security = "none"\nimap_user = "reports"\npassword_file = "password"\n'
        '[[digest]]\nname = "soak"\ntitle = "Soak"\nschedule = "*/5 * * * *"\nzone = "UTC"\nopen = true\n'
        f"to = {json.dumps([*RECIPIENTS, 'gone@example.org'])}\nmax_stories = 40\n"
        + "".join(f'[[feed]]\nurl = "{url}"\nallow_private = true\ninterval = "2m"\n{more}\n' for url, more in feeds)
    )
    return file


class HonestReturn:
    """Returns the first mail to one recipient, as its mail server would."""

    address = "gone@example.org"

    def __init__(self, smtp: SmtpServer, box: Mailbox) -> None:
        self._smtp, self._box = smtp, box
        self.done = False

    def look(self) -> None:
        """Return the mail if it was sent and is not returned yet."""
        gone = [] if self.done else [mail for mail in self._smtp.accepted if mail.recipient == self.address]
        if gone:
            self._box.put(report(gone[0].sender))
            self.done = True


class Memory:
    """The highest resident memory of a process, and of it with its children, in MB."""

    def __init__(self, process: int) -> None:
        self._process = process
        self.daemon = self.all = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop measuring."""
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(1.0):
            found = resident()
            mine = found.get(self._process, (0, 0.0))[1]
            children = sum(size for parent, size in found.values() if parent == self._process)
            self.daemon, self.all = max(self.daemon, mine), max(self.all, mine + children)


def resident() -> dict[int, tuple[int, float]]:
    """The parent and the resident memory in MB of every process."""
    lines = subprocess.run(
        ["ps", "-eo", "pid,ppid,rss"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return {int(pid): (int(parent), int(size) / 1024) for pid, parent, size in (line.split() for line in lines[1:])}


def visitors(port: int, seconds: float, what: str) -> subprocess.Popen[str]:
    """Start readers or attackers."""
    command = [sys.executable, "-m", "tests.benchmarks.soak.visitors", str(port), str(seconds), what]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def run(folder: Path, minutes: float) -> list[Row]:
    """Run the soak; the rows of the result."""
    seconds = minutes * 60
    world, port = World(), free_port()
    with SmtpServer() as smtp, mailbox() as box:
        for message in poison():
            box.put(message)
        world.start()
        config = configuration(folder, world, smtp, box, port)
        began = datetime.now(UTC)
        with (folder / "log").open("wb") as log:
            daemon = subprocess.Popen([sys.executable, "-m", "aggregator", "--config", str(config), "run"], stderr=log)
        memory = Memory(daemon.pid)
        try:
            wait_for(port)
            people = [visitors(port, seconds, what) for what in ("readers", "attack")]
            bounce = HonestReturn(smtp, box)
            attend(world, bounce, box, seconds)
            figures = json.loads(people[0].communicate(timeout=60)[0])
            people[1].wait(60)
            ended = datetime.now(UTC)
            late = settle(folder / "news.db", began, bounce)
        finally:
            daemon.send_signal(signal.SIGTERM)
            status = daemon.wait(60)
            memory.stop()
    log_size = (folder / "log").stat().st_size / 1e6
    tracebacks = (folder / "log").read_text("utf-8", "replace").count("Traceback")
    rows: list[Row] = [
        ("mailbox", box.name, "", True),
        ("exit status after SIGTERM", status, "0", status == 0),
        ("seconds after the end until the last mail", round(late), "", True),
        ("requests to hostile publishers", world.hostile_requests, "", True),
        *visit_rows(figures),
        ("memory of the daemon, highest, MB", round(memory.daemon), "500", memory.daemon < MOST_MEMORY),
        ("… with its child processes, MB", round(memory.all), "", True),
        ("log, MB", round(log_size, 2), "20", log_size < MOST_LOG),
        ("tracebacks in the log", tracebacks, "0", tracebacks == 0),
    ]
    with closing(sqlite3.connect(folder / "news.db")) as db:
        rows += [*entry_rows(db, world), *mail_rows(db, smtp, began, ended)]
    return rows


def wait_for(port: int) -> None:
    """Wait until the pages are served."""
    import httpx

    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5, trust_env=False)
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError("the daemon serves no pages")


def attend(world: World, bounce: HonestReturn, box: Mailbox, seconds: float) -> None:
    """Return one mail honestly, add poison, end the publishing in time."""
    until, frozen = time.monotonic() + seconds, False
    next_poison = time.monotonic() + 60
    while (now := time.monotonic()) < until:
        if not frozen and now > until - QUIET:
            world.freeze()
            frozen = True
        bounce.look()
        if now > next_poison:
            next_poison = now + 60
            for message in poison():
                box.put(message)
        time.sleep(0.5)


def slots(began: datetime, ended: datetime) -> list[datetime]:
    """The slots of the digest between two moments."""
    first = began.replace(minute=began.minute // 5 * 5, second=0, microsecond=0) + SLOT
    return [first + SLOT * n for n in range(100) if first + SLOT * n < ended]


def settle(file: Path, began: datetime, bounce: HonestReturn) -> float:
    """Wait until the edition of the last slot, if one passed, is delivered, and the mail that was returned is read.

    A slot that would pass during the last look is waited for too. Returns the seconds that it took.
    """
    started = time.monotonic()
    with closing(sqlite3.connect(file)) as db:
        while time.monotonic() < started + SETTLE_SECONDS:
            passed = slots(began, datetime.now(UTC) + LAST_LOOK * 2)
            wanted = f"soak-{passed[-1]:%Y%m%dT%H%MZ}" if passed else ""
            latest = max((key for (key,) in db.execute("SELECT id FROM edition")), default="")
            open_ones = db.execute(
                "SELECT count(*) FROM delivery WHERE state IN ('queued', 'sending', 'dot')"
            ).fetchone()[0]
            bounce.look()
            paused = db.execute("SELECT count(*) FROM recipient WHERE paused").fetchone()[0]
            if latest >= wanted and not open_ones and (paused or not passed):
                break
            time.sleep(0.5)
    took = time.monotonic() - started
    time.sleep(LAST_LOOK.total_seconds())  # a second copy would come now
    return took


def visit_rows(figures: dict[str, dict[str, object]]) -> list[Row]:
    """The rows of probe and readers."""
    health, pages = figures["healthz"], figures["pages"]
    slow = float(str(health["p99"]))
    return [
        ("/healthz, requests", health["requests"], "", True),
        ("/healthz, p50, s", health["p50"], "", True),
        ("/healthz, p99, s", slow, "1", slow < MOST_HEALTH),
        ("/healthz, statuses", health["statuses"], "200 only", set(dict(health["statuses"])) == {"200"}),  # type: ignore[call-overload]
        ("pages, requests of 20 readers", pages["requests"], "", True),
        ("pages, p50 / p99, s", f"{pages['p50']} / {pages['p99']}", "", True),
        ("pages, statuses", pages["statuses"], "", True),
    ]


def entry_rows(db: sqlite3.Connection, world: World) -> list[Row]:
    """The rows of entries: each honest one is stored once."""
    stored = Counter(guid for (guid,) in db.execute("SELECT guid FROM entry WHERE guid LIKE 'honest-%'"))
    published = {guid for number in range(HONEST) for guid in world.published(number)}
    missing, twice = published - stored.keys(), [guid for guid, count in stored.items() if count > 1]
    return [
        ("honest entries published", len(published), "", True),
        ("… missing", len(missing), "0", not missing),
        ("… more than once", len(twice), "0", not twice),
        (
            "hostile entries stored",
            db.execute("SELECT count(*) FROM entry WHERE guid NOT LIKE 'honest-%'").fetchone()[0],
            "",
            True,
        ),
    ]


def mail_rows(db: sqlite3.Connection, smtp: SmtpServer, began: datetime, ended: datetime) -> list[Row]:
    """The rows of editions and mails: each is there once; strangers get few mails; nobody else is paused."""
    # Recipients with another history than the rest get an edition of their own in the same slot.
    served = {
        slot: (start, end) for slot, start, end in db.execute("SELECT slot, period_start, period_end FROM edition")
    }
    periods = [served[slot] for slot in sorted(served)]
    # A slot that passed while an earlier one was late is served by the next edition, whose period covers both.
    unbroken = bool(periods) and all(one[1] == two[0] for one, two in pairwise(periods))
    mails = Counter((mail.recipient, mail.message_id) for mail in smtp.accepted if mail.recipient in RECIPIENTS)
    each = Counter(recipient for recipient, _ in mails)
    strangers = Counter(mail.recipient for mail in smtp.accepted if not mail.recipient.endswith("@example.org"))
    victim = sum(n for who, n in strangers.items() if who.partition("@")[2].lower() == "target.example")
    paused = {row[0] for row in db.execute("SELECT address FROM recipient WHERE paused")}
    complete = all(each[who] == len(served) for who in RECIPIENTS) and set(mails.values()) == {1}
    return [
        ("editions; slots that passed", f"{len(served)}; {len(slots(began, ended))}", "periods unbroken", unbroken),
        ("mails to 3 recipients", sum(mails.values()), f"{3 * len(served)}, each once", complete),
        ("confirmation mails to the victim", victim, "1", victim <= 1),
        ("confirmation mails to strangers", sum(strangers.values()), "120 an hour", sum(strangers.values()) <= 120),
        ("recipients paused", sorted(paused), "gone@example.org", paused == {"gone@example.org"}),
    ]


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory(prefix="soak-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        started, cpu = time.monotonic(), os.times()
        rows = run(folder, minutes)
        print((folder / "log").read_text("utf-8", "replace")[-2000:], file=sys.stderr)
    print(
        f"load {os.getloadavg()[1]:.1f} over 5 minutes, {time.monotonic() - started:.0f} s, here "
        f"{os.times().user - cpu.user:.0f} s"
    )
    for what, figure, limit, good in rows:
        print(f"{'ok  ' if good else 'MISS'} {what}: {figure}" + (f" (limit {limit})" if limit else ""), flush=True)
    return 0 if all(row[3] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
