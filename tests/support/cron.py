"""Days without a daemon: only commands, as cron calls them, against a mail server that misbehaves."""

from __future__ import annotations

import contextlib
import io
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.cli import errors as boundary
from aggregator.system.clock import SystemClock
from tests.support.items import document, event
from tests.support.site import Site
from tests.support.smtp import SmtpServer

START = datetime(2026, 3, 9, 6, 45, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
_NOT_SENT = re.compile(r"^  (queued|failed|unknown|expired) ", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """`wanted` messages: one a day for each recipient that the server accepts.

    `wrong_status`: commands whose exit status does not say whether a delivery failed.
    """

    wanted: int
    missing: int
    doubled: int
    to_refused: int
    failed_commands: int
    wrong_status: int


class Crontab:
    """The commands of a crontab, run in turn at times that the test sets."""

    def __init__(self, config: Path) -> None:
        self.config = config
        self.now = START
        self.failed = 0
        self.wrong = 0

    def __call__(self, *command: str) -> bool:
        """Run a command; True if a delivery that it tried is not sent."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            status = boundary.run_command_line((*command, "--config", str(self.config)))
        not_sent = bool(_NOT_SENT.search(out.getvalue()))
        self.failed += status != 0
        self.wrong += (status != 0) != not_sent
        return not_sent


@contextlib.contextmanager
def _clock(crontab: Crontab) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SystemClock, "now", lambda _: crontab.now)
        yield


def days_of_cron(folder: Path, recipients: int, days: int, seed: int) -> Outcome:
    """Let cron run for some days, one edition a day. Of ten recipients two are greylisted; of fifty one is refused."""
    chance = random.Random(seed)
    people = [f"r{n}@d{n % 7}.example" for n in range(recipients)]
    refused, grey = set(people[7::50]), set(people[3::10] + people[8::10])
    with Site() as site, SmtpServer() as server:
        crontab = Crontab(folder / "config.toml")
        feed = site.feed("/feed", document())
        to = ", ".join(f'"{one}"' for one in people)
        crontab.config.write_text(
            f'[web]\nenabled = false\n[mail]\nsender = "news@example.org"\nhost = "127.0.0.1"\nport = {server.port}\n'
            f'security = "none"\n[fetch]\nfull_text = "never"\n[[feed]]\nurl = "{feed}"\nallow_private = true\n'
            f'[[digest]]\nname = "morning"\nzone = "UTC"\nmin_score = 0\nto = [{to}]\n',
            encoding="utf-8",
        )
        for one in refused:
            server.always(one, "rcpt", "550 5.7.1 refused")
        with _clock(crontab):
            crontab("fetch")
            for day in range(days):
                _one_day(crontab, site, server, sorted(grey - refused), START + timedelta(days=day), day, chance)
        arrived = Counter((one.recipient, _day_of(one.body, days)) for one in server.accepted)
    wanted = {(one, day) for one in people if one not in refused for day in range(days)}
    return Outcome(
        wanted=len(wanted),
        missing=len(wanted - set(arrived)),
        doubled=sum(arrived.values()) - len(arrived),
        to_refused=sum(who in refused for who, _ in arrived),
        failed_commands=crontab.failed,
        wrong_status=crontab.wrong,
    )


def _one_day(
    crontab: Crontab, site: Site, server: SmtpServer, grey: list[str], now: datetime, day: int, chance: random.Random
) -> None:
    site.feed("/feed", document(*(event(n, START + n * timedelta(days=1)) for n in range(day + 1))))
    crontab.now = now
    crontab("fetch", "--force")
    for one in grey:
        server.always(one, "rcpt", "451 4.7.1 greylisted, try again later")
    for stage in ("rcpt", "data", "mid", "mail"):
        server.on(stage, *["ok"] * chance.randint(0, 20), "drop")
    crontab.now = now + QUARTER
    crontab("send", "morning")
    for one in grey:
        server.forget(one, "rcpt")
    for _ in range(40):  # ten hours
        crontab.now += QUARTER
        if not crontab("fetch", "--due") and not _waiting(crontab):
            return


def _waiting(crontab: Crontab) -> bool:
    """Whether `deliveries list` still shows something queued."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        boundary.run_command_line(
            ("deliveries", "list", "--state", "queued", "--json", "--config", str(crontab.config))
        )
    return bool(out.getvalue().strip())


def _day_of(body: bytes, days: int) -> int:
    """The day whose story the message leads with; -1: none."""
    subject = re.search(rb"^Subject: .*?event(\d+)", body, re.MULTILINE | re.DOTALL)
    return int(subject[1]) if subject and int(subject[1]) < days else -1
