"""`doctor` and `backup`: is everything in order, and is it safe?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.base import FAILED, Command, Failure, State, state

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.doctor.finding import Finding


@click.command(
    "doctor",
    cls=Command,
    examples=("aggregator doctor", "aggregator doctor mail --send-to me@example.org", "aggregator doctor --offline"),
)
@click.argument("part", type=click.Choice(["mail"]), required=False)
@click.option("--send-to", metavar="ADDR", help="With `mail`: send a test message to this address.")
@click.option("--offline", is_flag=True, help="Leave out what needs the network: mail server and DNS.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def doctor_command(*, part: str | None, send_to: str | None, offline: bool, as_json: bool) -> None:
    """Check libraries, configuration, database, disk, clock, feeds, mail, DNS and the pages' exposure; say how to fix each finding.

    With `mail` only what mail needs: the server, its encryption and login, and what DNS says for the sender. Leaves with 1 if
    anything does not work. No mail is sent, but for `--send-to`.
    """
    from aggregator.cli.output import json_line

    if send_to and part != "mail":
        raise click.UsageError("--send-to goes with `doctor mail`")
    bad = False
    found = _mail_findings(state(), send_to) if part == "mail" else _findings(state(), offline=offline)
    for finding in found:
        bad = bad or finding.level == "error"
        if as_json:
            json_line(
                {
                    "level": str(finding.level),
                    "subject": finding.subject,
                    "message": finding.message,
                    "hint": finding.hint,
                }
            )
        else:
            _print(finding)
    if bad:
        raise click.exceptions.Exit(FAILED)


def _print(finding: Finding) -> None:
    from aggregator.cli.output import clean, line

    mark = {"ok": "ok     ", "warning": "warning", "error": "ERROR  "}[finding.level]
    line(f"{mark}  {finding.subject}: {clean(finding.message)}")
    if finding.hint:
        line(f"         hint: {clean(finding.hint)}")


def _findings(now: State, *, offline: bool) -> Iterator[Finding]:
    from aggregator.config import ConfigError
    from aggregator.doctor import configuration as setup
    from aggregator.doctor import finding, libraries, machine, mail, web
    from aggregator.system.clock import SystemClock

    yield from machine.packages()
    yield from libraries.needed()
    try:
        config = now.load()
    except ConfigError as failure:
        for problem in failure.problems:
            yield finding.error("configuration", str(problem), failure.hint)
        return
    yield from setup.check(config)
    yield from libraries.extras(config)
    at = SystemClock().now()
    try:
        stored = list(machine.database(config, at))
    except ConfigError as failure:  # the password of the database is told with the other secrets
        stored = [finding.error("database", str(failure), failure.hint)]
    yield from stored
    if not any(one.level == "error" for one in stored):
        yield from _from_store(now)
    if not offline:
        yield from mail.check(config)
    yield from web.check(config)


def _mail_findings(now: State, send_to: str | None) -> Iterator[Finding]:
    from aggregator.doctor import dns as vouching
    from aggregator.doctor import mail

    config = now.load()
    yield from mail.check(config)
    yield from vouching.check(config)
    if send_to:
        yield _test_message(config, send_to)


def _test_message(config: Config, address: str) -> Finding:
    """Build, sign and send one message as digests are, past the outbox: the answer is wanted now."""
    from aggregator.doctor import finding
    from aggregator.operator.letters import post
    from aggregator.pipeline.letters import Letter, for_outbox
    from aggregator.services.channels import channel
    from aggregator.services.editions import sender
    from aggregator.store.records import Purpose
    from aggregator.system.clock import SystemClock
    from digests.channels.kinds import Channels
    from digests.channels.recipient import Recipient
    from digests.errors import BadMessage

    lines = [
        "This is a test of the way digests go. It came, so mail can go out.",
        "Look at its headers for SPF, DKIM and DMARC.",
    ]
    if not config.sends_mail():
        return finding.error(
            "test",
            f"nothing was sent to {address}: no digest goes by mail",
            "give a digest readers in `to`, and [mail] a host",
        )
    letter = Letter(Recipient(Channels.MAIL.value, address), Purpose.OPERATOR, "A test from your digests", lines)
    try:
        made = for_outbox(letter, sender(config, ()), SystemClock().now())
    except (OSError, BadMessage) as failure:
        return finding.error("test", f"no message could be made: {failure}", "check [mail] sender and dkim_key_file")
    if post(lambda: channel(config, Channels.MAIL), made):
        return finding.ok(
            "test", f"the server took a message to {address}; look whether it arrives, and in which folder"
        )
    return finding.error("test", f"no message could be sent to {address}", "fix what is named above, and try again")


def _from_store(now: State) -> Iterator[Finding]:
    """What the database knows: the feeds, and the latest time it has seen."""
    from aggregator.cli.database import opened
    from aggregator.doctor import feeds as intake
    from aggregator.doctor import machine
    from aggregator.services.fetching import sync_subscriptions
    from aggregator.store.intake.feeds import list_feeds
    from aggregator.system.clock import SystemClock

    config, at = now.load(), SystemClock().now()
    with opened(config) as db:
        sync_subscriptions(db, config, at)
        feeds = list_feeds(db, at)
    yield from machine.clock(at, max((f.state.last_check for f in feeds if f.state.last_check), default=None))
    yield from intake.check(feeds, at)


@click.command("backup", cls=Command, examples=("aggregator backup aggregator-backup.db",))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup_command(file: Path) -> None:
    """Write a consistent copy of the database to FILE, while the daemon runs."""
    from aggregator.cli.database import opened
    from aggregator.cli.output import line
    from aggregator.store.backup import backup

    if not file.parent.is_dir():  # not made: the disk that should be there may not be mounted
        raise Failure(f"there is no folder {file.parent}", "make it, or mount the disk it is on")
    with opened(state().load()) as db:
        backup(db, file)
    line(f"wrote {file} ({file.stat().st_size / 1024**2:.1f} MiB)")
